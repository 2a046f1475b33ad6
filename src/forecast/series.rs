//! Values at even distances of time.

use crate::quantity::Seconds;

const DAY: f64 = 86_400.0;
const HOUR: f64 = 3600.0;

/// Values at even distances, oldest first; nothing is missing and nothing is NaN.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Series {
    /// Seconds since 1970 at which the first bin begins.
    pub start: f64,
    /// Length of a bin.
    pub bin: Seconds,
    /// One value a bin.
    pub values: Vec<f64>,
}

impl Series {
    /// Bins in a day, at least one.
    pub fn bins_a_day(&self) -> usize {
        ((DAY / self.bin.0).round() as usize).max(1)
    }

    /// Bins in an hour, at least one.
    pub fn bins_an_hour(&self) -> usize {
        ((HOUR / self.bin.0).round() as usize).max(1)
    }

    /// Bins in an hour; below one if bins are longer.
    pub fn bins_an_hour_exact(&self) -> f64 {
        HOUR / self.bin.0
    }
}

/// Bins that samples are gathered into, in seconds.
const BINS: [f64; 7] = [60.0, 300.0, 600.0, 900.0, 1800.0, HOUR, DAY];

/// Most bins of a series: two years of ten minutes.
const MOST: f64 = 110_000.0;

impl Series {
    /// Gathers samples (seconds since 1970, value) into the shortest of the usual bins that most of them are apart by.
    /// Bins without a sample are drawn as a line between their neighbours. `None` of fewer than two samples.
    pub fn of(samples: impl IntoIterator<Item = (f64, f64)>) -> Option<Series> {
        let mut samples: Vec<(f64, f64)> = samples
            .into_iter()
            .filter(|(time, value)| time.is_finite() && value.is_finite())
            .collect();
        samples.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (first, last) = (samples.first()?.0, samples.last()?.0);
        let mut apart: Vec<f64> = samples
            .iter()
            .zip(samples.iter().skip(1))
            .map(|(one, next)| next.0 - one.0)
            .filter(|apart| *apart > 0.0)
            .collect();
        apart.sort_by(f64::total_cmp);
        let usual = *apart.get(apart.len() / 2)?;
        let fits = |bin: &f64| *bin >= usual * 0.9 && (last - first) / bin < MOST;
        let bin = BINS.into_iter().find(fits)?;
        let start = (first / bin).floor() * bin;
        let count = ((last - start) / bin) as usize + 1;
        let mut sums = vec![(0.0, 0.0); count];
        for (time, value) in samples {
            if let Some(sum) = sums.get_mut(((time - start) / bin) as usize) {
                *sum = (sum.0 + value, sum.1 + 1.0);
            }
        }
        let means: Vec<Option<f64>> = sums
            .iter()
            .map(|(sum, count)| (*count > 0.0).then(|| sum / count))
            .collect();
        Some(Series {
            start,
            bin: Seconds(bin),
            values: filled(&means),
        })
    }
}

/// Draws lines over what is missing; the first and the last are there.
fn filled(values: &[Option<f64>]) -> Vec<f64> {
    let mut filled: Vec<f64> = Vec::with_capacity(values.len());
    let mut missing = 0;
    for value in values {
        let Some(value) = value else {
            missing += 1;
            continue;
        };
        let before = filled.last().copied().unwrap_or(*value);
        for step in 1..=missing {
            filled.push(before + (value - before) * step as f64 / (missing + 1) as f64);
        }
        filled.push(*value);
        missing = 0;
    }
    filled
}
