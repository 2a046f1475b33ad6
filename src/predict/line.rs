//! A straight line in one quantity: the candidate that extrapolates.

use super::candidates::Row;
use super::median;
use super::regression::Plane;

/// A line must explain at least this share of what the median leaves unexplained; else it is the median. A slope
/// fitted to noise would be followed far beyond what was seen.
const WORTH: f64 = 0.2;

/// Errors count up to this many times the value, so that one outlier does not decide.
const WORST: f64 = 2.0;

/// `value = a + b x column`, by least absolute relative error.
#[derive(Clone, Debug)]
pub(super) struct Line {
    column: usize,
    slope: f64,
    constant: f64,
    /// Mean relative error over the runs it was fitted to.
    error: f64,
}

impl Line {
    /// Fits to at least three runs that differ from zero in `column`.
    pub fn fit(rows: &[&Row], column: usize) -> Option<Line> {
        let scale = rows
            .iter()
            .map(|row| row.features.raw(column).abs())
            .fold(0.0, f64::max);
        if rows.len() < 3 || scale <= 0.0 {
            return None;
        }
        let x: Vec<Vec<f64>> = rows
            .iter()
            .map(|row| vec![row.features.raw(column) / scale])
            .collect();
        let y: Vec<f64> = rows.iter().map(|row| row.value).collect();
        let weights: Vec<f64> = y.iter().map(|y| 1.0 / y).collect();
        let plane = Plane::fit(&x, &y, &weights, 1e-9)?;
        let middle = median(y.clone())?;
        let error = mean_error(&y, |at| x.get(at).map_or(middle, |x| plane.at(x)));
        let flat = mean_error(&y, |_| middle);
        let steep = error <= (1.0 - WORTH) * flat;
        let slope = plane.0.first().filter(|_| steep).map_or(0.0, |slope| slope / scale);
        let constant = plane.0.last().filter(|_| steep).copied().unwrap_or(middle);
        Some(Line {
            column,
            slope,
            constant,
            error,
        })
    }

    /// The line in whichever of the first `columns` columns fits best.
    pub fn best(rows: &[&Row], columns: usize) -> Option<Line> {
        (0..columns)
            .filter_map(|column| Line::fit(rows, column))
            .min_by(|a, b| a.error.total_cmp(&b.error))
    }

    /// The value for a run; may be negative where the line runs out.
    pub fn at(&self, features: &super::frame::Features) -> f64 {
        self.constant + self.slope * features.raw(self.column)
    }
}

fn mean_error(y: &[f64], predicted: impl Fn(usize) -> f64) -> f64 {
    let errors = y
        .iter()
        .enumerate()
        .map(|(at, y)| ((predicted(at) - y) / y).abs().min(WORST));
    errors.sum::<f64>() / y.len().max(1) as f64
}
