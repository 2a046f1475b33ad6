//! How much of what each promise allows is used up: 1 is all of it.

use serde_json::json;

use super::super::metrics::{COST, COST_PER_HOUR, RUN, SUCCEEDED};
use super::super::promql::{number, selector};
use super::super::service::Service;
use super::model::Panel;
use crate::graph::{PipelineId, Promise, PromiseKind, StepId};
use crate::lower::Lowering;
use crate::quantity::Per;

/// Promises that are shown; a pipeline may make one for each of a thousand steps.
const MOST: usize = 20;

/// One picture of all promises; none if nothing is promised that can be measured.
pub fn panels(input: &Lowering<'_>, id: PipelineId) -> Vec<Panel> {
    let graph = input.graph();
    let pipeline = &graph[id];
    let whole = pipeline.promises.iter().map(|promise| (None, promise));
    let steps = pipeline.steps.iter().map(|step| &graph[*step]);
    let steps = steps.flat_map(|step| step.promises.iter().map(|promise| (Some(step.id), promise)));
    let shares: Vec<(String, String)> = whole
        .chain(steps)
        .flat_map(|(step, promise)| shares(input, id, step, promise))
        .collect();
    if shares.is_empty() {
        return Vec::new();
    }
    let shown = shares.len().min(MOST);
    let title = match shares.len() - shown {
        0 => "Part of what is allowed that is used up".to_owned(),
        more => format!("Part of what is allowed that is used up; {more} more promises are not shown"),
    };
    let empty = Panel::new("bargauge", &title, "percentunit", (24, 2 + shown as u32));
    let asked = shares
        .into_iter()
        .take(MOST)
        .fold(empty, |panel, (legend, expr)| panel.ask(&legend, expr));
    let options = json!({"orientation": "horizontal", "displayMode": "basic"});
    vec![asked.steps(0.75, 1.0).options(options).now()]
}

/// A legend and PromQL for each bound of a promise.
fn shares(
    input: &Lowering<'_>,
    id: PipelineId,
    step: Option<StepId>,
    promise: &Promise,
) -> Vec<(String, String)> {
    let graph = input.graph();
    let about = step.map_or(&graph[id].name.value, |step| &graph[step].name.value);
    let wish = if promise.weight.is_some() {
        " (preferred)"
    } else {
        ""
    };
    let legend = |what: &str| format!("{about}: {what}{wish}");
    let mut labels = vec![("pipeline", graph[id].name.value.as_str())];
    labels.extend(step.map(|step| ("step", graph[step].name.value.as_str())));
    match (&promise.kind, step) {
        (PromiseKind::Deadline { within, .. }, _) => {
            let run = selector(&RUN.exposed(), &[("pipeline", graph[id].name.value.as_str())]);
            let bound = within.seconds();
            vec![(
                legend(&format!("deadline {bound}")),
                format!("max({run}) / {}", number(bound.0)),
            )]
        }
        (PromiseKind::Budget { amount, per }, _) => {
            let Some((window, hours, word)) = window(*per) else {
                return Vec::new();
            };
            let spent = format!(
                "(sum(increase({}[{window}])) or vector(0)) + (sum(avg_over_time({}[{window}])) or vector(0)) * {hours}",
                selector(COST, &labels),
                selector(COST_PER_HOUR, &labels)
            );
            let usd = amount.in_usd();
            vec![(
                legend(&format!("budget {} USD per {}", number(usd), word)),
                format!("({spent}) / {}", number(usd)),
            )]
        }
        (
            PromiseKind::Latency {
                p50, p95, p99, of, ..
            },
            Some(step),
        ) => {
            let service = Service::of(graph, step);
            let bounds = [(0.5, p50), (0.95, p95), (0.99, p99)];
            let known = bounds.into_iter().filter_map(|(quantile, bound)| {
                let bound = (*bound)?;
                let seconds = service.quantile(service.latency(*of), quantile, "1h")?;
                let what = format!("p{} {bound}", number(quantile * 100.0));
                Some((legend(&what), format!("{seconds} / {}", number(bound.0))))
            });
            known.collect()
        }
        (PromiseKind::Availability(share), Some(step)) => {
            let service = Service::of(graph, step);
            let failed = service
                .failed("30d")
                .unwrap_or_else(|| service.unreachable("30d"));
            let allowed = number(1.0 - share.0);
            vec![(
                legend(&format!("failures that {share} leaves")),
                format!("({failed}) / {allowed}"),
            )]
        }
        (PromiseKind::Freshness(age), Some(_)) => {
            let stamp = selector(&SUCCEEDED.exposed(), &labels);
            let old = format!("(time() - max(last_over_time({stamp}[30d]))) / {}", number(age.0));
            vec![(legend(&format!("freshness {age}")), old)]
        }
        (PromiseKind::Latency { .. } | PromiseKind::Availability(_) | PromiseKind::Freshness(_), None)
        | (PromiseKind::Carbon { .. }, _) => Vec::new(),
    }
}

/// The time over which a budget is spent, its hours and its name; how many runs there were is not recorded.
fn window(per: Per) -> Option<(&'static str, u32, &'static str)> {
    match per {
        Per::Month => Some(("30d", 720, "month")),
        Per::Day => Some(("1d", 24, "day")),
        Per::Run | Per::Hour | Per::Gb | Per::Request | Per::KWh => None,
    }
}
