//! `portolan import`: what others wrote -> a pipeline of the language.

use std::path::{Path, PathBuf};

use camino::Utf8PathBuf;
use clap::{Args, Subcommand};

use super::report::{ReportOptions, report};
use super::{Outcome, load, print, usage};
use crate::catalog::Catalog;
use crate::diag::Diagnostics;
use crate::history::wfformat::{Instance, pipeline};
use crate::import::{self, Imported};
use crate::source::SourceMap;
use crate::write;

/// Make a pipeline of what another program wrote
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// Print the graph of a WfFormat file (1.4 or 1.5) as a pipeline; its runs are for `history import`
    Wfformat {
        /// The file
        file: String,
    },
    /// Print Argo Workflows as pipelines; templates are looked for in all files given
    Argo(Foreign),
}

#[derive(Args, Debug)]
struct Foreign {
    /// Files, folders (every `.yaml` and `.yml` below), or `-`
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Write each pipeline to a file of its name in this folder instead of printing it
    #[arg(short, long, value_name = "DIR")]
    output: Option<Utf8PathBuf>,
    #[command(flatten)]
    report: ReportOptions,
}

/// Prints the pipeline.
pub fn run(options: &Options) -> Outcome {
    match &options.what {
        What::Wfformat { file } => wfformat(file),
        What::Argo(foreign) => argo(foreign),
    }
}

fn wfformat(file: &str) -> Outcome {
    let instance = load::unpacked(file).and_then(|text| {
        serde_json::from_str::<Instance>(&text)
            .map_err(|error| format!("{file}: it is not WfFormat: {error}"))
    });
    match instance {
        Ok(instance) => print(&pipeline::text(&instance.name, &instance.workflow.specification)),
        Err(why) => usage(&why),
    }
}

fn argo(options: &Foreign) -> Outcome {
    let sources = match sources(&options.paths) {
        Ok(sources) => sources,
        Err(why) => return usage(&why),
    };
    let mut found = Diagnostics::new();
    let imported = import::argo::pipelines(&sources, &Catalog::built_in(), &mut found);
    let written = match &options.output {
        None => {
            let texts: Vec<&str> = imported.iter().map(|pipeline| pipeline.text.as_str()).collect();
            print(&texts.join("\n"))
        }
        Some(folder) => save(folder, &imported),
    };
    if written != Outcome::Ok {
        return written;
    }
    if report(found, &sources, &options.report) {
        return Outcome::Errors;
    }
    Outcome::Ok
}

/// Writes each pipeline to a file of its own, or none if one of them is there already.
fn save(folder: &Utf8PathBuf, imported: &[Imported]) -> Outcome {
    let path = |pipeline: &Imported| folder.join(format!("{}.kdl", pipeline.name));
    if let Some(path) = imported.iter().map(path).find(|path| path.exists()) {
        return usage(&format!("{path} is there already; nothing was written"));
    }
    for pipeline in imported {
        if let Err(error) = write::replace(&path(pipeline), &pipeline.text) {
            return usage(&error.to_string());
        }
    }
    eprintln!("{folder}: {} pipelines written", imported.len());
    Outcome::Ok
}

/// The texts of all files, those of folders by path.
fn sources(paths: &[PathBuf]) -> Result<SourceMap, String> {
    let mut sources = SourceMap::default();
    for path in paths {
        for file in files(path)? {
            let (name, text) = load::text(&file)?;
            sources.quote(name, text);
        }
    }
    Ok(sources)
}

fn files(path: &Path) -> Result<Vec<PathBuf>, String> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let folder = Utf8PathBuf::from(load::slashes(path));
    let mut found = load::below(&folder)?;
    found.retain(|file| matches!(file.extension(), Some("yaml" | "yml")));
    if found.is_empty() {
        return Err(format!("{folder}: there is no `.yaml` file in this folder"));
    }
    Ok(found.into_iter().map(|file| folder.join(file).into()).collect())
}
