//! A step: one unit of work, as its author wrote it, with every name resolved.

use serde::Serialize;

use super::model::{DataId, EachId, Overlay, PipelineId, StepId};
use super::promise::Promise;
use super::residency::Inherited;
use super::site::{Area, SiteRef};
use super::value::{Condition, Scalar, Text, ValueType};
use crate::catalog::Pricing;
use crate::quantity::{Bytes, Cores, PerSecond, Percent, Seconds};
use crate::source::{Span, Spanned};

/// One unit of work.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// Its position.
    pub id: StepId,
    /// Its pipeline.
    pub pipeline: PipelineId,
    /// Its name.
    pub name: Spanned<String>,
    /// Earlier name, after a rename.
    pub was: Option<String>,
    /// One line for humans.
    pub description: Option<String>,
    /// What it does.
    pub kind: StepKind,
    /// What runs.
    pub program: Program,
    /// Program and arguments, without a shell; empty: the image's own.
    pub command: Vec<Text>,
    /// Arguments only; the image's own program stays.
    pub args: Vec<Text>,
    /// Instead of a command.
    pub script: Option<Script>,
    /// Environment.
    pub env: Vec<EnvVar>,
    /// Secrets as files.
    pub secrets: Vec<SecretMount>,
    /// Small files from the repository.
    pub files: Vec<FileMount>,
    /// Scratch space.
    pub volumes: Vec<Volume>,
    /// Inputs.
    pub reads: Vec<Read>,
    /// Outputs.
    pub writes: Vec<Write>,
    /// Small values known at run time.
    pub emits: Vec<Emit>,
    /// Runs only if true.
    pub when: Option<Spanned<Condition>>,
    /// Runs if the conditions of all these are false.
    pub otherwise: Vec<Spanned<StepId>>,
    /// Order without data.
    pub after: Vec<Spanned<StepId>>,
    /// Runs last, whatever happened.
    pub finally: bool,
    /// Waits for a person.
    pub approval: Option<Approval>,
    /// Attempts after the first, one entry per cause; built-in ones filled in.
    pub retry: Vec<Retry>,
    /// Of one attempt; `None`: derived from the predicted run time.
    pub timeout: Option<Spanned<Seconds>>,
    /// Reuses outputs for so long; `Seconds(f64::INFINITY)` is for ever.
    pub cache: Option<Seconds>,
    /// Saves and resumes.
    pub checkpoint: Option<Checkpoint>,
    /// Model family, for prediction.
    pub model: Option<Model>,
    /// Declared needs.
    pub needs: Needs,
    /// Lower bounds on predictions.
    pub at_least: Needs,
    /// Upper bounds on predictions.
    pub at_most: Needs,
    /// Only there; every line narrows.
    pub only: Vec<Narrowing>,
    /// Not there.
    pub never: Vec<Narrowing>,
    /// In one place with these.
    pub with: Vec<Proximity>,
    /// Not in one place with these.
    pub apart: Vec<Proximity>,
    /// What a serving step adds.
    pub serving: Option<Serving>,
    /// Load of a streaming step.
    pub traffic: Option<Traffic>,
    /// Fan-outs around it, outermost first.
    pub each: Vec<EachId>,
    /// Promises about this step.
    pub promises: Vec<Promise>,
    /// User patches.
    pub overlays: Vec<Overlay>,
    /// Steps that must have ended before (data, outputs, `after`, `otherwise`), ascending.
    pub predecessors: Vec<StepId>,
    /// Where it may run and how sensitive what it reads is.
    pub inherited: Inherited,
    /// The whole node.
    #[serde(skip)]
    pub span: Span,
}

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

/// What runs.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Program {
    /// A container image that exists.
    Image(Spanned<String>),
    /// An image built from the repository.
    Build(Build),
    /// A stock serving runtime's own image.
    Stock(Spanned<Runtime>),
}

/// How an image is built.
#[derive(Clone, Debug, Serialize)]
pub struct Build {
    /// Folder in the repository.
    pub source: Spanned<String>,
    /// Base image.
    pub base: Spanned<String>,
    /// Requirements file, relative to the source folder.
    pub requirements: Option<Spanned<String>>,
    /// The author's own Dockerfile, relative to the source folder.
    pub dockerfile: Option<Spanned<String>>,
    /// System packages.
    pub apt: Vec<Spanned<String>>,
}

