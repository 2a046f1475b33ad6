//! Series of past load -> what comes next: the most likely course, and one that is exceeded in five cases of a hundred.
//!
//! No single method is best for every series and every distance, so a few simple ones (`candidate`) are replayed on
//! the past of the series itself (`replay`) and blended by how well each has done at that distance (`blend`):
//! within the hour that is close to the last value, a day ahead close to the usual day at the present level. The upper
//! course is the blend plus a quantile of its own past errors (`margin`).

mod blend;
mod candidate;
mod margin;
mod replay;
mod season;
mod series;
mod trend;
mod week;

#[cfg(test)]
#[allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that panics is a test that fails"
)]
mod tests;

pub use series::Series;
pub use trend::growth;
pub use week::{Week, week};

use blend::Weights;
use replay::Replay;

/// What comes next, one value a bin.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Forecast {
    /// The most likely course.
    pub point: Vec<f64>,
    /// Exceeded in five bins of a hundred; nowhere below `point`.
    pub p95: Vec<f64>,
}

/// The `steps` bins after the last one of `series`. Of an empty series, nothing; of a constant one, that constant.
pub fn forecast(series: &Series, steps: usize) -> Forecast {
    let past = replay::all(series, steps);
    let weights = Weights::of(series, &past);
    let now = Replay::at(series, series.values.len(), steps);
    let floor = if series.values.iter().all(|value| *value >= 0.0) {
        0.0
    } else {
        f64::NEG_INFINITY
    };
    let point: Vec<f64> = weights
        .blend(series, &now)
        .into_iter()
        .map(|value| value.max(floor))
        .collect();
    let margins = margin::upper(series, &past, &weights, steps);
    let p95 = point
        .iter()
        .zip(margins)
        .map(|(value, margin)| value + margin.max(0.0))
        .collect();
    Forecast { point, p95 }
}
