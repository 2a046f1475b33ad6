//! What must hold, and what would be nice.

use serde::Serialize;

use super::site::Area;
use crate::quantity::{Grams, MicroUsd, Per, Percent, Seconds};
use crate::source::Span;

/// A `promise` (must hold) or a `prefer` (holds if it can; most weight wins).
#[derive(Clone, Debug, Serialize)]
pub struct Promise {
    /// What is promised.
    pub kind: PromiseKind,
    /// `None` for a promise; the weight of a `prefer`.
    pub weight: Option<f64>,
    /// The whole node.
    #[serde(skip)]
    pub span: Span,
}

/// What is promised.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PromiseKind {
    /// Ended so long after the run's start.
    Deadline {
        /// How long.
        within: DeadlineBound,
        /// With what probability.
        confidence: Percent,
    },
    /// No more money than this.
    Budget {
        /// How much.
        amount: MicroUsd,
        /// Per run, day or month.
        per: Per,
    },
    /// Answer time at some percentiles.
    Latency {
        /// Median.
        p50: Option<Seconds>,
        /// 95th percentile.
        p95: Option<Seconds>,
        /// 99th percentile.
        p99: Option<Seconds>,
        /// Where users are.
        from: Option<Area>,
        /// Of what.
        of: LatencyOf,
    },
    /// Share of good requests over 30 days.
    Availability(Percent),
    /// The data it writes is never older.
    Freshness(Seconds),
    /// Emissions per run or month.
    Carbon {
        /// How much.
        amount: Grams,
        /// Per run or month.
        per: Per,
    },
}

impl PromiseKind {
    /// The word of the language.
    pub fn word(&self) -> &'static str {
        match self {
            PromiseKind::Deadline { .. } => "deadline",
            PromiseKind::Budget { .. } => "budget",
            PromiseKind::Latency { .. } => "latency",
            PromiseKind::Availability(_) => "availability",
            PromiseKind::Freshness(_) => "freshness",
            PromiseKind::Carbon { .. } => "carbon",
        }
    }
}

/// The two forms of a deadline.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeadlineBound {
    /// So long after the run's start.
    After(Seconds),
    /// By this time of day in the schedule's zone: seconds after midnight, and the time that leaves for a run,
    /// of the schedule that leaves least.
    By {
        /// Seconds after midnight.
        time: Seconds,
        /// From the latest scheduled start to that time.
        leaves: Seconds,
    },
}

impl DeadlineBound {
    /// Seconds from the run's start.
    pub fn seconds(&self) -> Seconds {
        match self {
            DeadlineBound::After(seconds) | DeadlineBound::By { leaves: seconds, .. } => *seconds,
        }
    }
}

/// What a latency is measured of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LatencyOf {
    /// A whole request.
    Request,
    /// Until the first token.
    FirstToken,
    /// Between tokens.
    Token,
}
