//! `cache`: outputs are used again when all that they depend on is the same.
//!
//! A task looks up what was kept under a digest of the definition, the values that the program is told, and the content
//! of all inputs. If there is something, it copies the data to where this run expects it, and the program is not run;
//! otherwise the program runs, and another task keeps what came of it. Around them stands a template with the name and
//! the answers of the step, so that nobody else need know.

use super::added;
use super::chart::Chart;
use super::dag::waiting;
use super::data;
use super::needs::{Wait, text_bindings};
use super::scope::encoded;
use super::stock::{self, Script};
use super::types::{Dag, Inputs, Parameter, Task, Template, ValueFrom};
use super::wants::{self, Want};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::{Binding, Step};
use crate::lower::names::{self, EXECUTOR};
use crate::lower::{image, pod, storage};
use crate::quantity::Seconds;

const LOOK: &str = "look";
const KEEP: &str = "keep";
const RUN: &str = "run";
/// Names of the templates that all cached steps share.
const LOOK_UP: &str = "cache--look";
const KEEP_IT: &str = "cache--keep";

/// `all`, the templates of `step`, the first of which has its name, behind one that may do without them.
pub fn around(
    chart: &Chart<'_>,
    step: &Step,
    age: Seconds,
    mut all: Vec<Template>,
    out: &mut Diagnostics,
) -> Vec<Template> {
    let Some(places) = places(chart, step, out) else {
        return all;
    };
    let Some(program) = all.first_mut() else {
        return all;
    };
    program.name = format!("run--{}", step.name.value);
    let answers: Vec<String> = program
        .outputs
        .parameters
        .iter()
        .map(|output| output.name.clone())
        .collect();
    let around = Template {
        name: step.name.value.clone(),
        inputs: Inputs {
            parameters: program.inputs.parameters.clone(),
            ..Inputs::default()
        },
        outputs: Inputs {
            parameters: answers.iter().map(|name| answer(name)).collect(),
            ..Inputs::default()
        },
        dag: Some(Dag {
            fail_fast: false,
            tasks: vec![
                look(chart, step, age, &places),
                run(program),
                keep(chart, step, &places, &answers),
            ],
        }),
        ..Template::default()
    };
    all.insert(0, around);
    all.extend([look_template(chart), keep_template(chart)]);
    all
}

/// Addresses of all inputs and of all outputs; `None`, and a report, if one cannot be copied.
fn places(chart: &Chart<'_>, step: &Step, out: &mut Diagnostics) -> Option<(String, String)> {
    let reads = step
        .reads
        .iter()
        .map(|read| (read.span, data::read(chart.input, step, read)));
    let writes = step
        .writes
        .iter()
        .map(|write| (write.span, data::write(chart.input, step, write)));
    let (reads, writes): (Vec<_>, Vec<_>) = (reads.collect(), writes.collect());
    let mut whole = true;
    for (span, address) in reads
        .iter()
        .chain(&writes)
        .filter(|(_, address)| !data::copyable(address))
    {
        let message = format!("`{address}` is no object storage, so nothing tells whether it is the same");
        let found = Diagnostic::new(Code::CacheUnversioned, *span, "not kept", message);
        out.push(found.help("remove `cache`, or let the step read and write object storage only"));
        whole = false;
    }
    let joined = |places: Vec<(_, String)>| {
        let places: Vec<String> = places.into_iter().map(|(_, address)| address).collect();
        places.join("\n")
    };
    whole.then(|| (joined(reads), joined(writes)))
}

/// What the program is, and what it is told: all but addresses, which differ from run to run while what lies there may
/// be the same.
fn definition(chart: &Chart<'_>, step: &Step) -> (String, String) {
    let graph = chart.graph();
    let files: Vec<_> = step.files.iter().map(|file| (&file.mount, &file.text)).collect();
    let said = serde_json::json!([
        image::of(chart.input, step),
        step.command,
        step.args,
        step.script,
        step.env,
        files,
        step.emits.iter().map(|emit| &emit.name.value).collect::<Vec<_>>(),
    ]);
    let wanted = wants::of_container(graph, step).into_iter();
    let told = wanted.filter(|want| matches!(want, Want::Value(_)));
    let told = told.filter_map(|want| want.name(graph));
    let told = told.map(|name| format!("{name}={{{{inputs.parameters.{name}}}}}"));
    let global = text_bindings(step)
        .into_iter()
        .filter_map(|binding| match binding {
            Binding::Parameter { .. } | Binding::Run(_) => Some(data::global(&binding)),
            Binding::Item { .. } | Binding::Output { .. } | Binding::DataUri(_) | Binding::DataPath(_) => {
                None
            }
        });
    let values: Vec<String> = told.chain(global).collect();
    (names::sha256(&said.to_string()), values.join("\n"))
}

