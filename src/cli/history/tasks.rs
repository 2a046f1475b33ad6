//! `portolan history evaluate --tasks`: predicts runs of the past as if they had not happened yet.

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, ValueEnum};

use crate::cli::load;
use crate::predict::table::{self, Member, Role};
use crate::predict::{self, LeftOut, Prediction, Run};

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
    /// Predict each run without any of its own task type, or of its workflow: as if the step had never run
    #[arg(
        long,
        value_enum,
        value_name = "WITHOUT",
        requires = "tasks",
        conflicts_with = "mode"
    )]
    cold: Option<Cold>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Cold {
    /// A tenth of the task types at a time
    TaskType,
    /// A workflow at a time
    Workflow,
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
    let of = |role: Role| -> Vec<Execution<'_>> {
        let rows = members.iter().filter(|member| member.role == role);
        rows.filter_map(|member| Some((member, runs.get(&member.row_id)?)))
            .collect()
    };
    let (train, test) = (of(Role::Train), of(Role::Test));
    let made = match options.cold {
        Some(cold) => without(options.target(), cold, &train, &test),
        None => predict::replay(options.target(), options.mode(), &only(&train), &only(&test)),
    };
    Ok(csv(test.iter().map(|(member, _)| member.row_id).zip(made)))
}

/// An execution and its place in the split.
type Execution<'t> = (&'t Member, &'t Run);

fn only<'t>(rows: &[Execution<'t>]) -> Vec<&'t Run> {
    rows.iter().map(|(_, run)| *run).collect()
}

fn grouped<'t>(rows: &[Execution<'t>]) -> Vec<(&'t str, &'t Run)> {
    rows.iter()
        .map(|(member, run)| (member.group_id.as_str(), *run))
        .collect()
}

/// Predictions of steps as if they had never run.
fn without(
    target: predict::Target,
    cold: Cold,
    train: &[Execution<'_>],
    test: &[Execution<'_>],
) -> Vec<Option<Prediction>> {
    let left_out = match cold {
        Cold::TaskType => LeftOut::TaskType,
        Cold::Workflow => LeftOut::Workflow,
    };
    predict::cold(target, left_out, &grouped(train), &grouped(test))
}

impl Options {
    fn target(&self) -> predict::Target {
        match self.target {
            Target::Mem => predict::Target::Memory,
            Target::Runtime => predict::Target::RunTime,
        }
    }

    fn mode(&self) -> predict::Mode {
        match self.mode {
            Mode::Batch => predict::Mode::Batch,
            Mode::Online => predict::Mode::Online,
        }
    }
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
