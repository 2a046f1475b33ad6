//! What flows through a pipeline and its clusters: data handed over, pods that wait for machines, what leaves a site.

use super::cluster::{hub, interval, labels};
use super::humanize::Show;
use super::kind::Kind;
use super::metrics::SUCCEEDED;
use super::promql::{duration, equals, number, one_of, selector, with_matchers};
use super::rule::{Alert, Case};
use super::series::{Level, Series};
use super::summary::Summary;
use crate::graph::{Pipeline, PipelineId, Step, StepId};
use crate::lower::site::namespace;
use crate::lower::{Lowering, names};
use crate::place::{Movement, SiteId};
use crate::quantity::Seconds;

/// Data may be so many times as old as the time between runs.
const LATE: f64 = 1.5;

/// So many times what is planned may leave a site: retries copy again, and protocols add to what they carry.
const MORE: f64 = 2.0;

const WEEK: f64 = 7.0;
const DAYS_OF_MONTH: f64 = 730.0 / 24.0;

/// The alerts about the flow of `pipeline`, with the sites that evaluate them.
pub fn alerts(input: &Lowering<'_>, pipeline: &Pipeline) -> Vec<(SiteId, Alert)> {
    let mut sites: Vec<SiteId> = pipeline.steps.iter().map(|step| input.plan[*step].site).collect();
    sites.sort_unstable();
    sites.dedup();
    let mut alerts = Vec::new();
    for site in sites {
        alerts.push((site, waiting(input, pipeline.id, site)));
        alerts.extend(sent(input, pipeline, site).map(|alert| (site, alert)));
    }
    let moves = input.plan.moves.iter();
    let mut told = Vec::new();
    for moved in moves.filter(|moved| input.graph()[moved.data].pipeline == pipeline.id) {
        if !told.contains(&moved.data) {
            told.push(moved.data);
            let made = handed_over(input, pipeline.id, moved);
            alerts.extend(made.map(|alert| (hub(input, pipeline.id), alert)));
        }
    }
    alerts
}

/// Data that another cluster waits for is old. A step that may be skipped, and has no alternative, promises no new data.
fn handed_over(input: &Lowering<'_>, pipeline: PipelineId, moved: &Movement) -> Option<Alert> {
    let graph = input.graph();
    let writers: Vec<&Step> = graph[moved.data]
        .writers
        .iter()
        .map(|step| &graph[*step])
        .collect();
    let first = writers.first()?;
    let skipped = writers.len() == 1 && (first.when.is_some() || !first.otherwise.is_empty());
    if skipped || first.kind.always_on() || input.plan.profiled[first.id].runs_per_month <= 0.0 {
        return None;
    }
    let limit = interval(input, first.id).times(LATE);
    let steps: Vec<&str> = writers.iter().map(|step| step.name.value.as_str()).collect();
    let matchers = vec![
        equals("pipeline", &graph[pipeline].name.value),
        one_of("step", &steps),
    ];
    let stamp = with_matchers(&SUCCEEDED.exposed(), matchers);
    let data = &graph[moved.data].name.value;
    let mut alert = alert(
        input,
        pipeline,
        Some(first.id),
        hub(input, pipeline),
        Kind::Handover,
        data,
    );
    alert.severity = "page";
    let window = duration(limit.times(3.0));
    alert.expr = format!(
        "time() - max(last_over_time({stamp}[{window}])) > {}",
        number(limit.0)
    );
    alert.labels.insert("data".into(), data.clone());
    alert.summary = format!(
        "{data}, which {} waits for, is older than {limit}",
        input.plan[moved.to].cluster
    )
    .into();
    alert.value = Some(Show::Time);
    let at = Seconds(1800.0);
    let sample = selector(
        &SUCCEEDED.exposed(),
        &[
            ("pipeline", &graph[pipeline].name.value),
            ("step", &first.name.value),
        ],
    );
    let aged = |age: f64| vec![Series::gauge(&sample, &[Level::new(at.0 - age, 31)])];
    let old = limit.0 * 2.0;
    alert.case = Some(Case::new(at, (aged(old), old), aged(limit.0 / 2.0)));
    Some(alert)
}

