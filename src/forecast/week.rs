//! The week that comes, hour by hour.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Forecast, Series, forecast};

/// Hours in a week.
const HOURS: usize = 168;

/// Expected rates of the hours of a week, Monday 00:00 first, in one zone.
#[derive(Clone, PartialEq, Debug)]
pub struct Week {
    /// The most likely.
    pub p50: Vec<f64>,
    /// Exceeded in five hours of a hundred.
    pub p95: Vec<f64>,
}

/// The seven days after the end of `series`, by hour of the week in `zone` (an IANA name). `None` if less than two days
/// are known, if bins are longer than an hour or if there is no such zone.
pub fn week(series: &Series, zone: &str) -> Option<Week> {
    let day = series.bins_a_day();
    if series.bin.0 > 3600.0 || series.values.len() < 2 * day {
        return None;
    }
    let zone = TimeZone::get(zone).ok()?;
    let Forecast { point, p95 } = forecast(series, 7 * day);
    let mut sums = vec![(0.0, 0.0, 0.0); HOURS];
    for (step, (point, p95)) in point.iter().zip(&p95).enumerate() {
        let time = series.start + (series.values.len() + step) as f64 * series.bin.0;
        let hour = hour_of_week(time, &zone)?;
        if let Some(sum) = sums.get_mut(hour) {
            *sum = (sum.0 + point, sum.1 + p95, sum.2 + 1.0);
        }
    }
    // An hour that summer time takes away is like the one before it.
    let mut week = Week {
        p50: Vec::new(),
        p95: Vec::new(),
    };
    for (point, p95, count) in sums {
        let before = (
            week.p50.last().copied().unwrap_or(0.0),
            week.p95.last().copied().unwrap_or(0.0),
        );
        let (point, p95) = if count > 0.0 {
            (point / count, p95 / count)
        } else {
            before
        };
        week.p50.push(point);
        week.p95.push(p95);
    }
    Some(week)
}

fn hour_of_week(time: f64, zone: &TimeZone) -> Option<usize> {
    let time = Timestamp::from_second(time as i64).ok()?.to_zoned(zone.clone());
    let day = time.weekday().to_monday_zero_offset();
    usize::try_from(i32::from(day) * 24 + i32::from(time.hour())).ok()
}
