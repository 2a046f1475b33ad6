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
