//! A power law in all quantities, with a factor for each kind of machine; also what makes two runs alike.

use super::candidates::Row;
use super::frame::{Columns, Features};
use super::median;
use super::regression::Plane;

/// With more kinds of machine than this, they are names of nodes and say little.
const MOST_MACHINES: usize = 40;

/// As in [`super::line`]: below this share of explained deviation the law is a constant.
const WORTH: f64 = 0.1;

/// Pull of slopes to zero, in squared deviations of the logarithm.
const RIDGE: f64 = 0.3;

/// What a column adds to a distance though the law gives it no weight.
const LEAST_WEIGHT: f64 = 0.03;

/// `ln value = constant + Σ slope x standardised ln column + factor of the machine`.
#[derive(Clone, Debug, Default)]
pub(super) struct Power {
    plane: Plane,
    /// Columns that vary, with their mean and standard deviation.
    columns: Vec<(usize, f64, f64)>,
    machines: usize,
}

impl Power {
    /// Fits to at least four runs.
    pub fn fit(rows: &[Row], columns: &Columns) -> Option<Power> {
        if rows.len() < 4 {
            return None;
        }
        let mut power = Power {
            plane: Plane::default(),
            columns: (0..columns.len())
                .filter_map(|column| standard(rows, column))
                .collect(),
            machines: match columns.machines() {
                0 | 1 => 0,
                machines if machines > MOST_MACHINES => 0,
                machines => machines,
            },
        };
        let x: Vec<Vec<f64>> = rows.iter().map(|row| power.coordinates(&row.features)).collect();
        let y: Vec<f64> = rows.iter().map(|row| row.value.ln()).collect();
        power.plane = Plane::fit(&x, &y, &vec![1.0; y.len()], RIDGE)?;
        let middle = median(y.clone())?;
        let left: f64 = x.iter().zip(&y).map(|(x, y)| (power.plane.at(x) - y).abs()).sum();
        let flat: f64 = y.iter().map(|y| (middle - y).abs()).sum();
        if left > (1.0 - WORTH) * flat {
            power.plane = Plane::constant(middle, power.plane.0.len());
        }
        Some(power)
    }

    /// A run as the plane sees it: standardised logarithms, then which machine.
    pub fn coordinates(&self, features: &Features) -> Vec<f64> {
        let columns = self.columns.iter();
        let logs = columns.map(|(column, mean, deviation)| (features.log(*column) - mean) / deviation);
        let machines = (0..self.machines).map(|machine| f64::from(u8::from(features.machine == Some(machine))));
        logs.chain(machines).collect()
    }

    /// Logarithm of the value for a run.
    pub fn at(&self, features: &Features) -> f64 {
        self.plane.at(&self.coordinates(features))
    }

    /// How differently two runs (as coordinates) are predicted, and a little for every other difference.
    pub fn distance(&self, a: &[f64], b: &[f64]) -> f64 {
        self.steps(a, b)
            .map(|(step, slope)| step * (slope + LEAST_WEIGHT))
            .sum()
    }

    /// True if the law tells two runs (as coordinates) apart.
    pub fn differ(&self, a: &[f64], b: &[f64]) -> bool {
        self.steps(a, b).any(|(step, slope)| step * slope > 0.0)
    }

    fn steps<'a>(&'a self, a: &'a [f64], b: &'a [f64]) -> impl Iterator<Item = (f64, f64)> {
        let steps = a.iter().zip(b).map(|(a, b)| (a - b).abs());
        steps.zip(self.plane.0.iter().map(|slope| slope.abs()))
    }
}

/// Mean and standard deviation of a column; `None` if it does not vary.
fn standard(rows: &[Row], column: usize) -> Option<(usize, f64, f64)> {
    let count = rows.len() as f64;
    let mean = rows.iter().map(|row| row.features.log(column)).sum::<f64>() / count;
    let squares = rows.iter().map(|row| (row.features.log(column) - mean).powi(2));
    let variance = squares.sum::<f64>() / count;
    (variance > 1e-12).then(|| (column, mean, variance.sqrt()))
}
