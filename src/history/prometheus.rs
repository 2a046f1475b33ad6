//! An answer of Prometheus' `query_range` (saved, or asked for) -> what pods used, and load.
//!
//! Series of pods complete the attempts that ran in them: the pod's name joins the two, so Argo's workflows come first.
//! Containers and devices of one pod are summed at each time, and the greatest sum counts.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::attempt::{Attempt, Measure};
use super::fault::Faults;
use super::sample::{Sample, SampleKey, Subject};
use super::table::Defaults;
use super::{Read, form, sift};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, SourceMap, Span, Spanned};

/// How the values of a series become one number of a pod.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Taken {
    /// The greatest sum over containers.
    Peak,
    /// How much a counter grew, over all containers; a fall is a restart.
    Growth,
    /// The mean.
    Mean,
}

/// Metrics that are known: what they measure, how they are taken, and what one unit of them is.
const METRICS: [(&str, Measure, Taken, f64); 8] = [
    (
        "container_memory_working_set_bytes",
        Measure::MemoryPeak,
        Taken::Peak,
        1.0,
    ),
    (
        "container_cpu_usage_seconds_total",
        Measure::CoreSeconds,
        Taken::Growth,
        1.0,
    ),
    (
        "container_network_receive_bytes_total",
        Measure::NetworkIn,
        Taken::Growth,
        1.0,
    ),
    (
        "container_network_transmit_bytes_total",
        Measure::NetworkOut,
        Taken::Growth,
        1.0,
    ),
    (
        "container_fs_reads_bytes_total",
        Measure::ReadBytes,
        Taken::Growth,
        1.0,
    ),
    (
        "container_fs_writes_bytes_total",
        Measure::WrittenBytes,
        Taken::Growth,
        1.0,
    ),
    // NVIDIA's exporter counts frame-buffer memory in MiB and use in percent.
    (
        "DCGM_FI_DEV_FB_USED",
        Measure::GpuMemoryPeak,
        Taken::Peak,
        1_048_576.0,
    ),
    ("DCGM_FI_DEV_GPU_UTIL", Measure::GpuBusy, Taken::Mean, 0.01),
];

/// Metrics to ask a server for.
pub fn metrics() -> impl Iterator<Item = &'static str> {
    METRICS.iter().map(|(name, ..)| *name)
}

#[derive(Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    result: Vec<Series>,
}

#[derive(Deserialize)]
struct Series {
    metric: BTreeMap<String, String>,
    #[serde(default)]
    values: Vec<(f64, String)>,
}

impl Series {
    fn label(&self, names: &[&str]) -> Option<&str> {
        names
            .iter()
            .find_map(|name| self.metric.get(*name))
            .map(String::as_str)
    }

    /// Finite values by time, in milliseconds.
    fn numbers(&self) -> impl Iterator<Item = (i64, f64)> {
        let number = |(time, text): &(f64, String)| Some(((time * 1e3) as i64, text.parse::<f64>().ok()?));
        self.values
            .iter()
            .filter_map(number)
            .filter(|(_, value)| value.is_finite())
    }
}

/// Pods' measures and steps' requests. A series of neither is reported.
pub fn read(sources: &SourceMap, file: SourceId, defaults: Defaults<'_>, out: &mut Diagnostics) -> Read {
    let Some(answer) = form::json::<Answer>(sources, file, "an answer of Prometheus", out) else {
        return Read::default();
    };
    let mut faults = Faults::of(file, out);
    let mut read = Read::default();
    let mut pods: BTreeMap<(&str, Measure), Pod> = BTreeMap::new();
    for series in &answer.data.result {
        let name = series.label(&["__name__"]).unwrap_or_default();
        let known = METRICS.iter().find(|(metric, ..)| *metric == name);
        let pod = series
            .label(&["pod", "exported_pod", "pod_name"])
            .filter(|pod| !pod.is_empty());
        // `POD` is the container that holds the network; an empty name is the sum of all.
        let whole = matches!(series.label(&["container"]), Some("" | "POD"));
        match (known, pod) {
            (Some((_, measure, ..)), Some(_))
                if whole && !matches!(measure, Measure::NetworkIn | Measure::NetworkOut) => {}
            (Some((_, measure, taken, unit)), Some(pod)) => {
                pods.entry((pod, *measure))
                    .or_default()
                    .add(series, *taken, *unit);
            }
            (None, _) if series.label(&["step", "portolan_step"]).is_some() => {
                requests(series, defaults, file, &mut read);
            }
            (Some(_) | None, _) => faults.push(unknown(name, form::quoted(sources, file, name))),
        }
    }
    for ((pod, measure), values) in pods {
        read.attempts.push(Spanned::new(
            of_pod(pod, measure, &values),
            form::quoted(sources, file, pod),
        ));
    }
    sift::sift(&mut read, sources, &mut faults);
    faults.finish();
    read
}

/// A series without a metric's name that is labelled with a step is taken for its requests a second.
fn requests(series: &Series, defaults: Defaults<'_>, file: SourceId, read: &mut Read) {
    let pipeline = series
        .label(&["pipeline", "portolan_pipeline"])
        .unwrap_or(defaults.pipeline);
    let step = series.label(&["step", "portolan_step"]).unwrap_or_default();
    for (time, value) in series.numbers() {
        let key = SampleKey {
            pipeline: pipeline.to_owned(),
            name: step.to_owned(),
            subject: Subject::Requests,
            time: time as f64 / 1e3,
        };
        read.samples
            .push(Spanned::new(Sample { key, value }, Span::new(file, 0, 0)));
    }
}

/// What one pod's series add up to.
#[derive(Default)]
struct Pod {
    /// Sums over containers, by time.
    sums: BTreeMap<i64, f64>,
    growth: f64,
    mean: (f64, f64),
    taken: Option<Taken>,
}

impl Pod {
    fn add(&mut self, series: &Series, taken: Taken, unit: f64) {
        self.taken = Some(taken);
        let mut before = None;
        for (time, value) in series.numbers() {
            let value = value * unit;
            *self.sums.entry(time).or_default() += value;
            self.mean = (self.mean.0 + value, self.mean.1 + 1.0);
            // What a counter shows first was used before the first scrape.
            self.growth += before.map_or(
                value,
                |before| if value >= before { value - before } else { value },
            );
            before = Some(value);
        }
    }

    fn value(&self) -> Option<f64> {
        match self.taken? {
            Taken::Peak => self.sums.values().copied().reduce(f64::max),
            Taken::Growth => Some(self.growth),
            Taken::Mean => (self.mean.1 > 0.0).then_some(self.mean.0 / self.mean.1),
        }
    }
}

/// A row that knows only its pod; [`super::Records::import`] finds the attempt.
fn of_pod(pod: &str, measure: Measure, values: &Pod) -> Attempt {
    let mut attempt = Attempt {
        pod: pod.to_owned(),
        ..Attempt::default()
    };
    attempt.set(measure, values.value());
    attempt
}

fn unknown(name: &str, span: Span) -> Diagnostic {
    let what = if name.is_empty() {
        "a series without a name".to_owned()
    } else {
        format!("`{name}`")
    };
    Diagnostic::new(
        Code::HistoryRow,
        span,
        "passed over",
        format!("{what} belongs to no pod or step"),
    )
    .help("metrics of containers need the label `pod`; requests a second need the label `step`")
}
