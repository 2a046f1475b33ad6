//! Values that are far from their own past, without anybody having said what to expect of them.
//!
//! What a run reports is compared with the median of its past runs, in robust standard deviations: the interquartile range
//! over 1.349, half the standard deviation, or 5 % of the median, whichever is largest. Without these floors a value
//! that hardly ever changes alerts at its first change. The last value itself is no part of that past.
//!
//! What a service is asked for follows the day and the week: it is compared with the hour around this time yesterday and a
//! week ago. The windows are centred, since a mean of the hour before would alert after every ordinary step of the day.

use std::collections::BTreeMap;

use super::cluster::interval;
use super::humanize::Show;
use super::kind::Kind;
use super::kpi::{Kpi, alert_labels};
use super::metrics::KPI;
use super::promql::{duration, equals, one_of, selector, with_matchers};
use super::rule::{Alert, Case, Pace};
use super::series::{Level, Series};
use super::summary::Summary;
use crate::graph::{Graph, StepId, Subject, ValueType};
use crate::lower::{Lowering, names};
use crate::quantity::Seconds;

const HOUR: f64 = 3600.0;
const DAY: f64 = 24.0 * HOUR;

/// Runs further apart are too few to be compared within what Prometheus keeps.
const RARELY: Seconds = Seconds(7.0 * DAY);

/// What is watched of steps of one pipeline that run in one place, without being asked for: their numeric outputs, and the
/// requests they get. Those that are looked at alike share an alert; which of them it is, its series tells.
pub fn alerts(input: &Lowering<'_>, steps: &[StepId]) -> Vec<(Vec<Kpi>, Alert)> {
    let graph = input.graph();
    let mut alike: BTreeMap<(Past, Show), Vec<Kpi>> = BTreeMap::new();
    for (past, kpi) in steps.iter().flat_map(|step| watched(input, *step)) {
        alike.entry((past, kpi.show)).or_default().push(kpi);
    }
    let alert = |((past, _), kpis): ((Past, Show), Vec<Kpi>)| {
        let made = match past {
            Past::Runs { pace, samples } => of_runs(graph, &kpis, pace, samples),
            Past::Season => seasonal(graph, &kpis),
        };
        Some((kpis, made?))
    };
    alike.into_iter().filter_map(alert).collect()
}

/// What a value is compared with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Past {
    /// Earlier runs. Whole hours or days lie between two, so that the samples of the unit test fall where the rule looks.
    Runs { pace: Pace, samples: u64 },
    /// This hour of yesterday and a week ago.
    Season,
}

fn watched(input: &Lowering<'_>, step: StepId) -> Vec<(Past, Kpi)> {
    let node = &input.graph()[step];
    if node.kind.always_on() {
        let metric = "rate".to_owned();
        let kpi = Kpi::of(input, &Subject::Step { step, metric }).ok();
        return kpi.into_iter().map(|kpi| (Past::Season, kpi)).collect();
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
            let (pace, sample) = if kpi.interval.0 >= DAY {
                (Pace::Days, DAY)
            } else {
                (Pace::Hours, HOUR)
            };
            let samples = (kpi.interval.0 / sample).ceil().max(1.0) as u64;
            Some((Past::Runs { pace, samples }, kpi))
        })
        .collect()
}

fn counts(ty: ValueType) -> bool {
    match ty {
        ValueType::Integer | ValueType::Number | ValueType::Duration | ValueType::Bytes => true,
        ValueType::Boolean | ValueType::String | ValueType::Date | ValueType::List => false,
    }
}

