//! A week of predicted replicas as cron triggers.
//!
//! KEDA takes the highest of all triggers that are on, so one trigger says "at least so many, from then until then".
//! For every number of replicas above the floor there is one trigger for each stretch of the week that needs at least
//! that many; stretches at the same time of several days share it. What is predicted comes early by the time that a
//! machine and a server take to start.

use std::collections::BTreeMap;

use crate::quantity::Seconds;

const DAY: u64 = 24 * 60;
const WEEK: u64 = 7 * DAY;

/// At least so many replicas, from one moment until another, on some days.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Stretch {
    /// Replicas.
    pub(super) replicas: u64,
    /// Five cron fields.
    pub(super) start: String,
    /// Five cron fields.
    pub(super) end: String,
}

/// The stretches of a week above `floor`, the lowest first. `replicas` are those of each hour, Monday 00:00 first;
/// `lead` is how much earlier they are wanted, at most a day.
pub(super) fn stretches(replicas: &[u64], floor: u64, lead: Seconds) -> Vec<Stretch> {
    let hours = replicas.len() as u64;
    let mut levels: Vec<u64> = replicas.iter().copied().filter(|count| *count > floor).collect();
    levels.sort_unstable();
    levels.dedup();
    let lead = ((lead.0 / 300.0).ceil().max(0.0) as u64 * 5).min(DAY);
    let mut found = Vec::new();
    for level in levels {
        // Days on which a stretch begins, by its first minute of the day and its length.
        let mut days: BTreeMap<(u64, u64), Vec<u64>> = BTreeMap::new();
        for (start, length) in spans(replicas, level, lead) {
            days.entry((start % DAY, length)).or_default().push(start / DAY);
        }
        for ((minute, length), days) in days {
            let ends = days
                .iter()
                .map(|day| (day * DAY + minute + length) % (hours * 60).max(1));
            let ends: Vec<u64> = ends.collect();
            let last = ends.first().copied().unwrap_or_default() % DAY;
            let end_days = ends.iter().map(|end| end / DAY).collect();
            found.push(Stretch {
                replicas: level,
                start: cron(minute, days),
                end: cron(last, end_days),
            });
        }
    }
    found
}

/// First minute of the week and length in minutes of each stretch that needs `level`; they never touch. A stretch of
/// the whole week is left out: it has no start, and the floor should have covered it.
fn spans(replicas: &[u64], level: u64, lead: u64) -> Vec<(u64, u64)> {
    let busy: Vec<bool> = minutes(replicas, level, lead);
    let before = |at: usize| busy.get((at + busy.len() - 1) % busy.len().max(1)) == Some(&true);
    let starts = busy
        .iter()
        .enumerate()
        .filter(|(at, on)| **on && !before(*at))
        .map(|(at, _)| at);
    let length = |start: usize| busy.iter().cycle().skip(start).take_while(|on| **on).count();
    starts.map(|start| (start as u64, length(start) as u64)).collect()
}

/// Whether each minute of the week needs `level`, or some minute in the `lead` after it does.
fn minutes(replicas: &[u64], level: u64, lead: u64) -> Vec<bool> {
    let mut busy = vec![false; WEEK as usize];
    for (hour, _) in replicas.iter().enumerate().filter(|(_, count)| **count >= level) {
        let start = (hour as u64 * 60 + WEEK - lead) % WEEK;
        for minute in start..start + lead + 60 {
            if let Some(slot) = busy.get_mut((minute % WEEK) as usize) {
                *slot = true;
            }
        }
    }
    busy
}

