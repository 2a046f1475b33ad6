//! Alerts as Prometheus (`/api/v1/alerts`) and Alertmanager (`/api/v2/alerts`) tell them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::topology::Topology;

/// One alert that fires.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
pub struct Alert {
    /// `alertname`, `kind`, `pipeline`, `step`, `pool`, `cluster` and others.
    pub labels: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Form {
    Alertmanager(Vec<Known>),
    Prometheus { data: Data },
}

#[derive(Deserialize)]
struct Known {
    labels: BTreeMap<String, String>,
    #[serde(rename = "startsAt")]
    since: Option<String>,
}

#[derive(Deserialize)]
struct Data {
    alerts: Vec<Firing>,
}

#[derive(Deserialize)]
struct Firing {
    labels: BTreeMap<String, String>,
    state: String,
    #[serde(rename = "activeAt")]
    since: Option<String>,
}

/// What a server or a saved answer of one tells.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Told {
    /// What fires; the same alert from both servers counts once.
    pub alerts: BTreeSet<Alert>,
    /// When the first page went out, or, if nothing pages, the first alert; in seconds since 1970.
    pub since: Option<f64>,
}

impl Told {
    /// Adds what another one tells.
    pub fn add(&mut self, other: Told) {
        self.alerts.extend(other.alerts);
        self.since = earlier(self.since, other.since);
    }
}

/// Reads either form; of Prometheus' alerts those that fire.
///
/// # Errors
/// Says where it is of neither form.
pub fn read(json: &str) -> Result<Told, serde_json::Error> {
    let known: Vec<Known> = match serde_json::from_str(json)? {
        Form::Alertmanager(alerts) => alerts,
        Form::Prometheus { data } => {
            let firing = data.alerts.into_iter().filter(|alert| alert.state == "firing");
            let known = firing.map(|Firing { labels, since, .. }| Known { labels, since });
            known.collect()
        }
    };
    let first = |pages: bool| {
        let known = known.iter().filter(|alert| !pages || is_page(&alert.labels));
        let times = known.map(|alert| seconds(alert.since.as_deref()?));
        times.fold(None, earlier)
    };
    Ok(Told {
        since: first(true).or_else(|| first(false)),
        alerts: known
            .into_iter()
            .map(|alert| Alert { labels: alert.labels })
            .collect(),
    })
}

fn is_page(labels: &BTreeMap<String, String>) -> bool {
    labels.get("severity").is_some_and(|severity| severity == "page")
}

/// RFC 3339 as seconds since 1970.
fn seconds(text: &str) -> Option<f64> {
    let time: jiff::Timestamp = text.parse().ok()?;
    Some(time.as_duration().as_secs_f64())
}

fn earlier(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

impl Alert {
    /// Its name.
    pub fn name(&self) -> &str {
        self.label("alertname")
    }

    fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }

    /// What it is about; `None` if the plan does not know it. An alert about a pipeline as a whole is about nothing that may
    /// fail by itself.
    pub fn about(&self, topology: &Topology) -> Option<usize> {
        let cluster = self.label("cluster");
        let name = match self.label("kind") {
            "site" | "cluster" => cluster.to_owned(),
            "pool" | "gpu" | "spot" => format!("{cluster}/{}", self.label("pool")),
            _ => format!("{}/{}", self.label("pipeline"), self.label("step")),
        };
        topology.position(&name)
    }
}