fn of_runs(graph: &Graph, kpis: &[Kpi], pace: Pace, samples: u64) -> Option<Alert> {
    let now = selected(graph, kpis);
    let sample = if pace == Pace::Days { DAY } else { HOUR };
    let run = Seconds(samples as f64 * sample);
    let window = duration(Seconds(14.0 * DAY).max(run.times(10.0)));
    // Only the first says which values are meant: `and` leaves the others out.
    let any = selector(KPI, &[("pipeline", pipeline(graph, kpis))]);
    let past = format!("{any}[{window}] offset {}", duration(run));
    let median = format!("quantile_over_time(0.5, {past})");
    let off = format!("abs({any} - {median})");
    let expr = format!(
        "{now}\n  \
         and {off} > 4 / 1.349 * (quantile_over_time(0.75, {past}) - quantile_over_time(0.25, {past}))\n  \
         and {off} > 2 * stddev_over_time({past})\n  \
         and {off} > 0.2 * abs({median})\n  \
         and {any} offset {}",
        duration(run.times(3.0))
    );
    // Four runs as usual and then the new value, for as long as it stays what the last run reported.
    let (old, new) = (4 * samples, samples);
    let usual = |count| Level::new(USUAL, count);
    let situation = Situation {
        pace,
        at: Seconds((old + new - 1) as f64 * sample),
        graph,
        kpi: kpis.first()?,
    };
    let case = situation.case(
        (&[usual(old), Level::new(0.0, new)], 0.0),
        vec![
            ("a constant value", vec![usual(old + new)]),
            ("a series that ended", vec![usual(1)]),
        ],
    );
    Some(alert(&situation, expr, "in past runs", case))
}

fn seasonal(graph: &Graph, kpis: &[Kpi]) -> Option<Alert> {
    let now = selected(graph, kpis);
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
        graph,
        kpi: kpis.first()?,
    };
    let case = situation.case(
        (&days(USUAL / 10.0), USUAL / 10.0),
        vec![
            ("the usual beginning of a day", days(USUAL)),
            ("a constant value", vec![Level::new(USUAL, 9 * 24)]),
            ("a service of one day", vec![Level::new(USUAL, 24)]),
        ],
    );
    Some(alert(&situation, expr, "at this hour", case))
}

/// The values of all of them.
fn selected(graph: &Graph, kpis: &[Kpi]) -> String {
    let names: Vec<&str> = kpis.iter().map(|kpi| kpi.name.as_str()).collect();
    let of = vec![equals("pipeline", pipeline(graph, kpis)), one_of("kpi", &names)];
    with_matchers(KPI, of)
}

fn pipeline<'a>(graph: &'a Graph, kpis: &[Kpi]) -> &'a str {
    kpis.first().map_or("", |kpi| &graph[kpi.pipeline].name.value)
}

/// What is usual in unit tests.
const USUAL: f64 = 20.0;

/// What the situations of one alert have in common: they are about one of the values.
struct Situation<'a> {
    pace: Pace,
    at: Seconds,
    graph: &'a Graph,
    kpi: &'a Kpi,
}

impl Situation<'_> {
    /// The first of the quiet ones is the ordinary one.
    fn case(&self, (firing, value): (&[Level], f64), quiet: Vec<(&'static str, Vec<Level>)>) -> Case {
        let step = &self.graph[self.kpi.step].name.value;
        let (pipeline, kpi) = (&self.graph[self.kpi.pipeline].name.value, &self.kpi.name);
        let series = selector(KPI, &[("pipeline", pipeline), ("kpi", kpi), ("step", step)]);
        let of = |levels: &[Level]| vec![Series::gauge(&series, levels)];
        let mut quiet = quiet.into_iter().map(|(when, levels)| (when, of(&levels)));
        let ordinary = quiet.next().map(|(_, series)| series).unwrap_or_default();
        let told = [("kpi", kpi), ("step", step)].map(|(label, value)| (label.to_owned(), value.clone()));
        Case {
            also_quiet: quiet.collect(),
            pace: self.pace,
            labels: BTreeMap::from(told),
            ..Case::new(self.at, (of(firing), value), ordinary)
        }
    }
}

fn alert(situation: &Situation<'_>, expr: String, when: &str, case: Case) -> Alert {
    let (kpi, word) = (situation.kpi, Kind::Anomaly.word());
    let mut labels = alert_labels(situation.graph, kpi, word);
    labels.retain(|label, _| !case.labels.contains_key(label));
    Alert {
        name: names::alert(&[&situation.graph[kpi.pipeline].name.value, word]),
        expr,
        lasting: Seconds::ZERO,
        severity: "ticket",
        owner: None,
        labels,
        summary: Summary::with_label("", "kpi").and(format!(" is far from what it was {when}")),
        value: Some(kpi.show),
        runbook: None,
        case: Some(case),
    }
}
