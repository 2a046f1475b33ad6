//! The plan: where every step runs, on what, at what cost, and which promises hold.

use schemars::JsonSchema;
use serde::Serialize;

use crate::catalog::{Pricing, Provider};
use crate::graph::model::{DataId, PipelineId, StepId};
use crate::profile::ProfiledGraph;
use crate::quantity::{Bytes, Cores, Grams, MicroUsd, Seconds};
use crate::source::Span;

/// Position of a site in [`Plan::sites`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct SiteId(pub u32);

/// Position of a pool in [`Plan::pools`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize)]
#[serde(transparent)]
pub struct PoolId(pub u32);

/// The decision, complete enough to be lowered without solving again.
#[derive(Clone, Debug, Serialize)]
pub struct Plan<'g> {
    /// What was placed.
    #[serde(skip)]
    pub profiled: &'g ProfiledGraph<'g>,
    /// Sites that are used, by name.
    pub sites: Vec<Site>,
    /// Node pools, by site and name.
    pub pools: Vec<Pool>,
    /// One for each step, by id.
    pub assignments: Vec<Assignment>,
    /// Data that moves between sites, by data set and destination.
    pub moves: Vec<Movement>,
    /// Where each data set is made or kept, by id.
    pub homes: Vec<Option<SiteId>>,
    /// The site whose cluster starts each pipeline's runs, by pipeline.
    pub hubs: Vec<SiteId>,
    /// How each promise and preference fares, in source order.
    pub promises: Vec<Outcome>,
    /// Monthly money by what it is for.
    pub cost: Cost,
    /// How the answer was reached.
    pub solution: Solution,
}

/// A place that runs steps: a region of a cloud, or a cluster outside any.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Site {
    /// `aws.sa-east-1`, or the cluster's name.
    pub name: String,
    /// The region, unless outside any cloud.
    pub region: Option<(Provider, String)>,
    /// Its cluster's name: `aws-sa-east-1`, or as named.
    pub cluster: String,
    /// Country whose law applies, ISO 3166 lower case.
    pub country: String,
    /// A hub-independent fact: outside any cloud.
    pub on_premises: bool,
    /// True if steps or a hub run here; false: only data that exists is here, and nothing is created for it.
    pub runs: bool,
}

/// Machines of one type bought one way at one site.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Pool {
    /// Where.
    pub site: SiteId,
    /// Name, unique in the site: `cpu-r7i-4xlarge-spot`, or the node group's own.
    pub name: String,
    /// Machine type, or the node group's name outside a cloud.
    pub machine: String,
    /// Cores of one machine.
    pub cores: Cores,
    /// Memory of one machine.
    pub memory: Bytes,
    /// Accelerator model and number of one machine.
    pub accelerator: Option<(String, u64)>,
    /// CPU architecture: `amd64` or `arm64`.
    pub arch: String,
    /// How it is bought.
    pub pricing: Pricing,
    /// Per machine and hour, after discounts.
    pub hourly: MicroUsd,
    /// When that price was listed and on what basis.
    pub price_basis: String,
    /// Interruptions per month, as a share, on spot.
    pub interruption: Option<f64>,
    /// Fewest and most machines.
    pub bounds: (u64, u64),
    /// The reservation it draws on.
    pub reservation: Option<String>,
    /// True for a node group that the platform declares.
    pub declared: bool,
}

/// Where one step runs.
#[derive(Clone, Debug, Serialize)]
pub struct Assignment {
    /// The step.
    pub step: StepId,
    /// Where.
    pub site: SiteId,
    /// On what.
    pub pool: PoolId,
    /// Machines of the pool it uses at once (all items that run side by side).
    pub machines: u64,
    /// One item on its machines, as the figures below are made of it.
    pub item: ItemRun,
    /// Run time of the step (all items) at p50.
    pub duration: Seconds,
    /// Run time of the step (all items) at p95.
    pub duration_p95: Seconds,
    /// Earliest end after the run's start at p95, transfers included.
    pub ends: Seconds,
    /// Money per month, machines only, expected.
    pub monthly: MicroUsd,
    /// The same at p95.
    pub monthly_p95: MicroUsd,
    /// Why here, in one line.
    pub because: String,
    /// The next best site and how much dearer it is.
    pub runner_up: Option<(String, MicroUsd)>,
    /// Offers that were considered, and how many sites were ruled out by what.
    pub considered: Considered,
}

