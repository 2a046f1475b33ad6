//! What a run leaves to later ones, in one small file of the pipeline's: values that `previous(…)` asks for, and for each
//! data set that is read from outside its run, the run that wrote it last.
//!
//! A run that needs it asks for it first; a run of a pipeline whose past somebody needs writes it last, and only if
//! everything went well.

use std::collections::BTreeSet;

use super::added;
use super::chart::Chart;
use super::condition::remembered;
use super::dag::waiting;
use super::data;
use super::needs::Wait;
use super::scope::{LAST, Scope, encoded, output_name, recall_name};
use super::stock::Script;
use super::types::{Inputs, Parameter, Task, Template, ValueFrom};
use super::wants::textual;
use crate::graph::{Binding, DataId, Graph, Pipeline, PipelineId, Read, Step, StepId};
use crate::lower::names::EXECUTOR;
use crate::lower::{Lowering, pod, storage};
use crate::source::Spanned;

/// Name of the template that reads what an earlier run left.
const RECALL: &str = "recall";
/// Name of the task and the template that write it.
pub const REMEMBER: &str = "remember";
const OUT: &str = "/portolan/out/last";

/// What a pipeline's runs leave.
#[derive(Default)]
pub struct Memory {
    /// Values, as `previous(…)` refers to them, without duplicates.
    values: Vec<Binding>,
    /// Data sets whose last version somebody asks for.
    data: BTreeSet<DataId>,
}

impl Memory {
    /// What runs of `pipeline` must leave.
    pub fn of(graph: &Graph, pipeline: &Pipeline) -> Memory {
        let mut memory = Memory::default();
        for step in pipeline.steps.iter().map(|step| &graph[*step]) {
            for value in asked(step) {
                if !memory.values.contains(&value.value) {
                    memory.values.push(value.value.clone());
                }
            }
        }
        let readers = graph.steps.iter();
        let versions = readers.flat_map(|step| step.reads.iter().filter(|read| versioned(graph, step, read)));
        let watched = graph.pipelines.iter().flat_map(|other| &other.triggers);
        let all = versions
            .map(|read| read.data)
            .chain(watched.map(|trigger| trigger.data));
        let own = all.filter(|data| graph[*data].pipeline == pipeline.id && !graph[*data].writers.is_empty());
        memory.data = own.collect();
        memory
    }

