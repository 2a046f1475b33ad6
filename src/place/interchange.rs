//! Placement problems of other programs: JSON in, the best plan out.
//!
//! The first version of the format has tasks, candidates, edges and prices of egress; the second adds windows, quotas,
//! pools, budgets, a deadline and bans. One reader serves both, since the second only adds.
//!
//! ```text
//! read      text -> Instance, every mistake with its place
//! model     Instance -> engine::Model, and the way back
//! report    engine::Answer -> Report
//! ```

mod locate;
mod model;
mod read;
mod report;
mod windows;

pub use read::read;
pub use report::{Report, Status, solve};

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// Text that is borrowed from the source unless it has escapes.
type Text<'t> = Cow<'t, str>;

/// A placement problem: versions 1 and 2.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Placement instance")]
pub struct Instance<'t> {
    /// How it was made; of no consequence.
    #[serde(default)]
    pub meta: serde_json::Value,
    /// What is to be placed.
    #[serde(borrow)]
    pub tasks: Vec<Task<'t>>,
    /// Data between tasks.
    #[serde(borrow)]
    pub edges: Vec<Edge<'t>>,
    /// USD for each GB, by ordered pair `cloud/region->cloud/region`; a missing pair is free.
    #[serde(borrow, default)]
    pub egress_usd_per_gb: BTreeMap<Text<'t>, f64>,
    /// Seconds for each GB, by the same keys; a missing pair takes none.
    #[serde(borrow, default)]
    pub egress_s_per_gb: BTreeMap<Text<'t>, f64>,
    /// Limits on use in every window (version 2).
    #[serde(borrow, default)]
    pub quotas: Vec<Quota<'t>>,
    /// Nodes bought once and shared (version 2).
    #[serde(borrow, default)]
    pub pools: Vec<Pool<'t>>,
    /// Limits on sums over tasks (version 2).
    #[serde(borrow, default)]
    pub budgets: Vec<Budget<'t>>,
    /// The longest way through the graph takes no longer, transfers included (version 2).
    #[serde(default)]
    pub deadline_s: Option<f64>,
    /// The objective is no higher (version 2).
    #[serde(default)]
    pub budget_usd: Option<f64>,
}

/// One thing to place.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Task")]
pub struct Task<'t> {
    /// Its name.
    #[serde(borrow)]
    pub id: Text<'t>,
    /// Where and on what it could be: exactly one is taken.
    #[serde(borrow)]
    pub candidates: Vec<Candidate<'t>>,
    /// Periods in which it may occupy its nodes (version 2).
    #[serde(default)]
    pub windows: Vec<u32>,
    /// Where it may not be: `cloud` or `cloud/region` (version 2).
    #[serde(borrow, default)]
    pub ban: Vec<Text<'t>>,
}

/// One way to place a task.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Candidate")]
pub struct Candidate<'t> {
    /// The cloud.
    #[serde(borrow)]
    pub cloud: Text<'t>,
    /// A region of it.
    #[serde(borrow)]
    pub region: Text<'t>,
    /// Machine type; of no consequence.
    #[serde(borrow, default)]
    pub instance: Text<'t>,
    /// Of no consequence: the cost says it.
    #[serde(default)]
    pub spot: bool,
    /// Of no consequence: `use` says it.
    #[serde(default)]
    pub nodes: u32,
    /// The whole run, without egress; with a pool, what it costs beside the nodes.
    pub cost_usd: f64,
    /// Run time.
    #[serde(default)]
    pub time_s: f64,
    /// By class, what it occupies while it runs (version 2).
    #[serde(borrow, default, rename = "use")]
    pub uses: BTreeMap<Text<'t>, f64>,
    /// Emissions (version 2).
    #[serde(default)]
    pub co2_kg: f64,
    /// The pool whose nodes it runs on (version 2).
    #[serde(borrow, default)]
    pub pool: Option<Text<'t>>,
}

/// Data from one task to another.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Edge")]
pub struct Edge<'t> {
    /// The task that makes it.
    #[serde(borrow)]
    pub from: Text<'t>,
    /// The task that reads it.
    #[serde(borrow)]
    pub to: Text<'t>,
    /// 10⁹ bytes.
    pub gb: f64,
}

/// In every window, what tasks use in a scope is at most so much.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Quota")]
pub struct Quota<'t> {
    /// Its name.
    #[serde(borrow)]
    pub id: Text<'t>,
    /// `cloud` or `cloud/region`. Candidates on pools do not count.
    #[serde(borrow)]
    pub scope: Text<'t>,
    /// What is counted: a key of `use`.
    #[serde(borrow)]
    pub class: Text<'t>,
    /// How much there is.
    pub limit: f64,
    /// In which windows it counts; all if absent.
    #[serde(default)]
    pub windows: Option<Vec<u32>>,
}

/// Nodes of one site, paid for once, used by tasks in turn.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Pool")]
pub struct Pool<'t> {
    /// Its name.
    #[serde(borrow)]
    pub id: Text<'t>,
    /// Of no consequence: candidates say where they are.
    #[serde(borrow, default)]
    pub site: Text<'t>,
    /// What its nodes are: a key of `use`. Amounts are whole.
    #[serde(borrow)]
    pub class: Text<'t>,
    /// For each node.
    pub price_usd: f64,
    /// The most nodes.
    pub limit: u32,
}

/// A limit on a sum over tasks.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Budget")]
pub struct Budget<'t> {
    /// Its name.
    #[serde(borrow)]
    pub id: Text<'t>,
    /// What is summed up.
    pub attr: Attribute,
    /// Over which tasks; all if absent.
    #[serde(borrow, default)]
    pub tasks: Option<Vec<Text<'t>>>,
    /// How much there is.
    pub limit: f64,
}

/// What a budget sums up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
pub enum Attribute {
    /// Emissions.
    #[serde(rename = "co2_kg")]
    Carbon,
    /// Cost without egress.
    #[serde(rename = "cost_usd")]
    Cost,
}
