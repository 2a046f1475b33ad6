//! Latency and availability: how fast the error budget of 30 days is spent, over pairs of windows.

use std::sync::LazyLock;

use serde::Deserialize;

use super::cluster::{labels, site_of};
use super::humanize::Show;
use super::metrics::Latency;
use super::promql::number;
use super::rule::{Alert, Case};
use super::series::Level;
use super::service::Service;
use crate::graph::{LatencyOf, Promise, StepId};
use crate::lower::{Lowering, names};
use crate::quantity::{Percent, Seconds};

/// A row of `targets/monitoring/windows.csv`.
#[derive(Clone, Debug, Deserialize)]
struct Window {
    severity: String,
    /// The budget would be gone in 30 days divided by this.
    burn: f64,
    /// Over which it is spent.
    long: String,
    /// Over which it is still being spent, so that the alert ends when the trouble does.
    short: String,
}

static WINDOWS: LazyLock<Vec<Window>> = LazyLock::new(|| {
    let table = include_str!("../../../targets/monitoring/windows.csv");
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(table.as_bytes());
    let rows: Result<_, _> = reader.deserialize().collect();
    rows.unwrap_or_else(|error| unreachable!("our table is well-formed: {error}"))
});

/// What is promised, and the words and labels for it.
struct Objective<'a> {
    promise: &'a Promise,
    step: StepId,
    /// `latency p99`
    what: String,
    kind: &'static str,
    summary: String,
    show: Show,
}

/// The alerts of a percentile of latency.
pub fn latency(
    input: &Lowering<'_>,
    step: StepId,
    promise: &Promise,
    of: LatencyOf,
    (quantile, bound): (f64, Seconds),
) -> Result<Vec<Alert>, &'static str> {
    let service = Service::of(input.graph(), step);
    let measured = service.latency(of);
    if measured == Latency::Unknown {
        return Err("its runtime does not measure this latency");
    }
    let what = format!("{} p{}", word(of), number(quantile * 100.0));
    let objective = Objective {
        promise,
        step,
        summary: format!("{} misses {what} of {}", input.graph()[step].name.value, bound),
        what,
        kind: "latency",
        show: Show::Time,
    };
    let slow = |burn: f64, window: &str| {
        let reached = burning_quantile(measured, quantile, burn)?;
        let answer = service.quantile(measured, reached, window)?;
        Some(format!("{answer} > {}", number(bound.0)))
    };
    let sample = |seconds: f64| {
        let level = [Level::new(seconds, MINUTES + 1)];
        service.sample_latency(measured, quantile, &level)
    };
    let case = Case::new(AT, (sample(bound.0 * 2.0), bound.0 * 2.0), sample(bound.0 / 2.0));
    Ok(alerts(input, &objective, slow, &case))
}

fn word(of: LatencyOf) -> &'static str {
    match of {
        LatencyOf::Request => "latency",
        LatencyOf::FirstToken => "first token",
        LatencyOf::Token => "token",
    }
}

/// The quantile that exceeds the bound exactly when the share of slow requests exceeds `burn` times the allowed share.
/// A histogram answers for any quantile, so the bound need not be one of its buckets. A summary knows the promised
/// percentile only.
fn burning_quantile(measured: Latency, quantile: f64, burn: f64) -> Option<f64> {
    match measured {
        Latency::Histogram(_) => {
            let slow = burn * (1.0 - quantile);
            (slow < 1.0).then_some(1.0 - slow)
        }
        Latency::Summary(..) => Some(quantile),
        Latency::Unknown => None,
    }
}

