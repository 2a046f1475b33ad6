//! Used against predicted: memory, cores and run time of a step outside the interval of its profile.
//!
//! This closes the loop: what is used flows back with `portolan history import`, and the next plan buys by it. Steps that
//! share an interval share a rule; which of them it is, its series tells.

use std::collections::BTreeMap;

use super::cluster::{labels, memory};
use super::humanize::Show;
use super::kind::Kind;
use super::metrics::{DURATION, USED_CORES, USED_MEMORY};
use super::price;
use super::promql::{duration, equals, number, one_of, string, with_matchers};
use super::rule::{Alert, Case, Record};
use super::series::{Level, Series};
use super::summary::Summary;
use crate::graph::{Graph, PipelineId, StepId};
use crate::lower::site::namespace;
use crate::lower::{Lowering, names};
use crate::place::SiteId;
use crate::profile::Estimate;
use crate::quantity::Seconds;

/// Length of the unit tests, in minutes.
const MINUTES: u64 = 30;

/// The label of pods that names their step, as kube-state-metrics writes it.
const STEP_LABEL: &str = "label_portolan_step";

/// What is compared, in the order of the alerts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum What {
    Memory,
    Cores,
    RunTime,
}

impl What {
    fn word(self) -> &'static str {
        match self {
            What::Memory => "memory",
            What::Cores => "cores",
            What::RunTime => "run time",
        }
    }

    fn show(self) -> Show {
        match self {
            What::Memory | What::Cores => Show::Number,
            What::RunTime => Show::Time,
        }
    }

    fn metric(self) -> String {
        match self {
            What::Memory => USED_MEMORY.to_owned(),
            What::Cores => USED_CORES.to_owned(),
            What::RunTime => DURATION.exposed(),
        }
    }
}

/// The interval that some steps share, and how long a value of theirs is good for.
struct Interval {
    what: What,
    median: f64,
    /// The 95th percentile.
    high: f64,
    window: String,
    steps: Vec<StepId>,
}

impl Interval {
    /// Half of what lies as far below the median as the 95th percentile lies above it: a profile has no lower end, and too
    /// little is less urgent than too much.
    fn low(&self) -> f64 {
        self.median * self.median / self.high / 2.0
    }
}

/// What the steps of a pipeline use at a site, as its cluster records it.
pub fn records(input: &Lowering<'_>, pipeline: PipelineId, site: SiteId) -> [Record; 2] {
    let namespace = namespace(input, pipeline, site);
    let name = names::label_value(&input.graph()[pipeline].name.value);
    let matchers = vec![
        equals("namespace", &namespace),
        equals("label_portolan_pipeline", &name),
        format!("{STEP_LABEL}!=\"\""),
    ];
    let pods = with_matchers("kube_pod_labels", matchers);
    let containers = |metric: &str| format!("{metric}{{namespace={},container!=\"\"}}", string(&namespace));
    let mut set = labels(input, pipeline, None, site, "used");
    set.remove("kind");
    let record = |name: &str, used: String| Record {
        record: name.into(),
        expr: format!(
            "max by (step) (label_replace(sum by (namespace, pod) ({used})\n  \
             * on (namespace, pod) group_left ({STEP_LABEL}) max by (namespace, pod, {STEP_LABEL}) ({pods}),\n  \
             \"step\", \"$1\", \"{STEP_LABEL}\", \"(.*)\"))"
        ),
        labels: set.clone(),
    };
    let seconds = containers("container_cpu_usage_seconds_total");
    [
        record(USED_MEMORY, containers("container_memory_working_set_bytes")),
        record(USED_CORES, format!("rate({seconds}[5m])")),
    ]
}

