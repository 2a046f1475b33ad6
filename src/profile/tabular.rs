//! Training and applying models of tables on processors: ensembles of trees, and linear models.

use super::family::Trees;
use super::model::{Estimate, Work};
use super::need::{BASE_MEMORY, MEMORY_SPREAD, Need, cores_for};
use super::reading::Table;
use crate::quantity::Cores;

/// Seconds of one core to add one value to a histogram, for each level of each tree. LightGBM's documentation
/// (Experiments, first version 2017): 10.5 M rows x 28 columns, 500 trees of 255 leaves (8 levels) in 238.5 s on 16
/// threads, which is 3.2 ns.
const HISTOGRAM: f64 = 3.2e-9;

/// Seconds of one core to multiply and add one value, twice a pass (prediction and gradient): 16 bytes at 5 GB/s of
/// memory bandwidth a core. An estimate (2026-11).
const LINEAR_VALUE: f64 = 3.2e-9;

/// Cores that one accelerator is worth in building trees: XGBoost on 10 M airline rows takes 80 s on 16 cores and
/// 25 s on one V100 (szilard/GBM-perf, 2019), which is 51 cores.
const CORES_PER_ACCELERATOR: f64 = 51.0;

/// Seconds of one core to visit one node of a stored tree, cache misses included. An estimate (2026-11).
const NODE_VISIT: f64 = 5e-9;

/// Beyond this, histograms wait for memory. An estimate (2026-11).
const MOST_CORES: f64 = 64.0;

/// p95 over p50 of training time: rows are sampled, trees stop early, machines differ. An estimate.
const TIME_SPREAD: f64 = 1.5;

/// Bytes a row of gradients, hessians, labels and margins in 32 bits.
const BYTES_PER_ROW: f64 = 16.0;

/// Needs to train an ensemble of trees on `table`, on processors or, if declared, on so many `accelerators`.
pub(super) fn train_trees(trees: &Trees, table: Table, accelerators: u64) -> Need {
    let Trees {
        trees: count,
        depth,
        bytes_per_value,
    } = *trees;
    let work = table.values() * count * depth * HISTOGRAM;
    let formula = format!(
        "{:.3e} values x {count} trees x {depth} levels x 3.2 ns",
        table.values()
    );
    let source = "histogram cost: LightGBM documentation, Experiments (2017)";
    let memory = table.values() * bytes_per_value + table.rows * BYTES_PER_ROW + BASE_MEMORY.as_f64();
    let held = format!(
        "{:.3e} values x {bytes_per_value} B + {:.3e} rows x 16 B + 1 GiB",
        table.values(),
        table.rows
    );
    let total = Estimate::analytic(work, TIME_SPREAD, source, formula).seconds();
    let work = if accelerators > 0 {
        let speed = CORES_PER_ACCELERATOR * accelerators as f64;
        Work::Time(total.map(|seconds| seconds.times(1.0 / speed)))
    } else {
        Work::CoreSeconds {
            total,
            scales_to: Cores(MOST_CORES),
        }
    };
    need(work, memory, held)
}

/// Needs to fit a linear model to `table` in so many passes.
pub(super) fn train_linear(passes: f64, table: Table) -> Need {
    let formula = format!("{:.3e} values x {passes} passes x 3.2 ns", table.values());
    let total = Estimate::analytic(
        table.values() * passes * LINEAR_VALUE,
        TIME_SPREAD,
        "two passes over 64-bit values at 5 GB/s a core: our estimate",
        formula,
    );
    let memory = table.in_memory() + BASE_MEMORY.as_f64();
    let held = format!("{:.3e} values x 8 B + 1 GiB", table.values());
    // Gradients of a small table are not worth sharing out: a core should have a million values.
    let scales_to = (table.values() / 1e6).ceil().clamp(1.0, MOST_CORES);
    need(
        Work::CoreSeconds {
            total: total.seconds(),
            scales_to: Cores(scales_to),
        },
        memory,
        held,
    )
}

/// Core-seconds to apply an ensemble to one row.
pub(super) fn apply_trees(trees: &Trees) -> f64 {
    trees.trees * trees.depth * NODE_VISIT
}

fn need(work: Work, memory: f64, held: String) -> Need {
    let cores = match &work {
        Work::CoreSeconds { total, scales_to } => cores_for(total.p50.0, scales_to.0),
        Work::Time(_) | Work::Flop { .. } => super::need::CORES_PER_DEVICE,
    };
    let source =
        "binned table, its values while it is loaded, gradients (Chen and Guestrin 2016; Ke et al. 2017)";
    Need {
        cores: Estimate::analytic(cores, 1.0, source, "the work in about an hour".to_string())
            .map(|cores| Cores(*cores)),
        memory: Estimate::analytic(memory, MEMORY_SPREAD, source, held).bytes(),
        accelerators: None,
        nodes: 1,
        work,
    }
}
