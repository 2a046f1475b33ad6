//! Giving a name another spelling everywhere at once.

use std::collections::BTreeMap;

use lsp_types::TextEdit;

use super::names::{Names, Symbol};
use super::project::Checked;
use super::publish::Places;
use super::workspace::Workspace;
use crate::source::Span;
use crate::syntax;

/// The edits by address of their file.
pub type Edits = BTreeMap<String, Vec<TextEdit>>;

/// All edits that call `symbol` `new` instead.
///
/// # Errors
/// Says why it cannot be called so, or cannot be renamed at all.
pub fn rename(workspace: &Workspace, checked: &Checked, symbol: &Symbol, new: &str) -> Result<Edits, String> {
    let names = checked.names();
    allowed(names, symbol, new)?;
    let mut places = Places::of(&checked.sources, workspace);
    let mut edits = Edits::new();
    for one in names.of_symbol(symbol) {
        if checked.sources.text(one.span) != symbol.name() {
            let place = checked.sources.cite(one.span);
            return Err(format!(
                "`{}` is made by a template at {place}: rename it there",
                symbol.name()
            ));
        }
        if let Some(other) = shared(names, one.span, symbol) {
            let place = checked.sources.cite(one.span);
            return Err(format!(
                "{place} stands in a template and also names `{other}` of another pipeline"
            ));
        }
        let Some(location) = places.location(one.span) else {
            continue;
        };
        let edit = TextEdit::new(location.range, new.to_owned());
        edits
            .entry(location.uri.as_str().to_owned())
            .or_default()
            .push(edit);
    }
    Ok(edits)
}

/// What can be renamed at all: what is declared in the project.
pub fn renamable(names: &Names, symbol: &Symbol) -> bool {
    names.of_symbol(symbol).any(|one| one.declares)
}

fn allowed(names: &Names, symbol: &Symbol, new: &str) -> Result<(), String> {
    if !renamable(names, symbol) {
        return Err(format!("nothing here declares `{}`", symbol.name()));
    }
    if !syntax::is_name(new) {
        return Err(format!(
            "`{new}` is not a name: at most 40 small letters, digits and single hyphens, beginning with a letter"
        ));
    }
    let renamed = symbol.called(new);
    if let (Symbol::Item(..), Some(what)) = (&renamed, crate::graph::reserved(new)) {
        return Err(format!("`{new}` cannot be a name: it is {what}"));
    }
    if renamed != *symbol && names.of_symbol(&renamed).next().is_some() {
        return Err(format!("there is a `{new}` already"));
    }
    Ok(())
}

/// Another thing that is named by the same word of a template.
fn shared<'n>(names: &'n Names, span: Span, symbol: &Symbol) -> Option<&'n str> {
    let other = names
        .occurrences
        .iter()
        .find(|one| one.span == span && one.symbol != *symbol);
    other.map(|one| one.symbol.name())
}

impl Symbol {
    /// The same thing under another name.
    fn called(&self, new: &str) -> Symbol {
        let new = new.to_owned();
        match self {
            Symbol::Pipeline(_) => Symbol::Pipeline(new),
            Symbol::Platform(_) => Symbol::Platform(new),
            Symbol::Template(_) => Symbol::Template(new),
            Symbol::Hole(template, _) => Symbol::Hole(template.clone(), new),
            Symbol::Item(pipeline, _) => Symbol::Item(pipeline.clone(), new),
            Symbol::Output(pipeline, step, _) => Symbol::Output(pipeline.clone(), step.clone(), new),
            Symbol::Cluster(_) => Symbol::Cluster(new),
            Symbol::Team(_) => Symbol::Team(new),
        }
    }
}
