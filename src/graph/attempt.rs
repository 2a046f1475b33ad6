//! What a step waits for, how often it is tried, what it saves, and what model it fits.

use serde::Serialize;

use super::value::Scalar;
use crate::quantity::{Bytes, Seconds};
use crate::source::Spanned;

/// Waits for a person.
#[derive(Clone, Debug, Serialize)]
pub struct Approval {
    /// The question.
    pub question: String,
    /// The team that answers.
    pub from: Option<String>,
    /// No answer by then means failed.
    pub timeout: Seconds,
}

/// Attempts after the first, for one cause.
#[derive(Clone, Debug, Serialize)]
pub struct Retry {
    /// How many.
    pub limit: u32,
    /// After what.
    pub cause: Cause,
    /// Exit code, for `exit`.
    pub code: Option<i64>,
    /// Wait before the first.
    pub backoff: Seconds,
    /// The wait grows by this.
    pub factor: f64,
    /// Memory grows by this.
    pub memory: Option<f64>,
}

/// Why an attempt ended badly.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The program failed.
    Error,
    /// Out of memory.
    Oom,
    /// The machine was taken away.
    Preemption,
    /// Contact was lost.
    Lost,
    /// It took too long.
    Timeout,
    /// A certain exit code.
    Exit,
}

impl Cause {
    /// All, in the order of the language reference.
    pub const ALL: [Cause; 6] = [
        Cause::Error,
        Cause::Oom,
        Cause::Preemption,
        Cause::Lost,
        Cause::Timeout,
        Cause::Exit,
    ];
}

/// Saves and resumes.
#[derive(Clone, Debug, Serialize)]
pub struct Checkpoint {
    /// How often.
    pub every: Seconds,
    /// How much.
    pub size: Option<Bytes>,
}

/// Model family and what is known of it.
#[derive(Clone, Debug, Serialize)]
pub struct Model {
    /// `xgboost`, `transformer`, `auto`, …
    pub family: Spanned<String>,
    /// `trees=2000 depth=8 …`, by name.
    pub properties: std::collections::BTreeMap<String, Spanned<Scalar>>,
}

impl Model {
    /// A property as a number.
    pub fn number(&self, name: &str) -> Option<f64> {
        match &self.properties.get(name)?.value {
            Scalar::Integer(value) => Some(*value as f64),
            Scalar::Number(value) => Some(*value),
            Scalar::Text(text) => text.replace('_', "").parse().ok(),
            Scalar::Boolean(_) => None,
        }
    }

    /// A property as a word.
    pub fn word(&self, name: &str) -> Option<&str> {
        match &self.properties.get(name)?.value {
            Scalar::Text(text) => Some(text),
            Scalar::Integer(_) | Scalar::Number(_) | Scalar::Boolean(_) => None,
        }
    }
}
