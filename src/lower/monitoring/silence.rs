//! `silence`: a cron expression and a duration, as the time intervals in which Alertmanager mutes a route.
//!
//! An interval of Alertmanager lies within one day, so a silence of several days becomes a piece for each day it touches.

use serde::Serialize;

use crate::quantity::Seconds;

/// A time interval as Alertmanager reads it; what is empty does not restrict.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Interval {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    times: Vec<Times>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    weekdays: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    days_of_month: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    months: Vec<String>,
    location: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct Times {
    start_time: String,
    end_time: String,
}

/// Days of a cron expression: `None` stands for `*`.
struct Days {
    of_month: Option<Vec<u32>>,
    months: Option<Vec<u32>>,
    of_week: Option<Vec<u32>>,
}

const DAY: u32 = 24 * 60;
const WEEKDAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];

/// Shortest length of each month; 29 February is not worth a silence that ends a day late.
const MONTH_DAYS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// The intervals of a silence in the zone `location`; `Err` says what Alertmanager cannot express.
pub fn intervals(cron: &str, lasting: Seconds, location: &str) -> Result<Vec<Interval>, &'static str> {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let [minute, hour, of_month, month, of_week] = fields.as_slice() else {
        return Err("only five-field cron expressions can be silenced");
    };
    let days = Days {
        of_month: set(of_month, 1, 31, &[])?,
        months: set(month, 1, 12, &MONTHS)?,
        of_week: set(of_week, 0, 7, &WEEK)?.map(|days| days.into_iter().map(|day| day % 7).collect()),
    };
    if days.of_month.is_some() && days.of_week.is_some() {
        return Err("day of month or day of week, not both");
    }
    let (Some(minutes), Some(hours)) = (set(minute, 0, 59, &[])?, set(hour, 0, 23, &[])?) else {
        return Err("a silence begins at a given hour and minute");
    };
    let length = (lasting.0 / 60.0).round() as u32;
    let mut found = Vec::new();
    for start in hours
        .iter()
        .flat_map(|hour| minutes.iter().map(move |minute| hour * 60 + minute))
    {
        for (day, from, to) in pieces(start, length) {
            found.push(interval(&days, day, (from, to), location)?);
        }
    }
    Ok(found)
}

/// Day after the first, and minutes of that day.
fn pieces(start: u32, length: u32) -> impl Iterator<Item = (u32, u32, u32)> {
    let end = start.saturating_add(length.max(1));
    (0..end.div_ceil(DAY)).map(move |day| {
        let from = start.saturating_sub(day * DAY).min(DAY);
        (day, from, (end - day * DAY).min(DAY))
    })
}

fn interval(
    days: &Days,
    after: u32,
    (from, to): (u32, u32),
    location: &str,
) -> Result<Interval, &'static str> {
    let whole = from == 0 && to == DAY;
    let clock = |minutes: u32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let times = Times {
        start_time: clock(from),
        end_time: clock(to),
    };
    let of_month = match &days.of_month {
        Some(listed) => shifted(listed, after, days.months.as_deref())?,
        // The days after the last of a month lie in the next one.
        None if after > 0 && days.months.is_some() && days.of_week.is_none() => {
            return Err("a silence of several days in certain months needs a day of the month");
        }
        None => Vec::new(),
    };
    let weekdays = days.of_week.iter().flatten().filter_map(|day| {
        let index = (day + after) % 7;
        WEEKDAYS.get(index as usize).copied()
    });
    Ok(Interval {
        times: if whole { Vec::new() } else { vec![times] },
        weekdays: weekdays.collect(),
        days_of_month: of_month,
        months: days.months.iter().flatten().map(u32::to_string).collect(),
        location: location.to_owned(),
    })
}

fn shifted(listed: &[u32], after: u32, months: Option<&[u32]>) -> Result<Vec<String>, &'static str> {
    let shortest = |months: &[u32]| {
        let lengths = months
            .iter()
            .filter_map(|month| MONTH_DAYS.get(*month as usize - 1));
        lengths.min().copied()
    };
    let shortest = months.and_then(shortest).unwrap_or(28);
    let shifted: Vec<u32> = listed.iter().map(|day| day + after).collect();
    if after > 0 && shifted.iter().any(|day| *day > shortest) {
        return Err("a silence that passes the end of a month");
    }
    Ok(shifted.iter().map(u32::to_string).collect())
}

const MONTHS: [&str; 13] = [
    "", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const WEEK: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The values of one cron field; `None` for `*`.
fn set(field: &str, low: u32, high: u32, names: &[&str]) -> Result<Option<Vec<u32>>, &'static str> {
    const FORM: &str = "only numbers, lists, ranges and steps can be silenced";
    if field == "*" || field == "?" {
        return Ok(None);
    }
    let number = |text: &str| {
        let lower = text.to_lowercase();
        let named = names.iter().position(|name| !name.is_empty() && *name == lower);
        let found = named.map(|index| index as u32).or_else(|| text.parse().ok());
        found.filter(|value| (low..=high).contains(value)).ok_or(FORM)
    };
    let mut values = Vec::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (
                range,
                step.parse::<usize>().ok().filter(|step| *step > 0).ok_or(FORM)?,
            ),
            None => (part, 1),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (low, high),
            Some((first, last)) => (number(first)?, number(last)?),
            None if part.contains('/') => (number(range)?, high),
            None => (number(range)?, number(range)?),
        };
        values.extend((first..=last).step_by(step));
    }
    values.sort_unstable();
    values.dedup();
    Ok(Some(values))
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics is a test that fails"
)]
mod tests {
    use super::*;

    fn yaml(cron: &str, hours: f64) -> String {
        let found = intervals(cron, Seconds(hours * 3600.0), "UTC").unwrap();
        serde_json::to_string(&found).unwrap()
    }

    #[test]
    fn days_are_cut_at_midnight() {
        assert_eq!(
            yaml("0 0 24 12 *", 48.0),
            r#"[{"days_of_month":["24"],"months":["12"],"location":"UTC"},{"days_of_month":["25"],"months":["12"],"location":"UTC"}]"#
        );
        assert_eq!(
            yaml("30 22 * * sat", 3.0),
            concat!(
                r#"[{"times":[{"start_time":"22:30","end_time":"24:00"}],"weekdays":["saturday"],"location":"UTC"},"#,
                r#"{"times":[{"start_time":"00:00","end_time":"01:30"}],"weekdays":["sunday"],"location":"UTC"}]"#
            )
        );
    }

    #[test]
    fn what_cannot_be_said_is_refused() {
        for cron in ["0 0 31 1 *", "0 0 1 * mon", "* 0 * * *", "0 0 L * *"] {
            assert!(intervals(cron, Seconds(48.0 * 3600.0), "UTC").is_err(), "{cron}");
        }
    }
}
