//! WfFormat (wfcommons) -> attempts; the graph of the same file becomes a pipeline in [`pipeline`].

pub mod pipeline;

use std::collections::BTreeMap;

use serde::Deserialize;

use super::attempt::{Attempt, Measure};
use super::fault::Faults;
use super::table::Defaults;
use super::{Read, form, sift, time};
use crate::diag::Diagnostics;
use crate::source::{SourceId, SourceMap, Spanned};

/// A file.
#[derive(Deserialize, Debug)]
pub struct Instance {
    /// The workflow's name.
    #[serde(default)]
    pub name: String,
    /// What it is.
    pub workflow: Workflow,
}

/// The graph, and how it ran.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Workflow {
    /// Tasks and files.
    pub specification: Specification,
    /// Measurements.
    #[serde(default)]
    pub execution: Execution,
}

/// Tasks and files.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Specification {
    /// Tasks.
    pub tasks: Vec<Task>,
    /// Files.
    #[serde(default)]
    pub files: Vec<File>,
}

/// One task.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// Its kind; many tasks have the same.
    pub name: String,
    /// Its own name.
    pub id: String,
    /// Tasks that run before it.
    #[serde(default)]
    pub parents: Vec<String>,
    /// Files it reads.
    #[serde(default)]
    pub input_files: Vec<String>,
    /// Files it writes.
    #[serde(default)]
    pub output_files: Vec<String>,
}

/// One file.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub struct File {
    /// Its name.
    pub id: String,
    /// Its size.
    #[serde(default)]
    pub size_in_bytes: f64,
}

/// How it ran.
#[derive(Deserialize, Debug, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct Execution {
    /// When.
    pub executed_at: String,
    /// Tasks.
    pub tasks: Vec<Measured>,
}

/// Measurements of one task.
#[derive(Deserialize, Debug, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct Measured {
    /// The task's own name.
    pub id: String,
    /// Run time.
    pub runtime_in_seconds: Option<f64>,
    /// When it began.
    pub executed_at: Option<String>,
    /// Cores that it was given.
    pub core_count: Option<f64>,
    /// Share of one core in percent.
    #[serde(rename = "avgCPU")]
    pub average_cpu: Option<f64>,
    /// Bytes read.
    pub read_bytes: Option<f64>,
    /// Bytes written.
    pub written_bytes: Option<f64>,
    /// Most memory held.
    pub memory_in_bytes: Option<f64>,
    /// Where.
    pub machines: Vec<String>,
}

impl Task {
    /// The kind of the task: its name without the path of its process and the numbers that recorders put behind it
    /// (`bwa_ID000046`, `sequence_5_ID0000046`).
    pub fn kind(&self) -> &str {
        let name = self
            .name
            .rsplit(['.', ':'])
            .find(|part| !part.is_empty())
            .unwrap_or(&self.name);
        let mut kind = name;
        loop {
            let shorter = kind.trim_end_matches(|c: char| c.is_ascii_digit());
            let shorter = shorter.strip_suffix("_ID").or_else(|| shorter.strip_suffix('_'));
            match shorter.filter(|shorter| !shorter.is_empty() && shorter.len() < kind.len()) {
                Some(shorter) if kind.ends_with(|c: char| c.is_ascii_digit()) => kind = shorter,
                Some(_) | None => return kind,
            }
        }
    }
}

/// One attempt a task.
pub fn read(sources: &SourceMap, file: SourceId, defaults: Defaults<'_>, out: &mut Diagnostics) -> Read {
    let Some(instance) = form::json::<Instance>(sources, file, "a WfFormat instance", out) else {
        return Read::default();
    };
    let mut faults = Faults::of(file, out);
    let specification = &instance.workflow.specification;
    let sizes: BTreeMap<&str, f64> = specification
        .files
        .iter()
        .map(|file| (file.id.as_str(), file.size_in_bytes))
        .collect();
    let tasks: BTreeMap<&str, &Task> = specification
        .tasks
        .iter()
        .map(|task| (task.id.as_str(), task))
        .collect();
    let pipeline = if defaults.pipeline.is_empty() {
        &instance.name
    } else {
        defaults.pipeline
    };
    let execution = &instance.workflow.execution;
    let steps = pipeline::steps(specification);
    let mut read = Read::default();
    for measured in &execution.tasks {
        let task = tasks.get(measured.id.as_str()).copied();
        let mut attempt = Attempt {
            id: format!(
                "wfformat-{}-{}-{}",
                instance.name, execution.executed_at, measured.id
            ),
            run: execution.executed_at.clone(),
            pipeline: pipeline.to_owned(),
            step: steps
                .get(&measured.id)
                .cloned()
                .unwrap_or_else(|| pipeline::name_of(&measured.id)),
            item: measured.id.clone(),
            machine: measured.machines.first().cloned().unwrap_or_default(),
            started: measured.executed_at.as_deref().and_then(time::read),
            ..Attempt::default()
        };
        let input = task.map(|task| {
            task.input_files
                .iter()
                .filter_map(|file| sizes.get(file.as_str()))
                .sum()
        });
        measures(&mut attempt, measured, input);
        read.attempts
            .push(Spanned::new(attempt, form::quoted(sources, file, &measured.id)));
    }
    sift::sift(&mut read, sources, &mut faults);
    faults.finish();
    read
}

fn measures(attempt: &mut Attempt, measured: &Measured, input: Option<f64>) {
    attempt.set(Measure::Seconds, measured.runtime_in_seconds);
    attempt.set(Measure::InputBytes, input);
    attempt.set(Measure::ReadBytes, measured.read_bytes);
    attempt.set(Measure::WrittenBytes, measured.written_bytes);
    attempt.set(Measure::Cores, measured.core_count);
    attempt.set(Measure::MemoryPeak, measured.memory_in_bytes);
    let used = measured.average_cpu.zip(measured.runtime_in_seconds);
    attempt.set(
        Measure::CoreSeconds,
        used.map(|(percent, seconds)| percent / 100.0 * seconds),
    );
}
