//! Graph -> ProfiledGraph: what each step needs, predicted with an interval and a reason.
//!
//! Evidence, best first: what the author declares; what past runs say ([`History`]); formulas over sizes, rows and the
//! shape of models; stated defaults. Whatever is not declared is then cut to `at-least` and `at-most`. The pass is
//! total: every step gets a profile, and a size that had to be guessed gets a warning.
//!
//! p50 is what a run takes today. p95 also allows for what the prediction does not know, and for a year of the growth
//! that data sets declare, since capacity outlives a run.
//!
//! | kind | predicted from | in |
//! |---|---|---|
//! | etl, features, task, evaluation | bytes read and written, by format | `scan` |
//! | training: trees, linear | rows x columns x trees x depth, or passes | `tabular` |
//! | training, batch inference: transformer | operations per token; states, activations | `neural`, `transformer` |
//! | serving, streaming | time of a request, load over a week | `serving`, `tokens`, `load` |

mod declared;
mod device;
mod duration;
mod estimate;
pub mod evidence;
mod family;
mod fanout;
mod format;
pub mod history;
mod load;
pub mod model;
mod need;
mod neural;
mod predict;
mod reading;
mod scan;
pub mod schedule;
mod serving;
mod size;
mod tabular;
mod tokens;
mod transformer;

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test that panics is a test that fails")]
mod tests;

pub use history::History;
pub use load::availability;
pub use model::{
    AcceleratorNeed, Basis, Estimate, Load, Precision, Profile, ProfiledGraph, StorageNeed, Work,
};

use crate::catalog::Catalog;
use crate::diag::Diagnostics;
use crate::graph::model::Graph;
use crate::quantity::Bytes;

/// What predictions rest on.
#[derive(Clone, Copy)]
struct Known<'g> {
    graph: &'g Graph,
    /// What past runs say.
    history: &'g History<'g>,
    /// What accelerators can do.
    catalog: &'g Catalog,
    /// Size of one version of each data set, by id.
    sizes: &'g [Estimate<Bytes>],
    /// Runs a month of each pipeline, by id.
    runs: &'g [f64],
}

/// Predicts the needs of every step and the size of every data set.
pub fn annotate<'g>(
    graph: &'g Graph,
    history: &History<'_>,
    catalog: &Catalog,
    out: &mut Diagnostics,
) -> ProfiledGraph<'g> {
    fanout::report_unknown(graph, out);
    let data = size::sizes(graph, history, out);
    let runs: Vec<f64> = graph.pipelines.iter().map(schedule::runs_of).collect();
    let known = Known {
        graph,
        history,
        catalog,
        sizes: &data,
        runs: &runs,
    };
    let profiles = graph.steps.iter().map(|step| predict::profile(&known, step));
    let steps = profiles.collect();
    ProfiledGraph { graph, steps, data }
}
