//! Where the value of each kind of KPI comes from: the PromQL that records it.

use std::collections::{BTreeMap, BTreeSet};

use super::super::cluster::{interval, labels, memory, site_of};
use super::super::humanize::Show;
use super::super::metrics::{self, Emitted};
use super::super::price;
use super::super::promql::{duration, equals, number, one_of, with_matchers};
use super::super::rule::Record;
use super::super::service::Service;
use super::{Feed, Kpi, LATENCY_QUANTILE, Recorded};
use crate::graph::{Graph, LatencyOf, PipelineId, StepId, Subject, ValueType};
use crate::lower::Lowering;
use crate::place::SiteId;
use crate::quantity::Seconds;

/// The KPI of `subject`; `Err` says why there is none.
pub fn find(input: &Lowering<'_>, subject: &Subject) -> Result<Kpi, &'static str> {
    match subject {
        Subject::Output { steps, output } => of_output(input, subject, steps, output),
        Subject::Step { step, metric } => match metric.as_str() {
            "duration" => Ok(of_duration(input, subject, *step)),
            "cost" => of_cost(input, subject, *step),
            "attempts" => Ok(of_attempts(input, subject, *step)),
            _ => of_service(input, subject, *step, metric),
        },
        Subject::Data { data, metric } if metric == "age" => {
            of_age(input, subject, &input.graph()[*data].writers)
        }
        Subject::Data { .. } => Err("no stock metric tells the size of a data set"),
    }
}

/// `STEP.WORD` or `DATA.WORD`. Alternatives that write one data set are known by its name.
fn name(graph: &Graph, subject: &Subject) -> String {
    let (owner, word) = match subject {
        Subject::Output { steps, output } => {
            let written = graph
                .data
                .iter()
                .find(|data| steps.len() > 1 && data.writers == *steps);
            let owner = written.map(|data| data.name.value.clone());
            let names = || {
                steps
                    .iter()
                    .map(|step| graph[*step].name.value.as_str())
                    .collect::<Vec<_>>()
            };
            (owner.unwrap_or_else(|| names().join("|")), output)
        }
        Subject::Step { step, metric } => (graph[*step].name.value.clone(), metric),
        Subject::Data { data, metric } => (graph[*data].name.value.clone(), metric),
    };
    format!("{owner}.{word}")
}

/// A KPI made of the parts that all kinds have.
fn kpi(input: &Lowering<'_>, subject: &Subject, steps: &[StepId], expr: String, feed: Feed) -> Kpi {
    let graph = input.graph();
    let first = steps.first().copied().unwrap_or(StepId(0));
    let pipeline = graph[first].pipeline;
    let only = match steps {
        [step] => Some(*step),
        _ => None,
    };
    let site = site_of(input, pipeline, steps);
    let name = name(graph, subject);
    let mut set = labels(input, pipeline, only, site, "kpi");
    set.remove("kind");
    set.insert("kpi".into(), name.clone());
    Kpi {
        name,
        pipeline,
        step: first,
        site,
        recorded: Recorded::Alone(record(expr, set.clone())),
        labels: set,
        show: Show::Number,
        prediction: None,
        interval: interval(input, first),
        feed,
    }
}

fn record(expr: String, labels: BTreeMap<String, String>) -> Record {
    Record {
        record: metrics::KPI.into(),
        expr,
        labels,
    }
}

/// What all numeric outputs of these steps of a pipeline were in the last run, if that was within `window`, per item of a
/// fan-out.
pub fn outputs(
    input: &Lowering<'_>,
    (pipeline, site): (PipelineId, SiteId),
    steps: &BTreeSet<StepId>,
    window: &str,
) -> Record {
    let steps: Vec<StepId> = steps.iter().copied().collect();
    let gauges = emitted(input.graph(), metrics::OUTPUT, &steps, &[]);
    let mut set = labels(input, pipeline, None, site, "kpi");
    set.remove("kind");
    let named =
        format!("label_join(last_over_time({gauges}[{window}]), \"kpi\", \".\", \"step\", \"output\")");
    record(format!("max by (item, kpi, step) ({named})"), set)
}

/// `metric{pipeline=…,step=…}` and more, of what Argo exposes.
fn emitted(graph: &Graph, metric: Emitted, steps: &[StepId], more: &[(&str, &str)]) -> String {
    let names: Vec<&str> = steps
        .iter()
        .map(|step| graph[*step].name.value.as_str())
        .collect();
    let pipeline = steps
        .first()
        .map_or("", |step| &graph.pipeline_of(*step).name.value);
    let mut matchers = vec![equals("pipeline", pipeline), one_of("step", &names)];
    matchers.extend(more.iter().map(|(label, value)| equals(label, value)));
    with_matchers(&metric.exposed(), matchers)
}

/// The newest value of a gauge of Argo's, per item of a fan-out. Between runs the gauge stands still; of alternatives, only
/// the one that ran last counts.
fn newest(graph: &Graph, gauge: &str, steps: &[StepId], window: &str) -> String {
    let value = format!("last_over_time({gauge}[{window}])");
    if steps.len() < 2 {
        return format!("max by (item) ({value})");
    }
    let stamp = emitted(graph, metrics::SUCCEEDED, steps, &[]);
    let last = format!("topk(1, max by (step) (last_over_time({stamp}[{window}])))");
    format!("max by (item) ({value} and on (step) {last})")
}

fn of_output(
    input: &Lowering<'_>,
    subject: &Subject,
    steps: &[StepId],
    output: &str,
) -> Result<Kpi, &'static str> {
    let graph = input.graph();
    let Some(first) = steps.first() else {
        return Err("no step emits it");
    };
    let emits = graph[*first].emits.iter().find(|emit| emit.name.value == output);
    let show = match emits.map(|emit| emit.ty) {
        Some(ValueType::Duration) => Show::Time,
        Some(ValueType::Boolean | ValueType::Integer | ValueType::Number | ValueType::Bytes) => Show::Number,
        Some(ValueType::String | ValueType::Date | ValueType::List) | None => {
            return Err("only numbers and booleans can be measured");
        }
    };
    let gauge = emitted(graph, metrics::OUTPUT, steps, &[("output", output)]);
    let window = duration(memory(input, *first));
    let expr = newest(graph, &gauge, steps, &window);
    let feed = Feed::Gauge {
        series: emitted(graph, metrics::OUTPUT, &[*first], &[("output", output)]),
        factor: 1.0,
        more: 0.0,
        newest: (steps.len() > 1).then(|| emitted(graph, metrics::SUCCEEDED, &[*first], &[])),
    };
    let mut kpi = kpi(input, subject, steps, expr, feed);
    if steps.len() == 1 {
        kpi.recorded = Recorded::WithOutputs { window };
    }
    Ok(Kpi { show, ..kpi })
}

