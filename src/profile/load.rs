//! Load over a week, and the replicas that it needs.

use crate::graph::model::{Shape, Traffic};
use crate::quantity::{PerSecond, Percent};

/// Hours in a week: Monday 00:00 first.
const WEEK: usize = 168;

/// No more than this share of a replica's slots is used on average, so that a lost replica or a burst within the hour
/// finds room. A stated default.
const TARGET_UTILISATION: f64 = 0.7;

/// Square-root staffing: with load a and a + 2.33 √a slots, one request in a hundred has to wait, so that a p99 holds
/// as long as the service time does (Halfin and Whitt 1981; 2.33 is the 99 % quantile of the normal distribution).
const STAFFING: f64 = 2.33;

/// Share of the time that one machine is up: the least that a provider agrees to for single machines (AWS, 2025).
const MACHINE_UP: f64 = 0.995;

/// Replicas beyond which regions and people fail, not machines.
const MOST_FOR_AVAILABILITY: u64 = 3;

/// Halvings that find the exponent of a curve: enough for the precision of a float.
const HALVINGS: u32 = 60;

/// Rate by hour as a share of the peak: a working day and a day of rest. Typical forms, our estimates.
type Day = [f64; 24];

const FLAT: Day = [1.0; 24];
const WAKING: Day = [
    0.30, 0.22, 0.17, 0.15, 0.16, 0.22, 0.35, 0.52, 0.68, 0.80, 0.88, 0.94, 0.98, 1.00, 0.99, 0.97, 0.95,
    0.93, 0.91, 0.88, 0.82, 0.72, 0.57, 0.42,
];
const OFFICE: Day = [
    0.04, 0.03, 0.03, 0.03, 0.03, 0.05, 0.10, 0.30, 0.65, 0.92, 1.00, 0.97, 0.80, 0.85, 0.97, 0.98, 0.92,
    0.70, 0.40, 0.22, 0.15, 0.10, 0.07, 0.05,
];
const CLOSED: Day = [
    0.03, 0.03, 0.02, 0.02, 0.02, 0.03, 0.04, 0.05, 0.07, 0.08, 0.09, 0.10, 0.10, 0.09, 0.09, 0.08, 0.08,
    0.08, 0.08, 0.08, 0.07, 0.06, 0.05, 0.04,
];
const EVENING: Day = [
    0.35, 0.20, 0.12, 0.08, 0.07, 0.08, 0.12, 0.18, 0.22, 0.26, 0.30, 0.34, 0.38, 0.38, 0.37, 0.38, 0.43,
    0.53, 0.68, 0.85, 0.97, 1.00, 0.85, 0.58,
];
const QUIET: Day = [
    0.15, 0.11, 0.08, 0.07, 0.08, 0.11, 0.17, 0.25, 0.32, 0.36, 0.38, 0.40, 0.42, 0.42, 0.41, 0.40, 0.40,
    0.41, 0.42, 0.42, 0.40, 0.35, 0.28, 0.20,
];

/// A working day and a day of rest of a shape.
fn days(shape: Shape) -> (Day, Day) {
    match shape {
        Shape::Flat => (FLAT, FLAT),
        Shape::Daily => (WAKING, WAKING),
        Shape::OfficeHours => (OFFICE, CLOSED),
        Shape::Evening => (EVENING, EVENING),
        Shape::Weekend => (QUIET, WAKING),
    }
}

/// Share of the time that one of `replicas` is up, if they fail independently; no more than four nines in one region.
pub fn availability(replicas: u64) -> Percent {
    let replicas = replicas.clamp(1, MOST_FOR_AVAILABILITY) as i32;
    Percent((1.0 - (1.0 - MACHINE_UP).powi(replicas)).min(0.9999))
}

/// Fewest replicas that reach this availability, or the most that help.
pub(super) fn replicas_for(promised: Percent) -> u64 {
    let enough = (1..MOST_FOR_AVAILABILITY).find(|replicas| availability(*replicas).0 >= promised.0);
    enough.unwrap_or(MOST_FOR_AVAILABILITY)
}

