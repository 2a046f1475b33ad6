//! All rules of a compilation, by the cluster that evaluates them and the pipeline they are about.

use std::collections::{BTreeMap, BTreeSet};

use super::alertmanager::{NOBODY, unheard};
use super::cluster::{hub, labels};
use super::kpi::Kpi;
use super::places::Places;
use super::promise::{self, About};
use super::rule::{Alert, Case, Record};
use super::{anomaly, budget, condition, expect, flow, infrastructure, profile, query, runbook, unsupported};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::{self, AlertRule, Pipeline, PipelineId, Promise};
use crate::lower::{Lowering, names};
use crate::place::SiteId;
use crate::source::Span;

/// What is recorded and alerted about one pipeline in one cluster.
#[derive(Debug, Default)]
pub struct Part {
    /// Series that are computed.
    pub records: Vec<Record>,
    /// Alerts, which may use them.
    pub alerts: Vec<Alert>,
}

/// All parts.
#[derive(Debug)]
pub struct Collected<'a> {
    input: &'a Lowering<'a>,
    places: Places<'a>,
    /// Those of no pipeline are about what all share.
    parts: BTreeMap<(SiteId, Option<PipelineId>), Part>,
    /// What is recorded already: several alerts may watch one series.
    recorded: BTreeSet<(SiteId, Option<PipelineId>, Record)>,
    names: BTreeMap<(SiteId, String), usize>,
}

impl<'a> Collected<'a> {
    fn new(input: &'a Lowering<'a>) -> Collected<'a> {
        Collected {
            input,
            places: Places::of(input),
            parts: BTreeMap::new(),
            recorded: BTreeSet::new(),
            names: BTreeMap::new(),
        }
    }

    /// What is about a pipeline, or about no pipeline in particular, at a site.
    pub fn part(&self, site: SiteId, pipeline: Option<PipelineId>) -> Option<&Part> {
        self.parts.get(&(site, pipeline))
    }

    /// All alerts of a site.
    pub fn alerts(&self, site: SiteId) -> Vec<Alert> {
        let here = self.parts.iter().filter(|((other, _), _)| *other == site);
        here.flat_map(|(_, part)| part.alerts.iter().cloned()).collect()
    }

    fn at(&mut self, site: SiteId, pipeline: Option<PipelineId>) -> &mut Part {
        self.parts.entry((site, pipeline)).or_default()
    }

    fn record(&mut self, site: SiteId, pipeline: impl Into<Option<PipelineId>>, record: Record) {
        let pipeline = pipeline.into();
        if self.recorded.insert((site, pipeline, record.clone())) {
            self.at(site, pipeline).records.push(record);
        }
    }

    /// Adds an alert. Names tell alerts of a cluster apart, in its unit tests for one; a second of the same name is numbered, in
    /// a form that no name has by itself. No alert is without a place, a team and a runbook.
    fn alert(&mut self, site: SiteId, pipeline: impl Into<Option<PipelineId>>, mut alert: Alert) {
        let (graph, pipeline) = (self.input.graph(), pipeline.into());
        if let Some(pipeline) = pipeline {
            self.places.label(pipeline, &mut alert.labels);
            let owner = graph[pipeline].owner.as_ref();
            alert.owner = alert.owner.or_else(|| owner.map(|owner| owner.value.clone()));
        }
        let nobody = || NOBODY.to_owned();
        alert.owner = alert
            .owner
            .or_else(|| first_team(graph))
            .or_else(|| Some(nobody()));
        let link = runbook::link(graph, alert.kind());
        alert.runbook.get_or_insert(link);
        let count = self.names.entry((site, alert.name.clone())).or_default();
        *count += 1;
        if *count > 1 {
            alert.name = format!("{}_{count}", alert.name);
        }
        self.at(site, pipeline).alerts.push(alert);
    }

    fn watch(&mut self, kpi: &Kpi) {
        self.record(kpi.site, kpi.pipeline, kpi.record.clone());
    }
}

/// The team of the platform's first receiver.
fn first_team(graph: &graph::Graph) -> Option<String> {
    let receiver = graph.platform.as_ref()?.receivers.first()?;
    Some(receiver.team.value.clone())
}