/// `factor` times a gauge of Argo's about one step.
fn of_gauge(input: &Lowering<'_>, subject: &Subject, step: StepId, metric: Emitted, factor: f64) -> Kpi {
    let graph = input.graph();
    let series = emitted(graph, metric, &[step], &[]);
    let mut expr = newest(graph, &series, &[step], &duration(memory(input, step)));
    if factor != 1.0 {
        expr = format!("{expr} * {}", number(factor));
    }
    let feed = Feed::Gauge {
        series,
        factor: 1.0 / factor,
        more: 0.0,
        newest: None,
    };
    kpi(input, subject, &[step], expr, feed)
}

fn of_duration(input: &Lowering<'_>, subject: &Subject, step: StepId) -> Kpi {
    Kpi {
        show: Show::Time,
        prediction: Some(price::of_item(input, step)).filter(|seconds| *seconds > 0.0),
        ..of_gauge(input, subject, step, metrics::DURATION, 1.0)
    }
}

/// One more than retries.
fn of_attempts(input: &Lowering<'_>, subject: &Subject, step: StepId) -> Kpi {
    let mut kpi = of_gauge(input, subject, step, metrics::RETRIES, 1.0);
    if let Recorded::Alone(record) = &mut kpi.recorded {
        record.expr += " + 1";
    }
    if let Feed::Gauge { more, .. } = &mut kpi.feed {
        *more = -1.0;
    }
    kpi
}

fn of_cost(input: &Lowering<'_>, subject: &Subject, step: StepId) -> Result<Kpi, &'static str> {
    let price = price::of_second(input, step);
    if input.graph()[step].kind.always_on() {
        return Err("a step that never ends has no cost of a run");
    }
    if price <= 0.0 {
        return Err("the plan has no price for it");
    }
    Ok(Kpi {
        prediction: Some(price::of_item(input, step) * price).filter(|usd| *usd > 0.0),
        ..of_gauge(input, subject, step, metrics::DURATION, price)
    })
}

fn of_age(input: &Lowering<'_>, subject: &Subject, writers: &[StepId]) -> Result<Kpi, &'static str> {
    let Some(first) = writers.first() else {
        return Err("no step writes it, so nothing tells its age");
    };
    let graph = input.graph();
    let stamp = emitted(graph, metrics::SUCCEEDED, writers, &[]);
    // Older than any age that is reasonably allowed, or the answer would vanish just when it gets bad.
    let window = duration(Seconds(memory(input, *first).0 * 2.0));
    let expr = format!("time() - max by (item) (last_over_time({stamp}[{window}]))");
    let feed = Feed::Age(emitted(graph, metrics::SUCCEEDED, &[*first], &[]));
    Ok(Kpi {
        show: Show::Time,
        ..kpi(input, subject, writers, expr, feed)
    })
}

fn of_service(
    input: &Lowering<'_>,
    subject: &Subject,
    step: StepId,
    metric: &str,
) -> Result<Kpi, &'static str> {
    let service = Service::of(input.graph(), step);
    let load = input.plan.profiled[step].load.as_ref();
    let (expr, show, feed, prediction) = match metric {
        "rate" => (service.rate("5m"), Show::Number, Feed::Rate(service), None),
        "errors" => {
            let failed = service
                .failed("5m")
                .ok_or("its runtime does not count failed requests")?;
            (failed, Show::Share, Feed::Failed(service), None)
        }
        "latency" => {
            let latency = service.latency(LatencyOf::Request);
            let quantile = service.quantile(latency, LATENCY_QUANTILE, "5m");
            let expr = quantile.ok_or("its runtime does not measure latency")?;
            let predicted = load.map(|load| load.service_time.p95.0);
            (expr, Show::Time, Feed::Latency(service), predicted)
        }
        "replicas" => (
            format!("sum({})", service.up()),
            Show::Number,
            Feed::Replicas(service),
            None,
        ),
        _ => return Err("this metric is not generated yet"),
    };
    let made = kpi(input, subject, &[step], expr, feed);
    Ok(Kpi {
        show,
        prediction,
        interval: Seconds::ZERO,
        ..made
    })
}
