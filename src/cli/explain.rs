//! `portolan explain`: what a code means, where a generated file comes from, why a step runs where it does, what it and
//! its data inherit.

use std::path::PathBuf;

use camino::Utf8Path;
use clap::Args;

use super::report::{exit_for, report};
use super::session::{Session, SessionOptions};
use super::{Outcome, lineage, load, reasons};
use crate::Input;
use crate::diag::{Code, Diagnostics, suggest};
use crate::write::{MANIFEST, Manifest};

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
    let text = crate::plan(&mut session.sources, input, &mut found, |plan, _, _| {
        let graph = plan.profiled.graph;
        let named = |step: &&crate::graph::Step| {
            let own = &step.name.value;
            options.what == *own || options.what == format!("{}/{own}", graph[step.pipeline].name.value)
        };
        let texts: Vec<String> = graph
            .steps
            .iter()
            .filter(named)
            .map(|step| reasons::step(plan, step))
            .collect();
        let steps = graph.steps.iter().map(|step| step.name.value.as_str());
        let names: Vec<&str> = steps
            .chain(graph.data.iter().map(|data| data.name.value.as_str()))
            .collect();
        let near = suggest::nearest(
            &options.what,
            names
                .iter()
                .copied()
                .chain(Code::ALL.iter().map(|code| code.name())),
        );
        (texts.join("\n"), near.map(str::to_owned))
    });
    let outcome = exit_for(&found, &options.session.report);
    let failed = report(found, &session.sources, &options.session.report);
    match text {
        Some((text, _)) if !failed && text.len() + inherited.len() > 0 => {
            let parts = [text, inherited].into_iter().filter(|part| !part.is_empty());
            super::print(&parts.collect::<Vec<_>>().join("\n"))
        }
        Some((_, near)) if !failed => {
            let near = near
                .map(|near| format!("; did you mean `{near}`?"))
                .unwrap_or_default();
            super::usage(&format!(
                "`{}` is no code, no generated file, no step and no data set{near}",
                options.what
            ))
        }
        // Why there is no plan may lie in what is inherited.
        _ if !inherited.is_empty() => {
            super::print(&inherited);
            outcome
        }
        _ => outcome,
    }
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
