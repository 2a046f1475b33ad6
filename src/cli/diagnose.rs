//! `portolan diagnose`: what is probably at fault.

mod storm;
mod text;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::Outcome;
use super::report::{self, ReportOptions};
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::diagnose::{Calls, Diagnosis, Incident, Metrics, SeriesName, diagnose, metrics};
use crate::render;
use crate::source::{SourceId, SourceMap};

/// At most so many rows of a file are complained about one by one.
const SHOWN: usize = 20;

/// Find the probable cause of an incident from metrics and dependencies
#[derive(Args, Debug)]
pub struct Options {
    /// Measurements around the incident: CSV with `time` (seconds since 1970) and a column `NODE|METRIC` for each series
    #[arg(
        long,
        value_name = "CSV",
        required_unless_present = "plan",
        conflicts_with = "plan"
    )]
    metrics: Option<PathBuf>,
    /// Who depends on whom: JSON, {"nodes": ["a", "b"], "edges": [["a", "b"]]} where a calls b
    #[arg(
        long,
        value_name = "JSON",
        required_unless_present = "plan",
        conflicts_with = "plan"
    )]
    graph: Option<PathBuf>,
    /// When it began, in seconds since 1970
    #[arg(long, value_name = "SECONDS", value_parser = seconds, required_unless_present = "plan", conflicts_with = "plan")]
    at: Option<f64>,
    /// What alerted, if something did
    #[arg(long, value_name = "NODE|METRIC", value_parser = series)]
    target: Option<SeriesName>,
    /// Measurements of a time when all was well, of the same form [default: the rows before --at]
    #[arg(long, value_name = "CSV")]
    baseline: Option<PathBuf>,
    #[command(flatten)]
    storm: storm::Options,
    /// How the answer is written
    #[arg(long, value_enum, default_value = "pretty")]
    format: Format,
}

/// How the answer is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// For a terminal.
    Pretty,
    /// As `portolan schema diagnosis` says.
    Json,
    /// For a ticket.
    Markdown,
}

fn seconds(text: &str) -> Result<f64, String> {
    text.parse::<f64>()
        .ok()
        .filter(|at| at.is_finite())
        .ok_or_else(|| "not a time in seconds since 1970".to_owned())
}

fn series(text: &str) -> Result<SeriesName, String> {
    SeriesName::parse(text).ok_or_else(|| "not of the form NODE|METRIC".to_owned())
}

/// Reads, diagnoses and prints.
pub fn run(options: &Options) -> Outcome {
    let mut sources = SourceMap::default();
    let mut found = Diagnostics::new();
    let stormed = options.storm.explain(&mut sources, &mut found);
    let read = match (&options.metrics, &options.graph, options.at) {
        (Some(metrics), Some(graph), Some(at)) => Some((
            read(options, (metrics, graph), &mut sources, &mut found),
            (metrics.as_path(), at),
        )),
        _ => None,
    };
    let reporting = ReportOptions {
        format: match options.format {
            Format::Json => report::Format::Json,
            Format::Pretty | Format::Markdown => report::Format::Pretty,
        },
        deny: None,
        allow: Vec::new(),
        quiet: false,
    };
    let failed = report::report(found, &sources, &reporting);
    let diagnosis = match (stormed, read) {
        (Err(why), _) | (_, Some((Err(why), _))) => return super::usage(&why),
        (Ok(_), _) if failed => return Outcome::Errors,
        (Ok(Some(diagnosis)), _) => diagnosis,
        (Ok(None), Some((Ok(inputs), incident))) => match of_metrics(options, &inputs, incident) {
            Ok(diagnosis) => diagnosis,
            Err(why) => return super::usage(&why),
        },
        (Ok(None), None) => return super::usage("give --plan, or --metrics, --graph and --at"),
    };
    super::print(&match options.format {
        Format::Pretty => text::pretty(&diagnosis),
        Format::Json => render::json(&diagnosis),
        Format::Markdown => text::markdown(&diagnosis),
    })
}