fn look(chart: &Chart<'_>, step: &Step, age: Seconds, places: &(String, String)) -> Task {
    let (definition, values) = definition(chart, step);
    let most = match age.0.is_finite() {
        true => format!("{}s", age.0.ceil()),
        false => "off".to_owned(),
    };
    let mut task = waiting(LOOK, LOOK_UP, &Wait::default());
    task.arguments.parameters = vec![
        Parameter::value("cache", kept_at(chart, step)),
        Parameter::value("definition", definition),
        Parameter::value("values", values),
        Parameter::value("most", most),
        Parameter::value("from", places.0.clone()),
        Parameter::value("to", places.1.clone()),
    ];
    task
}

fn run(program: &Template) -> Task {
    let wait = Wait {
        depends: vec![format!("{LOOK}.Succeeded")],
        guards: vec![format!(r#"tasks["{LOOK}"].outputs.parameters["hit"] != "yes""#)],
    };
    let mut task = waiting(RUN, &program.name, &wait);
    let inputs = program.inputs.parameters.iter();
    let passed = inputs
        .map(|input| Parameter::value(&input.name, format!("{{{{inputs.parameters.{}}}}}", input.name)));
    task.arguments.parameters = passed.collect();
    task
}

fn keep(chart: &Chart<'_>, step: &Step, places: &(String, String), answers: &[String]) -> Task {
    let wait = Wait {
        depends: vec![format!("{RUN}.Succeeded")],
        guards: Vec::new(),
    };
    let mut task = waiting(KEEP, KEEP_IT, &wait);
    let answers = answers.iter().map(|name| {
        let value = encoded(&format!(r#"tasks["{RUN}"].outputs.parameters["{name}"]"#));
        format!(r#""{name}": {value}"#)
    });
    let outputs = format!("{{{{=toJson({{{}}})}}}}", answers.collect::<Vec<_>>().join(", "));
    task.arguments.parameters = vec![
        Parameter::value("cache", kept_at(chart, step)),
        Parameter::value("key", format!("{{{{tasks.{LOOK}.outputs.parameters.key}}}}")),
        Parameter::value("outputs", outputs),
        Parameter::value("to", places.1.clone()),
    ];
    task
}

/// The folder of what is kept of a step.
fn kept_at(chart: &Chart<'_>, step: &Step) -> String {
    let root = storage::bucket(chart.input, chart.site)
        .map_or_else(String::new, |bucket| pod::inert(&bucket.root, true));
    let prefix = storage::pipeline_prefix(chart.graph(), step.pipeline);
    format!("{root}/{prefix}_cache/{}", step.name.value)
}

/// An answer of the step: that of the run which is used again, or of this one.
fn answer(name: &str) -> Parameter {
    let looked = |output: &str| format!(r#"tasks["{LOOK}"].outputs.parameters["{output}"]"#);
    let kept = format!(r#"get(fromJSON({}), "{name}")"#, looked("outputs"));
    let ran = format!(r#"get(tasks["{RUN}"], "outputs").parameters["{name}"]"#);
    let from = ValueFrom {
        expression: Some(format!(r#"{} == "yes" ? {kept} : {ran}"#, looked("hit"))),
        ..ValueFrom::default()
    };
    Parameter::from(name, from)
}

fn look_template(chart: &Chart<'_>) -> Template {
    let inputs = ["cache", "definition", "values", "most", "from", "to"];
    let mut template = script(chart, LOOK_UP, Script::Look, &inputs);
    // It lists and copies as much as what brings data from other sites.
    if let Some(container) = &mut template.container {
        container.resources = stock::container(chart.input, Script::Look, Vec::new(), "1Gi").resources;
    }
    let output = |name: &str| {
        let from = ValueFrom {
            path: Some(format!("{}/{name}", stock::OUT)),
            ..ValueFrom::default()
        };
        Parameter::from(name, from)
    };
    template.outputs.parameters = ["hit", "key", "outputs"].map(output).to_vec();
    template
}

fn keep_template(chart: &Chart<'_>) -> Template {
    script(chart, KEEP_IT, Script::Keep, &["cache", "key", "outputs", "to"])
}

/// A template whose script finds each of `inputs` in a variable.
fn script(chart: &Chart<'_>, name: &str, script: Script, inputs: &[&str]) -> Template {
    let brace = pod::variable(pod::BRACE, "{");
    let env = inputs
        .iter()
        .map(|input| pod::variable(input.to_uppercase(), format!("{{{{inputs.parameters.{input}}}}}")));
    added::script(
        chart,
        name,
        script,
        inputs,
        std::iter::once(brace).chain(env).collect(),
        EXECUTOR,
    )
}
