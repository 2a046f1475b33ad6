//! `portolan run --local`: the steps of a pipeline as processes of this machine, in the order and by the rules of a run.

mod command;
mod commit;
mod ended;
mod folder;
mod group;
mod history;
mod interrupt;
mod process;
mod progress;
mod summary;
mod turn;

use camino::Utf8PathBuf;
use clap::Args;

use super::report::{exit_for, report};
use super::session::{Session, SessionOptions};
use super::{Outcome, load, table, usage};
use crate::Input;
use crate::diag::Diagnostics;
use crate::graph::{Graph, Pipeline, Scalar, StepId};
use crate::profile::ProfiledGraph;
use crate::run::value::Value;
use folder::RunFolder;
use turn::Turn;

/// Run a pipeline's steps as local processes: conditions, fan-out, retries, outputs
#[derive(Args, Debug)]
pub struct Options {
    /// As processes of this machine: the only way so far, said so that no one expects a cluster
    #[arg(long, required = true)]
    local: bool,
    /// A parameter of the run, `min-rows=500`; items of a list are joined by commas; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    param: Vec<String>,
    /// A local copy of a data set, `customers=data/customers.csv`; may be repeated
    #[arg(long, value_name = "DATA=PATH")]
    data: Vec<String>,
    /// Where runs are kept; `portolan-runs` beside the sources unless it is said
    #[arg(long, value_name = "FOLDER")]
    work: Option<Utf8PathBuf>,
    /// Only this step and what it needs
    #[arg(long, value_name = "STEP")]
    only: Option<String>,
    /// Go on with the last run: what it finished is kept where command and inputs are the same
    #[arg(long)]
    resume: bool,
    /// Which pipeline, if there are several
    #[arg(long, value_name = "NAME")]
    pipeline: Option<String>,
    /// Steps at once; as many as the machine has cores unless it is said
    #[arg(long)]
    jobs: Option<usize>,
    /// Do not add what was measured to portolan.history
    #[arg(long)]
    forget: bool,
    #[command(flatten)]
    session: SessionOptions,
}

/// Runs and prints what became of each step.
pub fn run(options: &Options) -> Outcome {
    let mut session = match Session::open(&options.session) {
        Ok(session) => session,
        Err(why) => return usage(&why),
    };
    let mut found = Diagnostics::new();
    let input = Input {
        files: &load::Disk,
        platform: options.session.platform.as_deref(),
        lock: session.lock.as_ref(),
        history: session.history.as_ref(),
        limits: &session.limits,
    };
    let mut sources = session.sources.clone();
    let (mut wrong, mut ran) = (false, None);
    crate::profile(&mut sources, input, &mut found, |profiled, _| {
        ran = Some(local(profiled, &session, options));
    });
    let outcome = exit_for(&found, &options.session.report);
    wrong |= report(found, &sources, &options.session.report);
    match ran {
        Some(Err(why)) => usage(&why),
        Some(Ok(outcome)) if !wrong => outcome,
        Some(Ok(_)) | None => {
            session.sources = sources;
            outcome
        }
    }
}

fn local(profiled: &ProfiledGraph<'_>, session: &Session, options: &Options) -> Result<Outcome, String> {
    let graph = profiled.graph;
    let pipeline = pipeline(graph, options.pipeline.as_deref())?;
    let only = options
        .only
        .as_deref()
        .map(|name| step(graph, pipeline, name))
        .transpose()?;
    let parameters = parameters(pipeline, &options.param)?;
    let beside = Utf8PathBuf::from_path_buf(load::folder(&options.session.paths))
        .map_err(|path| format!("{}: the path is not UTF-8 text", path.display()))?;
    let work = options
        .work
        .clone()
        .unwrap_or_else(|| beside.join("portolan-runs"));
    let folder = RunFolder::open(&work, &pipeline.name.value, options.resume)?;
    let surroundings = command::Surroundings {
        profiled,
        sources: &session.sources,
        folder: &folder,
        copies: copies(graph, pipeline, &options.data)?,
    };
    let run = crate::run::Run::of(graph, pipeline, &parameters, only);
    let mut turn = Turn::of(
        run,
        &surroundings,
        super::simulate::threads(options.jobs),
        options.session.report.quiet,
    )?;
    turn.play()?;
    let outcome = match (turn.halted, turn.run.has_failed()) {
        (true, _) => Outcome::Interrupted,
        (false, true) => Outcome::Errors,
        (false, false) => Outcome::Ok,
    };
    if !options.forget {
        history::append(&beside, &folder, &options.session.report)?;
    }
    let printed = super::print(&table::columns(&turn.rows(), &[2, 3, 4]));
    Ok(printed.max(outcome))
}

