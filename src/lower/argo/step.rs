//! A step as an Argo template: its container, what goes in and out, and what happens when an attempt fails.

pub mod metrics;
mod time;

pub use time::{longest, timeout};

use super::chart::Chart;
use super::types::{Inputs, Metadata, Parameter, Template, ValueFrom};
use super::{cache, choice, data, each, fetch, nodes, retry, wants};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::{Binding, Cause, Step};
use crate::lower::kubernetes::queues;
use crate::lower::pod::{self, Answer, Asked, StepPod};
use crate::lower::{Lowering, names, own_store, site};

/// The templates that run the program of `step`; the first has its name.
pub fn templates(chart: &Chart<'_>, step: &Step, out: &mut Diagnostics) -> Vec<Template> {
    let one = template(chart, step, out);
    let all = match nodes::count(chart, step) {
        0 | 1 => vec![one],
        _ => nodes::spread(chart, step, one),
    };
    match step.cache {
        Some(age) => cache::around(chart, step, age, all, out),
        None => all,
    }
}

/// The template of one pod.
fn template(chart: &Chart<'_>, step: &Step, out: &mut Diagnostics) -> Template {
    let input = chart.input;
    let answer = |asked: Asked<'_>| Answer::Text(answer(input, step, asked));
    let pod = StepPod {
        input,
        step,
        live_braces: true,
        answer: &answer,
    };
    let container = pod.container();
    let scheduling = pod.scheduling();
    let cluster = site::cluster(chart.graph(), &input.plan[chart.site]);
    let account = cluster.and_then(|cluster| cluster.service_account.as_deref());
    let mut template = Template {
        name: step.name.value.clone(),
        inputs: inputs(chart, step),
        outputs: outputs(chart, step, out),
        metadata: Some(Metadata {
            labels: chart
                .step_labels(step)
                .into_iter()
                .chain(queues::label(input, step))
                .collect(),
        }),
        service_account_name: Some(names::service_account(&step.name.value, account)),
        node_selector: scheduling.node_selector,
        tolerations: scheduling.tolerations,
        affinity: scheduling.affinity,
        priority_class_name: Some(scheduling.priority_class),
        active_deadline_seconds: Some(timeout(input, step).0 as u64),
        retry_strategy: retry::strategy(&step.retry),
        metrics: Some(metrics::of(chart, step)),
        pod_spec_patch: more_memory(input, step),
        init_containers: fetch::container(chart, step, &container, out)
            .into_iter()
            .collect(),
        container: Some(container),
        volumes: pod.volumes(),
        ..Template::default()
    };
    inert(step, &template, out);
    if away_from_hub(chart, step) {
        template.node_selector.clear();
        template.tolerations.clear();
    }
    template
}

/// Paths, labels and names of secrets are no place for placeholders, and no kubelet could give braces back there.
fn inert(step: &Step, template: &Template, out: &mut Diagnostics) {
    let container = template.container.iter().chain(&template.init_containers);
    let mounts: Vec<_> = container
        .clone()
        .flat_map(|it| it.volume_mounts.iter().flatten())
        .collect();
    let env = container.flat_map(|it| it.env.iter().flatten());
    let sources: Vec<_> = env.filter_map(|variable| variable.value_from.as_ref()).collect();
    let placed = (&template.node_selector, &template.tolerations, &template.affinity);
    let said = serde_json::json!([mounts, sources, placed, template.volumes]).to_string();
    if said.contains("{{") {
        let message = "Argo would fill in what stands between two braces";
        let label = "`{{` in a path, a label or the name of a secret";
        let found = Diagnostic::new(Code::NameForm, step.name.span, label, message);
        out.push(found.help("braces are allowed in commands, arguments, scripts, files and variables"));
    }
}

/// A `finally` step runs on the hub, wherever it was placed; pools of another site are not there.
fn away_from_hub(chart: &Chart<'_>, step: &Step) -> bool {
    chart.input.plan[step.id].site != chart.site
}

