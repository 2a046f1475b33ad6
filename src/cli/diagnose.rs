//! `portolan diagnose`: what is probably at fault.

mod files;
mod heard;
mod server;
mod storm;
mod text;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use self::files::Tables;
use self::heard::Heard;
use self::storm::Storm;
use super::Outcome;
use super::report::{self, ReportOptions};
use crate::diag::{Code, suggest};
use crate::diagnose::storm::explain;
use crate::diagnose::{Calls, Diagnosis, Incident, Metrics, SeriesName, diagnose, join};
use crate::render;
use crate::report::diagnosis::{self, Case};

/// Find the probable cause of an incident from metrics, alerts and dependencies
#[derive(Args, Debug)]
pub struct Options {
    /// Measurements around the incident: CSV with `time` (seconds since 1970) and a column `NODE|METRIC` for each series, or
    /// saved answers of Prometheus' /api/v1/query_range, whose labels `step`, `pool` or `cluster` say the node
    #[arg(long, value_name = "FILE", required_unless_present = "plan")]
    metrics: Vec<PathBuf>,
    /// Who depends on whom: JSON, {"nodes": ["a", "b"], "edges": [["a", "b"]]} where a calls b
    #[arg(
        long,
        value_name = "JSON",
        required_unless_present = "plan",
        conflicts_with = "plan"
    )]
    graph: Option<PathBuf>,
    /// When it began, in seconds since 1970 [default with --plan: when the first page went out]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, required_unless_present = "plan")]
    at: Option<f64>,
    /// What alerted, if something did
    #[arg(long, value_name = "NODE|METRIC", value_parser = series)]
    target: Option<SeriesName>,
    /// Measurements of a time when all was well, of the same forms [default: the rows before --at]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    #[command(flatten)]
    storm: storm::Options,
    /// Also write a page with the answer, the series and who rests on whom
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
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
    let mut heard = Heard::default();
    let answer = options.diagnose(&mut heard);
    let reporting = ReportOptions {
        format: match options.format {
            Format::Json => report::Format::Json,
            Format::Pretty | Format::Markdown => report::Format::Pretty,
        },
        deny: None,
        allow: Vec::new(),
        quiet: false,
    };
    let failed = report::report(heard.found, &heard.sources, &reporting);
    let answer = match answer {
        _ if failed => return Outcome::Errors,
        Err(why) => return super::usage(&why),
        Ok(answer) => answer,
    };
    if let Some(Err(error)) = options
        .html
        .as_ref()
        .map(|path| std::fs::write(path, answer.page()))
    {
        return super::usage(&format!("the page: {error}"));
    }
    let diagnosis = &answer.diagnosis;
    super::print(&match options.format {
        Format::Pretty => text::pretty(diagnosis),
        Format::Json => render::json(diagnosis),
        Format::Markdown => text::markdown(diagnosis),
    })
}

/// The answer and what it rests on.
struct Answer {
    diagnosis: Diagnosis,
    tables: Tables,
    calls: Calls,
    at: Option<f64>,
}

impl Answer {
    fn page(&self) -> String {
        diagnosis::page(&Case {
            diagnosis: &self.diagnosis,
            metrics: &self.tables.metrics,
            calls: &self.calls,
            at: self.at,
        })
    }
}

impl Options {
    /// # Errors
    /// Says which file could not be opened, or that nothing is known.
    fn diagnose(&self, heard: &mut Heard) -> Result<Answer, String> {
        match (self.storm.gather(heard)?, &self.graph, self.at) {
            (Some(storm), ..) => self.of_plan(storm, heard),
            (None, Some(graph), Some(at)) => {
                let calls = files::graph(graph, heard)?;
                let tables = Tables::read(&self.metrics, self.baseline.as_deref(), &calls, heard)?;
                tables.compare(&calls, heard);
                Ok(Answer {
                    diagnosis: self.of_metrics(&tables, &calls, at)?,
                    tables,
                    calls,
                    at: Some(at),
                })
            }
            (None, ..) => Err("give --plan, or --metrics, --graph and --at".to_owned()),
        }
    }

    /// What alerts say, what measurements say, or both.
    fn of_plan(&self, storm: Storm, heard: &mut Heard) -> Result<Answer, String> {
        let stormed = storm
            .told
            .as_ref()
            .map(|told| explain(&storm.topology, &told.alerts));
        let at = self.at.or_else(|| storm.told.as_ref()?.since);
        if at.is_none() && !self.metrics.is_empty() {
            return Err("no alert says when it began; give --at".to_owned());
        }
        let mut tables = Tables::default();
        let measured = match at {
            Some(at) => self.around(&storm, at, &mut tables, heard)?,
            None => None,
        };
        let diagnosis = match (stormed, measured) {
            (Some(stormed), Some(measured)) => join(stormed, measured),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) if heard.found.is_empty() => {
                return Err("give --alerts, --metrics, --prometheus or --alertmanager".to_owned());
            }
            (None, None) => return Err("nothing is known of the incident".to_owned()),
        };
        Ok(Answer {
            diagnosis,
            tables,
            calls: storm.calls,
            at,
        })
    }

    /// What was measured around `at`; `None` if nothing was.
    fn around(
        &self,
        storm: &Storm,
        at: f64,
        tables: &mut Tables,
        heard: &mut Heard,
    ) -> Result<Option<Diagnosis>, String> {
        let calls = &storm.calls;
        *tables = Tables::read(&self.metrics, self.baseline.as_deref(), calls, heard)?;
        tables.add(storm.measured(at, heard), calls, heard);
        let (Some(first), Some(last)) = (tables.metrics.times.first(), tables.metrics.times.last()) else {
            return Ok(None);
        };
        if storm.told.is_some() && (at > *last || *first >= at) {
            let message = format!(
                "what was measured ({first} to {last}) is not around {at}, when the alerts began: \
                 clocks differ, or nothing was measured since"
            );
            heard.say(Code::MetricsClock, "measurements", &message);
            return Ok(None);
        }
        self.of_metrics(tables, calls, at).map(Some)
    }

    /// # Errors
    /// Says why there is nothing to compare.
    fn of_metrics(&self, tables: &Tables, calls: &Calls, at: f64) -> Result<Diagnosis, String> {
        if let Some(why) = self.unusable(&tables.metrics, at) {
            return Err(why);
        }
        Ok(diagnose(&Incident {
            metrics: &tables.metrics,
            baseline: tables.baseline.as_ref(),
            calls,
            at,
            target: self.target.as_ref(),
        }))
    }

    /// Why there is nothing to compare.
    fn unusable(&self, metrics: &Metrics, at: f64) -> Option<String> {
        let path = match self.metrics.as_slice() {
            [only] => only.display().to_string(),
            _ => "measurements".to_owned(),
        };
        let (Some(first), Some(last)) = (metrics.times.first(), metrics.times.last()) else {
            return Some(format!("{path}: there are no rows"));
        };
        if at > *last {
            return Some(format!(
                "{path}: --at {at} is after the last row ({last}): nothing was measured since"
            ));
        }
        if self.baseline.is_none() && at <= *first {
            return Some(format!(
                "{path}: --at {at} is not after the first row ({first}): nothing was measured before; give --baseline"
            ));
        }
        let target = self.target.as_ref()?;
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
}
