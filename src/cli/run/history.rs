//! What attempts took -> `portolan.history`, by the way that every import takes.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::folder::{self, Finished, RunFolder};
use crate::cli::history::append as append_to;
use crate::cli::report::{ReportOptions, report};
use crate::cli::session;
use crate::diag::Diagnostics;
use crate::history::store::FILE;
use crate::history::{Attempt, Measure, Outcome, Read};
use crate::source::{SourceMap, Span, Spanned};

/// Adds all attempts of the run that the history does not know yet, so that those of a run that was cut off count, too.
///
/// # Errors
/// Says why the file cannot be read or written.
pub fn append(beside: &Utf8Path, folder: &RunFolder, options: &ReportOptions) -> Result<(), String> {
    let path = beside.join(FILE);
    let known = session::history(path.as_std_path(), options)?.unwrap_or_default();
    let pipeline = folder::read::<serde_json::Value>(&folder.path.join("run.json"));
    let pipeline = pipeline.and_then(|run| Some(run.get("pipeline")?.as_str()?.to_owned()));
    let pipeline = pipeline.unwrap_or_default();
    let attempts = folder.results().into_iter().map(|finished| Spanned {
        value: attempt(&pipeline, folder, &finished),
        span: Span::default(),
    });
    let mut found = Diagnostics::new();
    let read = Read {
        attempts: attempts.collect(),
        samples: Vec::new(),
    };
    let mut records = known.records;
    let news = records.import(read, &mut found);
    report(found, &SourceMap::default(), options);
    append_to(path.as_std_path(), &news)
}

fn attempt(pipeline: &str, folder: &RunFolder, finished: &Finished) -> Attempt {
    let Finished {
        step, item, attempt, ..
    } = finished;
    let run = format!("local-{}-{}", folder.id, folder.began.as_millisecond());
    let mut made = Attempt {
        id: format!("{run}/{pipeline}/{step}/{item}/{attempt}/{}", finished.started),
        run,
        pipeline: pipeline.to_owned(),
        step: step.clone(),
        item: item.clone(),
        retries: *attempt,
        machine: "local".to_owned(),
        started: Some(finished.started),
        outcome: Outcome::from_exit(finished.code.map(i64::from), "", finished.succeeded),
        exit_code: finished.code.map(i64::from),
        parameters: BTreeMap::new(),
        ..Attempt::default()
    };
    made.set(Measure::Seconds, Some(finished.seconds));
    made.set(Measure::CoreSeconds, finished.core_seconds);
    made.set(Measure::MemoryPeak, finished.memory_peak);
    made.set(
        Measure::InputBytes,
        Some(finished.input_bytes as f64).filter(|bytes| *bytes > 0.0),
    );
    made
}
