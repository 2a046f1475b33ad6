//! Answers of Prometheus' `query_range`, asked for or saved -> measurements of nodes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};

use super::Calls;
use super::metrics::{Metrics, SeriesName};

/// What a server said.
#[derive(Clone, Debug, Deserialize)]
pub struct Answer {
    /// Why it gives nothing.
    #[serde(default)]
    pub error: Option<String>,
    /// Why it may not have given all.
    #[serde(default)]
    pub warnings: Vec<String>,
    #[serde(default)]
    data: Data,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Data {
    result: Vec<Series>,
}

#[derive(Clone, Debug, Deserialize)]
struct Series {
    metric: BTreeMap<String, String>,
    #[serde(default)]
    values: Vec<(f64, Number)>,
}

/// A value, which stands in quotes; NaN where it is infinite, since nothing can be compared with that.
#[derive(Clone, Copy, Debug)]
struct Number(f64);

impl<'de> Deserialize<'de> for Number {
    /// Without a text of its own for each of millions of values.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Number, D::Error> {
        struct Quoted;
        impl Visitor<'_> for Quoted {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number in quotes")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Number, E> {
                let value: f64 = text.parse().map_err(E::custom)?;
                Ok(Number(if value.is_finite() { value } else { f64::NAN }))
            }
        }
        from.deserialize_str(Quoted)
    }
}

/// What is left out of names that rules and workflows of ours give.
const PREFIXES: [&str; 2] = ["portolan:", "argo_workflows_portolan_"];

impl Series {
    fn metric(&self, otherwise: &str) -> String {
        let known = ["kpi", "output", "__name__"];
        let name = known.iter().find_map(|label| self.metric.get(*label));
        let name = name.map_or(otherwise, String::as_str);
        let short = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix));
        let name = short.unwrap_or(name);
        match self.metric.get("item") {
            Some(item) if !item.is_empty() => format!("{name}[{item}]"),
            Some(_) | None => name.to_owned(),
        }
    }
}

/// Reads one answer.
///
/// # Errors
/// Says where it is no such answer.
pub fn read(json: &str) -> Result<Answer, serde_json::Error> {
    serde_json::from_str(json)
}

/// The measurements of all `answers`, each with the name of what was asked for, where its series have none; and what
/// series are called whose labels `step`, `pool` and `cluster` are about nothing that `calls` knows.
pub fn table(answers: Vec<(String, Answer)>, calls: &Calls) -> (Metrics, BTreeSet<String>) {
    let mut strange = BTreeSet::new();
    let mut known = Vec::new();
    for (asked, answer) in answers {
        for series in answer.data.result {
            let metric = series.metric(&asked);
            let Some(node) = calls.place(&series.metric) else {
                strange.insert(metric);
                continue;
            };
            let node = node.to_owned();
            let mut samples: Vec<(f64, f64)> = series
                .values
                .into_iter()
                .map(|(time, Number(value))| (time, value))
                .collect();
            if !samples.is_sorted_by(|a, b| a.0 < b.0) {
                samples.sort_by(|a, b| a.0.total_cmp(&b.0));
                samples.dedup_by(|later, kept| later.0 == kept.0);
            }
            known.push((SeriesName { node, metric }, samples));
        }
    }
    (Metrics::of(known), strange)
}

/// The hours around an incident: enough before it to know what is usual, and to see it spread after.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Window {
    /// Seconds since 1970.
    pub start: f64,
    /// Seconds since 1970.
    pub end: f64,
    /// Seconds between two values.
    pub step: f64,
}

impl Window {
    /// Around `at`, in seconds since 1970: six hours before and one after, by the minute. Of a series that a run sets once a
    /// day, a rule repeats the last value, so six hours show it.
    pub fn around(at: f64) -> Window {
        Window {
            start: at - 6.0 * 3600.0,
            end: at + 3600.0,
            step: 60.0,
        }
    }
}
