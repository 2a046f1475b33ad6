//! Runs that are alike: nearest neighbours by the power law's own measure.
//!
//! Not smartcore's: its search wants a new index after each run, and gives means where bounds need the neighbours.

use super::candidates::Row;
use super::frame::Features;
use super::power::Power;

/// Distances below this are the same run.
const SAME: f64 = 0.02;

/// Positions of `rows` by distance, the later one first where it is equal.
pub(super) fn alike(rows: &[Row], power: &Power, features: &Features) -> Vec<(f64, usize)> {
    let here = power.coordinates(features);
    let distance = |row: &Row| power.distance(&here, &power.coordinates(&row.features));
    let mut found: Vec<(f64, usize)> = rows.iter().enumerate().map(|(at, row)| (distance(row), at)).collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    found
}

/// Mean of `of` over the `count` nearest, weighted by closeness.
pub(super) fn mean(rows: &[Row], alike: &[(f64, usize)], count: usize, of: impl Fn(&Row) -> f64) -> Option<f64> {
    let (mut total, mut weights) = (0.0, 0.0);
    for (distance, at) in alike.iter().take(count) {
        let weight = 1.0 / (distance + SAME);
        total += weight * of(rows.get(*at)?);
        weights += weight;
    }
    (weights > 0.0).then(|| total / weights)
}

/// Logarithm of the most among the `count` nearest.
pub(super) fn most(rows: &[Row], alike: &[(f64, usize)], count: usize) -> Option<f64> {
    let nearest = alike.iter().take(count).filter_map(|(_, at)| rows.get(*at));
    nearest.map(|row| row.value.ln()).reduce(f64::max)
}
