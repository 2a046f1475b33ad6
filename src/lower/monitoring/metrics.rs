//! The one table of metric names: what Argo is told to expose, what serving runtimes expose, what the rules record.

use crate::graph::Runtime;

/// A metric that generated workflow templates emit. Argo exposes it as `argo_workflows_NAME`
/// (argo-workflows, docs/metrics.md). Labels: `pipeline`, `step`; `output` for outputs; `item` inside a fan-out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Emitted {
    /// Name in `metrics.prometheus[].name`.
    pub name: &'static str,
    /// Help; Prometheus wants one text for all that share a name.
    pub help: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Argo expression of its value; for outputs, the parameter's own.
    pub value: &'static str,
}

/// What kind of metric it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Set when a step has succeeded.
    Gauge,
    /// Set all the time while the run goes on (`realtime: true`), on the workflow that starts a pipeline's run.
    Realtime,
    /// Added to when a step has ended, however it did.
    Counter,
}

/// A number or boolean (1 or 0) that a step emits; durations in seconds, sizes in bytes.
pub const OUTPUT: Emitted = Emitted {
    name: "portolan_output",
    help: "Output of a step in its last run",
    kind: Kind::Gauge,
    value: "",
};

/// Run time of a step, all attempts.
pub const DURATION: Emitted = Emitted {
    name: "portolan_duration_seconds",
    help: "Run time of a step in its last run",
    kind: Kind::Gauge,
    value: "{{duration}}",
};

/// Attempts after the first.
pub const RETRIES: Emitted = Emitted {
    name: "portolan_retries",
    help: "Attempts after the first of a step in its last run",
    kind: Kind::Gauge,
    value: "{{retries}}",
};

/// When a step last succeeded. A gauge keeps its value between runs; this one says how old all the others are.
pub const SUCCEEDED: Emitted = Emitted {
    name: "portolan_succeeded_timestamp_seconds",
    help: "When a step last succeeded",
    kind: Kind::Gauge,
    value: "{{=now().Unix()}}",
};

/// Time for which machines were kept busy. The name ends as counters must, since newer versions of Argo append it.
pub const BUSY: Emitted = Emitted {
    name: "portolan_busy_seconds_total",
    help: "Run time of a step in all its runs",
    kind: Kind::Counter,
    value: "{{duration}}",
};

/// Age of the run that goes on.
pub const RUN: Emitted = Emitted {
    name: "portolan_run_seconds",
    help: "Time since the run that goes on has started",
    kind: Kind::Realtime,
    value: "{{workflow.duration}}",
};

/// All of them.
pub const EMITTED: [Emitted; 6] = [OUTPUT, DURATION, RETRIES, SUCCEEDED, BUSY, RUN];

impl Emitted {
    /// The name that Prometheus knows.
    pub fn exposed(self) -> String {
        format!("argo_workflows_{}", self.name)
    }
}

/// Value of what is watched, as recorded by the rules: labels `pipeline`, `kpi` (as typed), `item` in a fan-out.
pub const KPI: &str = "portolan:kpi";

/// Money that a step has cost so far, in USD: labels `pipeline`, `step`.
pub const COST: &str = "portolan:cost_usd_total";

/// What an always-on step costs in an hour, in USD: labels `pipeline`, `step`.
pub const COST_PER_HOUR: &str = "portolan:cost_usd_per_hour";

/// Memory that the largest pod of a step holds, in bytes: labels `pipeline`, `step`.
pub const USED_MEMORY: &str = "portolan:used_memory_bytes";

/// Cores that the busiest pod of a step uses: labels `pipeline`, `step`.
pub const USED_CORES: &str = "portolan:used_cores";

/// 1 for each pod that can be scraped (Prometheus' own).
pub const UP: &str = "up";

/// What a serving runtime says of its requests.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Requests {
    /// Counters that add up to all requests.
    pub all: &'static [&'static str],
    /// Matcher that leaves out probes and scrapes; may be empty.
    pub only: &'static str,
    /// Counter of those that failed, with a matcher.
    pub failed: Option<(&'static str, &'static str)>,
    /// Time of a whole request.
    pub request: Latency,
    /// Time until the first token.
    pub first_token: Latency,
    /// Time between tokens.
    pub token: Latency,
}

/// How a runtime says how long something takes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Latency {
    /// A histogram in seconds, without `_bucket`.
    Histogram(&'static str),
    /// A summary with the quantiles 0.5, 0.95 and 0.99, and its units in a second.
    Summary(&'static str, f64),
    /// It does not say.
    Unknown,
}

/// The metrics of a runtime; of your own image, the names that Prometheus' client libraries for HTTP servers use.
pub fn of_runtime(runtime: Runtime) -> Requests {
    match runtime {
        Runtime::Triton => TRITON,
        Runtime::Vllm => VLLM,
        Runtime::Torchserve => TORCHSERVE,
        Runtime::Sklearn | Runtime::Xgboost => KSERVE,
        Runtime::Custom => CUSTOM,
    }
}

/// What each runtime says, once.
pub const RUNTIMES: [Requests; 5] = [TRITON, VLLM, TORCHSERVE, KSERVE, CUSTOM];

/// NVIDIA Triton, docs/user_guide/metrics.md; the summary needs `--metrics-config=summary_latencies=true`.
const TRITON: Requests = Requests {
    all: &["nv_inference_request_success", "nv_inference_request_failure"],
    only: "",
    failed: Some(("nv_inference_request_failure", "")),
    request: Latency::Summary("nv_inference_request_summary_us", 1e6),
    first_token: Latency::Unknown,
    token: Latency::Unknown,
};

/// vLLM, docs/usage/metrics.md; requests by status come from its HTTP server.
const VLLM: Requests = Requests {
    all: &["http_requests_total"],
    only: "handler=~\"/v1/.*\"",
    failed: Some(("http_requests_total", "status=~\"5..\"")),
    request: Latency::Histogram("vllm:e2e_request_latency_seconds"),
    first_token: Latency::Histogram("vllm:time_to_first_token_seconds"),
    token: Latency::Histogram("vllm:inter_token_latency_seconds"),
};

/// TorchServe, docs/metrics.md, with `metrics_mode=prometheus`.
const TORCHSERVE: Requests = Requests {
    all: &["ts_inference_requests_total"],
    only: "",
    failed: Some(("Requests5XX", "")),
    request: Latency::Unknown,
    first_token: Latency::Unknown,
    token: Latency::Unknown,
};

/// The Python model server of KServe, which the scikit-learn and XGBoost images run.
const KSERVE: Requests = Requests {
    all: &["request_predict_seconds_count"],
    only: "",
    failed: None,
    request: Latency::Histogram("request_predict_seconds"),
    first_token: Latency::Unknown,
    token: Latency::Unknown,
};

const CUSTOM: Requests = Requests {
    all: &["http_requests_total"],
    only: "",
    failed: Some(("http_requests_total", "status=~\"5..\"")),
    request: Latency::Histogram("http_request_duration_seconds"),
    first_token: Latency::Unknown,
    token: Latency::Unknown,
};
