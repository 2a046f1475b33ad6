//! Monitoring: Prometheus rules with their unit tests, and the Alertmanager that brings alerts to people.
//!
//! Each cluster gets `monitoring/<cluster>/` with `rules.yaml` and its tests (for `promtool test rules`), the same
//! rules and the scraping of always-on steps as objects of the Prometheus operator, and on the hub `alertmanager.yaml`.
//! Each pipeline has a dashboard. What is watched is first recorded under one name ([`metrics::KPI`]); everything else looks at that.

mod alertmanager;
mod anomaly;
mod budget;
mod cluster;
mod collect;
mod collected;
mod condition;
mod dashboard;
mod expect;
mod flow;
mod humanize;
mod infrastructure;
mod inhibition;
mod kind;
mod kpi;
pub mod metrics;
mod objects;
mod places;
mod price;
mod profile;
mod promise;
mod promql;
mod query;
pub mod questions;
mod receiver;
mod rule;
mod runbook;
mod series;
mod service;
mod silence;
mod situation;
mod slo;
mod summary;
#[cfg(test)]
mod tests;
mod unit_test;

pub use objects::METRICS_PORT;

use collect::collect;
use collected::Collected;
use rule::{Group, Pace, Rule, RuleFile};

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
        artifacts.extend(runbooks(input, &collected));
        artifacts.extend(dashboard::files(input));
        artifacts
    }
}

/// The files of one cluster; none if nothing is watched there.
fn of_site(input: &Lowering<'_>, collected: &Collected<'_>, site: SiteId) -> Vec<Artifact> {
    let file = |name: &str, text: String| artifact(input, site, name, text);
    let mut files = Vec::new();
    let groups = groups(input, collected, site);
    if !groups.is_empty() {
        let objects: Vec<_> = groups
            .iter()
            .filter_map(|(pipeline, group)| {
                let home = pipeline.or_else(|| infrastructure::first_pipeline(input, site))?;
                let namespace = namespace(input, home, site);
                Some(objects::rules(
                    input.graph(),
                    *pipeline,
                    &namespace,
                    group.clone(),
                ))
            })
            .flatten()
            .collect();
        let alerts = collected.alerts(site);
        let rules = RuleFile {
            groups: groups.into_iter().map(|(_, group)| group).collect(),
        };
        files.push(file("rules.yaml", render::yaml(&[rules])));
        for pace in Pace::ALL {
            let tests = unit_test::file(&alerts, pace);
            files.extend(tests.map(|tests| file(pace.file(), render::yaml(&[tests]))));
        }
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

/// One group for what all share at `site` and one for each pipeline that is watched there: records first, since alerts use
/// them.
fn groups(input: &Lowering<'_>, collected: &Collected<'_>, site: SiteId) -> Vec<(Option<PipelineId>, Group)> {
    // No pipeline is called so: names have no spaces.
    let shared = (None, "what all share".to_owned());
    let pipelines = input.graph().pipelines.iter();
    let each = pipelines.map(|pipeline| (Some(pipeline.id), pipeline.name.value.clone()));
    let group = |(pipeline, name)| {
        let part = collected.part(site, pipeline)?;
        let records = part.records.iter().cloned().map(Rule::Record);
        let alerts = part.alerts.iter().map(|alert| Rule::Alert(alert.rule()));
        let rules: Vec<Rule> = records.chain(alerts).collect();
        (!rules.is_empty()).then_some((pipeline, Group { name, rules }))
    };
    std::iter::once(shared).chain(each).filter_map(group).collect()
}

/// The page that alerts link to.
fn runbooks(input: &Lowering<'_>, collected: &Collected<'_>) -> Option<Artifact> {
    let sites = (0..input.plan.sites.len() as u32).map(SiteId);
    let alerts: Vec<_> = sites.flat_map(|site| collected.alerts(site)).collect();
    (!alerts.is_empty()).then(|| Artifact::new(runbook::PATH, runbook::page(&alerts), origin(input)))
}

/// One configuration, for each cluster that starts runs.
fn alertmanagers(input: &Lowering<'_>, out: &mut Diagnostics) -> Vec<Artifact> {
    let config = alertmanager::config(input, |span, why| unsupported(out, span, "silence", why));
    let text = render::yaml(&[config]);
    let mut hubs = input.plan.hubs.clone();
    hubs.sort_unstable();
    hubs.dedup();
    hubs.into_iter()
        .map(|hub| artifact(input, hub, "alertmanager.yaml", text.clone()))
        .collect()
}

fn artifact(input: &Lowering<'_>, site: SiteId, name: &str, text: String) -> Artifact {
    let path = format!("monitoring/{}/{name}", input.plan[site].cluster);
    Artifact::new(path, text, origin(input))
}

fn origin(input: &Lowering<'_>) -> String {
    let platform = input.graph().platform.as_ref();
    platform.map_or("platform".to_owned(), |platform| {
        format!("platform {}", platform.name.value)
    })
}

/// Says that nothing watches this. The rest of the output is as good as without it, hence a warning.
fn unsupported(out: &mut Diagnostics, span: Span, what: &str, why: &str) {
    let message = format!("nothing is generated for this `{what}`: {why}");
    let mut found = Diagnostic::new(Code::UnsupportedNode, span, "not watched", message);
    found.severity = Severity::Warning;
    out.push(found);
}
