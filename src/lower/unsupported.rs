//! What is understood but not lowered by any target: said, never passed over.

use super::Lowering;
use crate::diag::{Code, Diagnostic, Diagnostics};

/// Warns of nodes that change nothing in what is generated. Targets warn of their own.
pub(super) fn report(input: &Lowering<'_>, out: &mut Diagnostics) {
    let graph = input.graph();
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
