//! `portolan history evaluate --tasks`: predicts runs of the past as if they had not happened yet.

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, ValueEnum};

use crate::cli::load;
use crate::predict::table::{self, Role};
use crate::predict::{self, Prediction, Run};

/// Executions that are nobody's history.
#[derive(Args, Debug)]
#[group(id = "executions")]
pub struct Options {
    /// A table of executions, plain or compressed with gzip
    #[arg(long, value_name = "CSV", required = false, requires_all = ["splits", "split", "target"])]
    tasks: Utf8PathBuf,
    /// A table that says which executions are known and which are to be predicted
    #[arg(long, value_name = "CSV", required = false, requires = "tasks")]
    splits: Utf8PathBuf,
    /// Name of the split
    #[arg(long, value_name = "NAME", required = false, requires = "tasks")]
    split: String,
    /// What to predict
    #[arg(long, value_enum, required = false, requires = "tasks")]
    target: Target,
    /// Whether predictions learn from the runs predicted before
    #[arg(long, value_enum, default_value = "batch")]
    mode: Mode,
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

/// Predictions as `row_id,point,upper,retry1`.
///
/// # Errors
/// Says which table is not as it should be.
pub fn predictions(options: &Options) -> Result<String, String> {
    let named = |path: &Utf8Path, why: String| format!("{path}: {why}");
    let runs =
        table::runs(&load::unpacked(options.tasks.as_str())?).map_err(|why| named(&options.tasks, why))?;
    let members = table::split(&load::unpacked(options.splits.as_str())?, &options.split)
        .map_err(|why| named(&options.splits, why))?;
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
