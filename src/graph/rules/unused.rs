//! Parameters that nothing uses.

use super::Rules;
use crate::diag::{Code, Diagnostic, suggest};
use crate::graph::order::references;
use crate::graph::outline::Outline;
use crate::syntax::Node;

impl Rules<'_, '_> {
    pub(super) fn unused_parameters(&mut self, outline: &Outline<'_>) {
        if outline.parameters.is_empty() {
            return;
        }
        let mut used = Vec::new();
        collect(outline.node, &mut used);
        // A use that is misspelt is reported where it stands.
        let misspelt: Vec<String> = used
            .iter()
            .filter(|name| !outline.names.contains_key(*name))
            .cloned()
            .collect();
        for (name, node) in &outline.parameters {
            let meant = || {
                misspelt
                    .iter()
                    .any(|typed| suggest::nearest(typed, [name.as_str()]).is_some())
            };
            if used.contains(name) || outline.lost.may_explain(name) || meant() {
                continue;
            }
            let span = node.arguments.first().map_or(node.span, |name| name.span);
            let message = format!("nothing uses the parameter `{name}`");
            let found = Diagnostic::new(Code::NameUnused, span, "never used", message);
            let found = found.help("remove it, or use it in a condition or an `(f)` string");
            self.out.push(found.fix(node.whole, ""));
        }
    }
}

/// The first parts of all references in `node`.
fn collect(node: &Node, used: &mut Vec<String>) {
    let values = node
        .arguments
        .iter()
        .chain(node.properties.iter().map(|property| &property.value));
    for value in values {
        let mut found = Vec::new();
        references(&value.value, &mut found);
        used.extend(
            found
                .into_iter()
                .filter_map(|path| path.value.0.into_iter().next()),
        );
    }
    if node.name() == "each" {
        used.extend(node.text("from").map(|from| from.value));
    }
    for child in &node.children {
        collect(child, used);
    }
}
