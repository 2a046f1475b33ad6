//! How well each candidate would have done so far, and what is chosen for it: prequential selection (Dawid, JRSS A 147,
//! 1984). Each run is predicted by every candidate before it is learned from; what its margins would have wasted, and
//! how far it was off, is summed with older runs counting less.
#![allow(
    clippy::indexing_slicing,
    reason = "tables whose sides are the numbers of candidates and levels, walked by those numbers"
)]

use super::candidates::{CANDIDATES, COUNT, Opinions};
use super::cost;
use super::margin::{LEVELS, LEVELS_COUNT, Residuals};
use super::run::{Prediction, Target};

/// Runs after which what was learned counts 1/e.
const MEMORY: f64 = 200.0;

/// What other novelties of the step say counts as so many runs, and what all steps say as well.
const PRIOR: f64 = 2.0;

/// A failed attempt costs as much as the usual run of the step uses, beside what it wastes, …
const FAILURE: f64 = 1.0;

/// … but no more than so many byte-seconds: 1 GBh. A failure of a large step is dear enough by its waste.
const DEAREST_FAILURE: f64 = 3.6e12;

/// No single run counts for more than so many usual ones.
const WORST: f64 = 20.0;

/// Share of runs that may take longer than their bound.
const LATE: f64 = 0.05;

/// Added to bounds of memory, as a logarithm: measured peaks of equal runs differ by about as much.
const NOISE: f64 = 0.005;

/// What is to be predicted, compared with what was seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Novelty {
    /// A run that the power law cannot tell from one seen.
    Repeat,
    /// A new one, with an input about as large as others.
    Within,
    /// A new one, with an input larger or smaller than any seen.
    Beyond,
}

/// Sums over past runs of one novelty.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    runs: f64,
    error: [f64; COUNT],
    cost: [[f64; LEVELS_COUNT]; COUNT],
    under: [[f64; LEVELS_COUNT]; COUNT],
}

/// Tallies by novelty; also what all steps have in common.
#[derive(Clone, Debug, Default)]
pub(super) struct Tallies([Tally; 3]);

/// What was learned of the candidates of one step.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    tallies: Tallies,
    /// Residuals of new runs, and of repeated ones.
    residuals: [[Residuals; COUNT]; 2],
}

/// What was measured of a run, and what was usual before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    /// The value.
    pub value: f64,
    /// Run time.
    pub seconds: f64,
    /// The most seen before.
    pub most_seen: f64,
    /// Mean of value x seconds before.
    pub usual: f64,
}

/// What bounds a choice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The most seen so far.
    pub most_seen: f64,
    /// Mean of value x seconds so far.
    pub usual: f64,
    /// Logarithm of the highest bound that makes sense.
    pub bound: f64,
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.runs += other.runs;
        let sums = self.error.iter_mut().zip(&other.error);
        sums.for_each(|(sum, more)| *sum += more);
        let costs = self.cost.iter_mut().flatten().zip(other.cost.iter().flatten());
        let unders = self.under.iter_mut().flatten().zip(other.under.iter().flatten());
        costs.chain(unders).for_each(|(sum, more)| *sum += more);
    }

    fn scale(&mut self, factor: f64) {
        self.runs *= factor;
        self.error.iter_mut().for_each(|sum| *sum *= factor);
        let tables = self.cost.iter_mut().chain(&mut self.under);
        tables.flatten().for_each(|sum| *sum *= factor);
    }
}

impl Outcome {
    /// What a bound would have cost, in usual runs.
    fn cost(&self, target: Target, upper: f64) -> f64 {
        let over = upper - self.value;
        match target {
            Target::Memory | Target::AcceleratorMemory => {
                let waste = cost::wasted(upper, self.value, self.seconds, self.most_seen);
                let failure = (FAILURE * self.usual).min(DEAREST_FAILURE);
                let failed = if over < 0.0 { failure } else { 0.0 };
                ((waste + failed) / self.usual).min(WORST)
            }
            Target::RunTime | Target::Cores if over < 0.0 => (LATE - 1.0) * over / self.value,
            Target::RunTime | Target::Cores => LATE * over / self.value,
        }
    }
}

