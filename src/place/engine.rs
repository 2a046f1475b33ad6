//! A solver for placement of any size: the best plan with a proof of how good it is.
//!
//! No clouds, no files, no clock, no randomness: a [`Model`] goes in, the same [`Answer`] comes out everywhere.
//!
//! # The problem
//! Each task *t* takes exactly one candidate *k* at site *s(k)*; x is 1 where it is taken. N tasks, S sites, edges e = (u, v).
//!
//! ```text
//! minimise   Σ c[k]·x[k]  +  Σ paid[e]·price[s(u), s(v)]  +  Σ price[p]·n[p]
//! limits     Σ a[j,k]·x[k] ≤ b[j]                      a row: a quota in one window, a budget, carbon
//! pools      Σ a[j,k]·x[k] ≤ n[p] ≤ limit[p]           a row for each window; n[p] whole, paid once
//! deadlines  Σ time + Σ awaited[e]·delay[s(u), s(v)] ≤ within     along each way to an end that counts
//! ```
//!
//! # The bound
//! Rows get a price λ ≥ 0, ways a price π ≥ 0 (only those ways that were too long in some relaxed solution). What is
//! left is a cost for each task and site and one for each edge: a pairwise Markov random field, whose minimum is
//! bounded by tree-reweighted message passing (TRW-S; Kolmogorov, PAMI 2006). A message costs O(S), not O(S²), where
//! prices depend on the source and on whether data stays at the site, stays in the cloud or leaves it.
//!
//! A row with whole amounts is better relaxed by a copy z of x that fits it: with x ≤ z priced at ν ≥ 0, the copy is a
//! multiple-choice knapsack, solved exactly (Lagrangian decomposition; Guignard & Kim 1987). ν = λa gives the bound
//! of the linear price, so it can only rise from there. A pool's whole number of nodes comes out of the same tables.
//!
//! ```text
//! L(λ, ν, π) = TRW-S(c + λa + ν + Σπ·time; paid·price + Σπ·awaited·delay)
//!            − Σ λb − Σ π·within − Σ max ν·z + Σ min over n of (price·n − Σ max ν·z within n)
//! ```
//!
//! is a lower bound for any prices and messages. The volume algorithm (Barahona & Anbil 2000) raises it.
//!
//! # The search
//! ```text
//! reduce        candidates that another at the site beats in every respect go           reduce
//! propagate     candidates that rows and deadlines rule out go                          propagate
//! ascend        raise L; a candidate goes when L with it reaches the best plan          ascent, relaxation, sweep, knapsack
//! search        greedy plans guided by messages, moves, ejections                       search, plan
//! restrict      what is left, without what is settled; independent blocks part          restrict, blocks
//! dive, improve decide the sure tasks; free a few tasks around the regret               dive, neighbourhood
//! branch        best bound first after each plunge: cloud, then site, then candidate    branch
//! ```
//!
//! Work is counted (looks at a candidate or an edge), so limits end a search at the same point on every machine.
#![allow(
    clippy::indexing_slicing,
    reason = "a numeric kernel: positions come from the lists that they index, built together in `builder`"
)]

mod answer;
mod ascent;
mod blocks;
mod branch;
mod builder;
mod dive;
mod knapsack;
pub mod model;
mod neighbourhood;
mod net;
mod order;
mod paths;
mod plan;
mod prices;
mod propagate;
mod ranges;
mod reduce;
mod relaxation;
mod restrict;
mod search;
mod solve;
mod sweep;
mod transfer;
mod work;

pub use answer::{Answer, Failure, Limits, Proof};
pub use model::{Bias, Candidate, Deadline, Edge, Lane, Model, Pool, Row, Task};
pub use solve::solve;

#[cfg(test)]
mod tests;