/// A script instead of a command; never substituted.
#[derive(Clone, Debug, Serialize)]
pub struct Script {
    /// The text.
    pub text: Spanned<String>,
    /// The shell.
    pub shell: String,
}

/// An environment variable.
#[derive(Clone, Debug, Serialize)]
pub struct EnvVar {
    /// Its name.
    pub name: Spanned<String>,
    /// Where its value comes from.
    pub value: EnvValue,
}

/// Where the value of an environment variable comes from.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnvValue {
    /// A text.
    Text(Text),
    /// A key of a secret.
    Secret(SecretKey),
}

/// A key of a secret: only ever a reference.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct SecretKey {
    /// The secret.
    pub name: String,
    /// Its key.
    pub key: String,
}

/// All keys of a secret as files.
#[derive(Clone, Debug, Serialize)]
pub struct SecretMount {
    /// The secret.
    pub name: Spanned<String>,
    /// Absolute path in the container.
    pub mount: Spanned<String>,
}

/// A small file from the repository.
#[derive(Clone, Debug, Serialize)]
pub struct FileMount {
    /// Path relative to the file that names it.
    pub path: Spanned<String>,
    /// Absolute path in the container.
    pub mount: Spanned<String>,
    /// Its content, if it could be read.
    pub text: Option<String>,
}

/// Scratch space, gone when the step ends.
#[derive(Clone, Debug, Serialize)]
pub struct Volume {
    /// Its name.
    pub name: Spanned<String>,
    /// Its size.
    pub size: Bytes,
    /// Absolute path in the container.
    pub mount: Spanned<String>,
    /// In memory rather than on disk.
    pub memory: bool,
}

/// An input.
#[derive(Clone, Debug, Serialize)]
pub struct Read {
    /// What is read.
    pub data: DataId,
    /// Path in the container; `None`: the program gets a URI.
    pub mount: Option<Spanned<String>>,
    /// Only the newest partitions.
    pub last: Option<Seconds>,
    /// The last run's version.
    pub previous: bool,
    /// Of a fan-out, only the item with the highest (`true`) or lowest value of this output.
    pub choose: Option<(bool, Spanned<String>)>,
    /// The partition of this fan-out's item only.
    pub part_of: Option<EachId>,
    /// True when reading the outputs of all items of a fan-out that the reader is not in.
    pub gathers: bool,
    /// False when it makes no edge (previous versions, streams, data nobody writes in this run).
    pub orders: bool,
    /// The data set's name as typed here.
    #[serde(skip)]
    pub span: Span,
}

/// An output.
#[derive(Clone, Debug, Serialize)]
pub struct Write {
    /// What is written.
    pub data: DataId,
    /// Path in the container; `None`: the program gets a URI.
    pub mount: Option<Spanned<String>>,
    /// Published there; else beside the step.
    pub at: Option<Spanned<SiteRef>>,
    /// Size of this writer's version, if it says one (alternatives may differ).
    pub size: Option<Spanned<Bytes>>,
    /// Rows of this writer's version.
    pub rows: Option<u64>,
    /// Columns of this writer's version.
    pub columns: Option<u64>,
    /// The data set's name as typed here.
    #[serde(skip)]
    pub span: Span,
}

/// A small value known at run time.
#[derive(Clone, Debug, Serialize)]
pub struct Emit {
    /// Its name.
    pub name: Spanned<String>,
    /// Its type.
    pub ty: ValueType,
    /// Expected length of a list.
    pub items: Option<u64>,
    /// Fields of a list's records.
    pub fields: Vec<(String, ValueType)>,
}

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

/// What is declared or bounded of a step's needs. All of one machine, but `nodes` and `sites`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Needs {
    /// Cores.
    pub cores: Option<Spanned<Cores>>,
    /// Memory.
    pub memory: Option<Spanned<Bytes>>,
    /// Scratch disk.
    pub disk: Option<Spanned<Bytes>>,
    /// Accelerator model.
    pub gpu: Option<Spanned<String>>,
    /// Accelerators of one machine.
    pub gpus: Option<Spanned<u64>>,
    /// Machines started together.
    pub nodes: Option<Spanned<u64>>,
    /// `amd64` or `arm64`.
    pub arch: Option<Spanned<String>>,
    /// Machine type.
    pub machine: Option<Spanned<String>>,
    /// Run time of one attempt.
    pub run_time: Option<Spanned<Seconds>>,
    /// Number of sites (bounds only).
    pub sites: Option<Spanned<u64>>,
}

