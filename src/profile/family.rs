//! Model families: which formula predicts a model.

use super::model::Estimate;
use super::reading::{Reading, Table};
use super::transformer::Transformer;
use crate::graph::model::Model;
use crate::quantity::Bytes;

/// Bytes of a node of a stored tree: split, threshold, children, value. An estimate (2026-11).
const TREE_NODE: f64 = 40.0;

/// p95 over p50 of a model's predicted size: trees are pruned, vocabularies vary. An estimate.
const ARTIFACT_SPREAD: f64 = 1.5;

/// A model family and its shape.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Family {
    /// Trees.
    Trees(Trees),
    /// Linear and generalised linear models, by passes over the data.
    Linear {
        /// Passes over the data until it converges.
        passes: f64,
    },
    /// Transformers.
    Transformer(Transformer),
    /// A family without a formula, by passes over the data.
    Other {
        /// Passes over the data.
        passes: f64,
    },
}

/// An ensemble of trees.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Trees {
    /// Number of trees, of all fits together.
    pub trees: f64,
    /// Levels of each.
    pub depth: f64,
    /// Bytes in training of one value of the table: bins, and the values they were made from.
    pub bytes_per_value: f64,
}

impl Family {
    /// The family and shape that `model` names. Defaults are those of the libraries (XGBoost 3.0: 100 trees of depth
    /// 6; LightGBM 4.6: 100 trees of 31 leaves; CatBoost 1.2: 1000 of depth 6; scikit-learn 1.7: 100 trees that grow
    /// out, 100 passes of L-BFGS). `auto` is taken to fit boosted trees twenty times.
    pub fn of(model: &Model) -> Family {
        let number = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| model.number(name))
                .filter(|value| *value > 0.0)
        };
        let trees = |trees: f64, depth: f64| {
            Family::Trees(Trees {
                trees: number(&["trees", "iterations", "rounds", "estimators"]).unwrap_or(trees),
                depth: number(&["depth"]).unwrap_or(depth).min(32.0),
                bytes_per_value: 5.0,
            })
        };
        match model.family.value.as_str() {
            "xgboost" | "gradient-boosting" | "gbdt" => trees(100.0, 6.0),
            "lightgbm" => trees(100.0, 5.0),
            "catboost" => trees(1000.0, 6.0),
            "random-forest" | "extra-trees" => trees(100.0, 16.0),
            "auto" => trees(2000.0, 6.0),
            "logistic-regression"
            | "linear-regression"
            | "ridge"
            | "lasso"
            | "elastic-net"
            | "linear"
            | "glm"
            | "svm"
            | "naive-bayes"
            | "sgd" => Family::Linear {
                passes: number(&["iterations", "passes", "epochs"]).unwrap_or(100.0),
            },
            "transformer" => Family::Transformer(Transformer::of(model)),
            _ => Family::Other {
                passes: number(&["epochs", "passes"]).unwrap_or(10.0),
            },
        }
    }

    /// Size of the trained model; `None` for a family without a formula.
    pub fn artifact(&self, inputs: &[Reading]) -> Option<Estimate<Bytes>> {
        let (size, formula, source) = match self {
            Family::Trees(Trees { trees, depth, .. }) => {
                // A tree has no more leaves than rows.
                let leaves = depth.exp2().min(training_table(inputs).rows.max(1.0));
                let formula = format!("{trees} trees x {} nodes x {TREE_NODE} B", 2.0 * leaves);
                (
                    trees * 2.0 * leaves * TREE_NODE,
                    formula,
                    "nodes of full binary trees; bytes a node: our estimate",
                )
            }
            Family::Linear { .. } => {
                let columns = training_table(inputs).columns;
                (
                    columns * 8.0 + 1e5,
                    format!("{columns} coefficients x 8 B + 100 kB"),
                    "one 64-bit number a column",
                )
            }
            Family::Transformer(model) => {
                let formula = format!("{:.3e} trained parameters x 2 B", model.trained());
                (model.artifact(), formula, "16-bit weights")
            }
            Family::Other { .. } => return None,
        };
        Some(Estimate::analytic(size, ARTIFACT_SPREAD, source, formula).bytes())
    }
}

/// The table that a model is fitted to or applied to: the largest of the inputs that are no models.
pub(super) fn training_table(inputs: &[Reading]) -> Table {
    let tables = inputs
        .iter()
        .filter(|input| !input.is_model())
        .map(|input| input.table);
    tables.fold(Table::default(), |best, table| {
        if table.values() > best.values() {
            table
        } else {
            best
        }
    })
}
