//! A run on disk. What a step finished is there as a whole or not at all: its data is moved into place, and then the
//! file that says so is written beside it and renamed.
//!
//! ```text
//! run-1/run.json                 when it began
//! run-1/data/DATA[/ITEM]         what steps wrote
//! run-1/steps/STEP[/ITEM]/done.json            what a finished step emitted, and of what it was made
//! run-1/steps/STEP[/ITEM]/attempt-0/…          standard output, emitted values, data not yet in place
//! run-1/steps/STEP[/ITEM]/attempt-0/result.json   how it ended and what it took
//! ```

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{render, write};

/// The folder of one run.
pub struct RunFolder {
    /// Absolute.
    pub path: Utf8PathBuf,
    /// `run-1`
    pub id: String,
    /// When it began.
    pub began: Timestamp,
    /// True if it goes on with a run that was there.
    pub resumed: bool,
}

/// What `run.json` says.
#[derive(Serialize, Deserialize)]
struct Began {
    pipeline: String,
    began: Timestamp,
}

/// What `done.json` says.
#[derive(Clone, Serialize, Deserialize)]
pub struct Done {
    /// Of the command, its environment and its inputs.
    pub digest: String,
    /// As the program wrote them.
    pub outputs: BTreeMap<String, String>,
}

/// What `result.json` says.
#[derive(Clone, Serialize, Deserialize)]
pub struct Finished {
    /// Step.
    pub step: String,
    /// The item of its fan-outs, or empty.
    pub item: String,
    /// Attempts before it.
    pub attempt: u32,
    /// In seconds since 1970.
    pub started: f64,
    /// Exit code, unless a signal ended it.
    pub code: Option<i32>,
    /// True if it did its work.
    pub succeeded: bool,
    /// By the clock.
    pub seconds: f64,
    /// Of processors, where the system tells.
    pub core_seconds: Option<f64>,
    /// Most that it and the processes it started held at once, where the system tells.
    pub memory_peak: Option<f64>,
    /// Of the local data that it was given.
    pub input_bytes: u64,
}

impl RunFolder {
    /// A new run in `work`, or the last one.
    ///
    /// # Errors
    /// Says that there is none to go on with, or what cannot be made.
    pub fn open(work: &Utf8Path, pipeline: &str, resume: bool) -> Result<RunFolder, String> {
        std::fs::create_dir_all(work).map_err(|error| format!("{work}: {error}"))?;
        let work = work
            .canonicalize_utf8()
            .map_err(|error| format!("{work}: {error}"))?;
        let last = (1..)
            .take_while(|n| work.join(format!("run-{n}")).is_dir())
            .last();
        if !resume {
            let id = format!("run-{}", last.unwrap_or(0) + 1);
            let folder = RunFolder {
                path: work.join(&id),
                id,
                began: Timestamp::now(),
                resumed: false,
            };
            made(&folder.path)?;
            let began = Began {
                pipeline: pipeline.to_owned(),
                began: folder.began,
            };
            put(&folder.path.join("run.json"), &began)?;
            return Ok(folder);
        }
        let last = last.ok_or_else(|| format!("{work}: there is no run to go on with"))?;
        let path = work.join(format!("run-{last}"));
        let began: Option<Began> = read(&path.join("run.json"));
        let began = began.ok_or_else(|| format!("{path}: its run.json cannot be read"))?;
        if began.pipeline != pipeline {
            return Err(format!(
                "{path} is a run of {}, not of {pipeline}",
                began.pipeline
            ));
        }
        Ok(RunFolder {
            path,
            id: format!("run-{last}"),
            began: began.began,
            resumed: true,
        })
    }

    /// Where the data of this run lies.
    pub fn data(&self, name: &str) -> Utf8PathBuf {
        self.path.join("data").join(name)
    }

    /// Where the data of the run before lies.
    pub fn data_before(&self, name: &str) -> Option<Utf8PathBuf> {
        let before = self
            .id
            .strip_prefix("run-")?
            .parse::<u64>()
            .ok()?
            .checked_sub(1)?;
        Some(
            self.path
                .parent()?
                .join(format!("run-{before}"))
                .join("data")
                .join(name),
        )
    }

    /// The folder of a task.
    pub fn task(&self, step: &str, items: &[String]) -> Utf8PathBuf {
        items
            .iter()
            .fold(self.path.join("steps").join(step), |path, item| path.join(item))
    }

    /// How all attempts of the run ended, in the order of their folders.
    pub fn results(&self) -> Vec<Finished> {
        let mut found = Vec::new();
        let mut folders = vec![self.path.join("steps")];
        while let Some(folder) = folders.pop() {
            found.extend(read::<Finished>(&folder.join("result.json")));
            let inside = folder.read_dir_utf8().into_iter().flatten().flatten();
            // What programs write is no folder of ours.
            let ours = inside.filter(|entry| {
                !folder.file_name().unwrap_or_default().starts_with("attempt-") && entry.path().is_dir()
            });
            folders.extend(ours.map(|entry| entry.path().to_owned()));
        }
        found.sort_by(|a, b| a.started.total_cmp(&b.started));
        found
    }
}

/// A folder, with those above it.
///
/// # Errors
/// Says what cannot be made.
pub fn made(path: &Utf8Path) -> Result<(), String> {
    std::fs::create_dir_all(path).map_err(|error| format!("{path}: {error}"))
}

/// Writes a value as JSON, as a whole or not at all.
///
/// # Errors
/// Says why it cannot be written.
pub fn put<T: Serialize>(path: &Utf8Path, value: &T) -> Result<(), String> {
    write::replace(path, render::json(value)).map_err(|error| error.to_string())
}

/// A value from JSON; `None` if there is none that can be read.
pub fn read<T: DeserializeOwned>(path: &Utf8Path) -> Option<T> {
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}

/// Moves what an attempt wrote into place, in the stead of what an attempt that was cut off may have left there.
///
/// # Errors
/// Says what cannot be moved.
pub fn commit(from: &Utf8Path, to: &Utf8Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{to}: {error}");
    if let Some(parent) = to.parent() {
        made(parent)?;
    }
    if to.is_dir() {
        std::fs::remove_dir_all(to).map_err(failed)?;
    }
    std::fs::rename(from, to).map_err(failed)
}

/// Digest and size of a file, or of all files in a folder, by their names and contents. What is not there has none.
pub fn digest(path: &Utf8Path) -> (String, u64) {
    let mut sum = Sha256::new();
    let mut size = 0;
    let mut paths = vec![path.to_owned()];
    while let Some(next) = paths.pop() {
        let name = next.strip_prefix(path).unwrap_or(&next);
        if name.as_str().contains("__pycache__") {
            continue;
        }
        sum.update(name.as_str().len().to_le_bytes());
        sum.update(name.as_str());
        if next.is_dir() {
            let mut inside: Vec<Utf8PathBuf> = next
                .read_dir_utf8()
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.path().to_owned())
                .collect();
            inside.sort();
            paths.extend(inside);
        } else if let Ok(bytes) = std::fs::read(&next) {
            size += bytes.len() as u64;
            sum.update(bytes.len().to_le_bytes());
            sum.update(bytes);
        }
    }
    (format!("{:x}", sum.finalize()), size)
}
