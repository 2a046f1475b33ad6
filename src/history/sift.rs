//! What cannot be true is left out and reported; the rest of its row stays.

use std::collections::BTreeMap;

use super::Read;
use super::attempt::{Attempt, Measure, Unit};
use super::fault::Faults;
use crate::diag::{Code, Diagnostic};
use crate::source::{SourceMap, Span, Spanned};

/// Seconds since 1970 of 2000-01-01 and 2100-01-01: what lies outside was not written by a clock that was set.
const CLOCKS: std::ops::Range<f64> = 946_684_800.0..4_102_444_800.0;

/// What a number is off by if it was written in another unit.
const FACTORS: [f64; 6] = [1e3, 1024.0, 1e6, 1_048_576.0, 1e9, 1_073_741_824.0];

/// How far the ratio to the usual value may lie from such a factor.
const NEAR: f64 = 1.5;

/// Values of a step in a file from which on there is a usual one.
const ENOUGH: usize = 5;

/// Checks all values; attempts of which nothing is left go.
pub(super) fn sift(read: &mut Read, sources: &SourceMap, faults: &mut Faults<'_>) {
    let usual = usual(&read.attempts);
    for attempt in &mut read.attempts {
        clock(attempt, faults);
        measures(attempt, &usual, sources, faults);
    }
    read.attempts.retain(|attempt| !attempt.value.measures.is_empty());
    read.samples.retain(|sample| {
        let why = if !CLOCKS.contains(&sample.value.key.time) {
            Some((
                Code::HistoryClock,
                "the time of this sample is outside 2000 to 2100".to_owned(),
            ))
        } else if !(sample.value.value.is_finite() && sample.value.value >= 0.0) {
            Some((
                Code::HistoryValue,
                format!("{} cannot be true of a load", sample.value.value),
            ))
        } else {
            None
        };
        if let Some((code, why)) = &why {
            faults.push(Diagnostic::new(*code, sample.span, "left out", why.clone()));
        }
        why.is_none()
    });
}

fn clock(attempt: &mut Spanned<Attempt>, faults: &mut Faults<'_>) {
    if attempt.value.started.is_some_and(|time| !CLOCKS.contains(&time)) {
        attempt.value.started = None;
        let why = "the start lies outside 2000 to 2100";
        faults.push(Diagnostic::new(
            Code::HistoryClock,
            attempt.span,
            "its start is left out",
            why,
        ));
    }
    let seconds = attempt.value.measure(Measure::Seconds);
    if seconds.is_some_and(|seconds| seconds < 0.0) {
        attempt.value.measures.remove(&Measure::Seconds);
        let why = "this ended before it began";
        faults.push(
            Diagnostic::new(Code::HistoryClock, attempt.span, "its run time is left out", why)
                .help("the clock of a machine was set back; the rest of the row is kept"),
        );
    }
}

/// What is wrong with a value.
enum Wrong {
    /// It cannot be true.
    Untrue,
    /// It seems to be in another unit than the others of its step: so many times.
    Unit(f64),
}

fn measures(attempt: &mut Spanned<Attempt>, usual: &Usual, sources: &SourceMap, faults: &mut Faults<'_>) {
    let (step, span) = (attempt.value.step.clone(), attempt.span);
    attempt.value.measures.retain(|measure, value| {
        let sound = value.is_finite() && (*value > 0.0 || *value == 0.0 && measure.may_be_zero());
        let other = || off(*value, *usual.get(&(step.clone(), *measure))?, *measure);
        let wrong = if sound {
            other().map(Wrong::Unit)
        } else {
            Some(Wrong::Untrue)
        };
        if let Some(wrong) = &wrong {
            faults.push(report(
                *measure,
                *value,
                wrong,
                &step,
                within(sources, span, *value),
            ));
        }
        wrong.is_none()
    });
}

/// The usual value of each measure of a step.
type Usual = BTreeMap<(String, Measure), f64>;

/// Medians.
fn usual(attempts: &[Spanned<Attempt>]) -> Usual {
    let mut values: BTreeMap<(String, Measure), Vec<f64>> = BTreeMap::new();
    for attempt in attempts {
        for (measure, value) in &attempt.value.measures {
            // A row of metrics knows its pod and not yet its step.
            if value.is_finite() && *value > 0.0 && !attempt.value.step.is_empty() {
                let key = (attempt.value.step.clone(), *measure);
                values.entry(key).or_default().push(*value);
            }
        }
    }
    let medians = values.into_iter().filter_map(|(key, mut values)| {
        values.sort_by(f64::total_cmp);
        let median = *values.get(values.len() / 2)?;
        (values.len() >= ENOUGH).then_some((key, median))
    });
    medians.collect()
}

/// The factor by which a value is off, if that looks like a unit. Memory of one step does not differ a thousandfold
/// between runs, except by a slip; times and sizes of inputs may.
fn off(value: f64, usual: f64, measure: Measure) -> Option<f64> {
    let slips = matches!(
        measure,
        Measure::MemoryPeak | Measure::MemoryRequest | Measure::GpuMemoryPeak
    );
    let ratio = (value / usual).max(usual / value);
    let near = |factor: &f64| (ratio / factor).max(factor / ratio) < NEAR;
    (slips && value > 0.0 && measure.unit() == Unit::Bytes).then(|| FACTORS.into_iter().find(near))?
}

/// The place of the value in the row, where it stands there as we would write it.
fn within(sources: &SourceMap, row: Span, value: f64) -> Span {
    let text = sources.text(row);
    let written = value.to_string();
    text.find(&written).map_or(row, |at| row.part(at, written.len()))
}

fn report(measure: Measure, value: f64, wrong: &Wrong, step: &str, span: Span) -> Diagnostic {
    let name = measure.column();
    match wrong {
        Wrong::Untrue => {
            let why = if value == 0.0 {
                "nothing that ran has none of it"
            } else {
                "no such amount can be measured"
            };
            Diagnostic::new(
                Code::HistoryValue,
                span,
                why,
                format!("`{name}` of `{step}` is {value}"),
            )
            .help("the value is left out and the rest of the row is kept")
        }
        Wrong::Unit(factor) => Diagnostic::new(
            Code::HistoryUnit,
            span,
            "left out",
            format!("`{name}` of `{step}` is {value}, about {factor} times off the usual"),
        )
        .help("a number without a unit is in bytes; write the unit after the number (`512MiB`)"),
    }
}
