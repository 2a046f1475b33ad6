//! The methods that compete: a usual course, and how long the present departs from it.

use super::season;
use super::series::Series;

/// What a series is taken to return to.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Usual {
    /// The mean of the last day.
    Level,
    /// The usual day; each day back counts this share of the one after it.
    Day(f64),
    /// The usual week.
    Week,
}

/// How much of the recent past says where the series stands now.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Recent {
    /// So many bins.
    Bins(usize),
    /// One hour.
    Hour,
}

/// The usual course, plus the present departure from it, of which `decay` is left after an hour.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Candidate {
    usual: Usual,
    recent: Recent,
    decay: f64,
}

/// Weight of a week against the one after it.
const WEEK_MEMORY: f64 = 0.7;

const fn candidate(usual: Usual, recent: Recent, decay: f64) -> Candidate {
    Candidate { usual, recent, decay }
}

/// All methods. The first stands for the others where there is no past to choose by: the last value.
pub const ALL: [Candidate; 22] = [
    candidate(Usual::Level, Recent::Bins(1), 1.0),
    candidate(Usual::Level, Recent::Bins(2), 1.0),
    candidate(Usual::Level, Recent::Hour, 1.0),
    candidate(Usual::Level, Recent::Hour, 0.9),
    candidate(Usual::Day(0.5), Recent::Bins(1), 0.9),
    candidate(Usual::Day(0.5), Recent::Bins(2), 0.9),
    candidate(Usual::Day(0.5), Recent::Bins(2), 0.98),
    candidate(Usual::Day(0.9), Recent::Bins(2), 0.98),
    candidate(Usual::Day(0.5), Recent::Hour, 0.8),
    candidate(Usual::Day(0.5), Recent::Hour, 0.9),
    candidate(Usual::Day(0.5), Recent::Hour, 0.95),
    candidate(Usual::Day(0.5), Recent::Hour, 0.98),
    candidate(Usual::Day(0.7), Recent::Hour, 0.8),
    candidate(Usual::Day(0.7), Recent::Hour, 0.9),
    candidate(Usual::Day(0.7), Recent::Hour, 0.95),
    candidate(Usual::Day(0.7), Recent::Hour, 0.98),
    candidate(Usual::Day(0.9), Recent::Hour, 0.8),
    candidate(Usual::Day(0.9), Recent::Hour, 0.9),
    candidate(Usual::Day(0.9), Recent::Hour, 0.95),
    candidate(Usual::Day(0.9), Recent::Hour, 0.98),
    candidate(Usual::Week, Recent::Hour, 0.9),
    candidate(Usual::Week, Recent::Hour, 0.97),
];

impl Candidate {
    /// The `steps` bins after the first `origin` values; `None` if the past is too short for this method.
    pub fn course(&self, series: &Series, origin: usize, steps: usize) -> Option<Vec<f64>> {
        let values = series.values.get(..origin)?;
        let day = series.bins_a_day();
        let hour = series.bins_an_hour();
        let usual = match self.usual {
            Usual::Level => vec![mean(tail(values, day))?],
            Usual::Day(memory) => season::profile(values, day, memory, hour / 2)?,
            Usual::Week => season::profile(values, 7 * day, WEEK_MEMORY, hour / 2)?,
        };
        let recent = match self.recent {
            Recent::Bins(bins) => bins,
            Recent::Hour => hour,
        };
        let now = tail(values, recent);
        // The course before the present is the end of the season, so the last values meet its last slots.
        let before = usual.iter().rev().cycle();
        let departure: f64 = now
            .iter()
            .rev()
            .zip(before)
            .map(|(value, usual)| value - usual)
            .sum();
        let departure = departure / now.len().max(1) as f64;
        let decay = self.decay.powf(1.0 / series.bins_an_hour_exact());
        let course = usual.iter().cycle().take(steps).scan(departure, |left, usual| {
            *left *= decay;
            Some(usual + *left)
        });
        Some(course.collect())
    }
}

fn tail(values: &[f64], count: usize) -> &[f64] {
    values.get(values.len().saturating_sub(count)..).unwrap_or(values)
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
