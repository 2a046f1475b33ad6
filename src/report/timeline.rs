//! The picture of one run: a bar for each step, over time.

use std::collections::BTreeMap;

use super::promise::marked_deadlines;
use super::span::{Span, critical_path, is_critical, whole};
use crate::graph::model::{Pipeline, StepId};
use crate::place::Plan;
use crate::quantity::Seconds;

/// Width of the picture, in the unit of its bars.
const WIDTH: f64 = 480.0;
/// More steps than this, and only those on the critical path are drawn.
const MOST_ROWS: usize = 48;
/// More steps than this on the critical path, and those in its middle are only counted.
const MOST_NAMES: usize = 12;

/// The picture of one pipeline's run.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// When the run ends, at p95.
    pub ends: String,
    /// Steps of which each waits for the one before it, to the end of the run.
    pub critical: Vec<String>,
    /// Steps that are not drawn.
    pub left_out: usize,
    /// Width of every bar's field.
    pub width: f64,
    /// Times on the axis.
    pub ticks: Vec<Tick>,
    /// Deadlines that lie within the picture.
    pub deadlines: Vec<Tick>,
    /// Steps, by start.
    pub rows: Vec<Row>,
}

/// A time on the axis.
#[derive(Clone, Debug)]
pub struct Tick {
    /// Where.
    pub x: f64,
    /// What is written there.
    pub label: String,
}

/// One step's bars.
#[derive(Clone, Debug)]
pub struct Row {
    /// Id of the step on the page.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Without slack.
    pub critical: bool,
    /// It goes on after the run.
    pub always: bool,
    /// When it starts at p95.
    pub starts: String,
    /// When it ends at p50.
    pub ends_p50: String,
    /// When it ends at p95.
    pub ends: String,
    /// Its slack.
    pub slack: String,
    /// Where the bar of p50 begins, and how long it is.
    pub p50: (f64, f64),
    /// The same at p95.
    pub p95: (f64, f64),
}

/// The picture.
pub fn timeline(plan: &Plan<'_>, pipeline: &Pipeline, spans: &BTreeMap<StepId, Span>) -> Timeline {
    let graph = plan.profiled.graph;
    let whole = whole(spans);
    let mut order: Vec<(&StepId, &Span)> = spans.iter().collect();
    order.sort_by(|a, b| a.1.start_p95.0.total_cmp(&b.1.start_p95.0).then(a.0.cmp(b.0)));
    let deadlines = marked_deadlines(plan, pipeline);
    let drawn = |within: &Seconds| within.0 <= whole.0 * 2.0;
    let latest = deadlines
        .iter()
        .map(|(within, _)| *within)
        .filter(drawn)
        .fold(whole, Seconds::max);
    let scale = WIDTH / latest.0.max(1e-9) / 1.04;
    let rows = order
        .iter()
        .filter(|(_, span)| order.len() <= MOST_ROWS || is_critical(span, whole));
    let rows: Vec<Row> = rows
        .map(|(step, span)| row(plan, **step, span, whole, scale))
        .collect();
    Timeline {
        ends: whole.to_string(),
        critical: shortened(critical_path(spans), |step| graph[step].name.value.clone()),
        left_out: order.len() - rows.len(),
        width: WIDTH,
        ticks: ticks(latest, scale),
        deadlines: deadlines
            .iter()
            .filter(|(within, _)| drawn(within))
            .map(|(within, label)| Tick {
                x: tenth(within.0 * scale),
                label: label.clone(),
            })
            .collect(),
        rows,
    }
}

/// Names of the first and last of many.
fn shortened(steps: Vec<StepId>, name: impl Fn(StepId) -> String) -> Vec<String> {
    let hidden = steps.len().saturating_sub(MOST_NAMES);
    let mut names: Vec<String> = steps.into_iter().map(name).collect();
    if hidden > 1 {
        let more = format!("\u{2026} {hidden} more \u{2026}");
        names.splice(MOST_NAMES / 2..MOST_NAMES / 2 + hidden, [more]);
    }
    names
}

fn row(plan: &Plan<'_>, id: StepId, span: &Span, whole: Seconds, scale: f64) -> Row {
    let step = &plan.profiled.graph[id];
    let bar = |from: Seconds, to: Seconds| (tenth(from.0 * scale), tenth(((to.0 - from.0) * scale).max(1.0)));
    Row {
        id: format!("s{}", id.0),
        name: step.name.value.clone(),
        critical: is_critical(span, whole),
        always: step.kind.always_on(),
        starts: after_start(span.start_p95),
        ends_p50: span.end.to_string(),
        ends: span.end_p95.to_string(),
        slack: if is_critical(span, whole) {
            "none".to_owned()
        } else {
            span.slack.to_string()
        },
        p50: bar(span.start, span.end),
        p95: bar(span.start_p95, span.end_p95),
    }
}

/// Round times, some four to eight of them.
fn ticks(latest: Seconds, scale: f64) -> Vec<Tick> {
    const ROUND: [f64; 19] = [
        0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 14_400.0, 21_600.0,
        43_200.0, 86_400.0, 172_800.0, 432_000.0, 864_000.0,
    ];
    let step = ROUND.iter().find(|step| latest.0 / **step <= 6.0).copied();
    let step = step.unwrap_or(latest.0 / 5.0).max(1e-6);
    let count = (latest.0 / step).floor() as u32;
    (0..=count)
        .map(|index| f64::from(index) * step)
        .map(|at| Tick {
            x: tenth(at * scale),
            label: after_start(Seconds(at)),
        })
        .collect()
}

/// `0` at the run's start, which has no unit.
fn after_start(at: Seconds) -> String {
    if at.0 < 0.001 {
        "0".to_owned()
    } else {
        at.to_string()
    }
}

/// Rounded to a tenth: finer is not seen.
fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
