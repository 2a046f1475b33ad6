//! How far above the blend the truth may lie: quantiles of its own errors on the replayed past.
//!
//! This is split conformal prediction (Vovk et al. 2005) with errors weighted by age (Barber et al. 2023), taken twice:
//! over errors at a like distance and over errors at a like time of the day. The wider of the two holds.

use super::blend::{Weights, weight_of_age};
use super::replay::Replay;
use super::series::Series;

/// Quantile of past errors that is taken for the 95th percentile of the next ones. It is above 0.95 because the weights
/// of the blend were chosen on the same errors, which makes them a little small.
const QUANTILE: f64 = 0.97;

/// Errors at most so many hours nearer or farther are of like distance.
const NEAR: f64 = 3.0;

/// Errors at most so many hours earlier or later in the day are of like time.
const SAME_TIME: f64 = 1.5;

/// One past error of the blend.
#[derive(Clone, Copy)]
struct Miss {
    /// Bins after the origin, at most a day.
    distance: usize,
    /// Bin of the day, by the count of the series.
    slot: usize,
    /// Truth less forecast.
    error: f64,
    /// Weight by age.
    weight: f64,
}

/// What to add to the blend in each of the next `steps` bins.
pub fn upper(series: &Series, past: &[Replay], weights: &Weights, steps: usize) -> Vec<f64> {
    let (day, hour) = (series.bins_a_day(), series.bins_an_hour());
    let mut misses: Vec<Miss> = past
        .iter()
        .flat_map(|replay| of(series, replay, weights))
        .collect();
    misses.sort_by(|a, b| a.error.total_cmp(&b.error));
    let bins = |hours: f64| (hours * series.bins_an_hour_exact()) as usize;
    let at = |step: usize| {
        let distance = step.min(day - 1);
        let slot = (series.values.len() + step) % day;
        let near = quantile(&misses, |miss| miss.distance.abs_diff(distance) <= bins(NEAR));
        let like = quantile(&misses, |miss| {
            let apart = miss.slot.abs_diff(slot);
            apart.min(day - apart) <= bins(SAME_TIME)
        });
        near.max(like)
    };
    // Margins change slowly, so that one an hour is enough.
    let hours: Vec<f64> = (0..steps).step_by(hour).map(|step| at(step + hour / 2)).collect();
    (0..steps)
        .map(|step| hours.get(step / hour).copied().unwrap_or(0.0))
        .collect()
}

fn of<'a>(series: &'a Series, replay: &'a Replay, weights: &'a Weights) -> impl Iterator<Item = Miss> + 'a {
    let day = series.bins_a_day();
    let truth = series.values.get(replay.origin..).unwrap_or_default();
    let course = weights.blend(series, replay).into_iter();
    course
        .zip(truth)
        .enumerate()
        .map(move |(step, (value, truth))| Miss {
            distance: step.min(day - 1),
            slot: (replay.origin + step) % day,
            error: truth - value,
            weight: weight_of_age(series, replay.origin + step),
        })
}

/// Weighted quantile of the errors that `like` accepts, of `misses` sorted by error; zero if it accepts none.
fn quantile(misses: &[Miss], like: impl Fn(&Miss) -> bool) -> f64 {
    let total: f64 = misses
        .iter()
        .filter(|miss| like(miss))
        .map(|miss| miss.weight)
        .sum();
    let mut below = 0.0;
    let mut reached = 0.0;
    for miss in misses.iter().filter(|miss| like(miss)) {
        below += miss.weight;
        reached = miss.error;
        if below >= QUANTILE * total {
            break;
        }
    }
    reached
}
