//! `portolan history evaluate`: predicts runs of the past as if they had not happened yet.

use std::io::Read as _;

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, ValueEnum};
use flate2::read::GzDecoder;

use super::super::{Outcome, usage};
use crate::predict::table::{self, Role};
use crate::predict::{self, Prediction, Run};
use crate::write;

/// Predict past runs as if they had not happened yet, to measure how well that works
#[derive(Args, Debug)]
pub struct Options {
    /// A table of executions, plain or compressed with gzip
    #[arg(long, value_name = "CSV")]
    tasks: Utf8PathBuf,
    /// A table that says which executions are known and which are to be predicted
    #[arg(long, value_name = "CSV")]
    splits: Utf8PathBuf,
    /// Name of the split
    #[arg(long, value_name = "NAME")]
    split: String,
    /// What to predict
    #[arg(long, value_enum)]
    target: Target,
    /// Whether predictions learn from the runs predicted before
    #[arg(long, value_enum, default_value = "batch")]
    mode: Mode,
    /// Where to write `row_id,point,upper,retry1`
    #[arg(long, value_name = "CSV")]
    out: Utf8PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Target {
    /// Peak memory, in bytes
    Mem,
    /// Run time, in seconds
    Runtime,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Mode {
    /// Fitted once
    Batch,
    /// Refitted after each run
    Online,
}

/// Predicts and writes.
pub fn run(options: &Options) -> Outcome {
    match predictions(options)
        .and_then(|text| write::replace(&options.out, &text).map_err(|error| error.to_string()))
    {
        Ok(()) => Outcome::Ok,
        Err(why) => usage(&why),
    }
}

fn predictions(options: &Options) -> Result<String, String> {
    let named = |path: &Utf8Path, why: String| format!("{path}: {why}");
    let runs = table::runs(&text(&options.tasks)?).map_err(|why| named(&options.tasks, why))?;
    let members =
        table::split(&text(&options.splits)?, &options.split).map_err(|why| named(&options.splits, why))?;
    let of = |role: Role| -> Vec<(u64, &Run)> {
        let rows = members.iter().filter(|member| member.role == role);
        rows.filter_map(|member| Some((member.row_id, runs.get(&member.row_id)?)))
            .collect()
    };
    let (train, test) = (of(Role::Train), of(Role::Test));
    let only = |rows: &[(u64, &'_ Run)]| -> Vec<Run> { rows.iter().map(|(_, run)| (*run).clone()).collect() };
    let (known, asked) = (only(&train), only(&test));
    let target = match options.target {
        Target::Mem => predict::Target::Memory,
        Target::Runtime => predict::Target::RunTime,
    };
    let mode = match options.mode {
        Mode::Batch => predict::Mode::Batch,
        Mode::Online => predict::Mode::Online,
    };
    let known: Vec<&Run> = known.iter().collect();
    let asked: Vec<&Run> = asked.iter().collect();
    let made = predict::replay(target, mode, &known, &asked);
    Ok(csv(test.iter().map(|(row, _)| *row).zip(made)))
}

fn csv(rows: impl Iterator<Item = (u64, Option<Prediction>)>) -> String {
    let mut text = String::from("row_id,point,upper,retry1\n");
    for (row, prediction) in rows {
        if let Some(Prediction { point, upper, retry }) = prediction {
            let retry = retry.map(|retry| retry.to_string()).unwrap_or_default();
            text.push_str(&format!("{row},{point},{upper},{retry}\n"));
        }
    }
    text
}

/// The text of a file; one that starts as gzip does is unpacked.
fn text(path: &Utf8Path) -> Result<String, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
    let mut text = String::new();
    let read = if bytes.starts_with(&[0x1f, 0x8b]) {
        GzDecoder::new(bytes.as_slice()).read_to_string(&mut text)
    } else {
        bytes.as_slice().read_to_string(&mut text)
    };
    read.map(|_| text).map_err(|error| format!("{path}: {error}"))
}
