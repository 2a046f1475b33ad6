//! The `WorkflowTemplate` around a chart's templates: limits, security, clean-up.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::chart::Chart;
use super::dag::{MAIN, Maker};
use super::types::{
    API, Arguments, Dag, Executor, Inputs, Metadata, Object, Parameter, PodGc, Task, Template, TtlStrategy,
    ValueFrom, WorkflowSpec,
};
use super::{added, step, stock};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::{Pipeline, Scalar, StepId, ValueType};
use crate::lower::names::EXECUTOR;
use crate::lower::{Lowering, names, pod};
use crate::quantity::{self, Quantity, QuantityType, Seconds};

/// Pods of one run at a time; the cluster's own limits come on top.
const PARALLELISM: u64 = 64;
/// How long a finished run stays to be looked at, at least.
const KEPT: u64 = 7 * 86_400;
/// Seconds that a helping workflow may take, and those for which it is kept.
const SHORT: u64 = 1800;
/// Name of the template that the workflow of a fragment starts with.
pub const FRAGMENT: &str = "fragment";
/// Name of the template that runs when all is over.
pub const EXIT: &str = "exit";

/// The `WorkflowTemplate` of a chart; `deadline` is that of the whole run, which a child must outlive.
pub fn template(chart: &Chart<'_>, deadline: u64, out: &mut Diagnostics) -> Object<WorkflowSpec> {
    let mut templates = Maker::new(chart, out).main();
    let mut entrypoint = MAIN;
    let mut arguments = arguments(chart.pipeline, out);
    if chart.fragment.is_some() {
        // Only what a task answers becomes an output of the workflow, so `main` is a task.
        entrypoint = FRAGMENT;
        let inputs = templates
            .first()
            .map(|main| main.inputs.clone())
            .unwrap_or_default();
        arguments
            .parameters
            .retain(|known| !inputs.parameters.iter().any(|input| input.name == known.name));
        arguments.parameters.extend(inputs.parameters.iter().cloned());
        templates.insert(0, fragment(inputs));
    }
    let mut object = object(chart, templates, arguments, entrypoint);
    object.spec.active_deadline_seconds = deadline;
    // Submit-or-attach rests on it: a child that cannot be found must never have been started.
    object.spec.ttl_strategy.seconds_after_completion = KEPT.max(deadline + 86_400);
    object
}

/// A `WorkflowTemplate` with the limits and the security that all of them share.
pub fn object(
    chart: &Chart<'_>,
    templates: Vec<Template>,
    arguments: Arguments,
    entrypoint: &str,
) -> Object<WorkflowSpec> {
    Object {
        api_version: API,
        kind: "WorkflowTemplate",
        metadata: ObjectMeta {
            annotations: chart.pipeline.description.as_deref().map(described),
            labels: Some(chart.object_labels()),
            name: Some(chart.name.clone()),
            namespace: Some(chart.namespace()),
            ..ObjectMeta::default()
        },
        spec: WorkflowSpec {
            entrypoint: entrypoint.to_owned(),
            arguments,
            templates,
            ..shared(chart)
        },
    }
}

/// A workflow that helps runs to start: it is short, and no run itself.
pub fn small(chart: &Chart<'_>, templates: Vec<Template>, arguments: Arguments) -> WorkflowSpec {
    let site = chart.site_labels().into_iter();
    let identity = pod::identity_label(chart.input, chart.site);
    WorkflowSpec {
        entrypoint: MAIN.to_owned(),
        arguments,
        active_deadline_seconds: SHORT,
        pod_metadata: Some(Metadata {
            labels: site.chain(identity).chain([helper_label()]).collect(),
        }),
        workflow_metadata: None,
        metrics: None,
        templates,
        ttl_strategy: TtlStrategy {
            seconds_after_completion: SHORT,
        },
        ..shared(chart)
    }
}

/// What tells workflows that help from those that are runs.
pub fn helper_label() -> (String, String) {
    (names::label("role"), "helper".to_owned())
}

/// What Argo's user interface shows under the name.
fn described(description: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(
        "workflows.argoproj.io/description".to_owned(),
        description.to_owned(),
    )])
}

/// Limits, security, clean-up and labels: the same for every workflow of a pipeline.
fn shared(chart: &Chart<'_>) -> WorkflowSpec {
    let labels = |labels| Some(Metadata { labels });
    WorkflowSpec {
        service_account_name: EXECUTOR.to_owned(),
        automount_service_account_token: false,
        executor: Executor {
            service_account_name: EXECUTOR,
        },
        security_context: pod::pod_security(),
        parallelism: Some(PARALLELISM),
        pod_gc: PodGc {
            strategy: "OnPodCompletion",
        },
        ttl_strategy: TtlStrategy {
            seconds_after_completion: KEPT,
        },
        archive_logs: false,
        pod_metadata: labels(chart.run_labels()),
        // Without the run: Argo checks these labels before it has filled in a default that refers to the workflow.
        workflow_metadata: labels(chart.site_labels()),
        metrics: chart.fragment.is_none().then(|| step::metrics::of_run(chart)),
        volumes: stock::volumes(&chart.pipeline.name.value),
        ..WorkflowSpec::default()
    }
}

