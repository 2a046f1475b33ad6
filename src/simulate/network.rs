//! A pipeline on its machines as bare mathematics: what a run of it is played from.
//!
//! Times are seconds after the run's start, money is USD. Positions (`usize`) are positions in the vectors of
//! [`Network`]; tasks come after all they wait for.

use crate::graph::Cause;

use super::draw::P95;

/// One pipeline.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// One for each step.
    pub tasks: Vec<Task>,
    /// Machines of each pool that a run may hold at once.
    pub machines: Vec<f64>,
}

/// A step: all its items.
#[derive(Clone, Debug)]
pub struct Task {
    /// Items; 1 outside fan-outs.
    pub items: usize,
    /// Items that run side by side.
    pub parallel: usize,
    /// What one attempt takes.
    pub time: Spread,
    /// What a new machine takes to start.
    pub start: f64,
    /// What it waits for.
    pub edges: Vec<Edge>,
    /// For each thing it needs, the tasks of which one makes it.
    pub inputs: Vec<Vec<usize>>,
    /// What is brought to it.
    pub arrivals: Vec<Arrival>,
    /// Chance that its own condition holds.
    pub chance: f64,
    /// It runs if the conditions of all these do not hold.
    pub otherwise: Vec<usize>,
    /// Attempts after the first.
    pub retries: Vec<Again>,
    /// When an attempt is stopped.
    pub timeout: f64,
    /// Rate at which an item loses its machine, per second.
    pub interruptions: f64,
    /// What was done is saved this often.
    pub checkpoint: Option<f64>,
    /// The pool it draws on, and the machines (or the part of one) that an item takes.
    pub uses: Option<(usize, f64)>,
    /// Of one item, per second.
    pub price: f64,
    /// So many items may fail.
    pub tolerate: usize,
    /// It is deployed and goes on: it has no end.
    pub always_on: bool,
    /// It runs whatever happened before.
    pub finally: bool,
    /// When its site is away: from, until.
    pub outages: Vec<(f64, f64)>,
    /// Attempts that fail.
    pub fails: Fails,
    /// What it reads is there no sooner.
    pub not_before: f64,
}

/// Order between two tasks. In the fan-outs that both are in, an item waits for items of its own only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edge {
    /// What has to be over.
    pub from: usize,
    /// Items of the fan-outs that both are in; 1: all of one waits for all of the other.
    pub groups: usize,
}

/// Data that is brought from another site.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The tasks that may have made it there; none: it was there before the run.
    pub from: Vec<usize>,
    /// What bringing it takes.
    pub time: Spread,
    /// What bringing it costs, at p95 of its size.
    pub price: f64,
}

/// Attempts that fail: the first ones of the first items.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fails {
    /// So many items.
    pub items: usize,
    /// So many attempts of each.
    pub attempts: u32,
    /// Why.
    pub cause: Cause,
}

impl Default for Fails {
    /// None.
    fn default() -> Fails {
        Fails {
            items: 0,
            attempts: 0,
            cause: Cause::Error,
        }
    }
}

/// Attempts after the first, for one cause.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Again {
    /// After what.
    pub cause: Cause,
    /// How many.
    pub limit: u32,
    /// Wait before the first.
    pub backoff: f64,
    /// The wait grows by this.
    pub factor: f64,
}

/// A quantity that is never negative and now and then much larger than usual: log-normal, by two of its quantiles.
///
/// Times to perform a task are usually taken to be so (Law, Simulation Modeling and Analysis, 5th edition, 6.2.2).
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Spread {
    /// Median.
    pub p50: f64,
    /// 95th percentile; the median, if it is certain.
    pub p95: f64,
}

impl Spread {
    /// The value at this many standard deviations from the median.
    pub fn at(self, deviations: f64) -> f64 {
        if self.p50 <= 0.0 || self.p95 <= self.p50 {
            return self.p50.max(0.0);
        }
        self.p50 * ((self.p95 / self.p50).ln() / P95 * deviations).exp()
    }
}

impl Default for Task {
    /// One item that takes no time, needs nothing and never fails.
    fn default() -> Task {
        Task {
            items: 1,
            parallel: 1,
            time: Spread::default(),
            start: 0.0,
            edges: Vec::new(),
            inputs: Vec::new(),
            arrivals: Vec::new(),
            chance: 1.0,
            otherwise: Vec::new(),
            retries: Vec::new(),
            timeout: f64::INFINITY,
            interruptions: 0.0,
            checkpoint: None,
            uses: None,
            price: 0.0,
            tolerate: 0,
            always_on: false,
            finally: false,
            outages: Vec::new(),
            fails: Fails::default(),
            not_before: 0.0,
        }
    }
}
