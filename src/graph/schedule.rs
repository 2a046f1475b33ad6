//! What a cron expression means for the time a run has.

use std::str::FromStr;

use croner::Cron;
use jiff::civil::DateTime;

use crate::quantity::Seconds;

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
    // Days do not matter here: with the day fields opened, one day shows all times.
    let mut fields: Vec<&str> = cron.split_whitespace().collect();
    for field in fields.iter_mut().skip(2) {
        *field = "*";
    }
    let Ok(pattern) = Cron::from_str(&fields.join(" ")) else {
        return Vec::new();
    };
    let matches = |minute: i8, hour: i8| {
        let at: DateTime = jiff::civil::date(2026, 1, 5).at(hour, minute, 0, 0);
        is_due(&pattern, at).then(|| Seconds(f64::from(hour) * 3600.0 + f64::from(minute) * 60.0))
    };
    (0..24)
        .flat_map(|hour| (0..60).map(move |minute| (minute, hour)))
        .filter_map(|(m, h)| matches(m, h))
        .collect()
}

fn is_due(pattern: &Cron, at: DateTime) -> bool {
    let stamp = at
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map(|zoned| zoned.timestamp().as_second());
    let time = stamp
        .ok()
        .and_then(|second| chrono::DateTime::from_timestamp(second, 0));
    time.is_some_and(|time| pattern.is_time_matching(&time).unwrap_or(false))
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
