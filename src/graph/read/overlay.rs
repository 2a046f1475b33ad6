//! `overlay` nodes: patches of the user's own, and the files that hold them.

use super::{Context, site};
use crate::graph::model::Overlay;
use crate::syntax::{Node, beside};

/// All overlays among `nodes`, as written.
pub(super) fn overlays<'n>(
    nodes: impl Iterator<Item = &'n Node>,
    context: &mut Context<'_, '_>,
) -> Vec<Overlay> {
    nodes.filter_map(|node| overlay(node, context)).collect()
}

fn overlay(node: &Node, context: &mut Context<'_, '_>) -> Option<Overlay> {
    let path = node.argument_text(0)?;
    let target = beside(context.sources.path(path.span), &path.value);
    // As with files of steps: one that cannot be read is a mistake only where it is needed.
    let text = context.files.read(&target).ok();
    Some(Overlay {
        path,
        text,
        of: node.text("of").and_then(|name| site::site(&name, context)),
    })
}
