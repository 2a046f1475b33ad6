//! Monitoring: Prometheus rules with their unit tests, and the Alertmanager that brings alerts to people.
//!
//! Each cluster gets `monitoring/<cluster>/` with `rules.yaml` and `rules_test.yaml` (for `promtool test rules`), the same
//! rules and the scraping of always-on steps as objects of the Prometheus operator, and on the hub `alertmanager.yaml`.
//! What is watched is first recorded under one name ([`metrics::KPI`]); everything else looks at that.

mod alertmanager;
mod budget;
mod cluster;
mod collect;
mod condition;
mod expect;
mod humanize;
mod kpi;
pub mod metrics;
mod objects;
mod price;
mod promise;
mod promql;
mod query;
mod receiver;
mod rule;
mod series;
mod service;
mod silence;
mod situation;
mod slo;
#[cfg(test)]
mod tests;
mod unit_test;

pub use objects::METRICS_PORT;

use collect::{Collected, collect};
use rule::{Group, Rule, RuleFile};

use super::site::namespace;
use super::{Artifact, Lowering, Target};
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::graph::PipelineId;
use crate::place::SiteId;
use crate::render;
use crate::source::Span;

/// Prometheus and Alertmanager.
#[derive(Clone, Copy, Debug)]
pub struct Monitoring;

impl Target for Monitoring {
    fn name(&self) -> &'static str {
        "monitoring"
    }

    fn lower(&self, input: &Lowering<'_>, out: &mut Diagnostics) -> Vec<Artifact> {
        let collected = collect(input, out);
        let sites = (0..input.plan.sites.len() as u32).map(SiteId);
        let mut artifacts: Vec<Artifact> = sites.flat_map(|site| of_site(input, &collected, site)).collect();
        artifacts.extend(alertmanagers(input, out));
        artifacts
    }
}

/// The files of one cluster; none if nothing is watched there.
fn of_site(input: &Lowering<'_>, collected: &Collected, site: SiteId) -> Vec<Artifact> {
    let file = |name: &str, text: String| artifact(input, site, name, text);
    let mut files = Vec::new();
    let groups = groups(input, collected, site);
    if !groups.is_empty() {
        let objects: Vec<_> = groups
            .iter()
            .map(|(pipeline, group)| {
                objects::rules(
                    input.graph(),
                    *pipeline,
                    namespace(input, *pipeline, site),
                    group.clone(),
                )
            })
            .collect();
        let alerts = collected.alerts(site);
        let rules = RuleFile {
            groups: groups.into_iter().map(|(_, group)| group).collect(),
        };
        files.push(file("rules.yaml", render::yaml(&[rules])));
        files.push(file("rules_test.yaml", render::yaml(&[unit_test::file(&alerts)])));
        files.push(file("prometheusrule.yaml", render::yaml(&objects)));
    }
    let graph = input.graph();
    let served = graph
        .steps
        .iter()
        .filter(|step| step.kind.always_on() && input.plan[step.id].site == site);
    let pods: Vec<_> = served
        .map(|step| objects::pods(graph, step.id, namespace(input, step.pipeline, site)))
        .collect();
    if !pods.is_empty() {
        files.push(file("podmonitor.yaml", render::yaml(&pods)));
    }
    files
}

/// One group for each pipeline that is watched at `site`: records first, since alerts use them.
fn groups(input: &Lowering<'_>, collected: &Collected, site: SiteId) -> Vec<(PipelineId, Group)> {
    let pipelines = input.graph().pipelines.iter();
    let group = |id: PipelineId, name: &str| {
        let part = collected.part(site, id)?;
        let records = part.records.iter().cloned().map(Rule::Record);
        let alerts = part.alerts.iter().map(|alert| Rule::Alert(alert.rule()));
        let rules: Vec<Rule> = records.chain(alerts).collect();
        (!rules.is_empty()).then(|| {
            (
                id,
                Group {
                    name: name.to_owned(),
                    rules,
                },
            )
        })
    };
    pipelines
        .filter_map(|pipeline| group(pipeline.id, &pipeline.name.value))
        .collect()
}

/// One configuration, for each cluster that starts runs.
fn alertmanagers(input: &Lowering<'_>, out: &mut Diagnostics) -> Vec<Artifact> {
    let config = alertmanager::config(input.graph(), |span, why| unsupported(out, span, "silence", why));
    let text = render::yaml(&[config]);
    let mut hubs = input.plan.hubs.clone();
    hubs.sort_unstable();
    hubs.dedup();
    hubs.into_iter()
        .map(|hub| artifact(input, hub, "alertmanager.yaml", text.clone()))
        .collect()
}

fn artifact(input: &Lowering<'_>, site: SiteId, name: &str, text: String) -> Artifact {
    let platform = input.graph().platform.as_ref();
    let origin = platform.map_or("platform".to_owned(), |platform| {
        format!("platform {}", platform.name.value)
    });
    Artifact::new(
        format!("monitoring/{}/{name}", input.plan[site].cluster),
        text,
        origin,
    )
}

/// Says that nothing watches this. The rest of the output is as good as without it, hence a warning.
fn unsupported(out: &mut Diagnostics, span: Span, what: &str, why: &str) {
    let message = format!("nothing is generated for this `{what}`: {why}");
    let mut found = Diagnostic::new(Code::UnsupportedNode, span, "not watched", message);
    found.severity = Severity::Warning;
    out.push(found);
}
