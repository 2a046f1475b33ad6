//! Straight lines and planes through a median: weighted least absolute deviations with a little ridge.
//!
//! Least absolute deviations by iteratively reweighted least squares (Schlossmacher, JASA 68, 1973); its line is the
//! conditional median (quantile regression at one half) and does not follow outliers.
#![allow(clippy::indexing_slicing, reason = "a kernel over matrices whose sides are equal by construction")]

/// Reweighting steps; the fit changes by less than the noise of run times after so many.
const ITERATIONS: usize = 8;

/// Coefficients of columns and a constant, which comes last.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Plane(pub Vec<f64>);

impl Plane {
    /// A level plane of `coefficients` numbers.
    pub fn constant(value: f64, coefficients: usize) -> Plane {
        let mut plane = vec![0.0; coefficients.saturating_sub(1)];
        plane.push(value);
        Plane(plane)
    }

    /// The value at `x`.
    pub fn at(&self, x: &[f64]) -> f64 {
        let constant = self.0.last().copied().unwrap_or_default();
        x.iter().zip(&self.0).map(|(x, slope)| x * slope).sum::<f64>() + constant
    }

    /// The plane through the weighted conditional median of `y`; `ridge` pulls slopes to zero and is in units of
    /// `weights` x (units of the columns)². `None` if the system is singular.
    pub fn fit(x: &[Vec<f64>], y: &[f64], weights: &[f64], ridge: f64) -> Option<Plane> {
        let mut plane = least_squares(x, y, weights, ridge)?;
        let floor = 1e-3 * mean_deviation(&plane, x, y, weights);
        for _ in 0..ITERATIONS {
            if floor <= 0.0 {
                break;
            }
            let reweighted: Vec<f64> = x
                .iter()
                .zip(y)
                .zip(weights)
                .map(|((x, y), weight)| {
                    let off = (y - plane.at(x)).abs() * weight;
                    weight * (1000.0 * floor) / off.max(30.0 * floor)
                })
                .collect();
            plane = least_squares(x, y, &reweighted, ridge)?;
        }
        Some(plane)
    }
}

/// Mean absolute deviation, weighted.
fn mean_deviation(plane: &Plane, x: &[Vec<f64>], y: &[f64], weights: &[f64]) -> f64 {
    let off = x.iter().zip(y).zip(weights).map(|((x, y), weight)| (y - plane.at(x)).abs() * weight);
    off.sum::<f64>() / y.len().max(1) as f64
}

/// Weighted ridge regression by the normal equations; weights multiply residuals before they are squared.
fn least_squares(x: &[Vec<f64>], y: &[f64], weights: &[f64], ridge: f64) -> Option<Plane> {
    let side = x.first()?.len() + 1;
    let mut matrix = vec![vec![0.0; side + 1]; side];
    let mut row = vec![1.0; side + 1];
    for ((x, y), weight) in x.iter().zip(y).zip(weights) {
        row[..side - 1].copy_from_slice(x);
        row[side] = *y;
        let square = weight * weight;
        for i in 0..side {
            let scaled = row[i] * square;
            for j in i..=side {
                matrix[i][j] += scaled * row[j];
            }
        }
    }
    for i in 0..side {
        if i + 1 < side {
            matrix[i][i] += ridge;
        }
        for j in 0..i {
            matrix[i][j] = matrix[j][i];
        }
    }
    solve(matrix).map(Plane)
}

/// Gaussian elimination with partial pivoting of a square matrix beside its right-hand side.
fn solve(mut matrix: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let side = matrix.len();
    for column in 0..side {
        let pivot = (column..side).max_by(|a, b| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs()))?;
        matrix.swap(column, pivot);
        let (above, below) = matrix.split_at_mut(column + 1);
        let top = &above[column];
        if !top[column].is_finite() || top[column].abs() < 1e-300 {
            return None;
        }
        for row in below {
            let factor = row[column] / top[column];
            for at in column..=side {
                row[at] -= factor * top[at];
            }
        }
    }
    let mut solution = vec![0.0; side];
    for row in (0..side).rev() {
        let known: f64 = (row + 1..side).map(|at| matrix[row][at] * solution[at]).sum();
        solution[row] = (matrix[row][side] - known) / matrix[row][row];
    }
    solution.iter().all(|value| value.is_finite()).then_some(solution)
}
