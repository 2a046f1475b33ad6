//! What kind of metric a name stands for.

/// Kinds of metrics whose changes mean the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Family {
    /// How long requests take: spreads from callee to caller.
    Latency,
    /// How many requests fail: spreads from callee to caller.
    Errors,
    /// How much is asked and moved: changes wherever users feel a fault.
    Traffic,
    /// What is used: cores, memory, disks, accelerators, and whatever else has no family.
    Resources,
}

/// Words in names, as exporters of Prometheus, Istio, CloudWatch and Kubernetes use them.
const WORDS: [(Family, &[&str]); 3] = [
    (
        Family::Latency,
        &["latenc", "lat_", "duration", "delay", "response_time"],
    ),
    (Family::Errors, &["avail", "success", "error", "fault", "fail"]),
    (
        Family::Traffic,
        &[
            "request",
            "workload",
            "ops",
            "lod",
            "qps",
            "syscall",
            "bytes",
            "throughput",
        ],
    ),
];

impl Family {
    /// The family of `metric`.
    pub(super) fn of(metric: &str) -> Family {
        let name = metric.to_lowercase();
        let named = |(_, words): &&(Family, &[&str])| words.iter().any(|word| name.contains(word));
        WORDS
            .iter()
            .find(named)
            .map_or(Family::Resources, |(family, _)| *family)
    }

    /// How much a deviation says of its own node.
    pub(super) fn weight(self) -> f64 {
        match self {
            Family::Latency | Family::Errors | Family::Resources => 1.0,
            Family::Traffic => 0.5,
        }
    }

    /// Does a fault of a callee show in this family of its caller?
    pub(super) fn spreads(self) -> bool {
        match self {
            Family::Latency | Family::Errors => true,
            Family::Traffic | Family::Resources => false,
        }
    }
}

/// True if a rise of `metric` is good news: availability and success rates.
pub(super) fn rises_are_good(metric: &str) -> bool {
    let name = metric.to_lowercase();
    ["avail", "success"].iter().any(|word| name.contains(word))
}
