//! Two outputs of the compiler -> what becoming the second would do: to placements, money and promises, and to every
//! resource and object.
//!
//! Both sides are generated files, so an output of an earlier version or of another machine can be compared as well as
//! one that was just made in memory.

mod forcing;
mod hcl;
mod markdown;
mod objects;
mod plan;
mod resource;
mod text;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

pub use markdown::markdown;
pub use plan::{CostChange, PromiseChange, StepChange};
pub use resource::{Action, Change};
pub use text::text;

/// Version of this form.
pub const VERSION: u32 = 1;

/// Generated files by path, relative to the output folder.
pub type Files = BTreeMap<String, String>;

/// What it takes to get from one output to another.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
#[schemars(title = "Comparison")]
pub struct Comparison {
    /// Version of this form.
    pub version: u32,
    /// Steps that are new, gone, or run elsewhere or on other machines.
    pub steps: Vec<StepChange>,
    /// Promises that are new, gone, or fare otherwise.
    pub promises: Vec<PromiseChange>,
    /// Monthly money, if it changes.
    pub cost: Option<CostChange>,
    /// Terraform resources and Kubernetes objects that change, those that lose data first.
    pub changes: Vec<Change>,
    /// Other files that change: Dockerfiles, rules, dashboards.
    pub files: Vec<String>,
}

impl Comparison {
    /// True if nothing would happen.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
            && self.promises.is_empty()
            && self.cost.is_none()
            && self.changes.is_empty()
            && self.files.is_empty()
    }

    /// How many changes are of a kind.
    pub fn count(&self, action: Action) -> usize {
        self.changes
            .iter()
            .filter(|change| change.action == action)
            .count()
    }
}

/// Compares two outputs.
///
/// # Errors
/// Names the file that is not what the compiler writes, on whichever side.
pub fn compare(before: &Files, after: &Files) -> Result<Comparison, String> {
    let (steps, promises, cost) = plan::compare(before, after)?;
    let mut changes = resource::changes(hcl::resources(before)?, hcl::resources(after)?);
    changes.extend(resource::changes(
        objects::objects(before)?,
        objects::objects(after)?,
    ));
    // Stable: within an action, the order of the places and names.
    changes.sort_by_key(|change| (!change.loses_data, change.action));
    Ok(Comparison {
        version: VERSION,
        steps,
        promises,
        cost,
        changes,
        files: files(before, after),
    })
}

/// Files whose content is not taken apart above, and whose text differs.
fn files(before: &Files, after: &Files) -> Vec<String> {
    let other = |path: &&String| {
        !hcl::is_terraform(path) && !objects::is_object(path) && !path.ends_with(".json")
            || path.contains("/dashboards/")
    };
    let mut paths: Vec<&String> = before.keys().chain(after.keys()).filter(other).collect();
    paths.sort_unstable();
    paths.dedup();
    let differs = |path: &&String| before.get(*path) != after.get(*path);
    paths.into_iter().filter(differs).cloned().collect()
}

#[cfg(test)]
mod tests;