/// Rate of each hour of the week. Its highest is the declared peak and its mean the declared mean, for which the shape
/// is raised to a power; a mean that the shape cannot have (flat, or above the peak) is not honoured.
pub(super) fn curve(traffic: &Traffic) -> Vec<PerSecond> {
    let (work, rest) = days(traffic.shape);
    let week = (0..7).flat_map(|day| if day < 5 { work } else { rest });
    let shares: Vec<f64> = week.collect();
    let peak = traffic.peak.0;
    let mean = traffic.mean.filter(|mean| mean.0 > 0.0 && mean.0 < peak);
    let power = mean.map_or(1.0, |mean| power(&shares, mean.0 / peak));
    shares
        .iter()
        .map(|share| PerSecond(peak * share.powf(power)))
        .collect()
}

/// The power p for which the mean of share^p over a week is `mean`: it falls as p grows, so halving finds it.
fn power(shares: &[f64], mean: f64) -> f64 {
    let mean_at = |power: f64| shares.iter().map(|share| share.powf(power)).sum::<f64>() / WEEK as f64;
    let (mut low, mut high) = (0.0, 64.0);
    if mean_at(high) > mean {
        return 1.0;
    }
    for _ in 0..HALVINGS {
        let middle = (low + high) / 2.0;
        if mean_at(middle) > mean {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

/// Replicas that serve `rate` when each has `slots` requests in progress at a time and one takes `seconds`.
pub(super) fn replicas(rate: PerSecond, seconds: f64, slots: f64) -> u64 {
    let load = rate.0.max(0.0) * seconds;
    let needed = (load / TARGET_UTILISATION).max(load + STAFFING * load.sqrt());
    (needed / slots.max(f64::MIN_POSITIVE)).ceil() as u64
}

/// Rate that one replica bears at the utilisation that is aimed at.
pub(super) fn per_replica(seconds: f64, slots: f64) -> f64 {
    slots / seconds.max(f64::MIN_POSITIVE) * TARGET_UTILISATION
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Percent;
    use crate::source::Span;

    fn traffic(shape: Shape, mean: Option<f64>) -> Traffic {
        Traffic {
            peak: PerSecond(25.0),
            mean: mean.map(PerSecond),
            shape,
            timezone: "UTC".to_string(),
            input_tokens: None,
            output_tokens: None,
            growth: Percent(0.0),
            span: Span::default(),
        }
    }

    #[test]
    fn a_curve_has_the_declared_peak_and_mean() {
        for shape in [Shape::Daily, Shape::OfficeHours, Shape::Evening, Shape::Weekend] {
            let curve = curve(&traffic(shape, Some(6.0)));
            assert_eq!(curve.len(), WEEK);
            let mean = curve.iter().map(|rate| rate.0).sum::<f64>() / WEEK as f64;
            let peak = curve.iter().map(|rate| rate.0).fold(0.0, f64::max);
            assert!((mean - 6.0).abs() < 1e-9, "{shape:?}: {mean}");
            assert_eq!(peak, 25.0);
        }
    }

    #[test]
    fn nights_and_weekends_are_quiet_in_offices() {
        let curve = curve(&traffic(Shape::OfficeHours, None));
        let (monday_ten, monday_three, sunday_ten) = (curve.get(10), curve.get(3), curve.get(6 * 24 + 10));
        assert_eq!(monday_ten, Some(&PerSecond(25.0)));
        assert!(monday_three < Some(&PerSecond(1.0)) && sunday_ten < Some(&PerSecond(3.0)));
    }

    #[test]
    fn replicas_grow_with_load_and_leave_room_for_waiting() {
        assert_eq!(replicas(PerSecond(0.0), 0.1, 2.0), 0);
        // a = 100: 100 + 2.33 x 10 = 123 slots would do, 143 keep utilisation at 0.7.
        assert_eq!(replicas(PerSecond(1000.0), 0.1, 1.0), 143);
        // a = 1: one in a hundred waits only with 4 slots.
        assert_eq!(replicas(PerSecond(10.0), 0.1, 1.0), 4);
        let rising: Vec<u64> = (0..50)
            .map(|rate| replicas(PerSecond(f64::from(rate)), 0.2, 3.0))
            .collect();
        assert!(rising.is_sorted());
    }
}
