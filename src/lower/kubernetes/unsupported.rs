//! What an author asked for and gets less of: said, never passed over.

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::lower::Lowering;
use crate::source::Span;

/// Reports endpoints whose servers are in several clusters: each cluster gets an address for its own.
pub(super) fn report(input: &Lowering<'_>, out: &mut Diagnostics) {
    for endpoint in input
        .graph()
        .pipelines
        .iter()
        .flat_map(|pipeline| &pipeline.endpoints)
    {
        let steps = endpoint
            .routes
            .iter()
            .map(|route| &input.graph()[route.step.value]);
        let sites: BTreeSet<_> = steps.map(|step| input.plan[step.id].site).collect();
        if sites.len() < 2 {
            continue;
        }
        let names: Vec<&str> = sites
            .iter()
            .map(|site| input.plan[*site].cluster.as_str())
            .collect();
        let message = format!(
            "`{}` has an address in each of {}",
            endpoint.name.value,
            names.join(", ")
        );
        let found = Diagnostic::new(
            Code::EndpointApart,
            endpoint.name.span,
            "shares hold within each",
            message,
        );
        out.push(found.help("place its steps together (`with … level=region`), or share requests by DNS"));
    }
}

/// A warning that something has less effect than it says.
pub(super) fn warn(span: Span, what: String, help: &str, out: &mut Diagnostics) {
    let mut found = Diagnostic::new(Code::UnsupportedNode, span, "", what).help(help);
    found.severity = Severity::Warning;
    out.push(found);
}