fn pipeline<'g>(graph: &'g Graph, wanted: Option<&str>) -> Result<&'g Pipeline, String> {
    let named = |pipeline: &&Pipeline| wanted.is_none_or(|name| pipeline.name.value == name);
    let mut found = graph.pipelines.iter().filter(named);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => Err("there are several pipelines; say which with `--pipeline NAME`".to_owned()),
        (None, _) => Err(format!("there is no pipeline `{}`", wanted.unwrap_or_default())),
    }
}

fn step(graph: &Graph, pipeline: &Pipeline, name: &str) -> Result<StepId, String> {
    let own = |step: &&StepId| graph[**step].name.value == name;
    let names = pipeline.steps.iter().map(|step| graph[*step].name.value.as_str());
    let near = crate::diag::suggest::did_you_mean(name, names).map(|near| format!("; {near}"));
    let found = pipeline.steps.iter().find(own).copied();
    found.ok_or_else(|| format!("there is no step `{name}`{}", near.unwrap_or_default()))
}

type Parameters = std::collections::BTreeMap<String, Vec<Scalar>>;

fn parameters(pipeline: &Pipeline, given: &[String]) -> Result<Parameters, String> {
    let mut read = Parameters::new();
    for text in given {
        let (name, value) = pair(text)?;
        let known = pipeline
            .parameters
            .iter()
            .find(|parameter| parameter.name.value == name);
        let known = known.ok_or_else(|| format!("there is no parameter `{name}`"))?;
        let values: Vec<&str> = if known.list {
            value.split(',').collect()
        } else {
            vec![value]
        };
        for value in &values {
            let read = Value::read(value, known.ty).map_err(|why| format!("parameter `{name}`: {why}"))?;
            let (least, most) = (
                known.min.unwrap_or(f64::NEG_INFINITY),
                known.max.unwrap_or(f64::INFINITY),
            );
            if let Value::Number(number) = read
                && !(least..=most).contains(&number)
            {
                return Err(format!(
                    "parameter `{name}`: {value} is not from {least} to {most}"
                ));
            }
        }
        let values = values.into_iter().map(|value| Scalar::Text(value.to_owned()));
        read.insert(name.to_owned(), values.collect());
    }
    let lacking = |parameter: &&crate::graph::Parameter| {
        parameter.default.is_empty() && !read.contains_key(&parameter.name.value)
    };
    match pipeline.parameters.iter().find(lacking) {
        Some(parameter) => Err(format!(
            "say `--param {}=…`: it has no default",
            parameter.name.value
        )),
        None => Ok(read),
    }
}

fn copies(graph: &Graph, pipeline: &Pipeline, given: &[String]) -> Result<command::Copies, String> {
    let mut read = command::Copies::new();
    for text in given {
        let (name, path) = pair(text)?;
        let known = pipeline.data.iter().find(|data| graph[**data].name.value == name);
        let data = known.ok_or_else(|| format!("there is no data set `{name}`"))?;
        let path = Utf8PathBuf::from(path).canonicalize_utf8();
        read.insert(*data, path.map_err(|error| format!("{text}: {error}"))?);
    }
    Ok(read)
}

fn pair(text: &str) -> Result<(&str, &str), String> {
    text.split_once('=')
        .ok_or_else(|| format!("`{text}`: write `NAME=VALUE`"))
}
