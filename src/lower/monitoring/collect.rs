//! All rules of a compilation, by the cluster that evaluates them and the pipeline they are about.

use std::collections::{BTreeMap, BTreeSet};

use super::alertmanager::unheard;
use super::cluster::{hub, labels};
use super::collected::Collected;
use super::kpi::Kpi;
use super::promise::{self, About};
use super::rule::{Alert, Case};
use super::{anomaly, budget, condition, expect, flow, infrastructure, profile, query, unsupported};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::{self, AlertRule, Pipeline, Promise};
use crate::lower::{Lowering, names};
use crate::place::SiteId;
use crate::source::Span;

/// Goes through everything that is promised or watched.
pub fn collect<'a>(input: &'a Lowering<'a>, out: &mut Diagnostics) -> Collected<'a> {
    let mut all = Collected::new(input);
    shared(input, &mut all);
    for pipeline in &input.graph().pipelines {
        for site in sites(input, pipeline) {
            let records = budget::records(input, pipeline.id, site).into_iter();
            for record in records.chain(profile::records(input, pipeline.id, site)) {
                all.record(site, pipeline.id, record);
            }
        }
        promises(input, pipeline, &mut all, out);
        for expected in &pipeline.monitor.expects {
            expectation(input, expected, &mut all, out);
        }
        for alert in &pipeline.monitor.alerts {
            own(input, pipeline, alert, &mut all, out);
        }
        unasked(input, pipeline, &mut all);
    }
    all.record_outputs();
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
    for steps in all.places.groups(input.graph(), pipeline.id) {
        for (kpis, alert) in anomaly::alerts(input, &steps) {
            kpis.iter().for_each(|kpi| all.watch(kpi));
            kpis.first()
                .into_iter()
                .for_each(|kpi| all.alert(kpi.site, pipeline.id, alert.clone()));
        }
        let site = steps.first().map_or(SiteId(0), |step| input.plan[*step].site);
        for alert in profile::alerts(input, &steps) {
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
        summary: format!("{}: {written}", alert.name.value).into(),
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
