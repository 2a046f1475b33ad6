//! What the language allows and no object is made for yet: said, never passed over.

use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::graph::{Overlay, Rollout, Step, Via};
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
        overlays(&pipeline.overlays, out);
    }
    for step in &graph.steps {
        serving(step, out);
        overlays(&step.overlays, out);
    }
    if let Some(platform) = &graph.platform {
        overlays(&platform.overlays, out);
        let regions = platform.clouds.iter().flat_map(|cloud| &cloud.regions);
        let inside = regions.flat_map(|region| &region.clusters);
        for cluster in platform.clusters.iter().chain(inside) {
            overlays(&cluster.overlays, out);
        }
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

/// Patches of Kubernetes objects; Terraform's are Terraform's.
fn overlays(overlays: &[Overlay], out: &mut Diagnostics) {
    for overlay in overlays {
        let path = &overlay.path;
        if path.value.ends_with(".yaml") || path.value.ends_with(".yml") {
            let what = format!("`{}` is not applied yet", path.value);
            warn(
                path.span,
                what,
                "name it among the `patches` of a kustomization of your own",
                out,
            );
        }
    }
}

/// A warning that something has less effect than it says.
pub(super) fn warn(span: Span, what: String, help: &str, out: &mut Diagnostics) {
    let mut found = Diagnostic::new(Code::UnsupportedNode, span, "", what).help(help);
    found.severity = Severity::Warning;
    out.push(found);
}
