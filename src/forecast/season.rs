//! The usual day and the usual week of a series.

/// Mean of each slot of a season over the past, weighted so that each season back counts `memory` times the one after
/// it, and smoothed over `width` slots on either side. `values` end at the present; `None` if they do not fill one
/// season. The first slot is the one that follows the last value.
pub fn profile(values: &[f64], season: usize, memory: f64, width: usize) -> Option<Vec<f64>> {
    if season == 0 || values.len() < season {
        return None;
    }
    let mut sums = vec![0.0; season];
    let (mut weight, mut total) = (1.0, 0.0);
    for past in values.rchunks_exact(season) {
        for (sum, value) in sums.iter_mut().zip(past) {
            *sum += weight * value;
        }
        total += weight;
        weight *= memory;
    }
    let means: Vec<f64> = sums.into_iter().map(|sum| sum / total).collect();
    Some(smoothed(&means, width))
}

/// Mean over `width` neighbours on either side; the ends meet.
fn smoothed(values: &[f64], width: usize) -> Vec<f64> {
    let n = values.len();
    let width = width.min(n.saturating_sub(1) / 2);
    let around = values.iter().cycle().skip(n - width);
    let window = 2 * width + 1;
    (0..n)
        .map(|at| around.clone().skip(at).take(window).sum::<f64>() / window as f64)
        .collect()
}
