//! The graph: every name resolved, every default filled in, steps in an order in which they can run.
//!
//! Ids are positions in the vectors of [`Graph`]. Steps are numbered by pipeline name, then topologically with
//! names breaking ties, so neither ids nor anything made from them depends on the order of nodes in a file.

use schemars::JsonSchema;
use serde::Serialize;

use super::site::SiteRef;
use crate::quantity::{Bytes, Percent, Seconds};
use crate::source::{Span, Spanned};

pub use super::attempt::*;
pub use super::data::*;
pub use super::fanout::*;
pub use super::monitor::*;
pub use super::needs::*;
pub use super::platform::*;
pub use super::program::*;
pub use super::promise::*;
pub use super::serving::*;
pub use super::step::*;
pub use super::test::*;
pub use super::value::*;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $item:ty, $field:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl std::ops::Index<$name> for Graph {
            type Output = $item;

            #[allow(clippy::indexing_slicing, reason = "ids are only made by `graph::build`, for items that exist")]
            fn index(&self, id: $name) -> &$item {
                &self.$field[id.0 as usize]
            }
        }
    };
}

id! {
    /// Position of a pipeline.
    PipelineId, Pipeline, pipelines
}
id! {
    /// Position of a step; ascending ids of one pipeline are a topological order.
    StepId, Step, steps
}
id! {
    /// Position of a data set.
    DataId, DataSet, data
}
id! {
    /// Position of a fan-out.
    EachId, Each, each
}

/// All pipelines of a compilation and the platform they are placed on.
#[derive(Clone, Debug, Serialize, Default)]
pub struct Graph {
    /// By name.
    pub pipelines: Vec<Pipeline>,
    /// By pipeline, then topologically.
    pub steps: Vec<Step>,
    /// By pipeline, then name.
    pub data: Vec<DataSet>,
    /// By pipeline, outer before inner.
    pub each: Vec<Each>,
    /// Where work may run; absent when only a pipeline is checked.
    pub platform: Option<Platform>,
    /// `test` nodes, by pipeline and text.
    pub tests: Vec<Test>,
}

/// One pipeline.
#[derive(Clone, Debug, Serialize)]
pub struct Pipeline {
    /// Its position.
    pub id: PipelineId,
    /// Its name.
    pub name: Spanned<String>,
    /// Earlier name, after a rename.
    pub was: Option<String>,
    /// Team that owns it; empty if not said.
    pub owner: Option<Spanned<String>>,
    /// One line for humans.
    pub description: Option<String>,
    /// When runs start; several are allowed.
    pub schedules: Vec<Schedule>,
    /// Data whose new versions start a run.
    pub triggers: Vec<Trigger>,
    /// Inputs of a run, by name.
    pub parameters: Vec<Parameter>,
    /// Its steps, as a range of ids.
    pub steps: Vec<StepId>,
    /// Its data sets.
    pub data: Vec<DataId>,
    /// Promises about the whole pipeline.
    pub promises: Vec<Promise>,
    /// Addresses in front of several serving steps.
    pub endpoints: Vec<Endpoint>,
    /// What is watched.
    pub monitor: Monitor,
    /// User patches on what is emitted for the pipeline.
    pub overlays: Vec<Overlay>,
}

/// A cron schedule.
#[derive(Clone, Debug, Serialize)]
pub struct Schedule {
    /// Five-field cron expression.
    pub cron: Spanned<String>,
    /// IANA time zone.
    pub timezone: String,
    /// What happens when a run is due while one is going on.
    pub overlap: Overlap,
    /// How long after a missed time it may still start.
    pub late: Seconds,
}

/// What happens when a run is due while one is going on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Overlap {
    /// The new run is dropped.
    Forbid,
    /// Both go on.
    Allow,
    /// The old run is stopped.
    Replace,
}

/// A new version of some data starts a run.
#[derive(Clone, Debug, Serialize)]
pub struct Trigger {
    /// The data set that is watched.
    pub data: DataId,
    /// How often it is looked for.
    pub every: Seconds,
    /// What happens when a run is going on.
    pub overlap: Overlap,
    /// Where it was written.
    #[serde(skip)]
    pub span: Span,
}

/// An input of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Parameter {
    /// Its name.
    pub name: Spanned<String>,
    /// Type of one value.
    pub ty: ValueType,
    /// True when several values were written: a list of `ty`.
    pub list: bool,
    /// Default; empty: must be given at start.
    pub default: Vec<Scalar>,
    /// Least value of a run, in base units.
    pub min: Option<f64>,
    /// Greatest value of a run, in base units.
    pub max: Option<f64>,
}

/// One address in front of several serving steps.
#[derive(Clone, Debug, Serialize)]
pub struct Endpoint {
    /// Its name.
    pub name: Spanned<String>,
    /// Host name.
    pub host: Option<String>,
    /// Path prefix.
    pub path: String,
    /// Header whose value keeps a client on one route.
    pub sticky: Option<String>,
    /// Where traffic goes.
    pub routes: Vec<Route>,
    /// The load of all routes together.
    pub traffic: Option<Traffic>,
}

/// A part of an endpoint's traffic.
#[derive(Clone, Debug, Serialize)]
pub struct Route {
    /// The serving step.
    pub step: Spanned<StepId>,
    /// Its share.
    pub share: Percent,
    /// Gets copies; its answers are dropped.
    pub shadow: bool,
}

/// A patch of the user's own, applied last.
#[derive(Clone, Debug, Serialize)]
pub struct Overlay {
    /// Path relative to the file that names it.
    pub path: Spanned<String>,
    /// Its content; `None`: it cannot be read.
    #[serde(skip)]
    pub text: Option<String>,
    /// Restricts it to one site.
    pub of: Option<Spanned<SiteRef>>,
}

/// An amount of storage of one kind.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct StoredAmount {
    /// Where.
    pub store: Store,
    /// How much.
    pub size: Bytes,
}

impl Graph {
    /// The data that flows from one step to another, by producer: `(from, to, data)` for each pair.
    pub fn flows(&self) -> impl Iterator<Item = (StepId, StepId, DataId)> + '_ {
        self.steps.iter().flat_map(move |reader| {
            reader
                .reads
                .iter()
                .filter(|read| read.orders)
                .flat_map(move |read| {
                    let writers = self[read.data].writers.iter();
                    writers.map(move |writer| (*writer, reader.id, read.data))
                })
        })
    }

    /// The pipeline a step belongs to.
    pub fn pipeline_of(&self, step: StepId) -> &Pipeline {
        &self[self[step].pipeline]
    }
}
