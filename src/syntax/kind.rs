//! Kinds of steps: words of the language that decide which nodes a step may have.

use serde::Serialize;

/// What a step does; decides how it runs and what it may say.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// Anything.
    Task,
    /// Extract, transform, load.
    Etl,
    /// Makes features.
    Features,
    /// Fits a model.
    Training,
    /// Judges a model.
    Evaluation,
    /// Applies a model to a data set.
    BatchInference,
    /// Answers requests; always on.
    Serving,
    /// Transforms a stream; always on.
    Streaming,
}

impl StepKind {
    /// All, in the order of the language reference.
    pub const ALL: [StepKind; 8] = [
        StepKind::Task,
        StepKind::Etl,
        StepKind::Features,
        StepKind::Training,
        StepKind::Evaluation,
        StepKind::BatchInference,
        StepKind::Serving,
        StepKind::Streaming,
    ];

    /// The word of the language.
    pub fn word(self) -> &'static str {
        match self {
            StepKind::Task => "task",
            StepKind::Etl => "etl",
            StepKind::Features => "features",
            StepKind::Training => "training",
            StepKind::Evaluation => "evaluation",
            StepKind::BatchInference => "batch-inference",
            StepKind::Serving => "serving",
            StepKind::Streaming => "streaming",
        }
    }

    /// True if it never ends by itself.
    pub fn always_on(self) -> bool {
        matches!(self, StepKind::Serving | StepKind::Streaming)
    }
}
