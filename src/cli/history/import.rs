//! `portolan history import`: files of past runs -> one more part of `portolan.history`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{Project, prometheus};
use crate::cli::report::{ReportOptions, report};
use crate::cli::{Outcome, load, session, usage};
use crate::diag::Diagnostics;
use crate::history::open::open;
use crate::history::table::{self, Defaults};
use crate::history::{Form, Read, Records, store};
use crate::source::SourceMap;

/// Add past runs: from Argo, Prometheus, WfFormat, Nextflow or CSV
#[derive(Args, Debug)]
pub struct Options {
    /// Files, plain or compressed with gzip: `kubectl get workflows -o json`, answers of Prometheus, WfFormat, Nextflow
    /// traces, CSV, or the portolan.history of another branch
    #[arg(required_unless_present = "prometheus")]
    files: Vec<PathBuf>,
    /// What the files are; by content unless it is said
    #[arg(long, value_enum, value_name = "FORM")]
    from: Option<From>,
    /// The pipeline of rows that name none
    #[arg(long, value_name = "NAME", default_value = "")]
    pipeline: String,
    #[command(flatten)]
    prometheus: prometheus::Options,
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    report: ReportOptions,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum From {
    /// `kubectl get workflows -o json`
    Argo,
    /// The saved answer of a range query
    Prometheus,
    /// WfFormat 1.4 or 1.5
    Wfformat,
    /// `nextflow run -with-trace`
    Nextflow,
    /// A table with a header
    Csv,
}

impl From {
    fn form(self) -> Form {
        match self {
            From::Argo => Form::Argo,
            From::Prometheus => Form::Prometheus,
            From::Wfformat => Form::WfFormat,
            From::Nextflow => Form::Nextflow,
            From::Csv => Form::Csv,
        }
    }
}

/// Reads, checks and appends.
pub fn run(options: &Options) -> Outcome {
    match import(options) {
        Ok(outcome) => outcome,
        Err(why) => usage(&why),
    }
}

fn import(options: &Options) -> Result<Outcome, String> {
    let path = options.project.path();
    let mut known = session::history(&path, &options.report)?
        .unwrap_or_default()
        .records;
    let (mut sources, mut found) = (SourceMap::default(), Diagnostics::new());
    let (mut read, mut news) = (Read::default(), Records::default());
    for file in &options.files {
        let name = file.to_string_lossy();
        let bytes = std::fs::read(file).map_err(|error| format!("{name}: {error}"))?;
        if store::is_history(&bytes) {
            let opened = open(&mut sources, &name, &bytes, &mut found);
            news.add(known.add(opened.records));
            continue;
        }
        let text = load::unpacked(&name)?;
        let form = options.from.map_or_else(|| Form::of(&text), From::form);
        let id = sources.add(name, text);
        let pipeline = options.pipeline.as_str();
        let more = form.read(&sources, id, Defaults { pipeline }, &mut found);
        read.attempts.extend(more.attempts);
        read.samples.extend(more.samples);
    }
    news.add(known.import(read, &mut found));
    if let Some(asked) = options.prometheus.ask(&known, &mut sources, &mut found)? {
        news.add(known.import(asked, &mut found));
    }
    let nameless = news
        .attempts
        .values()
        .filter(|attempt| attempt.pipeline.is_empty())
        .count();
    if nameless > 0 {
        return Err(format!(
            "{nameless} attempts name no pipeline; say it with `--pipeline NAME`"
        ));
    }
    let failed = report(found, &sources, &options.report);
    append(&path, &news)?;
    options.report.remark(&format!(
        "{}: {} attempts and {} samples added or completed",
        path.display(),
        news.attempts.len(),
        news.samples.len(),
    ));
    Ok(if failed { Outcome::Errors } else { Outcome::Ok })
}

/// One write of one whole member at the end of the file, so that a reader sees all of it or knows that it was torn.
///
/// # Errors
/// Says why it cannot be written.
pub fn append(path: &Path, news: &Records) -> Result<(), String> {
    if news.is_empty() {
        return Ok(());
    }
    let member = store::pack(&table::text(news));
    let mut options = std::fs::OpenOptions::new();
    let file = options.create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(&member).and_then(|()| file.sync_all()))
        .map_err(|error| format!("{}: {error}", path.display()))
}
