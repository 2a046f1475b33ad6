//! Plan -> odds: the plan played many times, event by event.
//!
//! | drawn | from |
//! |---|---|
//! | run time of an item | p50 and p95 of its profile on the planned machine, log-normal; items independently |
//! | time and money of a transfer | the planned movement, by p50 and p95 of the data's size |
//! | whether a condition holds | the chances that placement counts with, or those that are given |
//! | loss of a spot machine | the catalogue's rate, as of a Poisson process; checkpoints save what was done |
//!
//! What is not drawn follows the plan: machines of a pool, items of a fan-out and how many run side by side, starts of
//! machines, retries and timeouts. A run queues for its own machines; other runs and pipelines are not played beside
//! it. Latency, availability and emissions are as the plan says.
//!
//! ```text
//! build     Plan -> Network: bare mathematics
//! play      one run: events, machines, who waits for whom; attempts: one item
//! tally     many runs; watch: promises as numbers; answer: what is said of them
//! ```

mod answer;
mod attempts;
mod build;
pub mod draw;
pub mod fault;
pub mod network;
pub mod play;
mod tally;
mod watch;

pub use answer::{Distribution, Odds, PipelinePlay, PromisePlay, Simulation, StepPlay};
pub use fault::Fault;

use std::sync::atomic::{AtomicU64, Ordering};

use crate::graph::{Pipeline, StepId};
use crate::place::Plan;
use network::Network;
use tally::{PIECE, Tally, piece};
use watch::{Watched, watched};

/// What is played.
#[derive(Clone, PartialEq, Debug)]
pub struct Scenario {
    /// Runs of each pipeline.
    pub runs: u64,
    /// Which runs: the same seed gives the same bytes.
    pub seed: u64,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// Chances that conditions hold, where they are given.
    pub chances: Vec<(StepId, f64)>,
}

impl Scenario {
    /// The chance that a step's condition holds, if it is given; the last one counts.
    fn chance_of(&self, step: StepId) -> Option<f64> {
        let given = self.chances.iter().rev().find(|(of, _)| *of == step);
        given.map(|(_, chance)| *chance)
    }
}

/// Plays every pipeline of the plan on so many threads, whose number changes nothing but the time that it takes.
pub fn simulate(plan: &Plan<'_>, scenario: &Scenario, threads: usize) -> Simulation {
    let pipelines = plan.profiled.graph.pipelines.iter();
    Simulation {
        version: answer::VERSION,
        runs: scenario.runs,
        seed: scenario.seed,
        pipelines: pipelines
            .map(|pipeline| simulate_pipeline(plan, pipeline, scenario, threads))
            .collect(),
    }
}

/// Plays one pipeline of the plan.
pub fn simulate_pipeline(
    plan: &Plan<'_>,
    pipeline: &Pipeline,
    scenario: &Scenario,
    threads: usize,
) -> PipelinePlay {
    let network = build::network(plan, pipeline, scenario);
    let (watched, others) = watched(plan, pipeline);
    let tally = runs(&network, &watched, scenario, threads);
    answer::play(plan, pipeline, &watched, &others, &tally)
}

/// Plays all runs; whichever thread is free takes the next piece.
fn runs(network: &Network, watched: &[Watched<'_>], scenario: &Scenario, threads: usize) -> Tally {
    let next = AtomicU64::new(0);
    let pieces = scenario.runs.div_ceil(PIECE);
    let work = || {
        let mut made = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= pieces {
                return made;
            }
            let first = at * PIECE;
            let count = PIECE.min(scenario.runs - first);
            made.push((at, piece(network, watched, scenario.seed, first, count)));
        }
    };
    let mut all = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let mut all = work();
        for thread in threads {
            match thread.join() {
                Ok(made) => all.extend(made),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    all.sort_by_key(|(at, _)| *at);
    Tally::joined(all.into_iter().map(|(_, tally)| tally).collect())
}
