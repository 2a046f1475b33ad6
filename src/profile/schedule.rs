//! How often pipelines run: cron expressions counted over a fixed window.

use std::str::FromStr;

use croner::Cron;

use crate::graph::model::{Pipeline, Schedule};
use crate::quantity::MONTH;

/// Runs of a pipeline without a schedule: one a day, so that what it costs is not hidden. A stated default.
pub const UNSCHEDULED_RUNS_PER_MONTH: f64 = MONTH.0 / DAY;

const DAY: f64 = 86_400.0;

/// First and last year of the window. Four years hold every weekday, month and leap day in their true proportion;
/// which four does not matter, but they must not depend on the clock.
const WINDOW: std::ops::RangeInclusive<i32> = 2025..=2028;

/// Days in the window.
const WINDOW_DAYS: f64 = 1461.0;

/// Runs that `schedules` start in a month of 730 h, on average. Zones and summer time do not matter to a mean;
/// expressions that do not parse count nothing, as they were reported when the graph was built.
pub fn runs_per_month(schedules: &[Schedule]) -> f64 {
    schedules
        .iter()
        .filter_map(|schedule| Cron::from_str(&schedule.cron.value).ok())
        .map(|cron| starts_per_day(&cron) * MONTH.0 / DAY)
        .sum()
}

/// The same for a pipeline; one without a schedule is taken to run [`UNSCHEDULED_RUNS_PER_MONTH`] times.
pub fn runs_of(pipeline: &Pipeline) -> f64 {
    if pipeline.schedules.is_empty() {
        UNSCHEDULED_RUNS_PER_MONTH
    } else {
        runs_per_month(&pipeline.schedules)
    }
}

/// Mean number of starts in a day: the days that match, times the minutes of a day that match.
fn starts_per_day(cron: &Cron) -> f64 {
    let pattern = &cron.pattern;
    let days = WINDOW
        .flat_map(|year| (1..=12).flat_map(move |month| (1..=31).map(move |day| (year, month, day))))
        .filter(|&(year, month, day)| {
            // A date that does not exist (31 April) is an error and no match.
            pattern.month_match(month).unwrap_or(false)
                && pattern.day_match(year, month, day).unwrap_or(false)
        })
        .count();
    let hours = (0..24).filter(|hour| pattern.hour_match(*hour).unwrap_or(false));
    let minutes = (0..60).filter(|minute| pattern.minute_match(*minute).unwrap_or(false));
    days as f64 / WINDOW_DAYS * hours.count() as f64 * minutes.count() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::model::Overlap;
    use crate::quantity::Seconds;
    use crate::source::{Span, Spanned};

    fn schedule(cron: &str) -> Schedule {
        Schedule {
            cron: Spanned::new(cron.to_string(), Span::default()),
            timezone: "UTC".to_string(),
            overlap: Overlap::Forbid,
            late: Seconds::ZERO,
        }
    }

    fn runs(crons: &[&str]) -> f64 {
        let schedules: Vec<Schedule> = crons.iter().map(|cron| schedule(cron)).collect();
        runs_per_month(&schedules)
    }

    #[test]
    fn counts_starts_in_a_month_of_730_hours() {
        let days = 730.0 / 24.0;
        for (cron, expected) in [
            ("0 2 * * *", days),
            ("15 */6 * * *", days * 4.0),
            ("0 1 * * 0", days / 7.0),
            ("*/15 9-17 * * 1-5", days * 5.0 / 7.0 * 36.0),
            ("0 0 1 * *", days * 48.0 / WINDOW_DAYS),
            ("0 0 29 2 *", days / WINDOW_DAYS),
        ] {
            let found = runs(&[cron]);
            assert!(
                (found / expected - 1.0).abs() < 3e-3,
                "{cron}: {found} {expected}"
            );
        }
    }

    #[test]
    fn several_schedules_add_up_and_bad_ones_count_nothing() {
        assert_eq!(runs(&["0 2 * * *", "0 14 * * *"]), 2.0 * runs(&["0 2 * * *"]));
        assert_eq!(runs(&["at noon"]), 0.0);
    }
}