/// Five cron fields for a minute of the day on `days`, Monday 0.
fn cron(minute: u64, mut days: Vec<u64>) -> String {
    // Cron counts from Sunday.
    days.iter_mut().for_each(|day| *day = (*day + 1) % 7);
    days.sort_unstable();
    let consecutive = days.windows(2).all(|pair| matches!(pair, [a, b] if a + 1 == *b));
    let days = match days.as_slice() {
        [0, 1, 2, 3, 4, 5, 6] => "*".to_owned(),
        [first, .., last] if consecutive => format!("{first}-{last}"),
        some => some.iter().map(u64::to_string).collect::<Vec<_>>().join(","),
    };
    format!("{} {} * * {days}", minute % 60, minute / 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week(replicas: impl Fn(usize, usize) -> u64) -> Vec<u64> {
        (0..168).map(|hour| replicas(hour / 24, hour % 24)).collect()
    }

    fn stretch(replicas: u64, start: &str, end: &str) -> Stretch {
        Stretch {
            replicas,
            start: start.to_owned(),
            end: end.to_owned(),
        }
    }

    #[test]
    fn office_hours_are_one_trigger_a_level() {
        let replicas = week(|day, hour| match (day, hour) {
            (0..5, 9..12 | 14..17) => 5,
            (0..5, 8..18) => 3,
            _ => 1,
        });
        let expected = [
            stretch(3, "50 7 * * 1-5", "0 18 * * 1-5"),
            stretch(5, "50 8 * * 1-5", "0 12 * * 1-5"),
            stretch(5, "50 13 * * 1-5", "0 17 * * 1-5"),
        ];
        assert_eq!(stretches(&replicas, 1, Seconds(600.0)), expected);
    }

    #[test]
    fn stretches_cross_midnight_and_the_week() {
        let evening = week(|_, hour| if !(1..18).contains(&hour) { 4 } else { 2 });
        assert_eq!(
            stretches(&evening, 2, Seconds(0.0)),
            [stretch(4, "0 18 * * *", "0 1 * * *")]
        );
        let weekend = week(|day, hour| u64::from(day >= 5 || (day == 0 && hour < 2)) + 1);
        assert_eq!(
            stretches(&weekend, 1, Seconds(0.0)),
            [stretch(2, "0 0 * * 6", "0 2 * * 1")]
        );
    }

    #[test]
    fn a_flat_week_needs_no_trigger() {
        assert!(stretches(&week(|_, _| 3), 3, Seconds(600.0)).is_empty());
        assert!(stretches(&week(|_, _| 3), 1, Seconds(600.0)).is_empty());
    }

    /// At every minute the triggers that are on ask for what the curve asks for.
    #[test]
    fn triggers_cover_the_curve() {
        let replicas = week(|day, hour| ((day * 7 + hour * 5) % 6) as u64 + 1);
        let at = |stretch: &Stretch, hour: u64| {
            let field =
                |cron: &str, at: usize| cron.split(' ').nth(at).map(str::to_owned).unwrap_or_default();
            let times = |cron: &str| {
                let minute: u64 = field(cron, 0).parse().unwrap_or(0);
                let of_day = field(cron, 1).parse::<u64>().unwrap_or(0) * 60 + minute;
                let days = field(cron, 4);
                let on = move |day: u64| match days.split_once('-') {
                    Some((first, last)) => {
                        (first.parse().unwrap_or(9)..=last.parse().unwrap_or(0)).contains(&((day + 1) % 7))
                    }
                    None => days == "*" || days.split(',').any(|d| d.parse() == Ok((day + 1) % 7)),
                };
                (0..7)
                    .filter(move |day| on(*day))
                    .map(move |day| day * DAY + of_day)
                    .collect::<Vec<_>>()
            };
            let now = hour * 60 + 30;
            let next = |all: Vec<u64>| all.into_iter().map(|at| (at + WEEK - now) % WEEK).min();
            next(times(&stretch.end)) < next(times(&stretch.start))
        };
        let all = stretches(&replicas, 1, Seconds(0.0));
        for (hour, wanted) in replicas.iter().enumerate() {
            let on = all.iter().filter(|stretch| at(stretch, hour as u64));
            assert_eq!(
                on.map(|stretch| stretch.replicas).max().unwrap_or(1),
                *wanted,
                "hour {hour}"
            );
        }
    }
}