fn fragment(inputs: Inputs) -> Template {
    let passed = inputs.parameters.iter();
    let passed = passed
        .map(|input| Parameter::value(&input.name, format!("{{{{inputs.parameters.{}}}}}", input.name)));
    let main = Task {
        name: MAIN.to_owned(),
        template: Some(MAIN.to_owned()),
        arguments: Arguments {
            parameters: passed.collect(),
        },
        ..Task::default()
    };
    let from = ValueFrom {
        expression: Some(format!(r#"tasks.{MAIN}.outputs.parameters["{}"]"#, added::RESULT)),
        ..ValueFrom::default()
    };
    Template {
        name: FRAGMENT.to_owned(),
        outputs: Inputs {
            parameters: vec![Parameter::from(added::RESULT, from)],
            ..Inputs::default()
        },
        inputs,
        dag: Some(Dag {
            fail_fast: false,
            tasks: vec![main],
        }),
        ..Template::default()
    }
}

/// What a run may be given: its identifier, its logical date, the pipeline's parameters.
pub fn arguments(pipeline: &Pipeline, out: &mut Diagnostics) -> Arguments {
    let date = ["Y", "m", "d"]
        .map(|part| format!("{{{{workflow.creationTimestamp.{part}}}}}"))
        .join("-");
    let mut parameters = vec![
        Parameter::value("run", "{{workflow.uid}}"),
        Parameter::value("date", date),
    ];
    for parameter in &pipeline.parameters {
        let defaults: Vec<Scalar> = parameter
            .default
            .iter()
            .map(|value| plain(value, parameter.ty))
            .collect();
        let value = (!defaults.is_empty()).then(|| default(&defaults, parameter.list));
        if value.as_ref().is_some_and(|value| value.contains("{{")) {
            let message = "Argo would fill in what stands between two braces";
            let found = Diagnostic::new(
                Code::ParameterDefault,
                parameter.name.span,
                "`{{` in its default",
                message,
            );
            out.push(found.help("leave it out, and give it when a run is started"));
            continue;
        }
        parameters.push(Parameter {
            value,
            description: unit(parameter.ty).map(str::to_owned),
            ..Parameter::input(parameter.name.value.clone())
        });
    }
    Arguments { parameters }
}

/// A quantity in its base unit, in which steps emit it, too, so that both can be compared.
fn plain(value: &Scalar, ty: ValueType) -> Scalar {
    let kind = match ty {
        ValueType::Duration => QuantityType::Duration,
        ValueType::Bytes => QuantityType::Bytes,
        ValueType::Boolean
        | ValueType::Integer
        | ValueType::Number
        | ValueType::String
        | ValueType::Date
        | ValueType::List => return value.clone(),
    };
    match quantity::parse(kind, &value.to_string()) {
        Ok(Quantity::Duration(seconds)) => Scalar::Number(seconds.0),
        Ok(Quantity::Bytes(bytes)) => Scalar::Number(bytes.as_f64()),
        Ok(_) | Err(_) => value.clone(),
    }
}

/// What people who start a run are told of the unit.
fn unit(ty: ValueType) -> Option<&'static str> {
    match ty {
        ValueType::Duration => Some("in seconds"),
        ValueType::Bytes => Some("in bytes"),
        ValueType::Boolean
        | ValueType::Integer
        | ValueType::Number
        | ValueType::String
        | ValueType::Date
        | ValueType::List => None,
    }
}

fn default(values: &[Scalar], list: bool) -> String {
    let one = values.first().map(ToString::to_string);
    match list {
        true => serde_json::json!(values).to_string(),
        false => one.unwrap_or_default(),
    }
}

/// How long a run may take before it is stopped: every step on its longest path with all its attempts, and an hour.
pub fn deadline(input: &Lowering<'_>, pipeline: &Pipeline) -> u64 {
    let graph = input.graph();
    let mut ends: BTreeMap<StepId, Seconds> = BTreeMap::new();
    for id in &pipeline.steps {
        let before = graph[*id].predecessors.iter();
        let start = before.filter_map(|step| ends.get(step).copied());
        let start = start.fold(Seconds::ZERO, Seconds::max);
        ends.insert(*id, start + step::longest(input, &graph[*id]));
    }
    let last = ends.values().copied().fold(Seconds::ZERO, Seconds::max);
    // Whole hours, so that a change of a minute is no change of the file.
    ((last.0 / 3600.0).ceil() as u64 + 1) * 3600
}
