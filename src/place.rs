//! ProfiledGraph + Catalog -> Plan: a home for every step, proven best.

pub mod model;

pub use model::{Assignment, Cost, Movement, Outcome, Plan, Pool, PoolId, Site, SiteId, Solution};