impl Ledger {
    /// Takes in what a run turned out to need, and tells all steps' tallies too.
    pub fn record(
        &mut self,
        target: Target,
        novelty: Novelty,
        opinions: &Opinions,
        outcome: Outcome,
        common: &mut Tallies,
    ) {
        let (own, common) = (
            &mut self.tallies.0[novelty as usize],
            &mut common.0[novelty as usize],
        );
        let residuals = &mut self.residuals[usize::from(novelty == Novelty::Repeat)];
        own.scale(1.0 - 1.0 / MEMORY);
        own.runs += 1.0;
        common.runs += 1.0;
        let measured = outcome.value.ln();
        for candidate in 0..COUNT {
            let opinion = opinions[candidate].or(opinions[0]).unwrap_or(measured);
            // The root makes the typical error count, not the rare large one.
            let error = (opinion - measured).exp_m1().abs().min(1.0).sqrt();
            own.error[candidate] += error;
            common.error[candidate] += error;
            for (at, level) in LEVELS.iter().enumerate() {
                let upper = (opinion + residuals[candidate].margin(*level)).exp();
                let cost = outcome.cost(target, upper);
                let under = f64::from(u8::from(upper < outcome.value));
                own.cost[candidate][at] += cost * outcome.usual;
                common.cost[candidate][at] += cost;
                own.under[candidate][at] += under;
                common.under[candidate][at] += under;
            }
            residuals[candidate].push(measured - opinion);
        }
    }

    /// Lets what was learned so far count as no more than `runs`.
    pub fn discount(&mut self, runs: usize) {
        for tally in &mut self.tallies.0 {
            if tally.runs > runs as f64 {
                tally.scale(runs as f64 / tally.runs);
            }
        }
        let residuals = self.residuals.iter_mut().flatten();
        residuals.for_each(|residuals| residuals.keep(runs));
    }

    /// The prediction by what did best: for the value by its error; for the bound on memory by what it costs, for that
    /// on run time the level of the same candidate that came closest to its share.
    pub fn choose(
        &self,
        target: Target,
        novelty: Novelty,
        opinions: &Opinions,
        limits: Limits,
        common: &Tallies,
    ) -> Option<Prediction> {
        let (own, common) = (&self.tallies.0[novelty as usize], &common.0[novelty as usize]);
        let residuals = &self.residuals[usize::from(novelty == Novelty::Repeat)];
        let mut step = Tally::default();
        self.tallies.0.iter().for_each(|tally| step.add(tally));
        let share = PRIOR / step.runs.max(1.0);
        let blend = |own_sum: f64, step_sum: f64, common_sum: f64| {
            let prior = share * step_sum + PRIOR * common_sum / common.runs.max(1.0);
            (own_sum + prior) / (own.runs + share * step.runs + PRIOR)
        };
        let able = || (0..COUNT).filter(|candidate| opinions[*candidate].is_some());
        let error = |candidate: usize| {
            blend(
                own.error[candidate],
                step.error[candidate],
                common.error[candidate],
            )
        };
        let expecting = able().filter(|candidate| CANDIDATES[*candidate].expects());
        let expected = expecting.min_by(|a, b| error(*a).total_cmp(&error(*b)))?;
        let cost = |(candidate, level): (usize, usize)| match target {
            Target::Memory | Target::AcceleratorMemory => blend(
                own.cost[candidate][level] / limits.usual,
                step.cost[candidate][level] / limits.usual,
                common.cost[candidate][level],
            ),
            Target::RunTime | Target::Cores => {
                let under = |tally: &Tally| tally.under[candidate][level];
                (blend(under(own), under(&step), under(common)) - LATE).abs()
            }
        };
        let pairs = able()
            .filter(|candidate| target.is_memory() || *candidate == expected)
            .flat_map(|candidate| (0..LEVELS_COUNT).map(move |level| (candidate, level)));
        let (bounding, level) = pairs.min_by(|a, b| cost(*a).total_cmp(&cost(*b)))?;
        let noise = if target.is_memory() { NOISE } else { 0.0 };
        let bound =
            (opinions[bounding]? + residuals[bounding].margin(LEVELS[level]) + noise).min(limits.bound);
        let point = opinions[expected]?.exp();
        let upper = bound.exp().max(point);
        Some(Prediction {
            point,
            upper,
            retry: target.is_memory().then(|| cost::retry(upper, limits.most_seen)),
        })
    }
}
