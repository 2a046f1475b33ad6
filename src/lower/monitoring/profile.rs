//! Used against predicted: memory, cores and run time of a step outside the interval of its profile.
//!
//! This closes the loop: what is used flows back with `portolan history import`, and the next plan buys by it.

use super::cluster::{labels, memory, site_of};
use super::humanize::Show;
use super::kind::Kind;
use super::metrics::{DURATION, USED_CORES, USED_MEMORY};
use super::price;
use super::promql::{duration, number, selector, string};
use super::rule::{Alert, Case, Record};
use super::series::{Level, Series};
use crate::graph::{Step, StepId};
use crate::lower::site::namespace;
use crate::lower::{Lowering, names};
use crate::place::SiteId;
use crate::profile::Estimate;
use crate::quantity::Seconds;

/// Length of the unit tests, in minutes.
const MINUTES: u64 = 30;

/// What is compared.
struct Used {
    what: &'static str,
    series: String,
    /// Median and 95th percentile.
    predicted: (f64, f64),
    show: Show,
}

/// What a step used, as its cluster records it.
pub fn records(input: &Lowering<'_>, step: StepId) -> Vec<(SiteId, Record)> {
    let graph = input.graph();
    let node = &graph[step];
    let site = input.plan[step].site;
    let namespace = namespace(input, node.pipeline, site);
    let pods = selector(
        "kube_pod_labels",
        &[
            ("namespace", &namespace),
            (
                "label_portolan_pipeline",
                &names::label_value(&graph[node.pipeline].name.value),
            ),
            ("label_portolan_step", &names::label_value(&node.name.value)),
        ],
    );
    let containers = |metric: &str| format!("{metric}{{namespace={},container!=\"\"}}", string(&namespace));
    let of_pods = |used: String| {
        format!(
            "max(sum by (namespace, pod) ({used})\n  * on (namespace, pod) max by (namespace, pod) ({pods}))"
        )
    };
    let mut set = labels(input, node.pipeline, Some(step), site, "used");
    set.remove("kind");
    let record = |name: &str, used: String| Record {
        record: name.into(),
        expr: of_pods(used),
        labels: set.clone(),
    };
    let seconds = containers("container_cpu_usage_seconds_total");
    vec![
        (
            site,
            record(USED_MEMORY, containers("container_memory_working_set_bytes")),
        ),
        (site, record(USED_CORES, format!("rate({seconds}[5m])"))),
    ]
}

/// The alerts of a step; an always-on step has no run time.
pub fn alerts(input: &Lowering<'_>, step: StepId) -> Vec<(SiteId, Alert)> {
    let node = &input.graph()[step];
    let profile = &input.plan.profiled[step];
    let pipeline = &input.graph()[node.pipeline].name.value;
    let of_step = |name: &str| selector(name, &[("pipeline", pipeline), ("step", &node.name.value)]);
    let mut all = vec![
        Used {
            what: "memory",
            series: of_step(USED_MEMORY),
            predicted: both(&profile.memory, |bytes| bytes.as_f64()),
            show: Show::Number,
        },
        Used {
            what: "cores",
            series: of_step(USED_CORES),
            predicted: both(&profile.cores, |cores| cores.0),
            show: Show::Number,
        },
    ];
    if !node.kind.always_on() {
        let plan = &input.plan[step];
        let spread = plan.duration_p95.0 / plan.duration.0.max(1.0);
        let typical = price::of_item(input, step);
        all.push(Used {
            what: "run time",
            series: of_step(&DURATION.exposed()),
            predicted: (typical, typical * spread.max(1.0)),
            show: Show::Time,
        });
    }
    let site = site_of(input, node.pipeline, &[step]);
    let known = all.iter().filter(|used| used.predicted.0 > 0.0);
    known.map(|used| (site, alert(input, node, site, used))).collect()
}

fn both<T: Clone>(estimate: &Estimate<T>, number: impl Fn(&T) -> f64) -> (f64, f64) {
    (number(&estimate.p50), number(&estimate.p95))
}

/// The greatest use since the last run, against the predicted p95 and against half of what lies as far below the median: a
/// profile has no lower end, and too little is less urgent than too much.
fn alert(input: &Lowering<'_>, step: &Step, site: SiteId, used: &Used) -> Alert {
    let (median, high) = used.predicted;
    let low = median * median / high / 2.0;
    let window = duration(memory(input, step.id));
    let peak = format!("max(max_over_time({}[{window}]))", used.series);
    let name = &step.name.value;
    // Prometheus keeps these samples beside a rule that records nothing.
    let sample = |value: f64| vec![Series::gauge(&used.series, &[Level::new(value, MINUTES + 1)])];
    let case = Case::new(
        Seconds((MINUTES * 60) as f64),
        (sample(high * 2.0), high * 2.0),
        sample(median),
    );
    Alert {
        name: names::alert(&[
            &input.graph()[step.pipeline].name.value,
            name,
            used.what,
            Kind::Profile.word(),
        ]),
        expr: format!("{peak} > {}\n  or {peak} < {}", number(high), number(low)),
        lasting: Seconds(300.0),
        severity: "info",
        owner: None,
        labels: labels(input, step.pipeline, Some(step.id), site, Kind::Profile.word()),
        summary: format!(
            "{} of {name} is outside what was predicted: {} to {}",
            used.what,
            used.show.text(low),
            used.show.text(high)
        ),
        value: Some(used.show),
        runbook: None,
        case: Some(case),
    }
}
