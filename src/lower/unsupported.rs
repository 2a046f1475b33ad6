//! What is understood but not lowered by any target: said, never passed over.

use super::{Lowering, own_store};
use crate::diag::{Code, Diagnostic, Diagnostics};

/// Warns of nodes that change nothing in what is generated. Targets warn of their own.
pub(super) fn report(input: &Lowering<'_>, out: &mut Diagnostics) {
    let graph = input.graph();
    let ids = (0..).map(crate::graph::DataId);
    for (id, data) in ids.zip(&graph.data) {
        let own = own_store::is_own(data.store) && data.at.is_empty() && !data.writers.is_empty();
        if own && own_store::home(input, id).is_none() {
            let message = format!("`{}` is kept in a bucket", data.name.value);
            let label = format!("no {} can be where all its steps run", data.store.word());
            out.push(Diagnostic::new(Code::DataStore, data.span, label, message).help(
                "place its steps together in one cloud (`with`, `only`), or give the store you have with `at`",
            ));
        }
    }
    let regions = graph
        .platform
        .iter()
        .flat_map(|platform| &platform.clouds)
        .flat_map(|cloud| &cloud.regions);
    for service in regions.flat_map(|region| &region.managed) {
        let message = format!("no step is placed on {} yet", service.value);
        out.push(Diagnostic::new(
            Code::UnsupportedNode,
            service.span,
            "not used",
            message,
        ));
    }
}
