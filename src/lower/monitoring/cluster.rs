//! Which cluster's Prometheus evaluates a rule, and the labels that all rules carry.
//!
//! A rule about one step lives where the step runs. A rule about several clusters lives on the hub, whose Prometheus
//! must receive the `portolan` series of the others (remote write or federation).

use std::collections::BTreeMap;

use crate::graph::{PipelineId, StepId};
use crate::lower::Lowering;
use crate::place::SiteId;
use crate::quantity::{MONTH, Seconds};

/// The site whose Prometheus sees all of `steps`: theirs if they share one, else the hub's.
pub fn site_of(input: &Lowering<'_>, pipeline: PipelineId, steps: &[StepId]) -> SiteId {
    let mut sites = steps.iter().map(|step| input.plan[*step].site);
    match sites.next() {
        Some(first) if sites.all(|site| site == first) => first,
        Some(_) | None => hub(input, pipeline),
    }
}

/// The site that starts a pipeline's runs.
pub fn hub(input: &Lowering<'_>, pipeline: PipelineId) -> SiteId {
    let hub = input.plan.hubs.get(pipeline.0 as usize);
    hub.copied().unwrap_or(SiteId(0))
}

/// `pipeline`, `step` if it is about one, `cluster` and `kind` (`latency`, `expect`, …).
pub fn labels(
    input: &Lowering<'_>,
    pipeline: PipelineId,
    step: Option<StepId>,
    site: SiteId,
    kind: &str,
) -> BTreeMap<String, String> {
    let graph = input.graph();
    let mut labels = BTreeMap::from([
        ("pipeline".to_owned(), graph[pipeline].name.value.clone()),
        ("cluster".to_owned(), input.plan[site].cluster.clone()),
        ("kind".to_owned(), kind.to_owned()),
    ]);
    if let Some(step) = step {
        labels.insert("step".into(), graph[step].name.value.clone());
    }
    labels
}

/// Time between two runs of a pipeline; a day if nothing starts it by the clock.
pub fn interval(input: &Lowering<'_>, step: StepId) -> Seconds {
    let runs = input.plan.profiled[step].runs_per_month;
    if runs > 0.0 {
        Seconds((MONTH.0 / runs / 60.0).round().max(1.0) * 60.0)
    } else {
        Seconds(86_400.0)
    }
}

/// How long a value of one run is good for: two intervals, so that one lost scrape or a restart of Argo loses nothing.
pub fn memory(input: &Lowering<'_>, step: StepId) -> Seconds {
    let hours = (interval(input, step).0 * 2.0 / 3600.0).ceil();
    Seconds(hours.clamp(1.0, 35.0 * 24.0) * 3600.0)
}