/// The alerts of steps of one pipeline that run in one place.
pub fn alerts(input: &Lowering<'_>, steps: &[StepId]) -> Vec<Alert> {
    let mut shared: BTreeMap<_, Interval> = BTreeMap::new();
    for interval in steps.iter().flat_map(|step| intervals(input, *step)) {
        let key = (
            interval.what,
            number(interval.median),
            number(interval.high),
            interval.window.clone(),
        );
        match shared.get_mut(&key) {
            Some(same) => same.steps.extend(interval.steps),
            None => {
                shared.insert(key, interval);
            }
        }
    }
    let mut shared: Vec<Interval> = shared.into_values().collect();
    shared.sort_by_key(|interval| (interval.what, interval.steps.first().copied()));
    shared
        .iter()
        .filter_map(|interval| alert(input, interval))
        .collect()
}

/// What is predicted of a step; an always-on step has no run time.
fn intervals(input: &Lowering<'_>, step: StepId) -> Vec<Interval> {
    let profile = &input.plan.profiled[step];
    let mut all = vec![
        (What::Memory, both(&profile.memory, |bytes| bytes.as_f64())),
        (What::Cores, both(&profile.cores, |cores| cores.0)),
    ];
    if !input.graph()[step].kind.always_on() {
        let plan = &input.plan[step];
        let spread = plan.duration_p95.0 / plan.duration.0.max(1.0);
        let typical = price::of_item(input, step);
        all.push((What::RunTime, (typical, typical * spread.max(1.0))));
    }
    all.retain(|(_, (median, _))| *median > 0.0);
    let window = duration(memory(input, step));
    let interval = |(what, (median, high))| Interval {
        what,
        median,
        high,
        window: window.clone(),
        steps: vec![step],
    };
    all.into_iter().map(interval).collect()
}

fn both<T: Clone>(estimate: &Estimate<T>, number: impl Fn(&T) -> f64) -> (f64, f64) {
    (number(&estimate.p50), number(&estimate.p95))
}

/// The greatest use since the last run is outside the interval.
fn alert(input: &Lowering<'_>, interval: &Interval) -> Option<Alert> {
    let graph = input.graph();
    let first = *interval.steps.first()?;
    let pipeline = graph.pipeline_of(first);
    let what = interval.what;
    let (low, high) = (interval.low(), interval.high);
    let used = series(graph, what, &interval.steps);
    let peak = format!("max by (step) (max_over_time({used}[{}]))", interval.window);
    let kind = Kind::Profile.word();
    Some(Alert {
        name: names::alert(&[&pipeline.name.value, what.word(), kind]),
        expr: format!("{peak} > {}\n  or {peak} < {}", number(high), number(low)),
        lasting: Seconds(300.0),
        severity: "info",
        owner: None,
        labels: labels(input, pipeline.id, None, input.plan[first].site, kind),
        summary: Summary::with_label(&format!("{} of ", what.word()), "step").and(format!(
            " is outside what was predicted: {} to {}",
            what.show().text(low),
            what.show().text(high)
        )),
        value: Some(what.show()),
        runbook: None,
        case: Some(case(graph, interval, first)),
    })
}

fn series(graph: &Graph, what: What, steps: &[StepId]) -> String {
    let names: Vec<&str> = steps
        .iter()
        .map(|step| graph[*step].name.value.as_str())
        .collect();
    let pipeline = steps
        .first()
        .map_or("", |step| &graph.pipeline_of(*step).name.value);
    with_matchers(
        &what.metric(),
        vec![equals("pipeline", pipeline), one_of("step", &names)],
    )
}

/// Twice as much as was predicted, and what was predicted, of the first of the steps.
fn case(graph: &Graph, interval: &Interval, step: StepId) -> Case {
    let used = series(graph, interval.what, &[step]);
    // Prometheus keeps these samples beside a rule that records nothing.
    let sample = |value: f64| vec![Series::gauge(&used, &[Level::new(value, MINUTES + 1)])];
    let too_much = interval.high * 2.0;
    Case {
        labels: BTreeMap::from([("step".to_owned(), graph[step].name.value.clone())]),
        ..Case::new(
            Seconds((MINUTES * 60) as f64),
            (sample(too_much), too_much),
            sample(interval.median),
        )
    }
}