/// Goes through everything that is promised or watched.
pub fn collect<'a>(input: &'a Lowering<'a>, out: &mut Diagnostics) -> Collected<'a> {
    let mut all = Collected::new(input);
    for step in &input.graph().steps {
        let records = budget::record(input, step.id).into_iter();
        for (site, record) in records.chain(profile::records(input, step.id)) {
            all.record(site, step.pipeline, record);
        }
    }
    shared(input, &mut all);
    for pipeline in &input.graph().pipelines {
        promises(input, pipeline, &mut all, out);
        for expected in &pipeline.monitor.expects {
            expectation(input, expected, &mut all, out);
        }
        for alert in &pipeline.monitor.alerts {
            own(input, pipeline, alert, &mut all, out);
        }
        unasked(input, pipeline, &mut all);
    }
    owners(input, out);
    all
}

/// What all pipelines stand on. Each hub listens to the clusters of its pipelines.
fn shared(input: &Lowering<'_>, all: &mut Collected<'_>) {
    let mut heard: BTreeSet<(SiteId, SiteId)> = BTreeSet::new();
    for pipeline in &input.graph().pipelines {
        let hub = hub(input, pipeline.id);
        let steps = pipeline.steps.iter();
        heard.extend(steps.map(|step| (hub, input.plan[*step].site)));
        heard.insert((hub, hub));
    }
    let sites: BTreeSet<SiteId> = heard.iter().map(|(_, site)| *site).collect();
    for site in sites {
        all.record(site, None, infrastructure::alive(input, site));
        for alert in infrastructure::alerts(input, site) {
            all.alert(site, None, alert);
        }
    }
    for (hub, site) in heard.into_iter().filter(|(hub, site)| hub != site) {
        all.alert(hub, None, infrastructure::silent(input, site));
    }
}

/// What is watched without being asked for.
fn unasked(input: &Lowering<'_>, pipeline: &Pipeline, all: &mut Collected<'_>) {
    for (site, alert) in flow::alerts(input, pipeline) {
        all.alert(site, pipeline.id, alert);
    }
    for step in &pipeline.steps {
        for (kpi, alert) in anomaly::alerts(input, *step) {
            all.watch(&kpi);
            all.alert(kpi.site, pipeline.id, alert);
        }
        for (site, alert) in profile::alerts(input, *step) {
            all.alert(site, pipeline.id, alert);
        }
    }
}

fn promises(input: &Lowering<'_>, pipeline: &Pipeline, all: &mut Collected<'_>, out: &mut Diagnostics) {
    let whole = About {
        pipeline: pipeline.id,
        step: None,
    };
    let mut made: Vec<(About, &Promise)> = pipeline.promises.iter().map(|promise| (whole, promise)).collect();
    for step in &pipeline.steps {
        let about = About {
            step: Some(*step),
            ..whole
        };
        made.extend(
            input.graph()[*step]
                .promises
                .iter()
                .map(|promise| (about, promise)),
        );
    }
    for (about, promise) in made {
        match promise::alerts(input, about, promise) {
            Ok(alerts) => {
                for (site, alert) in alerts {
                    all.alert(site, pipeline.id, alert);
                }
            }
            Err(why) => {
                let word = if promise.weight.is_some() {
                    "prefer"
                } else {
                    "promise"
                };
                unsupported(out, promise.span, word, why);
            }
        }
    }
}

fn expectation(
    input: &Lowering<'_>,
    expected: &graph::Expect,
    all: &mut Collected<'_>,
    out: &mut Diagnostics,
) {
    let made = Kpi::of(input, &expected.subject.value)
        .and_then(|kpi| Ok((expect::alerts(input.graph(), expected, &kpi)?, kpi)));
    match made {
        Ok((alerts, kpi)) => {
            all.watch(&kpi);
            for alert in alerts {
                all.alert(kpi.site, kpi.pipeline, alert);
            }
        }
        Err(why) => unsupported(out, expected.span, "expect", why),
    }
}

