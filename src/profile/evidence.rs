//! What a predicted quantity rests on, and what would narrow it.

use std::fmt::Display;

use serde::Serialize;

use super::{Basis, Estimate, Load, Profile, Work};
use crate::catalog::{Catalog, FlopsPerSecond};
use crate::quantity::{Bytes, PerSecond};

/// Runs after which a 95th percentile rests on more than one value above it.
const RUNS_FOR_P95: u64 = 40;

/// One predicted quantity of a step.
#[derive(Serialize)]
pub struct Quantity {
    /// What it is.
    pub name: &'static str,
    /// Median, with its unit.
    pub p50: String,
    /// 95th percentile, with its unit.
    pub p95: String,
    /// Where it comes from.
    pub basis: Basis,
    /// The same in words.
    pub evidence: String,
    /// What would make the interval narrower, if anything would.
    pub narrows: Option<String>,
}

impl Quantity {
    fn of<T: Display>(name: &'static str, estimate: &Estimate<T>, declare: &str) -> Quantity {
        let (p50, p95) = (estimate.p50.to_string(), estimate.p95.to_string());
        let wide = p50 != p95;
        Quantity {
            name,
            evidence: evidence(&estimate.basis),
            narrows: narrows(&estimate.basis, declare).filter(|_| wide),
            basis: estimate.basis.clone(),
            p50,
            p95,
        }
    }

    /// `2.0 GiB - 3.1 GiB h`
    pub fn short(&self) -> String {
        let mark = match self.basis {
            Basis::Declared => " d",
            Basis::History { .. } => " h",
            Basis::Similar { .. } => " s",
            Basis::Analytic { .. } => "",
            Basis::Default { .. } => " ?",
        };
        format!("{}{mark}", self.value())
    }

    /// `2.0 GiB - 3.1 GiB`, or one value if they are the same.
    pub fn value(&self) -> String {
        if self.p50 == self.p95 {
            self.p50.clone()
        } else {
            format!("{} - {}", self.p50, self.p95)
        }
    }
}

/// All quantities of a step. The run time is that on the cores at p95 and on the declared accelerator, else on the
/// slowest that will do.
pub fn of(profile: &Profile, catalog: &Catalog) -> Vec<Quantity> {
    let mut quantities = vec![
        Quantity::of("cores", &profile.cores, "cores=N"),
        Quantity::of("memory", &profile.memory, "memory=\"SIZE\""),
    ];
    quantities.extend(after_failure(profile));
    if let Some(need) = &profile.accelerators {
        quantities.push(Quantity::of("accelerators", &need.count, "gpus=N"));
        quantities.push(Quantity::of("memory of each", &need.memory, "gpu=MODEL"));
    }
    quantities.push(Quantity::of("disk", &profile.disk, "disk=\"SIZE\""));
    quantities.push(Quantity::of(
        "network",
        &profile.network,
        "the size of what it reads and writes",
    ));
    let time = profile.attempt(profile.cores.p95, peak(profile, catalog));
    quantities.push(Quantity::of("run time", &time, "run-time=\"TIME\""));
    quantities.extend(profile.load.as_ref().map(|load| peak_load(profile, load)));
    quantities
}

/// What an attempt gets at least after one that ran out of memory, where past runs say.
fn after_failure(profile: &Profile) -> Option<Quantity> {
    let Basis::History { runs } = profile.memory.basis else {
        return None;
    };
    let size = Bytes(profile.learned.as_ref()?.memory_retry?);
    let estimate = Estimate {
        p50: size,
        p95: size,
        basis: Basis::History { runs },
    };
    Some(Quantity {
        evidence: format!("above the most that {runs} past runs held"),
        ..Quantity::of("memory, retry", &estimate, "retry on=oom memory=FACTOR")
    })
}

fn peak_load(profile: &Profile, load: &Load) -> Quantity {
    let p50 = load.curve.iter().copied().fold(PerSecond::ZERO, PerSecond::max);
    let past = profile.learned.as_ref().and_then(|learned| learned.load.as_ref());
    let Some(past) = past else {
        return Quantity::of("peak load", &Estimate::declared(p50), "traffic");
    };
    let high = past.p95.iter().max().map(|rate| PerSecond(*rate as f64 / 1e3));
    let estimate = Estimate {
        p50,
        p95: high.unwrap_or(p50),
        basis: Basis::History { runs: past.bins },
    };
    Quantity {
        evidence: format!("a forecast of the next week from {} bins of past load", past.bins),
        narrows: Some("a longer past: a second week tells days of the week apart".to_owned()),
        ..Quantity::of("peak load", &estimate, "traffic")
    }
}

/// What the accelerators of one machine reach together: those declared, else the least that will do.
fn peak(profile: &Profile, catalog: &Catalog) -> FlopsPerSecond {
    let (Work::Flop { precision, .. }, Some(need)) = (&profile.work, &profile.accelerators) else {
        return FlopsPerSecond::default();
    };
    let named = need.model.as_ref().and_then(|model| catalog.accelerator(model));
    let each = named.map_or(need.peak, |device| precision.peak(device));
    FlopsPerSecond(each.0 * need.count.p95 as f64)
}

fn evidence(basis: &Basis) -> String {
    match basis {
        Basis::Declared => "its author says so".to_owned(),
        Basis::History { runs } => format!("{runs} past runs"),
        Basis::Similar { steps } => format!("similar steps needed no more: {}", steps.join(", ")),
        Basis::Analytic { formula, source } => format!("{formula} ({source})"),
        Basis::Default { rule } => format!("nothing better is known: {rule}"),
    }
}

fn narrows(basis: &Basis, declare: &str) -> Option<String> {
    match basis {
        Basis::Declared => None,
        Basis::History { runs } if *runs >= RUNS_FOR_P95 => None,
        Basis::History { runs } => Some(format!("{} more runs", RUNS_FOR_P95 - runs)),
        Basis::Similar { .. } | Basis::Analytic { .. } | Basis::Default { .. } => Some(format!(
            "three runs of it (`portolan history import`), or declare it: {declare}"
        )),
    }
}