/// Pods have waited for machines for half an hour.
fn waiting(input: &Lowering<'_>, pipeline: PipelineId, site: SiteId) -> Alert {
    let namespace = namespace(input, pipeline, site);
    let waiting = selector("kube_pod_status_unschedulable", &[("namespace", &namespace)]);
    let mut alert = alert(
        input,
        pipeline,
        None,
        site,
        Kind::Queue,
        &input.plan[site].cluster,
    );
    alert.expr = format!("sum({waiting}) > 0");
    alert.lasting = Seconds(1800.0);
    alert.summary = format!("pods of {} wait for machines", input.graph()[pipeline].name.value).into();
    alert.value = Some(Show::Number);
    let sample = selector(
        "kube_pod_status_unschedulable",
        &[("namespace", &namespace), ("pod", "pod-0")],
    );
    let at = Seconds(3600.0);
    let pods = |value| vec![Series::gauge(&sample, &[Level::new(value, 61)])];
    alert.case = Some(Case::new(at, (pods(1.0), 1.0), pods(0.0)));
    alert
}

/// Much more leaves than is planned. What services answer is not planned in bytes, so only sites without them are watched.
fn sent(input: &Lowering<'_>, pipeline: &Pipeline, site: SiteId) -> Option<Alert> {
    let here = |step: &&StepId| input.plan[**step].site == site;
    let steps: Vec<StepId> = pipeline.steps.iter().filter(here).copied().collect();
    let moves = input.plan.moves.iter().any(|moved| moved.from == site);
    if !moves || steps.iter().any(|step| input.graph()[*step].kind.always_on()) {
        return None;
    }
    let planned: f64 = steps
        .iter()
        .map(|step| &input.plan.profiled[*step])
        .map(|profile| {
            let runs = profile.runs_per_month * WEEK / DAYS_OF_MONTH;
            profile.network.p95.as_f64() * profile.items.max(1) as f64 * runs
        })
        .sum();
    let namespace = namespace(input, pipeline.id, site);
    let limit = MORE * planned;
    let bytes = selector(
        "container_network_transmit_bytes_total",
        &[("namespace", &namespace)],
    );
    let mut alert = alert(
        input,
        pipeline.id,
        None,
        site,
        Kind::Egress,
        &input.plan[site].cluster,
    );
    alert.expr = format!("sum(increase({bytes}[7d])) > {}", number(limit));
    alert.summary = format!(
        "{} has sent more from {} in a week than twice what is planned",
        pipeline.name.value, input.plan[site].cluster
    )
    .into();
    // What `increase` makes of a short series is not the exact number, so the test cannot state it.
    alert.value = None;
    let sample = selector(
        "container_network_transmit_bytes_total",
        &[("namespace", &namespace), ("pod", "pod-0")],
    );
    let hourly = |rate: f64| vec![Series::counter(&sample, &[Level::new(rate, 61)])];
    alert.case = Some(Case::new(
        Seconds(3600.0),
        (hourly(limit / 1000.0), limit),
        hourly(limit / 1e6),
    ));
    (planned > 0.0).then_some(alert)
}

fn alert(
    input: &Lowering<'_>,
    pipeline: PipelineId,
    step: Option<StepId>,
    site: SiteId,
    kind: Kind,
    what: &str,
) -> Alert {
    Alert {
        name: names::alert(&[&input.graph()[pipeline].name.value, what, kind.word()]),
        expr: String::new(),
        lasting: Seconds::ZERO,
        severity: "ticket",
        owner: None,
        labels: labels(input, pipeline, step, site, kind.word()),
        summary: Summary::default(),
        value: None,
        runbook: None,
        case: None,
    }
}
