//! Values that are far from their own past, without anybody having said what to expect of them.
//!
//! What a run reports is compared with the median of its past runs, in robust standard deviations: the interquartile range
//! over 1.349, half the standard deviation, or 5 % of the median, whichever is largest. Without these floors a value
//! that hardly ever changes alerts at its first change. The last value itself is no part of that past.
//!
//! What a service is asked for follows the day and the week: it is compared with the hour around this time yesterday and a
//! week ago. The windows are centred, since a mean of the hour before would alert after every ordinary step of the day.

use super::cluster::interval;
use super::kind::Kind;
use super::kpi::{Kpi, alert_labels};
use super::promql::duration;
use super::rule::{Alert, Case, Pace};
use super::series::{Level, Series};
use crate::graph::{Graph, StepId, Subject, ValueType};
use crate::lower::{Lowering, names};
use crate::quantity::Seconds;

const HOUR: f64 = 3600.0;
const DAY: f64 = 24.0 * HOUR;

/// Runs further apart are too few to be compared within what Prometheus keeps.
const RARELY: Seconds = Seconds(7.0 * DAY);

/// What is watched of `step` without being asked for: its numeric outputs, and the requests it gets.
pub fn alerts(input: &Lowering<'_>, step: StepId) -> Vec<(Kpi, Alert)> {
    let graph = input.graph();
    let node = &graph[step];
    if node.kind.always_on() {
        let metric = "rate".to_owned();
        let kpi = Kpi::of(input, &Subject::Step { step, metric }).ok();
        return kpi
            .map(|kpi| (kpi.clone(), seasonal(graph, &kpi)))
            .into_iter()
            .collect();
    }
    if input.plan.profiled[step].runs_per_month <= 0.0 || interval(input, step) > RARELY {
        return Vec::new();
    }
    let outputs = node.emits.iter().filter(|emit| counts(emit.ty));
    outputs
        .filter_map(|emit| {
            let output = emit.name.value.clone();
            let steps = vec![step];
            let kpi = Kpi::of(input, &Subject::Output { steps, output }).ok()?;
            let alert = of_runs(graph, &kpi);
            Some((kpi, alert))
        })
        .collect()
}

fn counts(ty: ValueType) -> bool {
    match ty {
        ValueType::Integer | ValueType::Number | ValueType::Duration | ValueType::Bytes => true,
        ValueType::Boolean | ValueType::String | ValueType::Date | ValueType::List => false,
    }
}

fn of_runs(graph: &Graph, kpi: &Kpi) -> Alert {
    let now = kpi.selector(graph);
    // Whole hours or days, so that the samples of the unit test fall where the rule looks.
    let (pace, sample) = if kpi.interval.0 >= DAY {
        (Pace::Days, DAY)
    } else {
        (Pace::Hours, HOUR)
    };
    let samples = (kpi.interval.0 / sample).ceil().max(1.0);
    let run = Seconds(samples * sample);
    let window = duration(Seconds(14.0 * DAY).max(run.times(10.0)));
    let past = format!("{now}[{window}] offset {}", duration(run));
    let median = format!("quantile_over_time(0.5, {past})");
    let off = format!("abs({now} - {median})");
    let expr = format!(
        "{now}\n  \
         and {off} > 4 / 1.349 * (quantile_over_time(0.75, {past}) - quantile_over_time(0.25, {past}))\n  \
         and {off} > 2 * stddev_over_time({past})\n  \
         and {off} > 0.2 * abs({median})\n  \
         and {now} offset {}",
        duration(run.times(3.0))
    );
    // Four runs as usual and then the new value, for as long as it stays what the last run reported.
    let (old, new) = (4 * samples as u64, samples as u64);
    let usual = |count| Level::new(USUAL, count);
    let situation = Situation {
        pace,
        at: Seconds((old + new - 1) as f64 * sample),
        series: &now,
    };
    let case = situation.case(
        (&[usual(old), Level::new(0.0, new)], 0.0),
        vec![
            ("a constant value", vec![usual(old + new)]),
            ("a series that ended", vec![usual(1)]),
        ],
    );
    let summary = format!("{} is far from what it was in past runs", kpi.name);
    alert(graph, kpi, expr, summary, case)
}

fn seasonal(graph: &Graph, kpi: &Kpi) -> Alert {
    let now = kpi.selector(graph);
    let around = |fold: &str, hours: u64| {
        let before = duration(Seconds(hours as f64 * HOUR - HOUR / 2.0));
        format!("{fold}_over_time({now}[1h] offset {before})")
    };
    let expr = format!(
        "({now} < 0.5 * {} and {now} < 0.5 * {})\n  or ({now} > 2 * {} and {now} > 2 * {})",
        around("min", 24),
        around("min", 7 * 24),
        around("max", 24),
        around("max", 7 * 24)
    );
    // Nine days of quiet nights and busy days; looked at in the ninth, in the hour in which the day begins.
    let days = |last: f64| {
        let mut levels = [Level::new(1.0, 9), Level::new(USUAL, 15)].repeat(8);
        levels.extend([Level::new(1.0, 9), Level::new(last, 3)]);
        levels
    };
    let situation = Situation {
        pace: Pace::Hours,
        at: Seconds((8 * 24 + 10) as f64 * HOUR),
        series: &now,
    };
    let case = situation.case(
        (&days(USUAL / 10.0), USUAL / 10.0),
        vec![
            ("the usual beginning of a day", days(USUAL)),
            ("a constant value", vec![Level::new(USUAL, 9 * 24)]),
            ("a service of one day", vec![Level::new(USUAL, 24)]),
        ],
    );
    let summary = format!("{} is far from what it was at this hour", kpi.name);
    alert(graph, kpi, expr, summary, case)
}

/// What is usual in unit tests.
const USUAL: f64 = 20.0;

/// What the situations of one alert have in common.
struct Situation<'a> {
    pace: Pace,
    at: Seconds,
    series: &'a str,
}

impl Situation<'_> {
    /// The first of the quiet ones is the ordinary one.
    fn case(&self, (firing, value): (&[Level], f64), quiet: Vec<(&'static str, Vec<Level>)>) -> Case {
        let of = |levels: &[Level]| vec![Series::gauge(self.series, levels)];
        let mut quiet = quiet.into_iter().map(|(when, levels)| (when, of(&levels)));
        let ordinary = quiet.next().map(|(_, series)| series).unwrap_or_default();
        Case {
            also_quiet: quiet.collect(),
            pace: self.pace,
            ..Case::new(self.at, (of(firing), value), ordinary)
        }
    }
}

fn alert(graph: &Graph, kpi: &Kpi, expr: String, summary: String, case: Case) -> Alert {
    Alert {
        name: names::alert(&[&graph[kpi.pipeline].name.value, &kpi.name, Kind::Anomaly.word()]),
        expr,
        lasting: Seconds::ZERO,
        severity: "ticket",
        owner: None,
        labels: alert_labels(graph, kpi, Kind::Anomaly.word()),
        summary,
        value: Some(kpi.show),
        runbook: None,
        case: Some(case),
    }
}