/// A rule of the author's own.
fn own(
    input: &Lowering<'_>,
    pipeline: &Pipeline,
    alert: &graph::Alert,
    all: &mut Collected<'_>,
    out: &mut Diagnostics,
) {
    match &alert.rule {
        AlertRule::Query(text) => match query::case(&text.value, alert.lasting) {
            Ok(case) => {
                // The query may be about any cluster of the pipeline, and is silent where its series are not.
                for site in sites(input, pipeline) {
                    let made = rule(input, pipeline, alert, site, (text.value.clone(), case.clone()));
                    all.alert(site, pipeline.id, made);
                }
            }
            Err(why) => out.push(Diagnostic::new(
                Code::ConditionSyntax,
                text.span,
                "not PromQL",
                format!(
                    "the query of alert `{}` is not PromQL: {}",
                    alert.name.value,
                    first_line(&why)
                ),
            )),
        },
        AlertRule::When { text, condition } => {
            match condition::lower(input, pipeline.id, condition, alert.lasting) {
                Ok(lowered) => {
                    let site = lowered.site;
                    lowered.kpis.iter().for_each(|kpi| all.watch(kpi));
                    let made = rule(input, pipeline, alert, site, (lowered.expr, lowered.case));
                    all.alert(site, pipeline.id, made);
                }
                Err(why) => unsupported(out, text.span, "alert", why),
            }
        }
    }
}

fn first_line(text: &str) -> &str {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or(text)
}

fn rule(
    input: &Lowering<'_>,
    pipeline: &Pipeline,
    alert: &graph::Alert,
    site: SiteId,
    (expr, case): (String, Option<Case>),
) -> Alert {
    let owner = pipeline.owner.as_ref().map(|owner| owner.value.clone());
    let written = match &alert.rule {
        AlertRule::Query(text) | AlertRule::When { text, .. } => &text.value,
    };
    Alert {
        name: names::alert(&[&pipeline.name.value, &alert.name.value]),
        expr,
        lasting: alert.lasting,
        severity: alert.notice.severity.word(),
        owner: alert.notice.owner.clone().or(owner),
        labels: labels(input, pipeline.id, None, site, "alert"),
        summary: format!("{}: {written}", alert.name.value),
        value: None,
        runbook: alert.notice.runbook.clone(),
        case,
    }
}

/// The clusters in which a pipeline has steps.
fn sites(input: &Lowering<'_>, pipeline: &Pipeline) -> Vec<SiteId> {
    let mut sites: Vec<SiteId> = pipeline.steps.iter().map(|step| input.plan[*step].site).collect();
    sites.sort_unstable();
    sites.dedup();
    sites
}

/// Says whose alerts reach nobody.
fn owners(input: &Lowering<'_>, out: &mut Diagnostics) {
    let mut owners: BTreeMap<&str, Span> = BTreeMap::new();
    for pipeline in &input.graph().pipelines {
        let monitor = &pipeline.monitor;
        match &pipeline.owner {
            Some(owner) => {
                owners.entry(&owner.value).or_insert(owner.span);
            }
            None => out.push(
                receiver(
                    pipeline.name.span,
                    format!("pipeline `{}` has no owner", pipeline.name.value),
                )
                .help("add `owner TEAM`, a team that has a `receiver` in the platform"),
            ),
        }
        let expects = monitor
            .expects
            .iter()
            .map(|expect| (&expect.notice.owner, expect.span));
        let alerts = monitor
            .alerts
            .iter()
            .map(|alert| (&alert.notice.owner, alert.name.span));
        for (owner, span) in expects.chain(alerts) {
            if let Some(owner) = owner {
                owners.entry(owner).or_insert(span);
            }
        }
    }
    for (owner, span) in unheard(input.graph(), &owners) {
        out.push(
            receiver(span, format!("nobody receives the alerts of `{owner}`")).help(format!(
                "add `receiver {owner} {{ page pagerduty secret=pagerduty.{owner}; }}` to the platform"
            )),
        );
    }
}

fn receiver(span: Span, message: String) -> Diagnostic {
    Diagnostic::new(Code::PlatformReceiver, span, "its alerts reach nobody", message)
}
