//! The past replayed in the order in which runs ended: what each rule would have bought before a run, and what that
//! would have wasted.
//!
//! Waste is that of Witt et al. (2019): what was held beyond the peak over the run's time, and for an attempt that got
//! too little, all of it; then the allocation doubles, or becomes what the rule says.

pub mod page;
mod rule;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::attempt::{Attempt, Measure};
use super::{Records, fit};
use crate::predict::{Model, Run, Target};

pub use rule::Rule;
use rule::Seen;

/// Runs of a step that must have ended before one is judged.
const BEFORE: usize = 2;

/// Byte-seconds in a GB hour.
const GB_HOUR: f64 = 3.6e12;

/// Doublings after which a rule is taken to never reach the peak: from a byte past any memory.
const DOUBLINGS: usize = 64;

/// How one rule did.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct Score {
    /// GB hours held and not used.
    pub waste: f64,
    /// Share of runs that got too little at first.
    pub under: f64,
    /// Median of |predicted - true| / true.
    pub error: f64,
    /// Runs for which the rule had an answer.
    pub answered: usize,
}

/// What was predicted of one run and what was true.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Point {
    /// What would have been bought.
    pub upper: f64,
    /// What was used.
    pub truth: f64,
}

/// All rules on one history.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Evaluation {
    /// Runs that were predicted.
    pub judged: usize,
    /// Steps that they are of.
    pub steps: BTreeSet<String>,
    /// GB hours that these runs used.
    pub used: f64,
    /// Memory, by rule, in the order of [`Rule::ALL`]. A rule without an answer buys the most seen.
    pub memory: Vec<(Rule, Score)>,
    /// Run time by our prediction; waste is none of its.
    pub run_time: Score,
    /// Memory by our prediction, run by run.
    pub points: Vec<Point>,
}

/// What one rule would have bought of one run.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Answer {
    point: f64,
    upper: f64,
    retry: Option<f64>,
}

/// Replays the attempts that succeeded and whose memory and run time were measured.
pub fn replay(records: &Records) -> Evaluation {
    let mut memory = Model::fit(Target::Memory, []);
    let mut time = Model::fit(Target::RunTime, []);
    let mut seen: BTreeMap<(String, String), Seen> = BTreeMap::new();
    let mut tallies = vec![Tally::default(); Rule::ALL.len()];
    let (mut times, mut found) = (Tally::default(), Evaluation::default());
    for attempt in fit::succeeded(records) {
        let measured = attempt
            .measure(Measure::MemoryPeak)
            .zip(attempt.measure(Measure::Seconds));
        let Some((peak, seconds)) = measured else { continue };
        let run = fit::run(attempt);
        let past = seen.entry(run.query.step()).or_default();
        if past.len() >= BEFORE {
            found.judged += 1;
            found.used += peak * seconds / GB_HOUR;
            found
                .steps
                .insert(format!("{}/{}", attempt.pipeline, attempt.step));
            let ours = ask(&memory, &run);
            found.points.extend(ours.map(|ours| Point {
                upper: ours.upper,
                truth: peak,
            }));
            for (rule, tally) in Rule::ALL.into_iter().zip(&mut tallies) {
                tally.add(rule.answer(past, attempt, ours), past.most(), peak, seconds);
            }
            times.add(ask(&time, &run), seconds, seconds, 0.0);
        }
        past.add(attempt.measure(Measure::InputBytes), peak);
        memory.observe(&run);
        time.observe(&run);
    }
    found.memory = Rule::ALL
        .into_iter()
        .zip(tallies)
        .map(|(rule, tally)| (rule, tally.score()))
        .collect();
    found.run_time = times.score();
    found
}

fn ask(model: &Model, run: &Run) -> Option<Answer> {
    let made = model.predict(&run.query)?;
    Some(Answer {
        point: made.point,
        upper: made.upper,
        retry: made.retry,
    })
}

/// Sums over runs.
#[derive(Clone, Debug, Default)]
struct Tally {
    waste: f64,
    under: usize,
    runs: usize,
    errors: Vec<f64>,
}

impl Tally {
    /// A run with its true peak; without an answer, `otherwise` is bought.
    fn add(&mut self, answer: Option<Answer>, otherwise: f64, truth: f64, seconds: f64) {
        let bought = answer.unwrap_or(Answer {
            point: otherwise,
            upper: otherwise,
            retry: None,
        });
        self.runs += 1;
        self.under += usize::from(bought.upper < truth);
        self.waste += wasted(&bought, truth, seconds);
        if answer.is_some() {
            self.errors.push((bought.point - truth).abs() / truth);
        }
    }

    fn score(mut self) -> Score {
        self.errors.sort_by(f64::total_cmp);
        Score {
            waste: self.waste,
            under: self.under as f64 / self.runs.max(1) as f64,
            error: self
                .errors
                .get(self.errors.len() / 2)
                .copied()
                .unwrap_or_default(),
            answered: self.errors.len(),
        }
    }
}

/// GB hours that one run wastes: its failed attempts whole, and what the last one held too much.
fn wasted(bought: &Answer, peak: f64, seconds: f64) -> f64 {
    let (mut allocation, mut lost) = (bought.upper.max(1e6), 0.0);
    for failures in 0..DOUBLINGS {
        if allocation >= peak {
            break;
        }
        lost += allocation * seconds;
        let retry = bought.retry.filter(|retry| failures == 0 && *retry > allocation);
        allocation = retry.unwrap_or(allocation * 2.0);
    }
    (lost + (allocation - peak).max(0.0) * seconds) / GB_HOUR
}

/// What was requested for a run.
fn request(attempt: &Attempt) -> Option<f64> {
    attempt.measure(Measure::MemoryRequest)
}
