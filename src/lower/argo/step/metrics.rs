//! What a run tells Prometheus. Argo exposes each metric as `argo_workflows_NAME`.

use crate::graph::{Emit, Step, ValueType};
use crate::lower::argo::chart::Chart;
use crate::lower::argo::types::{Counter, Gauge, Label, Metric, Metrics};
use crate::lower::argo::wants;

/// All metrics of a step.
pub fn of(chart: &Chart<'_>, step: &Step) -> Metrics {
    let succeeded = "{{status}} == Succeeded";
    let gauge = |name: &str, help: &str, value: &str| Metric {
        name: name.to_owned(),
        help: help.to_owned(),
        labels: labels(chart, step, None),
        when: Some(succeeded.to_owned()),
        gauge: Some(Gauge {
            realtime: false,
            value: value.to_owned(),
        }),
        counter: None,
    };
    let mut all: Vec<Metric> = step
        .emits
        .iter()
        .filter_map(|emit| output(chart, step, emit))
        .collect();
    all.push(gauge(
        "portolan_duration_seconds",
        "Run time of a step in its last run",
        "{{duration}}",
    ));
    if step.retry.iter().any(|retry| retry.limit > 0) {
        all.push(gauge(
            "portolan_retries",
            "Attempts after the first of a step in its last run",
            "{{retries}}",
        ));
    }
    let help = "When a step last succeeded";
    all.push(gauge(
        "portolan_succeeded_timestamp_seconds",
        help,
        "{{=now().Unix()}}",
    ));
    all.push(Metric {
        name: "portolan_busy_seconds_total".to_owned(),
        help: "Run time of a step in all its runs".to_owned(),
        labels: labels(chart, step, None),
        counter: Some(Counter {
            value: "{{duration}}".to_owned(),
        }),
        ..Metric::default()
    });
    Metrics { prometheus: all }
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
    Some(Metric {
        name: "portolan_output".to_owned(),
        help: "Output of a step in its last run".to_owned(),
        labels: labels(chart, step, Some(name)),
        when: Some("{{status}} == Succeeded".to_owned()),
        gauge: Some(Gauge {
            realtime: false,
            value,
        }),
        counter: None,
    })
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
        .flat_map(|each| wants::items(chart.graph(), *each));
    let names = items.filter_map(|item| super::super::scope::input_name(chart.graph(), &item));
    let item: Vec<String> = names
        .map(|name| format!("{{{{inputs.parameters.{name}}}}}"))
        .collect();
    if !item.is_empty() {
        all.push(label("item", &item.join(",")));
    }
    all
}
