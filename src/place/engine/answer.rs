//! What is asked of the engine besides the model, and what it answers.

use std::fmt;

/// When to stop.
pub struct Limits<'l> {
    /// Gap, relative to the best plan, that is good enough.
    pub gap: f64,
    /// Work: looks at a candidate or an edge, beside some for each candidate that there is.
    pub work: u64,
    /// Plans that cost as much are of no interest: infinite for all.
    pub most: f64,
    /// True when the caller wants no more. An answer then depends on when that was.
    pub interrupted: &'l dyn Fn() -> bool,
}

impl Default for Limits<'_> {
    fn default() -> Self {
        Limits {
            gap: 1e-6,
            work: 100_000_000,
            most: f64::INFINITY,
            interrupted: &|| false,
        }
    }
}

/// The best plan found, and what is known of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// By task, the position of its candidate.
    pub pick: Vec<usize>,
    /// What it costs.
    pub cost: f64,
    /// What no plan can cost less than.
    pub bound: f64,
    /// Branch-and-bound nodes.
    pub nodes: u64,
    /// Work done, in the unit of [`Limits::work`].
    pub work: u64,
    /// Candidates left after reducing, and after fixing at the root.
    pub left: (usize, usize),
}

/// Why there is no plan.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Failure {
    /// No plan keeps all rows and deadlines: proven.
    Infeasible(Proof),
    /// The limits were reached before a plan was found; none can cost less than this.
    Undecided(f64),
}

/// How it is known that there is no plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proof {
    /// Tasks wait for each other.
    Cycle,
    /// This task has no candidate that fits on its own.
    Task(usize),
    /// Rows and deadlines leave some task no candidate.
    Propagation,
    /// The relaxed problem has no solution, or all branches are closed.
    Bound,
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Proof::Cycle => "tasks wait for each other",
            Proof::Task(_) => "a task has no candidate that fits on its own",
            Proof::Propagation => "propagation leaves a task no candidate",
            Proof::Bound => "the relaxed problem has no solution",
        })
    }
}

impl Answer {
    /// (cost - bound) / cost.
    pub fn gap(&self) -> f64 {
        (self.cost - self.bound).max(0.0) / self.cost.abs().max(f64::MIN_POSITIVE)
    }

    /// How it was reached, in a few words.
    pub fn method(&self) -> String {
        let (reduced, fixed) = self.left;
        format!(
            "message passing; {reduced} candidates after reduction, {fixed} after fixing; {} nodes, {} looks",
            self.nodes, self.work
        )
    }
}
