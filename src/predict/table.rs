//! Tables of executions as text: `workflow_tasks.csv` and the rows of a split.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::run::{Query, Run};
use crate::quantity::{Bytes, Cores, Seconds};

/// A row of the table of executions; other columns are passed over.
#[derive(Deserialize)]
struct Row {
    row_id: u64,
    workflow: String,
    run_id: String,
    task_type: String,
    input_bytes: Option<f64>,
    cpus: Option<f64>,
    mem_request_bytes: Option<f64>,
    mem_peak_bytes: Option<f64>,
    runtime_s: Option<f64>,
    machine: String,
    params: String,
}

/// Which part a row plays in a split.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Known beforehand.
    Train,
    /// To be predicted.
    Test,
}

/// A row of a split.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Member {
    /// Name of the split.
    pub split: String,
    /// Runs that are alike.
    pub group_id: String,
    /// Its part.
    pub role: Role,
    /// The execution.
    pub row_id: u64,
}

/// Reads executions by row id.
///
/// # Errors
/// Says which line is not as it should be.
pub fn runs(text: &str) -> Result<BTreeMap<u64, Run>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader
        .deserialize()
        .map(|row| {
            row.map(|row: Row| (row.row_id, run(row)))
                .map_err(|error| error.to_string())
        })
        .collect()
}

/// Reads the rows of the split called `name`, in their order.
///
/// # Errors
/// Says which line is not as it should be, or that there is no such split.
pub fn split(text: &str, name: &str) -> Result<Vec<Member>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut members = Vec::new();
    for row in reader.deserialize() {
        let member: Member = row.map_err(|error: csv::Error| error.to_string())?;
        if member.split == name {
            members.push(member);
        }
    }
    if members.is_empty() {
        return Err(format!("there is no split `{name}`"));
    }
    Ok(members)
}

fn run(row: Row) -> Run {
    Run {
        query: Query {
            workflow: row.workflow,
            task: row.task_type,
            input: positive(row.input_bytes).map(Bytes::round),
            parameters: parameters(&row.params),
            cores: positive(row.cpus).map(Cores),
            memory_request: positive(row.mem_request_bytes).map(Bytes::round),
            machine: row.machine,
        },
        pipeline_run: row.run_id,
        memory_peak: positive(row.mem_peak_bytes).map(Bytes::round),
        run_time: positive(row.runtime_s).map(Seconds),
        ..Run::default()
    }
}

fn positive(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite() && *value > 0.0)
}

/// `name=value;…`; only numbers are kept.
fn parameters(text: &str) -> BTreeMap<String, f64> {
    let pairs = text.split(';').filter_map(|pair| pair.split_once('='));
    pairs
        .filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?)))
        .collect()
}
