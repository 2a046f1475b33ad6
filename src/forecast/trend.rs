//! How a series grows over months.

use super::Series;

const DAY: f64 = 86_400.0;

/// Days that must be known before a trend is told from chance.
const ENOUGH: f64 = 14.0;

/// Means that slopes are taken between: enough that one more changes nothing, and few enough that all pairs are quick.
const POINTS: usize = 200;

/// Growth in `seconds`, as a share of the whole: the median of the slopes between all pairs of means, on a logarithmic
/// scale (Theil 1950, Sen 1968), which a quarter of wrong values does not move. `None` of less than two weeks.
pub fn growth(series: &Series, seconds: f64) -> Option<f64> {
    let span = series.values.len() as f64 * series.bin.0;
    if span < ENOUGH * DAY {
        return None;
    }
    let chunk = ((DAY / series.bin.0) as usize)
        .max(series.values.len() / POINTS)
        .max(1);
    let means: Vec<(f64, f64)> = series
        .values
        .chunks(chunk)
        .enumerate()
        .map(|(index, chunk)| {
            let mean = chunk.iter().sum::<f64>() / chunk.len() as f64;
            (index as f64, mean)
        })
        .filter(|(_, mean)| *mean > 0.0)
        .map(|(index, mean)| (index, mean.ln()))
        .collect();
    let mut slopes: Vec<f64> = means
        .iter()
        .enumerate()
        .flat_map(|(at, one)| {
            means
                .iter()
                .skip(at + 1)
                .map(move |other| (other.1 - one.1) / (other.0 - one.0))
        })
        .collect();
    slopes.sort_by(f64::total_cmp);
    let slope = slopes.get(slopes.len() / 2)?;
    Some((slope * seconds / (chunk as f64 * series.bin.0)).exp() - 1.0)
}
