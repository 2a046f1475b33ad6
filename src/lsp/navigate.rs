//! From a name to where it is given, and to everywhere it stands.

use lsp_types::{DocumentHighlight, DocumentHighlightKind, Location};

use super::names::{Occurrence, Symbol};
use super::project::Checked;
use super::publish::Places;
use super::workspace::Workspace;
use crate::source::Span;

/// What is named at byte `at` of the file at `path`.
pub fn named<'c>(checked: &'c Checked, path: &str, at: usize) -> Option<&'c Occurrence> {
    let (id, _) = checked.source(path)?;
    checked.names().at(Span::new(id, at, 0))
}

/// Where a name is given: of a data set, where it is declared and where it is written.
pub fn definition(workspace: &Workspace, checked: &Checked, symbol: &Symbol) -> Vec<Location> {
    let mut places = Places::of(&checked.sources, workspace);
    let given = checked.names().of_symbol(symbol).filter(|one| one.declares);
    given.filter_map(|one| places.location(one.span)).collect()
}

/// Everywhere a name stands.
pub fn references(
    workspace: &Workspace,
    checked: &Checked,
    symbol: &Symbol,
    declarations: bool,
) -> Vec<Location> {
    let mut places = Places::of(&checked.sources, workspace);
    let all = checked.names().of_symbol(symbol);
    all.filter(|one| declarations || !one.declares)
        .filter_map(|one| places.location(one.span))
        .collect()
}

/// The same in one file, as it is highlighted while the cursor stands on a name.
pub fn highlights(
    workspace: &Workspace,
    checked: &Checked,
    path: &str,
    symbol: &Symbol,
) -> Vec<DocumentHighlight> {
    let Some((id, _)) = checked.source(path) else {
        return Vec::new();
    };
    let mut places = Places::of(&checked.sources, workspace);
    let own = checked
        .names()
        .of_symbol(symbol)
        .filter(|one| one.span.source == id);
    own.map(|one| DocumentHighlight {
        range: places.range(one.span),
        kind: Some(if one.declares {
            DocumentHighlightKind::WRITE
        } else {
            DocumentHighlightKind::READ
        }),
    })
    .collect()
}