/// What only a run knows, in Argo's words.
pub fn answer(input: &Lowering<'_>, step: &Step, asked: Asked<'_>) -> String {
    match asked {
        Asked::Read(read) => data::read(input, step, read),
        Asked::Write(write) => data::write(input, step, write),
        Asked::Checkpoint => data::checkpoint(input, step),
        Asked::Reference(binding) => match binding {
            Binding::DataUri(id) => {
                let read = step.reads.iter().find(|read| read.data == *id);
                let write = step.writes.iter().find(|write| write.data == *id);
                match (read, write) {
                    (Some(read), _) => data::read(input, step, read),
                    (None, Some(write)) => data::write(input, step, write),
                    (None, None) => data::address(input, input.plan[step.id].site, *id, data::RUN),
                }
            }
            Binding::Parameter { .. } | Binding::Run(_) | Binding::DataPath(_) => data::global(binding),
            Binding::Item { .. } | Binding::Output { .. } => {
                let name = super::scope::input_name(input.graph(), binding).unwrap_or_default();
                format!("{{{{inputs.parameters.{name}}}}}")
            }
        },
    }
}

fn inputs(chart: &Chart<'_>, step: &Step) -> Inputs {
    let wants = wants::of_container(chart.graph(), step);
    let parameters = wants.iter().filter_map(|want| want.name(chart.graph()));
    Inputs {
        parameters: parameters.map(Parameter::input).collect(),
        ..Inputs::default()
    }
}

fn outputs(chart: &Chart<'_>, step: &Step, out: &mut Diagnostics) -> Inputs {
    let input = chart.input;
    let emitted = step.emits.iter().map(|emit| {
        let path = format!("{}/{}", pod::EMITS, emit.name.value);
        let from = ValueFrom {
            path: Some(path),
            ..ValueFrom::default()
        };
        Parameter::from(emit.name.value.clone(), from)
    });
    let mounted = step.writes.iter().filter_map(|write| {
        let mount = write.mount.as_ref()?;
        if own_store::folder(input, step, write.data).is_some() {
            return None;
        }
        let name = format!("writes-{}", chart.graph()[write.data].name.value);
        let address = data::write(input, step, write);
        let artifact = data::artifact(input, chart.site, name, &mount.value, &address);
        if artifact.is_none() {
            out.push(no_files(mount.span, &address));
        }
        artifact
    });
    let mut parameters: Vec<Parameter> = emitted.collect();
    parameters.extend(chart.chosen.contains(&step.id).then(|| choice::item(input, step)));
    parameters.extend(each::answers(chart.graph(), step));
    Inputs {
        parameters,
        artifacts: mounted.collect(),
    }
}

pub(super) fn no_files(span: crate::source::Span, address: &str) -> Diagnostic {
    let what = format!("`{address}` is no object storage, so there are no files to mount");
    let found = Diagnostic::new(Code::ValueUri, span, "a path for what has no files", what);
    found.help("remove `mount=`: the program gets its address")
}

/// After an attempt that ran out of memory all later ones get more (`Profile::memory_after`), as far as the machine has it. Argo says what ended the
/// last attempt, not those before it, so after an attempt that ended otherwise they get more, too: less would run out again.
fn more_memory(input: &Lowering<'_>, step: &Step) -> Option<String> {
    let line = step
        .retry
        .iter()
        .find(|line| line.cause == Cause::Oom && line.limit > 0)?;
    let factor = line.memory.filter(|factor| *factor > 1.0)?;
    let profile = &input.plan.profiled[step.id];
    let base = profile.memory.p95;
    // The kubelet and the node's own daemons keep about a tenth.
    let most = pod::pool(input, step).memory.times(0.9).max(base);
    let quantity = |power: u32| pod::memory(profile.memory_after(power, factor).min(most)).0;
    let steps: Vec<String> = (0..=line.limit.min(8))
        .map(|power| format!("'{}'", quantity(power)))
        .collect();
    let last = steps.len().saturating_sub(1);
    let chosen = format!("{{{{=[{}][min(asInt(retries), {last})]}}}}", steps.join(", "));
    let amounts = serde_json::json!({ "memory": chosen });
    let patch = serde_json::json!({
        "containers": [{ "name": pod::MAIN, "resources": { "requests": amounts, "limits": amounts } }]
    });
    Some(patch.to_string())
}
