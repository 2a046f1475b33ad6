//! Quick fixes: what a diagnostic says to write instead, written.

use std::collections::BTreeMap;

use lsp_types::{CodeAction, CodeActionKind, Range, TextEdit};
use serde_json::{Value, json};

use super::project::Project;
use super::publish::{Places, diagnostic};
use super::workspace::Workspace;
use crate::diag::{Diagnostic, Fix};
use crate::source::{SourceMap, Span};

/// Fixes for the diagnostics of one file that touch `range`.
pub fn fixes(workspace: &Workspace, project: &Project, path: &str, range: Range) -> Vec<Value> {
    let sources = &project.checked.sources;
    let mut places = Places::of(sources, workspace);
    let mut actions = Vec::new();
    for found in project.found() {
        let own = places.range(found.span());
        let touches = own.start <= range.end && range.start <= own.end;
        let Some(fix) = found
            .applicable(sources)
            .filter(|_| touches && sources.path(found.span()) == path)
        else {
            continue;
        };
        actions.extend(action(found, fix, &mut places, sources));
    }
    actions
}

/// One action. Its edit is made by hand, because the type of the library has no fixed order.
fn action(found: &Diagnostic, fix: &Fix, places: &mut Places<'_>, sources: &SourceMap) -> Option<Value> {
    let location = places.location(whole_line(fix, sources))?;
    let edit = TextEdit::new(location.range, fix.text.clone());
    let action = CodeAction {
        title: title(fix, sources),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![diagnostic(found, places)]),
        is_preferred: Some(true),
        ..CodeAction::default()
    };
    let mut value = serde_json::to_value(action).ok()?;
    let changes = BTreeMap::from([(location.uri.as_str().to_owned(), vec![edit])]);
    value
        .as_object_mut()?
        .insert("edit".to_owned(), json!({ "changes": changes }));
    Some(value)
}

fn title(fix: &Fix, sources: &SourceMap) -> String {
    let typed = sources.text(fix.span).trim();
    let first = typed.lines().next().unwrap_or_default();
    match (first.is_empty(), fix.text.trim()) {
        (_, "") => format!("Remove `{first}`"),
        (true, text) => format!("Add `{text}`"),
        (false, text) => format!("Replace `{first}` by `{text}`"),
    }
}

/// What is removed takes its lines with it, if nothing else stands on them.
fn whole_line(fix: &Fix, sources: &SourceMap) -> Span {
    let text = sources
        .get(fix.span.source)
        .map_or("", |source| source.text.as_str());
    let (start, end) = (fix.span.start as usize, fix.span.end as usize);
    let (before, after) = (
        text.get(..start).unwrap_or_default(),
        text.get(end..).unwrap_or_default(),
    );
    let lead = before.len() - before.trim_end_matches([' ', '\t']).len();
    let trail = after.len() - after.trim_start_matches([' ', '\t', '\r']).len();
    let alone = (before.len() == lead
        || before
            .get(..before.len() - lead)
            .is_some_and(|rest| rest.ends_with('\n')))
        && after.get(trail..).is_some_and(|rest| rest.starts_with('\n'));
    match fix.text.is_empty() {
        true if alone => Span::new(fix.span.source, start - lead, lead + (end - start) + trail + 1),
        // The space before it would be one too many.
        true => Span::new(fix.span.source, start - lead.min(1), end - start + lead.min(1)),
        false => fix.span,
    }
}
