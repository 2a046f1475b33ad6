//! `nextflow run -with-trace` -> attempts.
//!
//! Both forms are read: with units (`1.2 GB`, `3m 2s`; capital letters are powers of 1024) and raw (bytes and
//! milliseconds).

use csv::StringRecord;

use super::attempt::{Attempt, Measure, Outcome, Unit};
use super::fault::Faults;
use super::table::Defaults;
use super::{Read, cell, sift, time};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, SourceMap, Span, Spanned};

/// Columns that hold a measure; what one unit of a raw number is.
const MEASURES: [(&str, Measure, f64); 8] = [
    ("realtime", Measure::Seconds, 1e-3),
    ("rchar", Measure::ReadBytes, 1.0),
    ("wchar", Measure::WrittenBytes, 1.0),
    ("cpus", Measure::Cores, 1.0),
    ("memory", Measure::MemoryRequest, 1.0),
    ("peak_rss", Measure::MemoryPeak, 1.0),
    ("input_size", Measure::InputBytes, 1.0),
    ("accelerator", Measure::Gpus, 1.0),
];

/// Attempts of all rows that ran.
pub fn read(sources: &SourceMap, file: SourceId, defaults: Defaults<'_>, out: &mut Diagnostics) -> Read {
    let text = sources.get(file).map_or("", |source| source.text.as_str());
    let mut faults = Faults::of(file, out);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b'\t')
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    let mut read = Read::default();
    for record in reader.records().filter_map(Result::ok) {
        let start = record.position().map_or(0, |at| at.byte() as usize);
        let line = text
            .get(start..)
            .and_then(|rest| rest.lines().next())
            .unwrap_or_default();
        let row = Row {
            header: &header,
            record: &record,
            span: Span::new(file, start, line.len()),
        };
        if let Some(attempt) = row.attempt(defaults, &mut faults) {
            read.attempts.push(Spanned::new(attempt, row.span));
        }
    }
    sift::sift(&mut read, sources, &mut faults);
    faults.finish();
    read
}

struct Row<'r> {
    header: &'r StringRecord,
    record: &'r StringRecord,
    span: Span,
}

impl<'r> Row<'r> {
    fn get(&self, name: &str) -> Option<&'r str> {
        let at = self.header.iter().position(|column| column == name)?;
        self.record.get(at).filter(|text| !cell::absent(text))
    }

    /// The attempt; `None` with a report if the row names no process, and without one if it was taken from a cache.
    fn attempt(&self, defaults: Defaults<'_>, faults: &mut Faults<'_>) -> Option<Attempt> {
        let status = self.get("status").unwrap_or("COMPLETED");
        if status == "CACHED" {
            return None;
        }
        let name = self.get("name").unwrap_or_default();
        // `RNASEQ:ALIGN (sample 1)` is the process and, in brackets, its tag.
        let (process, tag) = name.split_once(" (").unwrap_or((name, ""));
        let process = self.get("process").unwrap_or(process);
        if process.is_empty() {
            faults.push(Diagnostic::new(
                Code::HistoryRow,
                self.span,
                "left out",
                "this row names no process",
            ));
            return None;
        }
        let exit_code = self.get("exit").and_then(|code| code.parse().ok());
        let mut attempt = Attempt {
            id: self.id(defaults),
            run: self.get("session").unwrap_or_default().to_owned(),
            pipeline: self.get("workflow").unwrap_or(defaults.pipeline).to_owned(),
            step: process.to_owned(),
            item: tag.trim_end_matches(')').to_owned(),
            retries: self
                .get("attempt")
                .and_then(|n| n.parse::<u32>().ok())
                .map_or(0, |n| n.saturating_sub(1)),
            machine: self.get("hostname").unwrap_or_default().to_owned(),
            started: self.get("start").and_then(time::read),
            // Nextflow sees 137 where the kernel killed for lack of memory, and no message.
            outcome: match (exit_code, status) {
                (_, "COMPLETED") => Outcome::Succeeded,
                (Some(137), _) => Outcome::OutOfMemory,
                (Some(_) | None, _) => Outcome::from_exit(exit_code, "", false),
            },
            exit_code,
            ..Attempt::default()
        };
        for (column, measure, raw) in MEASURES {
            let Some(text) = self.get(column) else { continue };
            match cell::number(text, measure.unit(), raw) {
                Some(value) => attempt.set(measure, Some(value)),
                None => faults.push(Diagnostic::new(
                    Code::HistoryValue,
                    self.span,
                    "left out",
                    format!("`{column}` is `{text}`, which is not a number"),
                )),
            }
        }
        let busy = self
            .get("%cpu")
            .and_then(|text| cell::number(text.trim_end_matches('%'), Unit::Number, 0.01));
        let seconds = attempt.measure(Measure::Seconds);
        attempt.set(
            Measure::CoreSeconds,
            busy.zip(seconds).map(|(share, seconds)| share * seconds),
        );
        Some(attempt)
    }

    /// The task's hash is its own in all runs; `task_id` only in one.
    fn id(&self, defaults: Defaults<'_>) -> String {
        let hash = self.get("hash").unwrap_or_default();
        let (task, submit) = (
            self.get("task_id").unwrap_or_default(),
            self.get("submit").unwrap_or_default(),
        );
        format!("nextflow-{}-{hash}-{task}-{submit}", defaults.pipeline)
    }
}
