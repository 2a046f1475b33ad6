//! Terraform files -> resources with their arguments.

use std::collections::BTreeMap;

use ::hcl::{Attribute, Block, Body, Structure};

use super::Files;
use super::resource::{Address, Inventory, Resource};

/// True of a file that is read here.
pub(super) fn is_terraform(path: &str) -> bool {
    path.starts_with("terraform/")
}

/// All resources of all stacks. Values that come from `local.` and from the default of a `var.` are part of the text
/// that is compared, because another value of either changes the resource.
pub(super) fn resources(files: &Files) -> Result<Inventory, String> {
    let mut stacks: BTreeMap<&str, Vec<Body>> = BTreeMap::new();
    let sources = files
        .iter()
        .filter(|(path, _)| is_terraform(path) && path.ends_with(".tf"));
    for (path, text) in sources {
        let body = ::hcl::parse(text).map_err(|error| format!("{path}: {error}"))?;
        let stack = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        stacks.entry(stack).or_default().push(body);
    }
    let mut inventory = Inventory::default();
    for (stack, bodies) in stacks {
        let given = named(&bodies);
        for block in bodies.iter().flat_map(Body::blocks) {
            read(stack, block, &given, &mut inventory);
        }
    }
    Ok(inventory)
}

/// `local.name` and `var.name` -> what they stand for.
fn named(bodies: &[Body]) -> BTreeMap<String, String> {
    let mut named = BTreeMap::new();
    for block in bodies.iter().flat_map(Body::blocks) {
        let label = block.labels().first().map(|label| label.as_str());
        match (block.identifier(), label) {
            ("locals", _) => named.extend(
                block
                    .body()
                    .attributes()
                    .map(|local| (format!("local.{}", local.key()), value(local))),
            ),
            ("variable", Some(label)) => {
                let default = block
                    .body()
                    .attributes()
                    .find(|attribute| attribute.key() == "default");
                named.extend(default.map(|default| (format!("var.{label}"), value(default))));
            }
            _ => {}
        }
    }
    named
}

fn value(attribute: &Attribute) -> String {
    attribute.expr().to_string()
}

fn read(stack: &str, block: &Block, given: &BTreeMap<String, String>, inventory: &mut Inventory) {
    let address = |name: String| Address {
        place: stack.to_owned(),
        name,
    };
    let said = |name: &str| {
        let mut attributes = block.body().attributes();
        attributes.find(|attribute| attribute.key() == name).map(value)
    };
    let labels: Vec<&str> = block.labels().iter().map(|label| label.as_str()).collect();
    match (block.identifier(), labels.as_slice()) {
        ("resource", [kind, name]) => {
            let mut arguments = BTreeMap::new();
            flatten("", block.body(), given, &mut arguments);
            let resource = Resource {
                kind: (*kind).to_owned(),
                arguments,
            };
            inventory
                .resources
                .insert(address(format!("{kind}.{name}")), resource);
        }
        ("moved", _) => {
            if let (Some(from), Some(to)) = (said("from"), said("to")) {
                inventory.moved.insert(address(to), address(from));
            }
        }
        ("removed", _) => inventory.forgotten.extend(said("from").map(address)),
        _ => {}
    }
}

/// Attributes by path; blocks of the same name are numbered.
fn flatten(
    prefix: &str,
    body: &Body,
    given: &BTreeMap<String, String>,
    arguments: &mut BTreeMap<String, String>,
) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for structure in body.iter() {
        match structure {
            Structure::Attribute(attribute) => {
                let path = format!("{prefix}{}", attribute.key());
                arguments.insert(path, resolved(&value(attribute), given));
            }
            // What Terraform itself is told; the resource is the same.
            Structure::Block(block) if matches!(block.identifier(), "lifecycle" | "timeouts") => {}
            Structure::Block(block) => {
                let count = seen.entry(block.identifier()).or_default();
                let index = if *count == 0 {
                    String::new()
                } else {
                    format!("[{count}]")
                };
                *count += 1;
                let prefix = format!("{prefix}{}{index}.", block.identifier());
                flatten(&prefix, block.body(), given, arguments);
            }
        }
    }
}

/// The text of a value, followed by what the names in it stand for if that is plain.
fn resolved(text: &str, given: &BTreeMap<String, String>) -> String {
    if let Some(whole) = given.get(text) {
        return whole.clone();
    }
    let names = given.iter().filter(|(name, _)| mentions(text, name));
    let notes: Vec<String> = names.map(|(name, value)| format!("{name} = {value}")).collect();
    if notes.is_empty() {
        text.to_owned()
    } else {
        format!("{text} with {}", notes.join(", "))
    }
}

/// True if `name` stands in `text` as a whole word.
fn mentions(text: &str, name: &str) -> bool {
    let part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    text.match_indices(name).any(|(at, found)| {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|tail| tail.chars().next());
        !before.is_some_and(|letter| part(letter) || letter == '.') && !after.is_some_and(part)
    })
}
