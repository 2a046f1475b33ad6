//! Instance -> variables and rows.
//!
//! For tasks t with choices k, flows e = (u -> v), sites a, b, and hours everywhere:
//!
//! ```text
//! x[t,k] in {0,1}   choice k is taken           X[t,a] = sum of x[t,k] over choices k at a
//! w[e,a,b] >= 0     flow e goes from a to b     m[d,a,b] >= 0   data d is pulled from a to b, once for all readers
//! o[a] in [0,1]     site a is used              f[z,t] >= 0     end of t at z standard deviations
//! y[r] in {0,1}     preference r holds          F[p] >= 0       end of pipeline p
//! D[r,i] >= 0       what the dearest of alternatives i takes of budget r
//!
//! (choose)    sum_k x[t,k] = 1
//! (leave)     sum_b w[e,a,b] = X[u,a]           (arrive)  sum_a w[e,a,b] = X[v,b]
//! (pull)      m[d,a,b] >= w[e,a,b]              for each flow e of data d
//! (open)      o[a] >= X[t,a]
//! (finish)    f[z,v] >= f[z,u] + sum_ab hours[a,b] w[e,a,b] + sum_k hours_z[v,k] x[v,k]
//! (capacity)  sum over t in a window, k of amount[t,k] x[t,k] <= limit
//! (deadline)  f[z,t] <= within                  (either)  D[r,i] >= sum_k cost95[t,k] x[t,k]   for t in set i
//! (budget)    sum of p95 cost of t in no set + sum_i D[r,i] + money of pulls <= limit
//! (together)  X[u,a] = X[v,a]                   (apart)   X[u,a] + X[v,a] <= 1
//! ```
//!
//! What each number rests on, and which line of the sources each row comes from, is told in `docs/placement.md`. Cost
//! and pulls count by the share of runs in which a task runs; a budget holds whichever alternatives do.
//!
//! A preference r relaxes its rows by (1 - y[r]) times what they could at most be over. With x integral, all other
//! variables but y are integral or tight at the optimum, so only x and y are declared integers. The rows (leave) and
//! (arrive) are a transportation problem: their relaxation is the convex hull of one flow, which is why most instances
//! are solved at the root.

mod columns;
mod presolve;
mod restrictions;
mod rows;

use super::instance::{Instance, P95, RuleKind};
pub use columns::{Column, Columns};

/// A weighted sum of columns.
pub type Sum = Vec<(usize, f64)>;

/// How a row's sum compares to its bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sense {
    /// Equal.
    Equal,
    /// At most.
    AtMost,
}

/// One row.
#[derive(Clone, Debug)]
pub struct Row {
    /// The left side.
    pub sum: Sum,
    /// How it compares.
    pub sense: Sense,
    /// The right side.
    pub bound: f64,
}

/// An integer program; what is minimised is one of its expressions.
#[derive(Clone, Debug)]
pub struct Program {
    /// Variables.
    pub columns: Vec<Column>,
    /// Restrictions.
    pub rows: Vec<Row>,
    /// For each task, its choices that no rule forbids: choice and column.
    pub choices: Vec<Vec<(usize, usize)>>,
    /// Money per month.
    pub cost: Sum,
    /// Hours, summed over pipelines.
    pub makespan: Sum,
    /// Kilograms per month.
    pub carbon: Sum,
    /// Weight of preferences that are missed, less a constant: the negative weight of those that hold.
    pub missed: Sum,
    /// How far the relaxed rule is overstepped.
    pub excess: Sum,
}

/// What to formulate.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// Rules that count, by position.
    pub active: &'a [bool],
    /// True if the makespan will be asked for.
    pub makespan: bool,
    /// A rule that may be overstepped, to find out by how much it has to be.
    pub relaxed: Option<usize>,
}

/// The program of `instance` under the rules that are active; `None` if a task has no choice left.
pub fn formulate(instance: &Instance, scope: Scope<'_>) -> Option<Program> {
    let columns = Columns::new(instance, scope)?;
    let mut program = Program {
        columns: Vec::new(),
        rows: Vec::new(),
        choices: columns.choices(),
        cost: Vec::new(),
        makespan: columns.makespans.iter().map(|column| (*column, 1.0)).collect(),
        carbon: Vec::new(),
        missed: Vec::new(),
        excess: columns.excess.iter().map(|column| (*column, 1.0)).collect(),
    };
    rows::placement(instance, &columns, &mut program);
    rows::movement(instance, &columns, &mut program);
    rows::standing(instance, &columns, &mut program);
    rows::time(instance, &columns, &mut program);
    restrictions::rules(instance, &columns, scope, &mut program);
    program.columns = columns.all;
    Some(program)
}

/// The numbers of standard deviations at which ends are needed: one for each confidence that an active deadline names.
fn spreads(instance: &Instance, scope: Scope<'_>) -> Vec<f64> {
    let rules = instance.rules.iter().zip(scope.active);
    let named = rules.filter_map(|(rule, active)| match rule.kind {
        RuleKind::Deadline { deviations, .. } => active.then_some(deviations),
        RuleKind::Bar
        | RuleKind::Capacity { .. }
        | RuleKind::Budget { .. }
        | RuleKind::Carbon { .. }
        | RuleKind::Together { .. }
        | RuleKind::Apart { .. } => None,
    });
    let mut all: Vec<f64> = named.chain(scope.makespan.then_some(P95)).collect();
    all.sort_by(f64::total_cmp);
    all.dedup();
    all
}
