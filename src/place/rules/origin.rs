//! Where a rule comes from, and how another limit in its place would be written.

use crate::quantity::{Per, Seconds};
use crate::source::Span;

/// Where a rule comes from: what to show when it is to blame.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The line.
    pub span: Span,
    /// What it says, in a few words.
    pub text: String,
    /// What kind of line it is.
    pub family: Family,
    /// How another limit in its place would be written.
    pub phrase: Phrase,
}

/// How the limit of a line is written.
#[derive(Clone, PartialEq, Debug)]
pub enum Phrase {
    /// It has none, or none that could be another.
    None,
    /// A whole number of these.
    Count {
        /// `quota`, `reservation`.
        word: String,
        /// `H100`, `cores on spot`.
        of: String,
    },
    /// Money.
    Money {
        /// Per what.
        per: Per,
        /// So many of these in a month.
        periods: f64,
    },
    /// Emissions.
    Mass {
        /// Per what.
        per: Per,
        /// So many of these in a month.
        periods: f64,
    },
    /// A time from the start of the run on.
    Duration {
        /// `deadline`, `freshness`.
        word: &'static str,
        /// What passed before the run started.
        before: Seconds,
    },
    /// Percentiles of a promise, which stands here.
    Latency(Span),
    /// A time of day: what it is if nothing is left after the start.
    Clock(Seconds),
}

/// Kinds of lines; decides the diagnostic's code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Family {
    /// `residency`
    Residency,
    /// `only`, `never`, `hub`
    Narrowing,
    /// `quota`
    Quota,
    /// `reservation`, `nodes`
    Capacity,
    /// `promise`, `prefer`
    Promise,
    /// `with`, `apart`, `each`
    Proximity,
}

/// Where a rule without a limit comes from.
pub fn origin(span: Span, text: String, family: Family) -> Origin {
    Origin {
        span,
        text,
        family,
        phrase: Phrase::None,
    }
}
