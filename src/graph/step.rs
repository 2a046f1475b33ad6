//! A step: one unit of work, as its author wrote it, with every name resolved.

use serde::Serialize;

use super::attempt::{Approval, Checkpoint, Model, Retry};
use super::model::{DataId, EachId, Overlay, PipelineId, StepId};
use super::needs::{Narrowing, Needs, Proximity};
use super::program::{EnvValue, EnvVar, FileMount, Program, Script, SecretMount, Volume};
use super::promise::Promise;
use super::residency::{Inherited, Lifted};
use super::serving::{Serving, Traffic};
use super::site::SiteRef;
use super::value::{Condition, Text, ValueType};
use crate::quantity::{Bytes, Seconds};
use crate::source::{Span, Spanned};
pub use crate::syntax::StepKind;

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
    /// What it does not inherit.
    pub lifts: Lifted,
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
    /// What it does not inherit.
    pub lifts: Lifted,
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
