//! The graph of a WfFormat file as a pipeline of the language.
//!
//! Tasks of one kind at one depth become one step with as many items, which keeps every order between them and is
//! free of circles; a kind that comes back deeper gets a number. Images and the place of outside inputs are not in
//! such a file: they are placeholders.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Specification, Task};
use crate::quantity::Bytes;

/// Longest name of a kind: with the number of a depth and `-output` it is still a name that the language allows.
const LONGEST: usize = 28;

/// Tasks that become one step.
#[derive(Default)]
struct Group<'t> {
    tasks: Vec<&'t Task>,
    depth: usize,
}

/// A name of the language: lower-case letters, digits and single hyphens, a letter first.
pub fn name_of(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.ends_with('-') && !name.is_empty() {
            name.push('-');
        }
    }
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        name.insert_str(0, "task-");
    }
    name.truncate(LONGEST);
    name.trim_end_matches('-').to_owned()
}

/// The step of each task, by the task's id.
pub fn steps(specification: &Specification) -> BTreeMap<String, String> {
    let groups = groups(specification);
    let named = groups.iter().flat_map(|(step, group)| {
        group
            .tasks
            .iter()
            .map(move |task| (task.id.clone(), step.clone()))
    });
    named.collect()
}

/// Steps by name.
fn groups(specification: &Specification) -> BTreeMap<String, Group<'_>> {
    let depths = depths(specification);
    let mut levels: BTreeMap<String, BTreeMap<usize, Group<'_>>> = BTreeMap::new();
    for task in &specification.tasks {
        let depth = depths.get(task.id.as_str()).copied().unwrap_or(0);
        let group = levels
            .entry(name_of(task.kind()))
            .or_default()
            .entry(depth)
            .or_default();
        group.depth = depth;
        group.tasks.push(task);
    }
    let mut groups: BTreeMap<String, Group<'_>> = BTreeMap::new();
    let kinds: BTreeSet<String> = levels.keys().cloned().collect();
    for (kind, of_kind) in levels {
        for (index, group) in of_kind.into_values().enumerate() {
            let numbers = (index + 1..).map(|n| {
                if n == 1 {
                    kind.clone()
                } else {
                    format!("{kind}-at-{n}")
                }
            });
            let free = |name: &String| !groups.contains_key(name) && (index == 0 || !kinds.contains(name));
            let name = numbers.into_iter().find(free).unwrap_or_default();
            groups.insert(name, group);
        }
    }
    groups
}

/// Tasks before each on the longest way to it.
fn depths(specification: &Specification) -> BTreeMap<&str, usize> {
    let mut depths: BTreeMap<&str, usize> = BTreeMap::new();
    // One sweep more than the graph is deep; a circle, which no recording has, ends with the number of tasks.
    for _ in 0..specification.tasks.len() {
        let mut changed = false;
        for task in &specification.tasks {
            let parents = task
                .parents
                .iter()
                .filter_map(|parent| depths.get(parent.as_str()));
            let depth = parents.max().map_or(0, |deepest| deepest + 1);
            changed |= depths.insert(&task.id, depth) != Some(depth);
        }
        if !changed {
            break;
        }
    }
    depths
}

/// The pipeline's text.
pub fn text(name: &str, specification: &Specification) -> String {
    let sizes: BTreeMap<&str, f64> = specification
        .files
        .iter()
        .map(|file| (file.id.as_str(), file.size_in_bytes))
        .collect();
    let groups = groups(specification);
    let steps = steps(specification);
    let written: BTreeSet<&str> = specification
        .tasks
        .iter()
        .flat_map(|task| task.output_files.iter().map(String::as_str))
        .collect();
    let mut order: Vec<(&String, &Group<'_>)> = groups.iter().collect();
    order.sort_by_key(|(name, group)| (group.depth, *name));
    let mut text = String::from(
        "// From a recording in WfFormat. Images and the addresses of outside inputs are placeholders: a recording has none.\n",
    );
    let _ = writeln!(text, "pipeline {} {{", name_of(name));
    for (step, group) in order {
        text.push_str(&of_group(step, group, &steps, &groups, &sizes, &written));
    }
    text.push_str("}\n");
    text
}

/// One step, and before it what it reads from outside.
fn of_group(
    step: &str,
    group: &Group<'_>,
    steps: &BTreeMap<String, String>,
    groups: &BTreeMap<String, Group<'_>>,
    sizes: &BTreeMap<&str, f64>,
    written: &BTreeSet<&str>,
) -> String {
    let total = |files: &BTreeSet<&str>| -> f64 { files.iter().filter_map(|file| sizes.get(file)).sum() };
    let outside: BTreeSet<&str> = group
        .tasks
        .iter()
        .flat_map(|task| task.input_files.iter().map(String::as_str))
        .filter(|file| !written.contains(file))
        .collect();
    let before: BTreeSet<&String> = group
        .tasks
        .iter()
        .flat_map(|task| task.parents.iter().filter_map(|parent| steps.get(parent)))
        .collect();
    let count = group.tasks.len();
    let mut text = String::new();
    let mut line = |indent: usize, line: String| {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{:indent$}{line}", "");
    };
    if !outside.is_empty() {
        line(4, format!("data {step}-input {{"));
        line(8, format!("at aws.eu-west-1 uri=\"s3://example-input/{step}\""));
        line(8, format!("size \"{}B\"", Bytes::round(total(&outside)).0));
        line(4, "}".to_owned());
    }
    line(4, format!("step {step} {{"));
    if count > 1 {
        line(8, format!("each task count={count}"));
    }
    line(8, format!("image \"ghcr.io/example/{step}:1\""));
    line(8, format!("command {step}"));
    if !outside.is_empty() {
        line(8, format!("reads {step}-input"));
    }
    let outputs = |name: &str| groups.get(name).is_some_and(Group::writes);
    for parent in &before {
        let reads = if outputs(parent) {
            format!("reads {parent}-output")
        } else {
            format!("after {parent}")
        };
        line(8, reads);
    }
    if group.writes() {
        let files = group
            .tasks
            .iter()
            .flat_map(|task| task.output_files.iter().map(String::as_str));
        let each = total(&files.collect()) / count as f64;
        line(
            8,
            format!("writes {step}-output size=\"{}B\"", Bytes::round(each).0),
        );
    }
    line(4, "}".to_owned());
    text
}

impl Group<'_> {
    fn writes(&self) -> bool {
        self.tasks.iter().any(|task| !task.output_files.is_empty())
    }
}
