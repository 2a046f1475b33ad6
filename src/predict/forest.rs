//! A random forest (Breiman, Machine Learning 45, 2001); smartcore's, with a fixed seed.

use std::sync::Arc;

use smartcore::ensemble::random_forest_regressor::{RandomForestRegressor, RandomForestRegressorParameters};
use smartcore::linalg::basic::matrix::DenseMatrix;

type Regressor = RandomForestRegressor<f64, f64, DenseMatrix<f64>, Vec<f64>>;

/// Trees of a forest: more change predictions by less than runs differ, and take time to grow.
const TREES: usize = 20;

/// Levels of a tree.
const DEPTH: u16 = 12;

/// A fitted forest. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Forest(Arc<Regressor>);

impl Forest {
    /// Grows trees over rows of equal length, with at least `leaf` rows in a leaf; `None` if there is nothing to learn from.
    pub fn fit(x: &Vec<Vec<f64>>, y: &Vec<f64>, leaf: usize) -> Option<Forest> {
        let columns = x.first().map(Vec::len).filter(|columns| *columns > 0)?;
        let matrix = DenseMatrix::from_2d_vec(x).ok()?;
        let parameters = RandomForestRegressorParameters::default()
            .with_n_trees(TREES)
            .with_max_depth(DEPTH)
            .with_min_samples_leaf(leaf)
            .with_m((columns * 2).div_ceil(3))
            .with_seed(1);
        let forest = RandomForestRegressor::fit(&matrix, y, parameters).ok()?;
        Some(Forest(Arc::new(forest)))
    }

    /// The value at `x`, which is as long as the rows that the forest was grown on.
    pub fn at(&self, x: &[f64]) -> Option<f64> {
        let matrix = DenseMatrix::from_2d_vec(&vec![x.to_vec()]).ok()?;
        self.0.predict(&matrix).ok()?.first().copied()
    }
}
