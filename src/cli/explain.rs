//! `portolan explain`: what a code means, where a generated file comes from, why a step runs where it does, what it and
//! its data inherit.

use std::path::PathBuf;

use camino::Utf8Path;
use clap::Args;

use super::report::{Format, exit_for, report};
use super::session::{Session, SessionOptions};
use super::{Outcome, lineage, load, reasons};
use crate::diag::{Code, Diagnostics, suggest};
use crate::graph::Step;
use crate::graph::model::{Graph, StepId};
use crate::write::{MANIFEST, Manifest};
use crate::{Input, place, render};

/// Tell more about a diagnostic code, a generated file, a step or a data set
#[derive(Args, Debug)]
pub struct Options {
    /// A code (`name.unknown`), a file of the output folder (`out/argo/lab/churn.yaml:12`), a step or data set
    /// (`train`, `churn/train`)
    what: String,
    #[command(flatten)]
    session: SessionOptions,
}

/// Explains.
pub fn run(options: &Options) -> Outcome {
    if let Some(code) = Code::find(&options.what) {
        return super::print(&format!("{}\n", code.page().trim_end()));
    }
    let path = options
        .what
        .rsplit_once(':')
        .filter(|(_, line)| line.parse::<u32>().is_ok());
    let path = Utf8Path::new(path.map_or(options.what.as_str(), |(path, _)| path));
    if path.is_file() {
        return file(path);
    }
    node(options)
}

/// The node that a generated file comes from: as the manifest beside it says.
fn file(path: &Utf8Path) -> Outcome {
    for folder in path.ancestors().skip(1) {
        let Ok(text) = std::fs::read_to_string(folder.join(MANIFEST)) else {
            continue;
        };
        let Ok(manifest) = serde_json::from_str::<Manifest>(&text) else {
            return super::usage(&format!("{}: it is no manifest", folder.join(MANIFEST)));
        };
        let Ok(relative) = path.strip_prefix(folder) else {
            continue;
        };
        if let Some(entry) = manifest
            .files
            .iter()
            .find(|entry| entry.path == relative.as_str())
        {
            return super::print(&format!("{path}\n  comes from {}\n", entry.origin));
        }
    }
    super::usage(&format!("{path}: no {MANIFEST} above it names this file"))
}

/// A step or a data set: first what it inherits, which needs no plan; then, of a step, why it runs where it does.
fn node(options: &Options) -> Outcome {
    let mut session = match Session::open(&options.session) {
        Ok(session) => session,
        Err(why) => return unknown(&options.what, &options.session.paths, &why),
    };
    let platform = options.session.platform.as_deref();
    let inherited = lineage::of(&options.what, session.sources.clone(), &load::Disk, platform);
    let mut found = Diagnostics::new();
    let input = Input {
        files: &load::Disk,
        platform,
        lock: session.lock.as_ref(),
        history: session.history.as_ref(),
        limits: &session.limits,
    };
    let json = options.session.report.format == Format::Json;
    let text = crate::predict(
        &mut session.sources,
        input,
        &mut found,
        |profiled, catalog, sources, out| {
            let steps = match named(profiled.graph, &options.what) {
                Ok(steps) => steps,
                Err(why) => return Some(Err(why)),
            };
            let locked = input.lock.map(|lock| &lock.placements);
            let (plan, reasons) = place::inquire(profiled, catalog, locked, input.limits, &steps, out)?;
            Some(Ok(if json {
                render::json(&reasons)
            } else {
                let steps = steps.iter().map(|step| &plan.profiled.graph[*step]).zip(&reasons);
                let texts = steps.map(|(step, why)| reasons::step(&plan, step, why, sources));
                texts.collect::<Vec<String>>().join("\n")
            }))
        },
    );
    let outcome = exit_for(&found, &options.session.report);
    let failed = report(found, &session.sources, &options.session.report);
    match text.flatten() {
        Some(Err(why)) if inherited.is_empty() => super::usage(&why),
        Some(Ok(text)) if !failed && (json || inherited.is_empty()) => super::print(&text),
        Some(Ok(text)) if !failed => super::print(&format!("{text}\n{inherited}")),
        // A data set; of a step, why there is no plan may lie in what is inherited.
        Some(Err(_)) => super::print(&inherited),
        Some(Ok(_)) | None if inherited.is_empty() => outcome,
        Some(Ok(_)) | None => {
            super::print(&inherited);
            outcome
        }
    }
}

/// The steps called `what`, with or without their pipeline.
fn named(graph: &Graph, what: &str) -> Result<Vec<StepId>, String> {
    let full = |step: &Step| format!("{}/{}", graph[step.pipeline].name.value, step.name.value);
    let is_named = |step: &&Step| what == step.name.value || what == full(step);
    let steps: Vec<StepId> = graph.steps.iter().filter(is_named).map(|step| step.id).collect();
    if !steps.is_empty() {
        return Ok(steps);
    }
    let names = graph.steps.iter().map(|step| step.name.value.as_str());
    let names = names.chain(graph.data.iter().map(|data| data.name.value.as_str()));
    let near = suggest::did_you_mean(what, names.chain(Code::ALL.iter().map(|code| code.name())));
    let near = near.map(|near| format!("; {near}")).unwrap_or_default();
    Err(format!(
        "`{what}` is no code, no generated file, no step and no data set{near}"
    ))
}

/// Nothing to look a step up in: then a code was probably meant.
fn unknown(what: &str, paths: &[PathBuf], why: &str) -> Outcome {
    let near = suggest::nearest(what, Code::ALL.iter().map(|code| code.name()));
    if let Some(near) = near {
        return super::usage(&format!("there is no code `{what}`; did you mean `{near}`?"));
    }
    let searched = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect::<Vec<_>>()
        .join(" ");
    super::usage(&format!(
        "`{what}` is no code and no generated file, and steps cannot be looked up in {searched}: {why}"
    ))
}
