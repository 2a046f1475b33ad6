//! `portolan history show`: what is known, step by step.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::cli::report::ReportOptions;
use crate::cli::{Outcome, print, table, usage};
use crate::history::{Measure, Outcome as Ending, Records};
use crate::quantity::{Bytes, Seconds};
use crate::render;

/// Show what is known of each step
#[derive(Args, Debug)]
pub struct Options {
    /// The project's folder, or a file of it
    #[arg(default_value = ".")]
    path: PathBuf,
    /// For people or for programs
    #[arg(long = "as", value_enum, default_value = "table")]
    form: As,
    #[command(flatten)]
    report: ReportOptions,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum As {
    /// For people.
    Table,
    /// For programs: sizes in bytes, times in seconds.
    Json,
}

/// What is known of one step.
#[derive(Default, Serialize)]
struct Known {
    pipeline: String,
    step: String,
    attempts: usize,
    failed: usize,
    out_of_memory: usize,
    /// Smallest, median and greatest.
    memory_bytes: Option<[f64; 3]>,
    seconds: Option<[f64; 3]>,
    input_bytes: Option<[f64; 3]>,
    samples: usize,
}

/// Prints one line a step.
pub fn run(options: &Options) -> Outcome {
    let path = super::file_beside(&options.path);
    let opened = match super::existing(&path, &options.report) {
        Ok(opened) => opened,
        Err(why) => return usage(&why),
    };
    let known = known(&opened.records);
    match options.form {
        As::Json => print(&render::json(&known)),
        As::Table => print(&text(&known, opened.imports)),
    }
}

fn known(records: &Records) -> Vec<Known> {
    let mut steps: BTreeMap<(&str, &str), Known> = BTreeMap::new();
    let mut values: BTreeMap<(&str, &str, Measure), Vec<f64>> = BTreeMap::new();
    for attempt in records.attempts.values() {
        let known = steps.entry((&attempt.pipeline, &attempt.step)).or_default();
        known.attempts += 1;
        match attempt.outcome {
            Ending::Succeeded => {}
            Ending::OutOfMemory => known.out_of_memory += 1,
            Ending::Failed | Ending::Interrupted => known.failed += 1,
        }
        for (measure, value) in &attempt.measures {
            let of_step = values
                .entry((&attempt.pipeline, &attempt.step, *measure))
                .or_default();
            of_step.push(*value);
        }
    }
    for key in records.samples.keys() {
        steps.entry((&key.pipeline, &key.name)).or_default().samples += 1;
    }
    let mut spread = |pipeline, step, measure| {
        let values = values.get_mut(&(pipeline, step, measure))?;
        values.sort_by(f64::total_cmp);
        Some([*values.first()?, *values.get(values.len() / 2)?, *values.last()?])
    };
    steps
        .into_iter()
        .map(|((pipeline, step), known)| Known {
            pipeline: pipeline.to_owned(),
            step: step.to_owned(),
            memory_bytes: spread(pipeline, step, Measure::MemoryPeak),
            seconds: spread(pipeline, step, Measure::Seconds),
            input_bytes: spread(pipeline, step, Measure::InputBytes),
            ..known
        })
        .collect()
}

fn text(known: &[Known], imports: usize) -> String {
    let head = [
        "step",
        "attempts",
        "failed",
        "out of memory",
        "input",
        "memory",
        "run time",
        "load samples",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let bytes = |value: f64| Bytes::round(value).to_string();
    let seconds = |value: f64| Seconds(value).to_string();
    for step in known {
        rows.push(vec![
            format!("{}/{}", step.pipeline, step.step),
            step.attempts.to_string(),
            step.failed.to_string(),
            step.out_of_memory.to_string(),
            between(step.input_bytes, bytes),
            between(step.memory_bytes, bytes),
            between(step.seconds, seconds),
            step.samples.to_string(),
        ]);
    }
    format!(
        "{}\n  read from {imports} imports; smallest, median, greatest\n",
        table::columns(&rows, &[1, 2, 3, 7])
    )
}

fn between(values: Option<[f64; 3]>, write: impl Fn(f64) -> String) -> String {
    values.map_or_else(|| "-".to_owned(), |values| values.map(write).join(" "))
}
