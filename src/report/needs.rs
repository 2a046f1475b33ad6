//! What a step was predicted to need: each figure with its interval and where it comes from.

use std::fmt::Display;

use crate::graph::model::Step;
use crate::profile::ProfiledGraph;
use crate::profile::model::{Basis, Estimate, Profile, Work};
use crate::quantity::{Bytes, Cores};

/// A figure of one step.
#[derive(Clone, Debug)]
pub struct Figure {
    /// `memory`
    pub what: &'static str,
    /// What is bought.
    pub p95: String,
    /// What is most likely, if that is another.
    pub p50: Option<String>,
    /// `declared`, `12 past runs`, `formula` or `default`.
    pub basis: String,
    /// The formula, the rule.
    pub reason: String,
    /// p50 and p95 as lengths, where the greatest of all steps is 100.
    pub bar: (f64, f64),
}

/// The greatest figures of a pipeline: the scale of the bars.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scale {
    cores: Cores,
    memory: Bytes,
    disk: Bytes,
    network: Bytes,
    accelerators: u64,
}

impl Scale {
    /// Of these steps.
    pub fn of<'s>(profiled: &ProfiledGraph<'_>, steps: impl Iterator<Item = &'s Step>) -> Scale {
        steps.fold(Scale::default(), |scale, step| {
            let profile = &profiled[step.id];
            Scale {
                cores: scale.cores.max(profile.cores.p95),
                memory: scale.memory.max(profile.memory.p95),
                disk: scale.disk.max(profile.disk.p95),
                network: scale.network.max(profile.network.p95),
                accelerators: scale.accelerators.max(accelerators(profile)),
            }
        })
    }
}

fn accelerators(profile: &Profile) -> u64 {
    profile.accelerators.as_ref().map_or(0, |need| need.count.p95)
}

/// Cores, memory, accelerators, disk and network of one machine, in this order.
pub fn figures(profile: &Profile, scale: &Scale) -> [Figure; 5] {
    let bytes = |what, estimate: &Estimate<Bytes>, most: Bytes| {
        figure(what, estimate, |bytes| bytes.as_f64() / most.as_f64().max(1.0))
    };
    let need = profile.accelerators.as_ref();
    let devices = need.map_or_else(
        || Figure {
            what: "accelerators",
            p95: "none".to_owned(),
            p50: None,
            basis: String::new(),
            reason: String::new(),
            bar: (0.0, 0.0),
        },
        |need| {
            let model = need.model.as_deref().unwrap_or("any model");
            let count = figure("accelerators", &need.count, |count| {
                *count as f64 / scale.accelerators.max(1) as f64
            });
            Figure {
                p95: format!("{} {model}, {} each", count.p95, need.memory.p95),
                ..count
            }
        },
    );
    [
        figure("cores", &profile.cores, |cores| cores.0 / scale.cores.0.max(1e-9)),
        bytes("memory", &profile.memory, scale.memory),
        devices,
        bytes("scratch disk", &profile.disk, scale.disk),
        bytes("network", &profile.network, scale.network),
    ]
}

fn figure<T: Display>(what: &'static str, estimate: &Estimate<T>, share: impl Fn(&T) -> f64) -> Figure {
    let (p50, p95) = (estimate.p50.to_string(), estimate.p95.to_string());
    let length = |value: &T| (share(value).clamp(0.0, 1.0) * 100.0).round();
    Figure {
        what,
        p50: (p50 != p95).then_some(p50),
        p95,
        basis: word(&estimate.basis),
        reason: reason(&estimate.basis),
        bar: (length(&estimate.p50), length(&estimate.p95)),
    }
}

/// What the run time was worked out from, before anything was known of the machine.
pub fn work(profile: &Profile) -> (String, String) {
    let basis = match &profile.work {
        Work::Time(time) => &time.basis,
        Work::CoreSeconds { total, .. } => &total.basis,
        Work::Flop { total, .. } => &total.basis,
    };
    (word(basis), reason(basis))
}

/// True if any figure that is paid for rests on nothing better than a default.
pub fn is_guessed(profile: &Profile) -> bool {
    let guessed = |basis: &Basis| matches!(basis, Basis::Default { .. });
    guessed(&profile.memory.basis) || guessed(&profile.cores.basis) || work(profile).0 == DEFAULT
}

const DEFAULT: &str = "default";

fn word(basis: &Basis) -> String {
    match basis {
        Basis::Declared => "declared".to_owned(),
        Basis::History { runs: 1 } => "1 past run".to_owned(),
        Basis::History { runs } => format!("{runs} past runs"),
        Basis::Similar { .. } => "similar steps".to_owned(),
        Basis::Analytic { .. } => "formula".to_owned(),
        Basis::Default { .. } => DEFAULT.to_owned(),
    }
}

fn reason(basis: &Basis) -> String {
    match basis {
        Basis::Declared => "said by its author".to_owned(),
        Basis::History { .. } => "fitted to what its past runs took".to_owned(),
        Basis::Similar { steps } => format!("similar steps needed no more: {}", steps.join(", ")),
        Basis::Analytic { formula, source } => format!("{formula} ({source})"),
        Basis::Default { rule } => (*rule).to_owned(),
    }
}