    /// True if its runs leave nothing.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.data.is_empty()
    }

    /// The outputs that are left, by the steps that emit them.
    pub fn outputs(&self) -> impl Iterator<Item = (&[StepId], &str)> {
        self.values.iter().filter_map(|value| match value {
            Binding::Output { steps, output, .. } => Some((steps.as_slice(), output.as_str())),
            Binding::Parameter { .. }
            | Binding::Item { .. }
            | Binding::Run(_)
            | Binding::DataUri(_)
            | Binding::DataPath(_) => None,
        })
    }

    /// The steps of which must be known whether they ran.
    pub fn writers(&self, graph: &Graph) -> BTreeSet<StepId> {
        let writers = self.data.iter().flat_map(|data| &graph[*data].writers);
        writers.copied().collect()
    }

    /// All of it at the end of a run, a JSON object of texts, by what `ran` and `value` say of steps and outputs; `last` is
    /// what the run before it left.
    pub fn record(
        &self,
        graph: &Graph,
        last: &str,
        ran: impl Fn(&[StepId]) -> String,
        value: impl Fn(&[StepId], &str) -> String,
    ) -> String {
        let mut entries = vec![r#""run": workflow.parameters.run"#.to_owned()];
        for (binding, (steps, output)) in self.values.iter().zip(self.outputs()) {
            let value = value(steps, output);
            let value = if textual(binding) { encoded(&value) } else { value };
            let name = output_name(graph, steps, output);
            entries.push(format!(r#""{name}": {} ? {value} : """#, ran(steps)));
        }
        for data in &self.data {
            let key = version_key(graph, *data);
            let before = version_in(graph, last, *data);
            let ran = ran(&graph[*data].writers);
            entries.push(format!(r#""{key}": {ran} ? workflow.parameters.run : {before}"#));
        }
        format!("toJson({{{}}})", entries.join(", "))
    }
}

/// The values of the last run that decide whether `step` runs.
fn asked(step: &Step) -> Vec<&Spanned<Binding>> {
    let mut found = Vec::new();
    if let Some(when) = &step.when {
        remembered(&when.value, &mut found);
    }
    found
}

/// True if `step` reads what an earlier run, of this or another pipeline, has written.
pub fn versioned(graph: &Graph, step: &Step, read: &Read) -> bool {
    let set = &graph[read.data];
    let streamed = || set.writers.iter().any(|writer| graph[*writer].kind.always_on());
    let earlier = read.previous || set.pipeline != step.pipeline;
    earlier && set.at.is_empty() && !set.writers.is_empty() && !streamed()
}

/// The pipelines whose past `pipeline` needs to know.
pub fn recalled(graph: &Graph, pipeline: &Pipeline) -> BTreeSet<PipelineId> {
    let steps = pipeline.steps.iter().map(|step| &graph[*step]);
    let read = steps.flat_map(|step| step.reads.iter().filter(|read| versioned(graph, step, read)));
    let others = read.map(|read| graph[read.data].pipeline);
    // What was written before and not this time is remembered on.
    let own = (!Memory::of(graph, pipeline).is_empty()).then_some(pipeline.id);
    others.chain(own).collect()
}

/// Other pipelines whose past is looked at before or in runs of `pipeline`.
pub fn asked_of(graph: &Graph, pipeline: &Pipeline) -> BTreeSet<PipelineId> {
    let watched = pipeline.triggers.iter().map(|trigger| trigger.data);
    let watched = watched.filter(|data| graph[*data].at.is_empty());
    let all = watched
        .map(|data| graph[data].pipeline)
        .chain(recalled(graph, pipeline));
    all.filter(|other| *other != pipeline.id).collect()
}

/// The value of `binding` in the last run, a text that is empty if there was none; `None` for what no run leaves.
pub fn kept(scope: &Scope<'_>, binding: &Binding) -> Option<String> {
    let Binding::Output { steps, output, .. } = binding else {
        return None;
    };
    let pipeline = scope.graph.steps.get(steps.first()?.0 as usize)?.pipeline;
    let name = output_name(scope.graph, steps, output);
    Some(format!(
        r#"(get(fromJSON({}), "{name}") ?? "")"#,
        scope.last(pipeline)
    ))
}

fn version_key(graph: &Graph, data: DataId) -> String {
    format!("data_{}", graph[data].name.value)
}

/// The run that wrote `data` last, by `last`, what a run of its pipeline left.
pub fn version_in(graph: &Graph, last: &str, data: DataId) -> String {
    let key = version_key(graph, data);
    format!(r#"(get(fromJSON({last}), "{key}") ?? "{}")"#, data::NONE)
}

/// The same, in the DAG that `scope` shows.
pub fn version(scope: &Scope<'_>, data: DataId) -> String {
    version_in(scope.graph, &scope.last(scope.graph[data].pipeline), data)
}

/// The file that runs of `pipeline` leave, in the bucket of its hub.
pub fn address(input: &Lowering<'_>, pipeline: PipelineId) -> Option<String> {
    Some(pod::inert(&text_address(input, pipeline)?, true))
}

/// The same, as it is.
pub fn text_address(input: &Lowering<'_>, pipeline: PipelineId) -> Option<String> {
    let hub = input.plan.hubs.get(pipeline.0 as usize)?;
    let root = storage::bucket(input, *hub)?.root;
    Some(format!("{root}/{}", storage::memory_key(input.graph(), pipeline)))
}

/// A task for each of `pipelines` that asks what it left.
pub fn recalls(chart: &Chart<'_>, pipelines: &BTreeSet<PipelineId>) -> Vec<Task> {
    let tasks = pipelines.iter().filter_map(|pipeline| {
        let name = recall_name(chart.graph(), *pipeline);
        let mut task = waiting(&name, RECALL, &Wait::default());
        task.arguments.parameters = vec![Parameter::value("from", address(chart.input, *pipeline)?)];
        Some(task)
    });
    tasks.collect()
}

/// The template of [`recalls`].
pub fn recall(chart: &Chart<'_>) -> Template {
    let env = vec![pod::variable("FROM", "{{inputs.parameters.from}}")];
    let mut template = added::script(chart, RECALL, Script::Recall, &["from"], env, EXECUTOR);
    let from = ValueFrom {
        path: Some(OUT.to_owned()),
        ..ValueFrom::default()
    };
    template.outputs = Inputs {
        parameters: vec![Parameter::from(LAST, from)],
        ..Inputs::default()
    };
    template
}

/// The task that writes `record` once all of `before` ended well or did not run.
pub fn remember(before: Vec<String>, record: &str) -> Task {
    let wait = Wait {
        depends: before,
        guards: Vec::new(),
    };
    let mut task = waiting(REMEMBER, REMEMBER, &wait);
    task.arguments.parameters = vec![Parameter::value("record", format!("{{{{={record}}}}}"))];
    task
}

/// The template of [`remember`].
pub fn remember_template(chart: &Chart<'_>) -> Option<Template> {
    // The kubelet halves each `$`.
    let record = r#"{{=replace(inputs.parameters.record, "$", "$$")}}"#;
    let env = vec![
        pod::variable("RECORD", record),
        pod::variable("TO", address(chart.input, chart.pipeline.id)?),
    ];
    Some(added::script(
        chart,
        REMEMBER,
        Script::Remember,
        &["record"],
        env,
        EXECUTOR,
    ))
}
