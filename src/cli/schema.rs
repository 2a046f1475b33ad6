//! `portolan schema`: the language and the formats of what is written, for other programs.

use clap::{Args, ValueEnum};

use super::Outcome;
use crate::schema;

/// Print the schema of the language, or of what is written
#[derive(Args, Debug)]
pub struct Options {
    /// Which
    #[arg(value_enum, default_value = "kdl")]
    what: What,
    /// Print the reference page of the language instead
    #[arg(long, conflicts_with = "what")]
    reference: bool,
}

/// What has a schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum What {
    /// The language, as a KDL schema.
    Kdl,
    /// A line of `--format json`, as a JSON schema.
    Diagnostics,
    /// `portolan.lock`, as a JSON schema.
    Lock,
    /// `plan.json`, as a JSON schema.
    Plan,
    /// `portolan plan --without … --format json`, as a JSON schema.
    Difference,
    /// `portolan diff --format json`, as a JSON schema.
    Comparison,
    /// `portolan explain STEP --format json`, as a JSON schema.
    Why,
    /// `manifest.json`, as a JSON schema.
    Manifest,
    /// What `portolan place` reads, as a JSON schema.
    Instance,
    /// What it answers, as a JSON schema.
    Answer,
    /// `portolan simulate --format json`, as a JSON schema.
    Simulation,
    /// `portolan diagnose --format json`, as a JSON schema.
    Diagnosis,
}

/// Prints it.
pub fn run(options: &Options) -> Outcome {
    if options.reference {
        return super::print(&schema::reference::page());
    }
    super::print(&match options.what {
        What::Kdl => schema::kdl::document(),
        What::Diagnostics => schema::json::diagnostics(),
        What::Lock => schema::json::lock(),
        What::Plan => schema::json::plan(),
        What::Difference => schema::json::difference(),
        What::Comparison => schema::json::comparison(),
        What::Why => schema::json::why(),
        What::Manifest => schema::json::manifest(),
        What::Instance => schema::json::instance(),
        What::Answer => schema::json::answer(),
        What::Simulation => schema::json::simulation(),
        What::Diagnosis => schema::json::diagnosis(),
    })
}
