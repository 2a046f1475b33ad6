//! The outline of a document, and names of all projects.

use lsp_types::{DocumentSymbol, Location, SymbolKind};

use super::names::Declared;
use super::project::Checked;
use super::publish::Places;
use super::workspace::Workspace;
use crate::source::SourceId;
use crate::syntax::Node;

/// The nodes of one file that have a name, nested as they stand.
pub fn document(workspace: &Workspace, checked: &Checked, path: &str) -> Vec<DocumentSymbol> {
    let Some((id, _)) = checked.source(path) else {
        return Vec::new();
    };
    let mut places = Places::of(&checked.sources, workspace);
    symbols(&checked.document.nodes, id, &mut places)
}

fn symbols(nodes: &[Node], file: SourceId, places: &mut Places<'_>) -> Vec<DocumentSymbol> {
    let mut found = Vec::new();
    for node in nodes {
        let Some(kind) = kind(node.name()) else { continue };
        let title = node
            .arguments
            .first()
            .map(|title| title.span)
            .unwrap_or(node.span);
        // What a template pastes stands in the template.
        if node.span.source != file || !node.whole.contains(title) {
            continue;
        }
        let children = symbols(&node.children, file, places);
        let name = node
            .argument_text(0)
            .map_or_else(|| node.name().to_owned(), |title| title.value);
        #[allow(deprecated, reason = "the protocol's older field has to be given, too")]
        found.push(DocumentSymbol {
            name: if name.is_empty() {
                node.name().to_owned()
            } else {
                name
            },
            detail: Some(detail(node)),
            kind,
            tags: None,
            deprecated: None,
            range: places.range(node.whole),
            selection_range: places.range(title),
            children: (!children.is_empty()).then_some(children),
        });
    }
    found
}

fn detail(node: &Node) -> String {
    match node.name() {
        "step" => node.word("kind"),
        "emits" => node.word("type"),
        other => other.to_owned(),
    }
}

/// How editors draw a node; `None` for what has no place in an outline.
fn kind(node: &str) -> Option<SymbolKind> {
    Some(match node {
        "pipeline" => SymbolKind::MODULE,
        "platform" => SymbolKind::NAMESPACE,
        "template" => SymbolKind::CLASS,
        "test" => SymbolKind::EVENT,
        "step" => SymbolKind::FUNCTION,
        "data" | "writes" => SymbolKind::STRUCT,
        "parameter" => SymbolKind::VARIABLE,
        "each" => SymbolKind::ARRAY,
        "emits" => SymbolKind::FIELD,
        "endpoint" => SymbolKind::INTERFACE,
        "cloud" | "region" | "cluster" | "nodes" => SymbolKind::OBJECT,
        _ => return None,
    })
}

/// Names of a project in which the letters of `query` follow each other.
#[allow(deprecated, reason = "the protocol's older field has to be given, too")]
pub fn workspace(workspace: &Workspace, checked: &Checked, query: &str) -> Vec<lsp_types::SymbolInformation> {
    let mut places = Places::of(&checked.sources, workspace);
    let fitting = checked
        .names()
        .declared
        .iter()
        .filter(|one| fits(one.symbol.name(), query));
    let told = |one: &Declared| -> Option<(Location, SymbolKind)> {
        Some((places.location(one.span)?, kind(one.node)?))
    };
    let located: Vec<_> = fitting.clone().map(told).collect();
    fitting
        .zip(located)
        .filter_map(|(one, found)| {
            let (location, kind) = found?;
            Some(lsp_types::SymbolInformation {
                name: one.symbol.name().to_owned(),
                kind,
                tags: None,
                deprecated: None,
                location,
                container_name: one.step.clone(),
            })
        })
        .collect()
}

fn fits(name: &str, query: &str) -> bool {
    let mut letters = name.chars();
    query
        .chars()
        .all(|wanted| letters.any(|letter| letter.eq_ignore_ascii_case(&wanted)))
}
