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
    Alertmanager(Vec<Alert>),
    Prometheus { data: Data },
}

#[derive(Deserialize)]
struct Data {
    alerts: Vec<Firing>,
}

#[derive(Deserialize)]
struct Firing {
    labels: BTreeMap<String, String>,
    state: String,
}

/// Reads either form; of Prometheus' alerts those that fire. The same alert from both counts once.
///
/// # Errors
/// Says where it is of neither form.
pub fn read(json: &str) -> Result<BTreeSet<Alert>, serde_json::Error> {
    Ok(match serde_json::from_str(json)? {
        Form::Alertmanager(alerts) => alerts.into_iter().collect(),
        Form::Prometheus { data } => {
            let firing = data.alerts.into_iter().filter(|alert| alert.state == "firing");
            firing.map(|alert| Alert { labels: alert.labels }).collect()
        }
    })
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