/// The alerts of a share of requests that must be good.
pub fn availability(input: &Lowering<'_>, step: StepId, promise: &Promise, share: Percent) -> Vec<Alert> {
    let service = Service::of(input.graph(), step);
    let name = &input.graph()[step].name.value;
    let allowed = 1.0 - share.0;
    let objective = Objective {
        promise,
        step,
        what: "availability".into(),
        kind: "availability",
        summary: format!("{name} spends the error budget of {share} availability"),
        show: Show::Share,
    };
    let bad = |burn: f64, window: &str| {
        let limit = burn * allowed;
        let ratio = service
            .failed(window)
            .unwrap_or_else(|| service.unreachable(window));
        (limit < 1.0).then(|| format!("{ratio} > {}", number(limit)))
    };
    let sample = |failed: f64| match service.failed("5m") {
        Some(_) => service.sample_failed(&[Level::new(failed, MINUTES + 1)]),
        None => service
            .sample_pods(&[Level::new(1.0 - failed, MINUTES + 1)])
            .unwrap_or_default(),
    };
    let case = Case::new(AT, (sample(1.0), 1.0), sample(0.0));
    let mut made = alerts(input, &objective, bad, &case);
    made.extend(down(input, &objective, &service));
    made
}

/// Length of the unit tests: longer than the shortest windows.
const MINUTES: u64 = 30;
const AT: Seconds = Seconds((MINUTES * 60) as f64);

/// One alert for each severity of the table that can fire; a wish is for the record only.
fn alerts(
    input: &Lowering<'_>,
    objective: &Objective<'_>,
    exceeds: impl Fn(f64, &str) -> Option<String>,
    case: &Case,
) -> Vec<Alert> {
    let severities: &[(&str, &'static str, &str)] = match objective.promise.weight {
        None => &[("page", "page", "fast"), ("ticket", "ticket", "slow")],
        Some(_) => &[("ticket", "info", "slow")],
    };
    let made = severities.iter().filter_map(|(row, severity, pace)| {
        let rows = WINDOWS.iter().filter(|window| window.severity == *row);
        let pairs = rows.filter_map(|window| {
            let (long, short) = (
                exceeds(window.burn, &window.long)?,
                exceeds(window.burn, &window.short)?,
            );
            Some(format!("({long}\n  and {short})"))
        });
        let expr = pairs.collect::<Vec<_>>().join("\nor ");
        (!expr.is_empty()).then(|| alert(input, objective, severity, pace, expr, Some(case.clone())))
    });
    made.collect()
}

/// Nothing answers, so nothing is counted either.
fn down(input: &Lowering<'_>, objective: &Objective<'_>, service: &Service) -> Option<Alert> {
    let step = &input.graph()[objective.step];
    if step
        .serving
        .as_ref()
        .is_some_and(|serving| serving.scale.min == 0)
    {
        return None;
    }
    let up = service.up();
    let expr = format!("(sum({up}) or vector(0)) < 1 and on () max(max_over_time({up}[1d])) > 0");
    let half = MINUTES / 2;
    let pods = |then: f64| {
        let levels = [Level::new(1.0, half), Level::new(then, half + 1)];
        service.sample_pods(&levels)
    };
    let case = Case::new(AT, (pods(0.0)?, 0.0), pods(1.0)?);
    let severity = if objective.promise.weight.is_none() {
        "page"
    } else {
        "info"
    };
    let mut made = alert(input, objective, severity, "down", expr, Some(case));
    made.summary = format!("no pod of {} answers", step.name.value).into();
    made.value = None;
    made.lasting = Seconds(300.0);
    Some(made)
}

fn alert(
    input: &Lowering<'_>,
    objective: &Objective<'_>,
    severity: &'static str,
    pace: &str,
    expr: String,
    case: Option<Case>,
) -> Alert {
    let step = &input.graph()[objective.step];
    let pipeline = &input.graph()[step.pipeline];
    let wish = if objective.promise.weight.is_none() {
        ""
    } else {
        "prefer"
    };
    let site = site_of(input, pipeline.id, &[objective.step]);
    Alert {
        name: names::alert(&[
            &pipeline.name.value,
            &step.name.value,
            wish,
            &objective.what,
            pace,
        ]),
        expr,
        // The short window already forgets; waiting would only delay.
        lasting: Seconds::ZERO,
        severity,
        owner: pipeline.owner.as_ref().map(|owner| owner.value.clone()),
        labels: labels(input, pipeline.id, Some(objective.step), site, objective.kind),
        summary: objective.summary.clone().into(),
        value: Some(objective.show),
        runbook: None,
        case,
    }
}
