//! What is watched besides the promises.

use serde::Serialize;

use super::model::{DataId, StepId};
use crate::quantity::{Percent, Seconds};
use crate::source::{Span, Spanned};

/// The `monitor` of a pipeline.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Monitor {
    /// Expectations, in the order written.
    pub expects: Vec<Expect>,
    /// The author's own rules.
    pub alerts: Vec<Alert>,
    /// Planned quiet times.
    pub silences: Vec<Silence>,
}

/// How loudly something is reported.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Wakes somebody.
    Page,
    /// For working hours.
    Ticket,
    /// For the record.
    Info,
}

impl Severity {
    /// The word of the language.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Page => "page",
            Severity::Ticket => "ticket",
            Severity::Info => "info",
        }
    }
}

/// What every rule of a monitor carries.
#[derive(Clone, Debug, Serialize)]
pub struct Notice {
    /// How loudly.
    pub severity: Severity,
    /// To whom; the pipeline's owner unless said.
    pub owner: Option<String>,
    /// Where the steps to take are described.
    pub runbook: Option<String>,
}

/// What a rule watches.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// An output; several steps when it is read through a data set with alternatives.
    Output {
        /// The steps that may emit it.
        steps: Vec<StepId>,
        /// Its name.
        output: String,
    },
    /// A metric of a step: `duration cost attempts`, or `rate latency errors replicas` of a serving step.
    Step {
        /// The step.
        step: StepId,
        /// The metric.
        metric: String,
    },
    /// `size` or `age` of a data set.
    Data {
        /// The data set.
        data: DataId,
        /// The metric.
        metric: String,
    },
}

/// An expectation about a subject.
#[derive(Clone, Debug, Serialize)]
pub struct Expect {
    /// What is watched.
    pub subject: Spanned<Subject>,
    /// As typed, e.g. `transform.rows`.
    pub text: String,
    /// Lower bound, in base units.
    pub min: Option<f64>,
    /// Upper bound, in base units.
    pub max: Option<f64>,
    /// Allowed distance from the reference.
    pub within: Option<Percent>,
    /// The reference.
    pub of: Reference,
    /// The window of the reference.
    pub over: Seconds,
    /// Severity, owner, runbook.
    pub notice: Notice,
    /// The whole node.
    #[serde(skip)]
    pub span: Span,
}

/// What an expectation compares with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reference {
    /// Median over the window.
    Median,
    /// Mean over the window.
    Mean,
    /// The value before.
    Previous,
    /// The predicted value.
    Prediction,
}

/// A rule of the author's own.
#[derive(Clone, Debug, Serialize)]
pub struct Alert {
    /// Its name.
    pub name: Spanned<String>,
    /// What makes it fire.
    pub rule: AlertRule,
    /// For so long.
    pub lasting: Seconds,
    /// Severity, owner, runbook.
    pub notice: Notice,
}

/// What makes an alert fire.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertRule {
    /// PromQL as written.
    Query(Spanned<String>),
    /// A condition over metrics, as written and parsed.
    When {
        /// The text.
        text: Spanned<String>,
        /// Its parsed form over subjects.
        condition: crate::syntax::condition::Expr<Subject>,
    },
}

/// A planned quiet time.
#[derive(Clone, Debug, Serialize)]
pub struct Silence {
    /// When it begins.
    pub cron: Spanned<String>,
    /// How long it lasts.
    pub lasting: Seconds,
    /// Why.
    pub reason: String,
    /// Only for this step.
    pub of: Option<StepId>,
}