/// One `only` or `never`.
#[derive(Clone, Debug, Serialize)]
pub struct Narrowing {
    /// Sites and places; empty: all.
    pub areas: Vec<Spanned<Area>>,
    /// Only about this pricing.
    pub pricing: Option<Pricing>,
    /// Only about this machine type.
    pub machine: Option<String>,
    /// The whole node.
    #[serde(skip)]
    pub span: Span,
}

/// In one place, or not.
#[derive(Clone, Debug, Serialize)]
pub struct Proximity {
    /// With or apart from this step.
    pub step: Spanned<StepId>,
    /// What counts as one place.
    pub level: Level,
}

/// What counts as one place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// A machine.
    Node,
    /// A zone.
    Zone,
    /// A region.
    Region,
    /// A cloud.
    Cloud,
}

/// What a serving step adds.
#[derive(Clone, Debug, Serialize)]
pub struct Serving {
    /// The runtime.
    pub runtime: Runtime,
    /// Port of the service.
    pub port: u16,
    /// Path of the readiness probe.
    pub health: String,
    /// Lowered as this.
    pub via: Via,
    /// Replica bounds.
    pub scale: Scale,
    /// How a new version replaces the old.
    pub rollout: Rollout,
}

/// Stock serving runtimes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Runtime {
    /// NVIDIA Triton.
    Triton,
    /// vLLM.
    Vllm,
    /// TorchServe.
    Torchserve,
    /// scikit-learn server.
    Sklearn,
    /// XGBoost server.
    Xgboost,
    /// The author's own image.
    Custom,
}

/// What a serving step is lowered to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// Deployment, Service and autoscaler.
    Deployment,
    /// KServe's InferenceService.
    Kserve,
}

/// Bounds on replicas.
#[derive(Clone, Debug, Serialize)]
pub struct Scale {
    /// At least.
    pub min: u64,
    /// At most; `None`: twice the predicted peak.
    pub max: Option<u64>,
    /// How long without requests before going to `min=0`.
    pub idle: Seconds,
}

/// How a new version replaces the old.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rollout {
    /// Pod by pod.
    Rolling,
    /// A growing share of traffic.
    Canary {
        /// First share.
        start: Percent,
        /// Growth per interval.
        step: Percent,
        /// The interval.
        every: Seconds,
    },
    /// All at once, beside the old.
    BlueGreen,
}

/// The load that is expected.
#[derive(Clone, Debug, Serialize)]
pub struct Traffic {
    /// Highest rate.
    pub peak: PerSecond,
    /// Mean rate over a week, if declared.
    pub mean: Option<PerSecond>,
    /// How it varies over the week.
    pub shape: Shape,
    /// IANA zone of the shape.
    pub timezone: String,
    /// Tokens of a request.
    pub input_tokens: Option<u64>,
    /// Tokens of an answer.
    pub output_tokens: Option<u64>,
    /// Growth per month.
    pub growth: Percent,
    /// The whole node.
    #[serde(skip)]
    pub span: Span,
}

/// How load varies over the week.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Always the same.
    Flat,
    /// Day and night.
    Daily,
    /// Working hours of working days.
    OfficeHours,
    /// Evenings.
    Evening,
    /// Saturdays and Sundays.
    Weekend,
}

impl Step {
    /// Everything that its texts and its condition refer to.
    pub fn bindings(&self) -> Vec<&super::value::Binding> {
        use super::value::Piece;
        let values = self.env.iter().filter_map(|env| match &env.value {
            EnvValue::Text(text) => Some(text),
            EnvValue::Secret(_) => None,
        });
        let texts = self.command.iter().chain(&self.args).chain(values);
        let mut found: Vec<_> = texts
            .flat_map(|text| &text.0)
            .filter_map(|piece| match piece {
                Piece::Reference(binding) => Some(binding),
                Piece::Literal(_) => None,
            })
            .collect();
        if let Some(when) = &self.when {
            found.extend(when.value.references());
        }
        found
    }
}
