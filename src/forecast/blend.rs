//! How much each method counts at each distance.

use super::candidate;
use super::replay::Replay;
use super::series::Series;

/// Ends of the bands of distance, in hours; the last band is all beyond. Within a band the methods' merits differ little.
const BANDS: [f64; 4] = [1.0, 3.0, 6.0, 12.0];

/// A method counts as its mean error to the power of minus this: the best of near equals share, the bad drop out.
const SHARPNESS: f64 = 6.0;

/// Days after which an error counts half.
pub const HALF_LIFE: f64 = 5.0;

/// A method must have been there for this share of the replays to be judged.
const SHARE_TO_JUDGE: f64 = 0.25;

/// Weights of the candidates, for each band.
#[derive(Clone, Debug)]
pub struct Weights {
    bands: Vec<Vec<f64>>,
}

/// Weighted errors of one method in one band, beside those of the reference on the same bins.
#[derive(Clone, Copy, Default)]
struct Score {
    bins: f64,
    own: f64,
    reference: f64,
}

impl Weights {
    /// Learned from replays; without any, the first method alone.
    pub fn of(series: &Series, past: &[Replay]) -> Weights {
        let mut scores = vec![vec![Score::default(); candidate::ALL.len()]; BANDS.len() + 1];
        for replay in past {
            add(series, replay, &mut scores);
        }
        let mut bands: Vec<Vec<f64>> = Vec::new();
        for scores in scores {
            let weights = weights(&scores);
            // A band that no replay reaches is taken to be like the one before.
            let weights = weights
                .or_else(|| bands.last().cloned())
                .unwrap_or_else(first_alone);
            bands.push(weights);
        }
        Weights { bands }
    }

    /// The weighted mean of the courses; the last value where no weighted method has one.
    pub fn blend(&self, series: &Series, replay: &Replay) -> Vec<f64> {
        let steps = replay.courses.iter().flatten().map(Vec::len).max().unwrap_or(0);
        (0..steps).map(|step| self.at(series, replay, step)).collect()
    }

    fn at(&self, series: &Series, replay: &Replay, step: usize) -> f64 {
        let (mut sum, mut total, mut any) = (0.0, 0.0, 0.0);
        let weights = self.bands.get(band(series, step)).into_iter().flatten();
        for (course, weight) in replay.courses.iter().zip(weights) {
            let Some(value) = course.as_ref().and_then(|course| course.get(step)) else {
                continue;
            };
            if total == 0.0 {
                any = *value;
            }
            sum += weight * value;
            total += weight;
        }
        if total > 0.0 { sum / total } else { any }
    }
}

fn first_alone() -> Vec<f64> {
    let mut weights = vec![0.0; candidate::ALL.len()];
    if let Some(first) = weights.first_mut() {
        *first = 1.0;
    }
    weights
}

/// The band of what lies `step` bins after the first forecast.
fn band(series: &Series, step: usize) -> usize {
    let hours = step as f64 / series.bins_an_hour_exact();
    BANDS.iter().position(|end| hours < *end).unwrap_or(BANDS.len())
}

/// Weight of a bin of the past by its age.
pub fn weight_of_age(series: &Series, bin: usize) -> f64 {
    let age = series.values.len().saturating_sub(bin) as f64 / series.bins_a_day() as f64;
    0.5_f64.powf(age / HALF_LIFE)
}

fn add(series: &Series, replay: &Replay, scores: &mut [Vec<Score>]) {
    let truth = series.values.get(replay.origin..).unwrap_or_default();
    let reference = replay.courses.first().and_then(Option::as_ref);
    for (method, course) in replay.courses.iter().enumerate() {
        let (Some(course), Some(reference)) = (course, reference) else {
            continue;
        };
        for (step, ((value, reference), truth)) in course.iter().zip(reference).zip(truth).enumerate() {
            let score = scores
                .get_mut(band(series, step))
                .and_then(|band| band.get_mut(method));
            if let Some(score) = score {
                let weight = weight_of_age(series, replay.origin + step);
                score.bins += 1.0;
                score.own += weight * (truth - value).abs();
                score.reference += weight * (truth - reference).abs();
            }
        }
    }
}

/// Each method is compared with the reference on the bins that both forecast; `None` if there are none.
fn weights(scores: &[Score]) -> Option<Vec<f64>> {
    let most = scores.iter().map(|score| score.bins).fold(0.0, f64::max);
    if most == 0.0 {
        return None;
    }
    let weight = |score: &Score| {
        let judged = score.bins >= SHARE_TO_JUDGE * most;
        // The small number keeps a method without any error finite; all are without error on a constant series.
        let error = (score.own + f64::MIN_POSITIVE) / (score.reference + f64::MIN_POSITIVE);
        if judged {
            error.max(1e-3).powf(-SHARPNESS)
        } else {
            0.0
        }
    };
    Some(scores.iter().map(weight).collect())
}
