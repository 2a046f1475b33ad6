//! `expect`: a KPI and the bounds within which it is as it should be; one alert for each bound.

use super::kpi::{Kpi, alert_labels};
use super::promql::{duration, number};
use super::rule::{Alert, Case};
use super::series::Level;
use crate::graph::{Expect, Graph, Reference};
use crate::lower::names;
use crate::quantity::{Percent, Seconds};

/// Before what is measured all the time is believed. What a run reports is believed at once.
const LIVE: Seconds = Seconds(300.0);

/// Minutes of history in unit tests.
const HISTORY: u64 = 30;

/// Minutes from a change to when a unit test looks: longer than [`LIVE`] and the 5 minutes that rates look back.
const SETTLED: u64 = 15;

/// The alerts of one expectation; `Err` says why its reference cannot be had.
pub fn alerts(graph: &Graph, expect: &Expect, kpi: &Kpi) -> Result<Vec<Alert>, &'static str> {
    let now = kpi.selector(graph);
    let mut alerts = Vec::new();
    if let Some(min) = expect.min {
        let expr = format!("{now} < {}", number(min));
        let summary = format!("{} is less than {}", expect.text, kpi.show.bound(min));
        let case = constant(kpi, beside(min, -1.0), beside(min, 1.0));
        alerts.push(alert(graph, expect, kpi, "below", expr, summary, case));
    }
    if let Some(max) = expect.max {
        let expr = format!("{now} > {}", number(max));
        let summary = format!("{} is more than {}", expect.text, kpi.show.bound(max));
        let case = constant(kpi, beside(max, 1.0), beside(max, -1.0));
        alerts.push(alert(graph, expect, kpi, "above", expr, summary, case));
    }
    if let Some(within) = expect.within {
        alerts.push(off_reference(graph, expect, kpi, within)?);
    }
    Ok(alerts)
}

/// A value clearly on one side of a bound: whole where the bound is, and never negative where the bound is not.
pub fn beside(bound: f64, side: f64) -> f64 {
    let half = bound.abs() / 2.0;
    let apart = if bound.fract() == 0.0 {
        half.ceil().max(1.0)
    } else {
        half
    };
    bound + side * apart
}

fn off_reference(graph: &Graph, expect: &Expect, kpi: &Kpi, within: Percent) -> Result<Alert, &'static str> {
    let now = kpi.selector(graph);
    let window = duration(expect.over);
    let (word, reference) = match expect.of {
        Reference::Median => ("median", format!("quantile_over_time(0.5, {now}[{window}])")),
        Reference::Mean => ("mean", format!("avg_over_time({now}[{window}])")),
        Reference::Previous => (
            "previous",
            format!("last_over_time({now}[{window}] offset {})", duration(before(kpi))),
        ),
        Reference::Prediction => {
            let predicted = kpi.prediction.ok_or("there is no prediction of it")?;
            ("prediction", number(predicted))
        }
    };
    // A reference of zero or below is as good as any other, hence `abs` on both sides. The answer is the value itself.
    let allowed = match expect.of {
        Reference::Prediction => number(within.0 * kpi.prediction.unwrap_or_default().abs()),
        Reference::Median | Reference::Mean | Reference::Previous => {
            format!("{} * abs({reference})", number(within.0))
        }
    };
    let expr = format!("{now} and abs({now} - {reference}) > {allowed}");
    let summary = format!("{} is more than {within} off its {word}", expect.text);
    let case = changed(kpi, within, expect.of);
    Ok(alert(
        graph,
        expect,
        kpi,
        &format!("off {word}"),
        expr,
        summary,
        case,
    ))
}

/// How far back the value before is: one run, or five minutes for what changes all the time.
fn before(kpi: &Kpi) -> Seconds {
    kpi.interval.max(LIVE)
}

/// A KPI at one value all the time.
fn constant(kpi: &Kpi, firing: f64, quiet: f64) -> Option<Case> {
    let minutes = HISTORY;
    let at = Seconds((minutes * 60) as f64);
    let level = |value| [Level::new(value, minutes + 1)];
    Some(Case::new(
        at,
        (kpi.sample(&level(firing), at)?, firing),
        kpi.sample(&level(quiet), at)?,
    ))
}

/// A KPI that leaves its band, and one that stays.
fn changed(kpi: &Kpi, within: Percent, of: Reference) -> Option<Case> {
    let ordinary = kpi.prediction.unwrap_or(20.0);
    let far = ordinary * (1.0 + 2.0 * within.0);
    let history = match of {
        Reference::Previous => (before(kpi).0 / 60.0).round() as u64,
        // A mean follows what is new; a long past holds it back, up to a band of one and a half.
        Reference::Mean if within.0 > 1.5 => return None,
        Reference::Mean => 3 * HISTORY,
        Reference::Median | Reference::Prediction => HISTORY,
    };
    let old = Level::new(ordinary, history);
    let at = Seconds(((history + SETTLED) * 60) as f64);
    let after = |value| [old, Level::new(value, SETTLED + 1)];
    Some(Case::new(
        at,
        (kpi.sample(&after(far), at)?, far),
        kpi.sample(&after(ordinary), at)?,
    ))
}

fn alert(
    graph: &Graph,
    expect: &Expect,
    kpi: &Kpi,
    what: &str,
    expr: String,
    summary: String,
    case: Option<Case>,
) -> Alert {
    let pipeline = &graph[kpi.pipeline];
    let batch = kpi.interval.0 > 0.0;
    Alert {
        name: names::alert(&[&pipeline.name.value, &kpi.name, what]),
        expr,
        lasting: if batch { Seconds::ZERO } else { LIVE },
        severity: expect.notice.severity.word(),
        owner: expect
            .notice
            .owner
            .clone()
            .or_else(|| pipeline.owner.as_ref().map(|owner| owner.value.clone())),
        labels: alert_labels(graph, kpi, "expect"),
        summary: summary.into(),
        value: Some(kpi.show),
        runbook: expect.notice.runbook.clone(),
        case,
    }
}