/// One item of a step (the step, outside fan-outs) on its machines: what a play of the plan starts from.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct ItemRun {
    /// Run time at p50, without interruptions.
    pub p50: Seconds,
    /// Run time at p95, without interruptions.
    pub p95: Seconds,
    /// What a machine takes to start; nothing where machines stand.
    pub start: Seconds,
    /// Items that one machine holds.
    pub per_machine: u64,
    /// Per hour of all machines of the step with their disks, while it runs.
    pub hourly: MicroUsd,
    /// Per month, of what the step keeps in stores and publishes, expected.
    pub kept: MicroUsd,
}

/// What was looked at for one step.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Considered {
    /// Offers that fit.
    pub offers: u64,
    /// Sites ruled out, with the reason (`residency of ehr-raw`, `no A100`).
    pub excluded: Vec<(String, String)>,
}

/// Data that moves from where it is to where it is read.
#[derive(Clone, Debug, Serialize)]
pub struct Movement {
    /// What.
    pub data: DataId,
    /// From.
    pub from: SiteId,
    /// To.
    pub to: SiteId,
    /// Bytes of one run at p95.
    pub size: Bytes,
    /// Time of one run.
    pub time: Seconds,
    /// Money per month.
    pub monthly: MicroUsd,
    /// Steps that read it there.
    pub readers: Vec<StepId>,
}

/// How a promise or preference fares.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// The pipeline.
    pub pipeline: PipelineId,
    /// The step, if it is about one.
    pub step: Option<StepId>,
    /// `deadline 6h`, as the table shows it.
    pub what: String,
    /// `2h41 at p95, 3h19 to spare`.
    pub result: String,
    /// True if it holds.
    pub holds: bool,
    /// True for a `promise`, false for a `prefer`.
    pub required: bool,
    /// What is left, as a share of the bound (negative: missed).
    pub margin: f64,
    /// The line.
    #[serde(skip)]
    pub span: Span,
}

/// Monthly money.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Cost {
    /// Machines.
    pub machines: MicroUsd,
    /// Clusters' control planes, NAT and other things that stand.
    pub standing: MicroUsd,
    /// What data sets occupy.
    pub storage: MicroUsd,
    /// Data leaving sites.
    pub transfer: MicroUsd,
    /// All of it.
    pub total: MicroUsd,
    /// All of it at p95.
    pub total_p95: MicroUsd,
    /// What sharing pools saves against one pool a step.
    pub shared: MicroUsd,
    /// Emissions, where the catalogue knows them.
    pub carbon: Grams,
    /// By pipeline.
    #[serde(skip)]
    pub by_pipeline: Vec<(PipelineId, MicroUsd)>,
}

/// How the answer was reached.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Solution {
    /// Objective of each goal, in the platform's order.
    pub objective: Vec<f64>,
    /// Proven bound of each.
    pub bound: Vec<f64>,
    /// Largest relative gap.
    pub gap: f64,
    /// True if proven.
    pub optimal: bool,
    /// `milp (microlp), 812 columns, 340 rows`.
    pub method: String,
}

macro_rules! index {
    ($id:ident, $item:ty, $field:ident) => {
        impl std::ops::Index<$id> for Plan<'_> {
            type Output = $item;

            #[allow(
                clippy::indexing_slicing,
                reason = "ids are only made by `place::solve`, for items that exist"
            )]
            fn index(&self, id: $id) -> &$item {
                &self.$field[id.0 as usize]
            }
        }
    };
}
index!(SiteId, Site, sites);
index!(PoolId, Pool, pools);
index!(StepId, Assignment, assignments);
