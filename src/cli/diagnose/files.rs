//! Files of measurements and dependencies.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::heard::Heard;
use crate::diag::{Code, Diagnostic};
use crate::diagnose::range::{self, Answer};
use crate::diagnose::{Calls, Metrics, metrics};
use crate::source::{SourceId, Span};

/// At most so many rows of a file are complained about one by one.
const SHOWN: usize = 20;

/// The year 2100, in seconds since 1970; what is later counts milliseconds.
const FAR: f64 = 4_102_444_800.0;

/// What was measured.
#[derive(Debug, Default)]
pub struct Tables {
    /// Around the incident.
    pub metrics: Metrics,
    /// When all was well, if that is not what lies before.
    pub baseline: Option<Metrics>,
}

impl Tables {
    /// # Errors
    /// Says which file could not be opened; what is wrong in a file is reported.
    pub fn read(
        metrics: &[PathBuf],
        baseline: Option<&Path>,
        calls: &Calls,
        heard: &mut Heard,
    ) -> Result<Tables, String> {
        let mut tables = Tables {
            baseline: baseline.map(|path| table(path, calls, heard)).transpose()?,
            ..Tables::default()
        };
        for path in metrics {
            let known = std::mem::take(&mut tables.metrics);
            tables.metrics = known.beside(table(path, calls, heard)?);
        }
        Ok(tables)
    }

    /// Adds what a server measured.
    pub fn add(&mut self, answers: Vec<(String, Answer)>, calls: &Calls, heard: &mut Heard) {
        let asked = of_answers(answers, calls, heard);
        self.metrics = std::mem::take(&mut self.metrics).beside(asked);
    }

    /// Reports nodes that only the measurements or only the dependencies know, and series without a baseline.
    pub fn compare(&self, calls: &Calls, heard: &mut Heard) {
        let names: BTreeSet<String> = self.metrics.series().map(|(name, _)| name.to_string()).collect();
        let measured: BTreeSet<&str> = self
            .metrics
            .series()
            .map(|(name, _)| name.node.as_str())
            .collect();
        let known: BTreeSet<&str> = calls.nodes().collect();
        heard.unmatched(
            "measurements",
            "these nodes are not in the dependency graph, so nothing is known to rest on them",
            measured.difference(&known).copied().collect(),
        );
        heard.unmatched(
            "dependencies",
            "nothing was measured of these nodes, so they cannot be named",
            known.difference(&measured).copied().collect(),
        );
        if let Some(baseline) = &self.baseline {
            let usual: BTreeSet<String> = baseline.series().map(|(name, _)| name.to_string()).collect();
            let new = names.difference(&usual).map(String::as_str);
            heard.unmatched(
                "baseline",
                "these series are not in the baseline, so nobody knows what is usual",
                new.collect(),
            );
        }
    }
}

/// CSV, or a saved answer of a range query.
fn table(path: &Path, calls: &Calls, heard: &mut Heard) -> Result<Metrics, String> {
    let (source, text) = open(path, heard)?;
    if text.trim_start().starts_with('{') {
        let name = path.display().to_string();
        let asked = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let answer = heard.range(&name, &text).map(|answer| (asked, answer));
        return Ok(of_answers(answer.into_iter().collect(), calls, heard));
    }
    let (metrics, mistakes) = Metrics::read(&text);
    for mistake in mistakes.iter().take(SHOWN) {
        let span = heard.sources.line(source, mistake.line);
        heard.found.push(complaint(mistake, span));
    }
    if let Some(first) = mistakes.get(SHOWN) {
        let more = mistakes.len() - SHOWN;
        let message = format!("{more} more lines from here on have parts that cannot be used");
        let span = heard.sources.line(source, first.line);
        let diagnostic = Diagnostic::new(Code::MetricsRow, span, "the next of them", message);
        heard.found.push(diagnostic);
    }
    if metrics.times.last().is_some_and(|last| *last > FAR) {
        let message = "times are after the year 2100; these may be milliseconds, and seconds are wanted";
        heard.say(Code::MetricsClock, &path.display().to_string(), message);
    }
    Ok(metrics)
}

fn of_answers(answers: Vec<(String, Answer)>, calls: &Calls, heard: &mut Heard) -> Metrics {
    let (metrics, strange) = range::table(answers, calls);
    let strange = strange.iter().map(String::as_str).collect();
    heard.unmatched(
        "measurements",
        "the labels of these series name no step, pool or cluster that is known",
        strange,
    );
    metrics
}

/// # Errors
/// Says that the file could not be opened; what is wrong in it is reported.
pub fn graph(path: &Path, heard: &mut Heard) -> Result<Calls, String> {
    let (source, json) = open(path, heard)?;
    Ok(Calls::read(&json).unwrap_or_else(|error| {
        let span = heard.sources.line(source, error.line());
        let what = "this is no dependency graph";
        let diagnostic = Diagnostic::new(Code::MetricsFile, span, error.to_string(), what);
        let help = r#"write {"nodes": ["a", "b"], "edges": [["a", "b"]]}, where a calls b"#;
        heard.found.push(diagnostic.help(help));
        Calls::default()
    }))
}

fn open(path: &Path, heard: &mut Heard) -> Result<(SourceId, String), String> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
    Ok((heard.sources.add(&name, &text), text))
}

fn complaint(mistake: &metrics::Mistake, span: Span) -> Diagnostic {
    let message = mistake.message.clone();
    if mistake.fatal {
        return Diagnostic::new(
            Code::MetricsFile,
            span,
            message,
            "this is no table of measurements",
        )
        .help(
            "the first line is `time,NODE|METRIC,NODE|METRIC`, the others are seconds since 1970 and numbers",
        );
    }
    Diagnostic::new(
        Code::MetricsRow,
        span,
        message,
        "a part of the measurements cannot be used",
    )
}
