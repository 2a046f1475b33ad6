//! JSON schemas of what is written, derived from the types that are written.

use schemars::{JsonSchema, schema_for};

use crate::compare::Comparison;
use crate::diag::line::Line;
use crate::diagnose::Diagnosis;
use crate::lock::Lock;
use crate::place::interchange::{Instance, Report};
use crate::place::{Difference, PlanView, Why};
use crate::render;
use crate::simulate::Simulation;
use crate::write::Manifest;

/// Of one line of `--format json`.
pub fn diagnostics() -> String {
    schema::<Line<'_>>()
}

/// Of `portolan.lock`.
pub fn lock() -> String {
    schema::<Lock>()
}

/// Of `plan.json`.
pub fn plan() -> String {
    schema::<PlanView<'_>>()
}

/// Of `portolan plan --without … --format json`.
pub fn difference() -> String {
    schema::<Difference>()
}

/// Of `portolan explain STEP --format json`.
pub fn why() -> String {
    schema::<Vec<Why>>()
}

/// Of `manifest.json`.
pub fn manifest() -> String {
    schema::<Manifest>()
}

/// Of what `portolan place` reads.
pub fn instance() -> String {
    schema::<Instance<'_>>()
}

/// Of what it answers.
pub fn answer() -> String {
    schema::<Report>()
}

/// Of `portolan simulate --format json`.
pub fn simulation() -> String {
    schema::<Simulation>()
}

/// Of `portolan diagnose --format json`.
pub fn diagnosis() -> String {
    schema::<Diagnosis>()
}

/// Of `portolan diff --format json`.
pub fn comparison() -> String {
    schema::<Comparison>()
}

fn schema<T: JsonSchema>() -> String {
    render::json(&schema_for!(T))
}
