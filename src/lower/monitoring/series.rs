//! Series of the generated unit tests, in promtool's notation, one sample a minute.

use serde::Serialize;

use super::promql::number;

/// `series:` and `values:` of promtool.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Series {
    /// Metric and labels.
    pub series: String,
    /// Samples, a minute apart.
    pub values: String,
}

/// A value that holds for so many minutes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Level {
    /// The value, or for a counter its growth per second.
    pub value: f64,
    /// For so many samples.
    pub minutes: u64,
}

impl Level {
    /// `value` for so many minutes.
    pub fn new(value: f64, minutes: u64) -> Level {
        Level { value, minutes }
    }

    /// Another value for as long.
    pub fn map(self, value: impl Fn(f64) -> f64) -> Level {
        Level {
            value: value(self.value),
            minutes: self.minutes,
        }
    }
}

impl Series {
    /// A gauge at these levels, one after the other.
    pub fn gauge(series: impl Into<String>, levels: &[Level]) -> Series {
        let runs = levels.iter().map(|level| run(level.value, 0.0, level.minutes));
        Series::new(series, runs.collect())
    }

    /// A counter that grows at these rates.
    pub fn counter(series: impl Into<String>, levels: &[Level]) -> Series {
        let mut total = 0.0;
        let mut runs = Vec::new();
        for level in levels {
            let step = level.value * 60.0;
            runs.push(run(total, step, level.minutes));
            total += step * level.minutes as f64;
        }
        Series::new(series, runs)
    }

    fn new(series: impl Into<String>, runs: Vec<String>) -> Series {
        Series {
            series: series.into(),
            values: runs.join(" "),
        }
    }
}

/// `first+stepxN` makes N + 1 samples.
fn run(first: f64, step: f64, minutes: u64) -> String {
    let (first, times) = (number(first), minutes.saturating_sub(1));
    if step < 0.0 {
        format!("{first}-{}x{times}", number(-step))
    } else {
        format!("{first}+{}x{times}", number(step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_follow_each_other() {
        let levels = [Level::new(2.0, 3), Level::new(5.0, 2)];
        assert_eq!(Series::gauge("g", &levels).values, "2+0x2 5+0x1");
        assert_eq!(Series::counter("c", &levels).values, "0+120x2 360+300x1");
    }
}
