//! What a run tells Prometheus. Argo exposes each metric as `argo_workflows_NAME`.

use crate::graph::{Emit, Step, ValueType};
use crate::lower::argo::chart::Chart;
use crate::lower::argo::items;
use crate::lower::argo::types::{Counter, Gauge, Label, Metric, Metrics};
use crate::lower::monitoring::metrics::{self, Emitted, Kind};

/// All metrics of a step.
pub fn of(chart: &Chart<'_>, step: &Step) -> Metrics {
    let outputs = step.emits.iter();
    let mut all: Vec<Metric> = outputs.filter_map(|emit| output(chart, step, emit)).collect();
    let retried = step.retry.iter().any(|retry| retry.limit > 0);
    for emitted in [
        metrics::DURATION,
        metrics::RETRIES,
        metrics::SUCCEEDED,
        metrics::BUSY,
    ] {
        // Argo knows the number of retries only where there may be some.
        if emitted != metrics::RETRIES || retried {
            all.push(metric(emitted, labels(chart, step, None), emitted.value));
        }
    }
    Metrics { prometheus: all }
}

/// The metric of a whole run, for the workflow that starts it.
pub fn of_run(chart: &Chart<'_>) -> Metrics {
    let pipeline = Label {
        key: "pipeline",
        value: chart.pipeline.name.value.clone(),
    };
    Metrics {
        prometheus: vec![metric(metrics::RUN, vec![pipeline], metrics::RUN.value)],
    }
}

fn metric(emitted: Emitted, labels: Vec<Label>, value: &str) -> Metric {
    let value = value.to_owned();
    let gauge = |realtime, value| Some(Gauge { realtime, value });
    let (when, gauge, counter) = match emitted.kind {
        Kind::Gauge => (Some("{{status}} == Succeeded"), gauge(false, value), None),
        Kind::Realtime => (None, gauge(true, value), None),
        Kind::Counter => (None, None, Some(Counter { value })),
    };
    Metric {
        name: emitted.name.to_owned(),
        help: emitted.help.to_owned(),
        labels,
        when: when.map(str::to_owned),
        gauge,
        counter,
    }
}

/// Numbers as they are; booleans as 1 and 0; nothing else can be drawn.
fn output(chart: &Chart<'_>, step: &Step, emit: &Emit) -> Option<Metric> {
    let name = &emit.name.value;
    let value = match emit.ty {
        ValueType::Integer | ValueType::Number | ValueType::Duration | ValueType::Bytes => {
            format!("{{{{outputs.parameters.{name}}}}}")
        }
        ValueType::Boolean => format!(r#"{{{{=outputs.parameters["{name}"] == "true" ? 1 : 0}}}}"#),
        ValueType::String | ValueType::Date | ValueType::List => return None,
    };
    Some(metric(metrics::OUTPUT, labels(chart, step, Some(name)), &value))
}

fn labels(chart: &Chart<'_>, step: &Step, output: Option<&str>) -> Vec<Label> {
    let label = |key, value: &str| Label {
        key,
        value: value.to_owned(),
    };
    let mut all = vec![
        label("pipeline", &chart.pipeline.name.value),
        label("step", &step.name.value),
    ];
    all.extend(output.map(|output| label("output", output)));
    let items = step
        .each
        .iter()
        .flat_map(|each| items::items(chart.graph(), *each));
    let names = items.filter_map(|item| super::super::scope::input_name(chart.graph(), &item));
    let item: Vec<String> = names
        .map(|name| format!("{{{{inputs.parameters.{name}}}}}"))
        .collect();
    if !item.is_empty() {
        all.push(label("item", &item.join(",")));
    }
    all
}
