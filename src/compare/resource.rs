//! What becomes of each resource.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::forcing;

/// What is done to one resource; the gravest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It goes away.
    Destroy,
    /// It goes away and another takes its place.
    Replace,
    /// It stays, but is no longer looked after.
    Forget,
    /// It is changed in place.
    Update,
    /// It has another address, and stays.
    Move,
    /// It is made.
    Create,
}

/// One resource or object, before and after.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Change {
    /// What is done.
    pub action: Action,
    /// The stack or cluster: `terraform/aws-eu-west-1`.
    pub place: String,
    /// `aws_s3_bucket.main`, `Deployment cancer-risk/predict`
    pub address: String,
    /// The address that it had, if it moves.
    pub from: Option<String>,
    /// Arguments with another value; those that force a replacement first.
    pub arguments: Vec<Argument>,
    /// True if what it holds is lost, too.
    pub loses_data: bool,
}

/// One argument of a resource.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Argument {
    /// `scaling_config.max_size`
    pub name: String,
    /// As written, if it was.
    pub before: Option<String>,
    /// As written, if it is.
    pub after: Option<String>,
    /// True if the resource cannot be changed so in place.
    pub forces: bool,
}

/// Where something stands and what it is called there.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Address {
    pub place: String,
    pub name: String,
}

/// A resource of one side.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    /// `aws_s3_bucket`, `Deployment`
    pub kind: String,
    /// Values as text, by path.
    pub arguments: BTreeMap<String, String>,
}

/// All that is on one side.
#[derive(Clone, Debug, Default)]
pub(super) struct Inventory {
    pub resources: BTreeMap<Address, Resource>,
    /// New address -> old one.
    pub moved: BTreeMap<Address, Address>,
    /// Addresses that are given up without being destroyed.
    pub forgotten: Vec<Address>,
}

/// What becomes of every resource that does not stay as it is.
pub(super) fn changes(before: Inventory, after: Inventory) -> Vec<Change> {
    let mut left = before.resources;
    let mut changes = Vec::new();
    for (address, resource) in &after.resources {
        let origin = after.moved.get(address).filter(|from| left.contains_key(*from));
        let was = left.remove(origin.unwrap_or(address));
        let from = origin.map(|from| from.name.clone());
        changes.extend(change(address, from, was.as_ref(), Some(resource)));
    }
    for (address, resource) in &left {
        let mut gone = change(address, None, Some(resource), None);
        if let Some(gone) = gone.as_mut().filter(|_| after.forgotten.contains(address)) {
            (gone.action, gone.loses_data) = (Action::Forget, false);
        }
        changes.extend(gone);
    }
    changes
}

fn change(
    address: &Address,
    from: Option<String>,
    was: Option<&Resource>,
    is: Option<&Resource>,
) -> Option<Change> {
    let kind = &is.or(was)?.kind;
    let arguments = match (was, is) {
        (Some(was), Some(is)) => differing(kind, &was.arguments, &is.arguments),
        _ => Vec::new(),
    };
    let action = match (was, is) {
        (None, _) => Action::Create,
        (Some(_), None) => Action::Destroy,
        _ if arguments.iter().any(|argument| argument.forces) => Action::Replace,
        _ if !arguments.is_empty() => Action::Update,
        _ if from.is_some() => Action::Move,
        _ => return None,
    };
    let lost = matches!(action, Action::Destroy | Action::Replace);
    Some(Change {
        action,
        place: address.place.clone(),
        address: address.name.clone(),
        from,
        arguments,
        loses_data: lost && forcing::holds_data(kind),
    })
}

fn differing(kind: &str, was: &BTreeMap<String, String>, is: &BTreeMap<String, String>) -> Vec<Argument> {
    let mut names: Vec<&String> = was.keys().chain(is.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let changed = names.into_iter().filter(|name| was.get(*name) != is.get(*name));
    let mut arguments: Vec<Argument> = changed
        .map(|name| Argument {
            name: name.clone(),
            before: was.get(name).cloned(),
            after: is.get(name).cloned(),
            forces: forcing::forces(kind, &without_indices(name)),
        })
        .collect();
    arguments.sort_by_key(|argument| !argument.forces);
    arguments
}

/// `rule[1].action` as the table has it: `rule.action`.
fn without_indices(name: &str) -> String {
    let parts = name.split('.').map(|part| part.split('[').next().unwrap_or(part));
    parts.collect::<Vec<_>>().join(".")
}
