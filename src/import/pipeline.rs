//! What a pipeline says, in a form that knows nothing of where it comes from.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::Condition;
use super::text::{Reference, Text};

/// A pipeline.
#[derive(Default)]
pub struct Pipeline {
    /// Its name.
    pub name: String,
    /// One line about it.
    pub description: Option<String>,
    /// What was left out, for a comment.
    pub losses: BTreeSet<String>,
    /// When it runs.
    pub schedules: Vec<Schedule>,
    /// Values of a run.
    pub parameters: Vec<Parameter>,
    /// Fan-outs around steps; each may stand in another.
    pub blocks: Vec<Block>,
    /// Steps, each after those it waits for.
    pub steps: Vec<Step>,
}

/// When runs start.
pub struct Schedule {
    /// Five fields.
    pub cron: String,
    /// IANA name.
    pub timezone: Option<String>,
    /// `forbid`, `allow` or `replace`.
    pub overlap: &'static str,
    /// Seconds after a missed time.
    pub late: Option<String>,
}

/// A value of a run.
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What it is if a run does not say.
    pub default: Option<String>,
}

/// A fan-out.
pub struct Block {
    /// The variable.
    pub variable: String,
    /// Its items.
    pub over: Over,
    /// The block around it.
    pub outer: Option<usize>,
    /// How many at once.
    pub concurrency: Option<String>,
}

/// What a fan-out goes over.
pub enum Over {
    /// These values.
    Values(Vec<String>),
    /// Rows of values by column.
    Rows(Vec<Vec<(String, String)>>),
    /// A list known at run time, and the fields of its items that are used.
    List(Reference, BTreeSet<String>),
    /// 0 to this, without it.
    Count(u64),
}

/// A step.
#[derive(Default)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// The innermost block around it.
    pub block: Option<usize>,
    /// True if it runs at the end of every run.
    pub last: bool,
    /// Image.
    pub image: String,
    /// The program; empty: the image's own.
    pub command: Vec<Text>,
    /// What follows the program.
    pub arguments: Vec<Text>,
    /// Environment by name.
    pub environment: Vec<(String, Variable)>,
    /// Secrets as files: name, path.
    pub secrets: Vec<(String, String)>,
    /// Scratch space: name, size, path, in memory.
    pub volumes: Vec<Volume>,
    /// Steps that must have ended well or been skipped.
    pub after: BTreeSet<usize>,
    /// All must hold.
    pub conditions: Vec<Condition>,
    /// True if what it prints is an output.
    pub printed: bool,
    /// Outputs: name -> the file that has it, and what it is without one.
    pub emits: BTreeMap<String, Emitted>,
    /// Data sets: name -> the path where its program expects them.
    pub reads: BTreeMap<String, String>,
    /// Data sets: name -> the path where its program leaves them.
    pub writes: BTreeMap<String, String>,
    /// Attempts after the first.
    pub retries: Vec<Retry>,
    /// Of one attempt.
    pub timeout: Option<String>,
    /// Age up to which its outputs are used again.
    pub cache: Option<Option<String>>,
    /// Properties of `needs`.
    pub needs: Vec<(&'static str, String)>,
}

/// The value of an environment variable.
pub enum Variable {
    /// A text.
    Text(Text),
    /// A key of a secret: `name.key`.
    Secret(String),
}

/// Scratch space.
pub struct Volume {
    /// Its name.
    pub name: String,
    /// Bytes.
    pub size: String,
    /// Path.
    pub mount: String,
    /// True if it is memory.
    pub memory: bool,
}

/// A small output.
pub struct Emitted {
    /// The file with it.
    pub path: String,
    /// What it is if there is no such file.
    pub default: Option<String>,
}

/// Attempts after the first.
pub struct Retry {
    /// How many.
    pub attempts: u64,
    /// Of which cause.
    pub cause: &'static str,
    /// Before the first of them.
    pub backoff: Option<String>,
    /// How it grows.
    pub factor: Option<String>,
}

/// What a step calls the output that is what it prints.
pub const PRINTED: &str = "result";

impl Step {
    /// All texts that may refer to something.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        let environment = self
            .environment
            .iter()
            .filter_map(|(_, variable)| match variable {
                Variable::Text(text) => Some(text),
                Variable::Secret(_) => None,
            });
        self.command.iter().chain(&self.arguments).chain(environment)
    }
}
