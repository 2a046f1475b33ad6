//! What a cron expression means for the time a run has.

use std::str::FromStr;

use crate::quantity::Seconds;
use croner::Cron;

/// Time from a scheduled start to the next `time` of day (seconds after midnight, in the schedule's zone), of the
/// start that leaves least. `None` if the expression starts nothing.
pub(super) fn leaves(cron: &str, time: Seconds) -> Option<Seconds> {
    const DAY: f64 = 86_400.0;
    let until = |start: Seconds| {
        let left = (time.0 - start.0).rem_euclid(DAY);
        Seconds(if left == 0.0 { DAY } else { left })
    };
    starts(cron)
        .into_iter()
        .map(until)
        .fold(None, |least: Option<Seconds>, left| {
            Some(least.map_or(left, |l| l.min(left)))
        })
}

/// Times of day at which the expression starts a run, whatever the day.
fn starts(cron: &str) -> Vec<Seconds> {
    let Ok(Cron { pattern, .. }) = Cron::from_str(cron) else {
        return Vec::new();
    };
    let hours = (0..24_u32).filter(|hour| pattern.hour_match(*hour).unwrap_or(false));
    let minutes: Vec<u32> = (0..60)
        .filter(|minute| pattern.minute_match(*minute).unwrap_or(false))
        .collect();
    hours
        .flat_map(|hour| {
            minutes
                .iter()
                .map(move |minute| Seconds(f64::from(hour * 3600 + minute * 60)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_that_leaves_least_counts() {
        let at = |hours: f64| Seconds(hours * 3600.0);
        assert_eq!(leaves("30 22 * * *", at(5.5)), Some(at(7.0)));
        assert_eq!(leaves("0 1 * * 0", at(6.0)), Some(at(5.0)));
        assert_eq!(leaves("15 */6 * * *", at(6.25)), Some(at(6.0)));
    }
}
