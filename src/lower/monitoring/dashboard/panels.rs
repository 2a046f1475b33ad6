//! What is shown of every pipeline. `$step` and `$kpi` are what is chosen at the top.

use serde_json::json;

use super::super::metrics::{
    COST, COST_PER_HOUR, DURATION, KPI, RETRIES, RUN, SUCCEEDED, USED_CORES, USED_MEMORY,
};
use super::super::promql::{equals, one_of};
use super::model::Panel;
use crate::graph::PipelineId;
use crate::lower::site::namespace;
use crate::lower::{Lowering, names};
use crate::place::SiteId;

/// Most rows of a table or lines of a picture: of a thousand steps, those that matter most.
const MOST: u32 = 20;

/// Of the steps that are chosen.
fn chosen(metric: &str, about: &str) -> String {
    format!("{metric}{{{about},step=~\"$step\"}}")
}

/// Whether the DAG is well: what alerts and where, the run that goes on, how old the last success of each step is.
pub fn runs(input: &Lowering<'_>, id: PipelineId, about: &str) -> Vec<Panel> {
    let firing = format!("ALERTS{{alertstate=\"firing\",{about}}}");
    let stamp = chosen(&SUCCEEDED.exposed(), about);
    let last = format!("max by (step) (last_over_time({stamp}[7d]))");
    let steps = input.graph()[id].steps.len();
    let batch = input.graph()[id].steps.iter();
    let batch = batch
        .filter(|step| !input.graph()[**step].kind.always_on())
        .count();
    let mut panels = vec![
        Panel::new("stat", "Alerts that fire", "short", (4, 6))
            .ask("alerts", format!("count({firing}) or vector(0)"))
            .steps(1.0, 3.0),
        Panel::new("stat", "Run that goes on", "s", (4, 6))
            .ask("so far", format!("max({}{{{about}}})", RUN.exposed())),
        Panel::new(
            "state-timeline",
            &format!("Steps with alerts, of {steps}"),
            "short",
            (16, 6),
        )
        .ask(
            "{{step}}",
            format!(
                "topk({MOST}, count by (step) ({}))",
                firing.replace('}', ",step=~\"$step\"}")
            ),
        )
        .steps(1.0, 2.0),
    ];
    if batch > 0 {
        panels.push(
            Panel::new(
                "bargauge",
                "Since each step last succeeded, the longest first",
                "s",
                (12, 8),
            )
            .ask("{{step}}", format!("sort_desc(topk({MOST}, time() - {last}))"))
            .options(json!({"orientation": "horizontal", "displayMode": "basic"}))
            .now(),
        );
        panels.push(
            Panel::new("timeseries", "Run time of the last run", "s", (12, 8))
                .ask(
                    "{{step}}",
                    format!(
                        "topk({MOST}, max by (step) ({}))",
                        chosen(&DURATION.exposed(), about)
                    ),
                )
                .ask(
                    "attempts after the first",
                    format!("sum({})", chosen(&RETRIES.exposed(), about)),
                ),
        );
    }
    panels
}

/// Memory and cores of the largest pod of each step, and what it was given: the predicted 95th percentile is what is
/// requested. Pods are known to the Prometheus of their own cluster.
pub fn used(input: &Lowering<'_>, id: PipelineId, about: &str) -> Vec<Panel> {
    let both = [
        ("Memory", "bytes", USED_MEMORY, "memory"),
        ("Cores", "short", USED_CORES, "cpu"),
    ];
    let panel = |(title, unit, series, resource): (&str, &'static str, &str, &str)| {
        Panel::new("timeseries", title, unit, (12, 8))
            .ask(
                "{{step}} used",
                format!("topk({MOST}, max by (step) ({}))", chosen(series, about)),
            )
            .ask(
                "{{step}} predicted",
                format!("topk({MOST}, {})", requested(input, id, resource)),
            )
    };
    both.into_iter().map(panel).collect()
}

/// What the pods of each step request.
fn requested(input: &Lowering<'_>, id: PipelineId, resource: &str) -> String {
    let name = &input.graph()[id].name.value;
    let here = one_of_namespaces(input, id);
    let requests = format!(
        "kube_pod_container_resource_requests{{{here},{}}}",
        equals("resource", resource)
    );
    let pipeline = equals("label_portolan_pipeline", &names::label_value(name));
    let label = "label_portolan_step";
    let pods = format!("kube_pod_labels{{{here},{pipeline},{label}=~\"$step\"}}");
    format!(
        "max by (step) (label_replace(sum by (namespace, pod) ({requests}) * on (namespace, pod) group_left ({label}) \
         max by (namespace, pod, {label}) ({pods}), \"step\", \"$1\", \"{label}\", \"(.+)\"))"
    )
}

/// The namespaces of a pipeline, of which clusters that are not on-premises and those that are may have different ones.
fn one_of_namespaces(input: &Lowering<'_>, id: PipelineId) -> String {
    let sites = (0..input.plan.sites.len() as u32).map(SiteId);
    let mut all: Vec<String> = sites.map(|site| namespace(input, id, site)).collect();
    all.sort();
    all.dedup();
    one_of("namespace", &all.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Money by step, dearest first, and pods that wait for machines.
pub fn cost(input: &Lowering<'_>, id: PipelineId, about: &str) -> Vec<Panel> {
    let (runs, hours) = (chosen(COST, about), chosen(COST_PER_HOUR, about));
    let here = one_of_namespaces(input, id);
    vec![
        Panel::new("timeseries", "Cost a day", "currencyUSD", (12, 8)).ask(
            "{{step}}",
            format!(
                "topk({MOST}, sum by (step) (increase({runs}[1d])) or sum by (step) (avg_over_time({hours}[1d])) * 24)"
            ),
        ),
        Panel::new("timeseries", "Pods that wait for machines", "short", (12, 8)).ask(
            "{{namespace}}",
            format!("sum by (namespace) (kube_pod_status_unschedulable{{{here}}})"),
        ),
    ]
}

/// What is watched of data and models: a picture for each KPI that is chosen.
pub fn quality(about: &str) -> Vec<Panel> {
    let kpi = format!("{KPI}{{{about},kpi=~\"$kpi\"}}");
    let usual = format!("quantile_over_time(0.5, {kpi}[14d])");
    vec![
        Panel::new("timeseries", "$kpi", "short", (6, 6))
            .ask("{{item}}", kpi)
            .ask("usual", format!("max by (kpi) ({usual})"))
            .each("kpi"),
    ]
}
