//! Asking a Prometheus server what known attempts used. Only with `--prometheus`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use crate::diag::Diagnostics;
use crate::history::table::Defaults;
use crate::history::{Attempt, Form, Measure, Read, Records, prometheus};
use crate::source::SourceMap;

/// Seconds before a start and after an end that are asked for: scrapes come late.
const AROUND: f64 = 60.0;

/// Shortest step of a query, in seconds: servers scrape every 15 to 60 s.
const SHORTEST_STEP: f64 = 15.0;

/// Points that a server gives of one series, less than its limit of 11,000.
const MOST_POINTS: f64 = 10_000.0;

/// Pods named in one query.
const MOST_PODS: usize = 100;

/// Where to ask.
#[derive(Args, Clone, Debug)]
#[group(id = "server")]
pub struct Options {
    /// Ask this Prometheus server what attempts without measured memory used
    #[arg(long, value_name = "URL")]
    prometheus: Option<String>,
    /// A file with the bearer token that the server wants
    #[arg(long, value_name = "FILE", requires = "prometheus")]
    token_file: Option<PathBuf>,
}

impl Options {
    /// What the server knows of attempts in `known` whose memory was not measured.
    ///
    /// # Errors
    /// Says why the server could not be asked.
    pub fn ask(
        &self,
        known: &Records,
        sources: &mut SourceMap,
        out: &mut Diagnostics,
    ) -> Result<Option<Read>, String> {
        let Some(url) = &self.prometheus else {
            return Ok(None);
        };
        let token = self.token_file.as_ref().map(std::fs::read_to_string).transpose();
        let token = token.map_err(|error| format!("the token file: {error}"))?;
        let mut read = Read::default();
        for pods in windows(known) {
            for metric in prometheus::metrics() {
                let query = Query::of(metric, &pods);
                let text = query.send(url, token.as_deref())?;
                let file = sources.add(format!("{url} {metric}"), text);
                let more = Form::Prometheus.read(sources, file, Defaults::default(), out);
                read.attempts.extend(more.attempts);
            }
        }
        Ok(Some(read))
    }
}

/// Attempts that are asked for together: those of one run, which are close in time.
fn windows(known: &Records) -> Vec<Vec<&Attempt>> {
    let mut runs: BTreeMap<&str, Vec<&Attempt>> = BTreeMap::new();
    for attempt in known.attempts.values() {
        let asked = !attempt.pod.is_empty() && attempt.started.is_some();
        if asked && attempt.measure(Measure::MemoryPeak).is_none() {
            runs.entry(&attempt.run).or_default().push(attempt);
        }
    }
    runs.into_values()
        .flat_map(|run| run.chunks(MOST_PODS).map(<[_]>::to_vec).collect::<Vec<_>>())
        .collect()
}

/// One range query.
struct Query {
    text: String,
    start: f64,
    end: f64,
    step: f64,
}

impl Query {
    fn of(metric: &str, attempts: &[&Attempt]) -> Query {
        // Names of pods are letters, digits, hyphens and dots, of which only the dot is special in a pattern.
        let names: Vec<String> = attempts
            .iter()
            .map(|attempt| attempt.pod.replace('.', "\\\\."))
            .collect();
        let start = attempts
            .iter()
            .filter_map(|attempt| attempt.started)
            .fold(f64::INFINITY, f64::min)
            - AROUND;
        let end = attempts
            .iter()
            .map(|attempt| attempt.ended())
            .fold(start, f64::max)
            + AROUND;
        Query {
            text: format!("{metric}{{pod=~\"{}\"}}", names.join("|")),
            start,
            end,
            step: ((end - start) / MOST_POINTS).max(SHORTEST_STEP).ceil(),
        }
    }

    fn send(&self, url: &str, token: Option<&str>) -> Result<String, String> {
        let address = format!("{}/api/v1/query_range", url.trim_end_matches('/'));
        let mut request = ureq::post(&address);
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {}", token.trim()));
        }
        let form = [
            ("query", self.text.clone()),
            ("start", self.start.to_string()),
            ("end", self.end.to_string()),
            ("step", self.step.to_string()),
        ];
        let answer = request
            .send_form(form)
            .and_then(|mut answer| answer.body_mut().read_to_string());
        answer.map_err(|error| format!("{address}: {error}"))
    }
}
