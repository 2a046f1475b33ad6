//! Forecasts of series whose future is known.

use super::*;
use crate::quantity::Seconds;

const HOUR: Seconds = Seconds(3600.0);

/// A day of 24 hours, low at night, `noise` added by a fixed rule.
fn days(count: usize, noise: f64) -> Series {
    let values = (0..count * 24).map(|hour| {
        let course = 100.0 - 80.0 * (hour as f64 / 24.0 * std::f64::consts::TAU).cos();
        // A low-discrepancy sequence stands for chance: it is the same every time.
        course + noise * ((hour as f64 * 0.618_033_988_75).fract() - 0.5)
    });
    Series {
        start: 1_777_593_600.0,
        bin: HOUR,
        values: values.collect(),
    }
}

#[test]
fn a_day_that_repeats_is_forecast() {
    let known = days(10, 0.0);
    let made = forecast(&known, 24);
    for (step, point) in made.point.iter().enumerate() {
        assert!(
            (point - known.values[step]).abs() < 5.0,
            "{step}: {point} {}",
            known.values[step]
        );
    }
}

#[test]
fn short_of_a_past_the_last_value_stands() {
    assert_eq!(
        forecast(
            &Series {
                start: 0.0,
                bin: HOUR,
                values: vec![7.0]
            },
            3
        )
        .point,
        [7.0; 3]
    );
    assert!(
        forecast(
            &Series {
                start: 0.0,
                bin: HOUR,
                values: vec![]
            },
            3
        )
        .point
        .is_empty()
    );
    let constant = Series {
        start: 0.0,
        bin: HOUR,
        values: vec![5.0; 200],
    };
    let made = forecast(&constant, 30);
    assert!(
        made.point
            .iter()
            .chain(&made.p95)
            .all(|value| (value - 5.0).abs() < 1e-9)
    );
}

#[test]
fn five_bins_of_a_hundred_exceed_the_upper_course() {
    let series = days(40, 60.0);
    let (mut over, mut all) = (0, 0);
    for day in 15..40 {
        let known = Series {
            values: series.values[..day * 24].to_vec(),
            ..series.clone()
        };
        let made = forecast(&known, 24);
        assert!(made.point.iter().zip(&made.p95).all(|(point, p95)| p95 >= point));
        let truth = &series.values[day * 24..(day * 24 + 24).min(series.values.len())];
        over += truth
            .iter()
            .zip(&made.p95)
            .filter(|(truth, p95)| truth > p95)
            .count();
        all += truth.len();
    }
    assert!(
        (0.005..0.1).contains(&(over as f64 / all as f64)),
        "{over} of {all}"
    );
}

#[test]
fn a_present_departure_counts_now_and_is_forgotten_by_tomorrow() {
    let mut series = days(10, 0.0);
    for value in series.values.iter_mut().rev().take(3) {
        *value += 50.0;
    }
    let made = forecast(&series, 24);
    let usual = days(11, 0.0).values;
    let above = |step: usize| made.point[step] - usual[240 + step];
    assert!(
        above(0) > above(6) && above(6) > above(20),
        "{} {} {}",
        above(0),
        above(6),
        above(20)
    );
    assert!(
        above(0) > 10.0 && above(20).abs() < 15.0,
        "{} {}",
        above(0),
        above(20)
    );
}

#[test]
fn samples_are_gathered_into_even_bins_and_gaps_are_drawn_over() {
    let samples = [
        (3600.0, 1.0),
        (7200.0, 3.0),
        (18_000.0, 9.0),
        (10_800.0, 5.0),
        (10_860.0, 7.0),
    ];
    let series = Series::of(samples).expect("there are enough");
    assert_eq!(series.bin, HOUR);
    assert_eq!(series.values, [1.0, 3.0, 6.0, 7.5, 9.0]);
    assert_eq!(Series::of([(1.0, 2.0)]), None);
    assert_eq!(Series::of([(1.0, f64::NAN), (2.0, 1.0)]), None);
}

#[test]
fn hours_of_the_week_are_those_of_the_zone() {
    let series = days(14, 0.0);
    let lisbon = week(&series, "Europe/Lisbon").expect("a week");
    let tokyo = week(&series, "Asia/Tokyo").expect("a week");
    let highest = |week: &Week| {
        (0..24)
            .max_by(|a, b| week.p50[*a].total_cmp(&week.p50[*b]))
            .expect("24 hours")
    };
    // The highest hour is 12:00 UTC: 13:00 in Lisbon in summer, 21:00 in Tokyo.
    assert_eq!((highest(&lisbon), highest(&tokyo)), (13, 21));
    assert_eq!((lisbon.p50.len(), lisbon.p95.len()), (168, 168));
    assert_eq!(week(&series, "Nowhere/Land"), None);
    assert_eq!(week(&days(1, 0.0), "UTC"), None);
}
