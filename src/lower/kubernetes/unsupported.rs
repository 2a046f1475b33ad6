//! What the language allows and no object is made for yet: said, never passed over.

use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::graph::{Rollout, Step, Via};
use crate::lower::Lowering;
use crate::source::Span;

/// Reports everything of the kind.
pub(super) fn report(input: &Lowering<'_>, out: &mut Diagnostics) {
    let graph = input.graph();
    for pipeline in &graph.pipelines {
        for endpoint in &pipeline.endpoints {
            let what = format!(
                "requests for endpoint `{}` are not routed yet",
                endpoint.name.value
            );
            warn(
                endpoint.name.span,
                what,
                "each step has a Service of its own to route to",
                out,
            );
        }
    }
    for step in &graph.steps {
        serving(step, out);
    }
}

fn serving(step: &Step, out: &mut Diagnostics) {
    let Some(serving) = &step.serving else { return };
    let name = &step.name.value;
    match serving.rollout {
        Rollout::Rolling => {}
        Rollout::Canary { .. } | Rollout::BlueGreen => {
            let what = format!("a new version of `{name}` replaces the old one pod by pod");
            warn(step.name.span, what, "`rollout rolling` says so", out);
        }
    }
    match serving.via {
        Via::Deployment => {}
        Via::Kserve => {
            let what = format!("`{name}` becomes a Deployment, not an InferenceService");
            warn(step.name.span, what, "leave out `via=kserve`", out);
        }
    }
    if serving.scale.min == 0 {
        let what =
            format!("`{name}` has no replica when nothing is predicted, and requests then find nobody");
        warn(step.name.span, what, "`scale min=1` keeps one", out);
    }
}

/// A warning that something has less effect than it says.
pub(super) fn warn(span: Span, what: String, help: &str, out: &mut Diagnostics) {
    let mut found = Diagnostic::new(Code::UnsupportedNode, span, "", what).help(help);
    found.severity = Severity::Warning;
    out.push(found);
}
