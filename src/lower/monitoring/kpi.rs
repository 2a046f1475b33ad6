//! What is watched (`transform.rows`, `serve.latency`, `features.age`) as one recorded series each, whatever its source,
//! so that expectations, conditions and dashboards all look at the same thing.

mod source;

pub use source::outputs;

use std::collections::BTreeMap;

use super::humanize::Show;
use super::metrics;
use super::promql::selector;
use super::rule::Record;
use super::series::{Level, Series};
use super::service::Service;
use crate::graph::{Graph, LatencyOf, PipelineId, StepId, Subject};
use crate::lower::Lowering;
use crate::place::SiteId;
use crate::quantity::Seconds;

/// Percentile of `STEP.latency`.
const LATENCY_QUANTILE: f64 = 0.95;

/// Something that is watched.
#[derive(Clone, Debug)]
pub struct Kpi {
    /// As it is written: `risk-model.auc`.
    pub name: String,
    /// Its pipeline.
    pub pipeline: PipelineId,
    /// The step, or the first of the alternatives, that it is about.
    pub step: StepId,
    /// Whose Prometheus records it.
    pub site: SiteId,
    /// What records it.
    pub recorded: Recorded,
    /// Labels of its series besides `item`.
    pub labels: BTreeMap<String, String>,
    /// How its value reads.
    pub show: Show,
    /// The predicted value, if there is one.
    pub prediction: Option<f64>,
    /// Time between two values; zero if it changes all the time.
    pub interval: Seconds,
    feed: Feed,
}

/// The rule that computes the series of a KPI.
#[derive(Clone, Debug)]
pub enum Recorded {
    /// One of its own.
    Alone(Record),
    /// One for all outputs of steps of its pipeline that are good for so long ([`outputs`]).
    WithOutputs {
        /// A PromQL duration.
        window: String,
    },
}

/// Which series of a unit test give it a value.
#[derive(Clone, Debug)]
enum Feed {
    /// A gauge of Argo's that is the value times `factor` and `more`, and the series that says it is the newest.
    Gauge {
        series: String,
        factor: f64,
        more: f64,
        newest: Option<String>,
    },
    /// Seconds since the value of this series.
    Age(String),
    Rate(Service),
    Failed(Service),
    Latency(Service),
    Replicas(Service),
}

impl Kpi {
    /// The KPI of `subject`; `Err` says why there is none.
    pub fn of(input: &Lowering<'_>, subject: &Subject) -> Result<Kpi, &'static str> {
        source::find(input, subject)
    }

    /// Its value now.
    pub fn selector(&self, graph: &Graph) -> String {
        let pipeline = &graph[self.pipeline].name.value;
        selector(metrics::KPI, &[("pipeline", pipeline), ("kpi", &self.name)])
    }

    /// Series that give it these values until `at`; `None` if a test cannot.
    pub fn sample(&self, levels: &[Level], at: Seconds) -> Option<Vec<Series>> {
        Some(match &self.feed {
            Feed::Gauge {
                series,
                factor,
                more,
                newest,
            } => {
                let values: Vec<Level> = levels
                    .iter()
                    .map(|level| level.map(|value| value * factor + more))
                    .collect();
                let minutes = levels.iter().map(|level| level.minutes).sum();
                let stamp = newest
                    .iter()
                    .map(|name| Series::gauge(name, &[Level::new(1.0, minutes)]));
                let mut all = vec![Series::gauge(series, &values)];
                all.extend(stamp);
                all
            }
            Feed::Age(series) => {
                let stamps: Vec<Level> = levels.iter().map(|level| level.map(|age| at.0 - age)).collect();
                vec![Series::gauge(series, &stamps)]
            }
            Feed::Rate(service) => service.sample_rate(levels),
            Feed::Failed(service) => service.sample_failed(levels),
            Feed::Latency(service) => {
                let latency = service.latency(LatencyOf::Request);
                service.sample_latency(latency, LATENCY_QUANTILE, levels)
            }
            Feed::Replicas(service) => service.sample_pods(levels)?,
        })
    }
}

/// Labels of an alert about `kpi`: what its series carries, and `kind`. Of alternatives the first stands for all, so that the
/// alert has a place in the DAG.
pub fn alert_labels(graph: &Graph, kpi: &Kpi, kind: &str) -> BTreeMap<String, String> {
    let mut labels = kpi.labels.clone();
    labels.insert("step".into(), graph[kpi.step].name.value.clone());
    labels.insert("kind".into(), kind.into());
    labels
}
