//! What a template tells Prometheus.

use serde::Serialize;

#[derive(Clone, Debug, Default, Serialize)]
pub struct Metrics {
    pub prometheus: Vec<Metric>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Metric {
    pub name: String,
    pub help: String,
    pub labels: Vec<Label>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gauge: Option<Gauge>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counter: Option<Counter>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Label {
    pub key: &'static str,
    pub value: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Gauge {
    pub realtime: bool,
    pub value: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Counter {
    pub value: String,
}
