//! When each step starts and ends in one run, at p50 and at p95, and what waits for what.

use std::collections::BTreeMap;

use super::promise::marked_deadlines;
use crate::graph::model::{Pipeline, StepId};
use crate::place::Plan;
use crate::quantity::Seconds;

/// Width of the picture, in the unit of its bars.
const WIDTH: f64 = 480.0;
/// More steps than this, and only those on the critical path are drawn.
const MOST_ROWS: usize = 48;

/// A step's part of a run, after the run's start.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Span {
    /// At p50.
    pub start: Seconds,
    /// At p50.
    pub end: Seconds,
    /// At p95.
    pub start_p95: Seconds,
    /// At p95.
    pub end_p95: Seconds,
    /// How much later it may end at p95 without the run ending later.
    pub slack: Seconds,
}

/// The picture of one pipeline's run.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// When the run ends, at p95.
    pub ends: String,
    /// Steps without slack, in order.
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

/// The parts of all steps, by id.
pub fn spans(plan: &Plan<'_>, pipeline: &Pipeline) -> BTreeMap<StepId, Span> {
    let graph = plan.profiled.graph;
    let waits = Waits::of(plan);
    let mut spans: BTreeMap<StepId, Span> = BTreeMap::new();
    // What runs last waits for all others, though no data says so.
    let is_last = |step: &StepId| graph[*step].finally;
    let (last, others): (Vec<StepId>, Vec<StepId>) = pipeline.steps.iter().partition(|step| is_last(step));
    for step in others.iter().chain(&last) {
        let assignment = &plan[*step];
        let before = graph[*step].predecessors.iter();
        let ready = before.map(|other| end(&spans, other) + waits.between(*other, *step));
        let ready = ready.fold(waits.before(*step), Seconds::max);
        let whole = |end: fn(&Span) -> Seconds| spans.values().map(end).fold(Seconds::ZERO, Seconds::max);
        let (start, end_p95) = if is_last(step) {
            let others = whole(|span| span.end_p95);
            (whole(|span| span.end), others + assignment.duration_p95)
        } else {
            (ready, assignment.ends)
        };
        let span = Span {
            start,
            end: start + assignment.duration,
            start_p95: Seconds((end_p95.0 - assignment.duration_p95.0).max(0.0)),
            end_p95,
            slack: Seconds::ZERO,
        };
        spans.insert(*step, span);
    }
    slacken(plan, &waits, &mut spans);
    spans
}

fn end(spans: &BTreeMap<StepId, Span>, step: &StepId) -> Seconds {
    spans.get(step).map_or(Seconds::ZERO, |span| span.end)
}

/// From the end backwards: the latest end of each step that makes nothing later.
fn slacken(plan: &Plan<'_>, waits: &Waits, spans: &mut BTreeMap<StepId, Span>) {
    let graph = plan.profiled.graph;
    let run = |span: &&Span| span.end_p95;
    let last = spans.values().collect::<Vec<_>>();
    let last = last.iter().map(run).fold(Seconds::ZERO, Seconds::max);
    let others = spans.iter().filter(|(step, _)| !graph[**step].finally);
    let before_last = others
        .map(|(_, span)| span.end_p95)
        .fold(Seconds::ZERO, Seconds::max);
    let limit = |step: StepId| if graph[step].finally { last } else { before_last };
    let mut latest: BTreeMap<StepId, f64> = spans.keys().map(|step| (*step, limit(*step).0)).collect();
    for step in spans.keys().rev() {
        let ends = latest.get(step).copied().unwrap_or(last.0);
        let starts = ends - plan[*step].duration_p95.0;
        for before in &graph[*step].predecessors {
            if let Some(known) = latest.get_mut(before) {
                *known = known.min(starts - waits.between(*before, *step).0);
            }
        }
    }
    for (step, span) in spans {
        let ends = latest.get(step).copied().unwrap_or(span.end_p95.0);
        span.slack = Seconds((ends - span.end_p95.0).max(0.0));
    }
}

/// How long data is on its way.
struct Waits {
    between: BTreeMap<(StepId, StepId), Seconds>,
    before: BTreeMap<StepId, Seconds>,
}

impl Waits {
    fn of(plan: &Plan<'_>) -> Waits {
        let mut waits = Waits {
            between: BTreeMap::new(),
            before: BTreeMap::new(),
        };
        for moved in &plan.moves {
            let writers = &plan.profiled.graph[moved.data].writers;
            for reader in &moved.readers {
                if writers.is_empty() {
                    let known = waits.before.entry(*reader).or_default();
                    *known = known.max(moved.time);
                }
                for writer in writers.iter().filter(|writer| plan[**writer].site == moved.from) {
                    let known = waits.between.entry((*writer, *reader)).or_default();
                    *known = known.max(moved.time);
                }
            }
        }
        waits
    }

    fn between(&self, from: StepId, to: StepId) -> Seconds {
        self.between.get(&(from, to)).copied().unwrap_or_default()
    }

    fn before(&self, step: StepId) -> Seconds {
        self.before.get(&step).copied().unwrap_or_default()
    }
}

/// True if the run ends later when this step does; less than a thousandth of the run is no slack.
pub fn is_critical(span: &Span, whole: Seconds) -> bool {
    span.slack.0 <= whole.0 / 1000.0
}

/// The picture.
pub fn timeline(plan: &Plan<'_>, pipeline: &Pipeline, spans: &BTreeMap<StepId, Span>) -> Timeline {
    let graph = plan.profiled.graph;
    let whole = spans
        .values()
        .map(|span| span.end_p95)
        .fold(Seconds::ZERO, Seconds::max);
    let mut order: Vec<(&StepId, &Span)> = spans.iter().collect();
    order.sort_by(|a, b| a.1.start_p95.0.total_cmp(&b.1.start_p95.0).then(a.0.cmp(b.0)));
    let critical = order.iter().filter(|(_, span)| is_critical(span, whole));
    let critical: Vec<String> = critical
        .map(|(step, _)| graph[**step].name.value.clone())
        .collect();
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
        critical,
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
