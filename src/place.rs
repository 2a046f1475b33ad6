//! ProfiledGraph + Catalog -> Plan: a home for every step, proven best.

mod evaluate;
mod formulate;
mod instance;
pub mod model;
mod solve;

pub use model::{Assignment, Cost, Movement, Outcome, Plan, Pool, PoolId, Site, SiteId, Solution};
pub use solve::Limits;

#[cfg(test)]
mod tests;
