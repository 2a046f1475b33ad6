//! Putting a run into service: what serving and streaming steps get instead of a container of their own.
//!
//! Their Deployment is committed. A run writes the ConfigMap that says which run is served, with the values that the
//! program refers to, and starts the pods anew ([`release`]).

use super::added;
use super::chart::Chart;
use super::scope::{Scope, Source, encoded};
use super::stock::Script;
use super::types::{Metadata, Parameter, Template};
use super::wants::braced;
use super::{data, step};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::{Step, Via};
use crate::lower::kubernetes::serving::release;
use crate::lower::{names, pod, site};

/// Input with the values, as a JSON object.
const VALUES: &str = "values";

/// The template that deploys `step`.
pub fn template(chart: &Chart<'_>, step: &Step, out: &mut Diagnostics) -> Template {
    if step.serving.as_ref().is_some_and(|serving| serving.via == Via::Kserve) {
        let message = "a run cannot put a new version into service behind KServe yet";
        out.push(Diagnostic::new(Code::UnsupportedNode, step.name.span, "", message));
    }
    let chosen = site::chosen_namespace(chart.input, chart.site);
    let object = names::object(&chart.pipeline.name.value, &step.name.value, chosen);
    let wait = step::timeout(chart.input, step).0;
    let env = vec![
        pod::variable(pod::BRACE, "{"),
        pod::variable("NAMESPACE", chart.namespace()),
        pod::variable("DEPLOYMENT", object),
        pod::variable("RELEASE", release::name(chart.input, step)),
        pod::variable("RUN", data::RUN),
        pod::variable("VALUES", format!("{{{{inputs.parameters.{VALUES}}}}}")),
        pod::variable("WAIT", format!("{wait}s")),
    ];
    let name = &step.name.value;
    let mut template = added::script(chart, name, Script::Deploy, &[VALUES], env, names::DEPLOYER);
    template.metadata = Some(Metadata { labels: chart.step_labels(step) });
    // It talks to its own cluster's API, as the only kind of task that does.
    template.automount_service_account_token = Some(true);
    template
}

/// What its task passes: the values of the ConfigMap, encoded as one text.
pub fn arguments(chart: &Chart<'_>, scope: &Scope<'_>, step: &Step) -> Vec<Parameter> {
    let entries = release::keys(chart.input, step).into_iter().map(|(key, binding)| {
        let source = scope.source(&binding);
        format!(r#""{key}": {}"#, decoded(source))
    });
    let object = format!("toJson({{{}}})", entries.collect::<Vec<_>>().join(", "));
    vec![Parameter::value(VALUES, braced(&encoded(&object)))]
}

/// A value as the program is to see it: no kubelet expands what comes from a ConfigMap.
fn decoded(source: Source) -> String {
    let expression = source.expression;
    match source.encoded {
        true => format!(r#"replace(replace({expression}, "$(PORTOLAN_BRACE)", "{{"), "$$", "$")"#),
        false => expression,
    }
}