/// # Errors
/// Says why there is nothing to compare.
fn of_metrics(
    options: &Options,
    (metrics, baseline, calls): &Inputs,
    (path, at): (&Path, f64),
) -> Result<Diagnosis, String> {
    if let Some(why) = unusable(options, metrics, (path, at)) {
        return Err(why);
    }
    Ok(diagnose(&Incident {
        metrics,
        baseline: baseline.as_ref(),
        calls,
        at,
        target: options.target.as_ref(),
    }))
}

type Inputs = (Metrics, Option<Metrics>, Calls);

/// # Errors
/// Says which file could not be opened; what is wrong in a file goes into `found`.
fn read(
    options: &Options,
    (metrics, graph): (&Path, &Path),
    sources: &mut SourceMap,
    found: &mut Diagnostics,
) -> Result<Inputs, String> {
    let metrics = table(metrics, sources, found)?;
    let baseline = options
        .baseline
        .as_ref()
        .map(|path| table(path, sources, found))
        .transpose()?;
    let (source, json) = open(graph, sources)?;
    let calls = Calls::read(&json).unwrap_or_else(|error| {
        found.push(
            Diagnostic::new(
                Code::MetricsFile,
                sources.line(source, error.line()),
                error.to_string(),
                "this is no dependency graph",
            )
            .help(r#"write {"nodes": ["a", "b"], "edges": [["a", "b"]]}, where a calls b"#),
        );
        Calls::default()
    });
    Ok((metrics, baseline, calls))
}

fn open(path: &Path, sources: &mut SourceMap) -> Result<(SourceId, String), String> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
    Ok((sources.add(&name, &text), text))
}

fn table(path: &Path, sources: &mut SourceMap, found: &mut Diagnostics) -> Result<Metrics, String> {
    let (source, text) = open(path, sources)?;
    let (metrics, mistakes) = Metrics::read(&text);
    for mistake in mistakes.iter().take(SHOWN) {
        found.push(complaint(mistake, sources.line(source, mistake.line)));
    }
    if let Some(first) = mistakes.get(SHOWN) {
        let more = mistakes.len() - SHOWN;
        let message = format!("{more} more lines from here on have parts that cannot be used");
        let span = sources.line(source, first.line);
        found.push(Diagnostic::new(
            Code::MetricsRow,
            span,
            "the next of them",
            message,
        ));
    }
    Ok(metrics)
}

fn complaint(mistake: &metrics::Mistake, span: crate::source::Span) -> Diagnostic {
    if mistake.fatal {
        return Diagnostic::new(
            Code::MetricsFile,
            span,
            mistake.message.clone(),
            "this is no table of measurements",
        )
        .help(
            "the first line is `time,NODE|METRIC,NODE|METRIC`, the others are seconds since 1970 and numbers",
        );
    }
    Diagnostic::new(
        Code::MetricsRow,
        span,
        mistake.message.clone(),
        "a part of the measurements cannot be used",
    )
}

/// Why there is nothing to compare.
fn unusable(options: &Options, metrics: &Metrics, (path, at): (&Path, f64)) -> Option<String> {
    let path = path.display();
    let (Some(first), Some(last)) = (metrics.times.first(), metrics.times.last()) else {
        return Some(format!("{path}: there are no rows"));
    };
    if at > *last {
        return Some(format!(
            "{path}: --at {at} is after the last row ({last}): nothing was measured since"
        ));
    }
    if options.baseline.is_none() && at <= *first {
        return Some(format!(
            "{path}: --at {at} is not after the first row ({first}): nothing was measured before; give --baseline"
        ));
    }
    let target = options.target.as_ref()?;
    if metrics.column(target).is_some() {
        return None;
    }
    let names: Vec<String> = metrics.series().map(|(name, _)| name.to_string()).collect();
    let near = suggest::nearest(&target.to_string(), names.iter().map(String::as_str));
    let near = near
        .map(|near| format!("; did you mean `{near}`?"))
        .unwrap_or_default();
    Some(format!("{path}: there is no column `{target}`{near}"))
}
