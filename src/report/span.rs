//! When each step runs in one run, at p50 and at p95, and what waits for what.

use std::collections::BTreeMap;

use crate::graph::model::{Pipeline, StepId};
use crate::place::{Assignment, Plan};
use crate::quantity::Seconds;

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
    /// What it waits for longest at p95; none: it can start with the run.
    pub after: Option<StepId>,
    /// How much later it may end at p95 without the run ending later.
    pub slack: Seconds,
}

/// The parts of all steps, by id.
pub fn spans(plan: &Plan<'_>, pipeline: &Pipeline) -> BTreeMap<StepId, Span> {
    let graph = plan.profiled.graph;
    let waits = Waits::of(plan);
    let mut spans: BTreeMap<StepId, Span> = BTreeMap::new();
    // What runs last waits for all others, though no data says so.
    let is_last = |step: &StepId| graph[*step].finally;
    let (last, others): (Vec<StepId>, Vec<StepId>) = pipeline.steps.iter().partition(|step| is_last(step));
    for step in &others {
        let ready = |end: fn(&Span) -> Seconds| {
            let before = graph[*step].predecessors.iter();
            before
                .filter_map(|other| Some((end(spans.get(other)?) + waits.between(*other, *step), *other)))
                .collect::<Vec<_>>()
        };
        let start = ready(|span| span.end)
            .into_iter()
            .map(|(at, _)| at)
            .fold(waits.before(*step), Seconds::max);
        let after = latest(ready(|span| span.end_p95).into_iter());
        let span = span(&plan[*step], start, plan[*step].ends, after);
        spans.insert(*step, span);
    }
    let ends = |end: fn(&Span) -> Seconds| spans.iter().map(move |(step, span)| (end(span), *step));
    let start = ends(|span| span.end)
        .map(|(at, _)| at)
        .fold(Seconds::ZERO, Seconds::max);
    let start_p95 = ends(|span| span.end_p95)
        .map(|(at, _)| at)
        .fold(Seconds::ZERO, Seconds::max);
    let after = latest(ends(|span| span.end_p95));
    for step in last {
        let end_p95 = start_p95 + plan[step].duration_p95;
        spans.insert(step, span(&plan[step], start, end_p95, after));
    }
    slacken(plan, &waits, &mut spans);
    spans
}

fn span(assignment: &Assignment, start: Seconds, end_p95: Seconds, after: Option<StepId>) -> Span {
    Span {
        start,
        end: start + assignment.duration,
        start_p95: Seconds((end_p95.0 - assignment.duration_p95.0).max(0.0)),
        end_p95,
        after,
        slack: Seconds::ZERO,
    }
}

/// The step that ends last; the first of equals.
fn latest(ends: impl Iterator<Item = (Seconds, StepId)>) -> Option<StepId> {
    let later = |a: (Seconds, StepId), b: (Seconds, StepId)| if b.0.0 > a.0.0 { b } else { a };
    ends.reduce(later).map(|(_, step)| step)
}

/// From the step that ends last back to the start of the run: each waits for the one before it. In order.
pub fn critical_path(spans: &BTreeMap<StepId, Span>) -> Vec<StepId> {
    let last = latest(spans.iter().map(|(step, span)| (span.end_p95, *step)));
    let mut path: Vec<StepId> =
        std::iter::successors(last, |step| spans.get(step).and_then(|span| span.after)).collect();
    path.reverse();
    path
}

/// From the end backwards: the latest end of each step that makes nothing later.
fn slacken(plan: &Plan<'_>, waits: &Waits, spans: &mut BTreeMap<StepId, Span>) {
    let graph = plan.profiled.graph;
    let last = whole(spans);
    let others = spans.iter().filter(|(step, _)| !graph[**step].finally);
    let before_last = others
        .map(|(_, span)| span.end_p95)
        .fold(Seconds::ZERO, Seconds::max);
    let limit = |step: StepId| if graph[step].finally { last } else { before_last };
    let mut until: BTreeMap<StepId, f64> = spans.keys().map(|step| (*step, limit(*step).0)).collect();
    for step in spans.keys().rev() {
        let ends = until.get(step).copied().unwrap_or(last.0);
        let starts = ends - plan[*step].duration_p95.0;
        for before in &graph[*step].predecessors {
            if let Some(known) = until.get_mut(before) {
                *known = known.min(starts - waits.between(*before, *step).0);
            }
        }
    }
    for (step, span) in spans {
        let ends = until.get(step).copied().unwrap_or(span.end_p95.0);
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

/// When the run ends, at p95.
pub fn whole(spans: &BTreeMap<StepId, Span>) -> Seconds {
    spans
        .values()
        .map(|span| span.end_p95)
        .fold(Seconds::ZERO, Seconds::max)
}
