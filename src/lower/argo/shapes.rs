//! Steps of one shape as one template: pods that differ in texts alone, such as names, arguments and addresses, take
//! these as inputs, and each task hands over its own.
//!
//! A small workflow stays plain, so that the template of each step can be read alone.

use std::collections::{BTreeMap, BTreeSet};

use super::types::{Parameter, Template};
use crate::lower::names;

/// Replaces pods of one shape by one template, and lets their tasks say what is different.
pub fn share(templates: &mut Vec<Template>) {
    let mut shapes: BTreeMap<String, Vec<Template>> = BTreeMap::new();
    for mut template in std::mem::take(templates) {
        match template.container {
            Some(_) => shapes.entry(shape(&mut template)).or_default().push(template),
            None => templates.push(template),
        }
    }
    let mut calls: BTreeMap<String, Call> = BTreeMap::new();
    for (shape, alike) in shapes {
        templates.push(match <[Template; 1]>::try_from(alike) {
            Ok([alone]) => alone,
            Err(alike) => merge(format!("shape--{:.8}", names::sha256(&shape)), alike, &mut calls),
        });
    }
    let dags = templates.iter_mut().filter_map(|template| template.dag.as_mut());
    for task in dags.flat_map(|dag| &mut dag.tasks) {
        let call = task.template.as_ref().and_then(|name| calls.get(name));
        if let Some(call) = call {
            task.template = Some(call.template.clone());
            task.arguments.parameters.extend(call.arguments.iter().cloned());
        }
    }
}

/// How many templates [`share`] would leave of these.
pub fn count<'t>(templates: impl Iterator<Item = &'t mut Template>) -> usize {
    let (pods, others): (Vec<_>, Vec<_>) = templates.partition(|template| template.container.is_some());
    let shapes: BTreeSet<String> = pods.into_iter().map(shape).collect();
    shapes.len() + others.len()
}

/// How a task runs what was a template of its own.
struct Call {
    template: String,
    arguments: Vec<Parameter>,
}

/// Everything about a template but its name and the texts that can be inputs. These are put aside for as long as it
/// takes: a copy of the whole would cost more than all the rest.
fn shape(template: &mut Template) -> String {
    let name = std::mem::take(&mut template.name);
    let blank = |text: &mut String| {
        let bound = bound(text).to_owned();
        std::mem::replace(text, bound)
    };
    let said: Vec<String> = texts(template).into_iter().map(|(_, text)| blank(text)).collect();
    let shape = serde_json::to_string(template)
        .unwrap_or_else(|error| unreachable!("our values always serialise: {error}"));
    template.name = name;
    let places = texts(template).into_iter();
    places.zip(said).for_each(|((_, text), said)| *text = said);
    shape
}

/// The texts of a template that Argo fills in, with a word for what they are.
fn texts(template: &mut Template) -> Vec<(&'static str, &mut String)> {
    let labels = template.metadata.iter_mut().flat_map(|it| it.labels.values_mut());
    let metrics = template.metrics.iter_mut().flat_map(|it| &mut it.prometheus);
    let metrics = metrics.flat_map(|metric| &mut metric.labels);
    let init = template.init_containers.iter_mut();
    let copied = init.flat_map(|it| it.args.iter_mut().flatten());
    let mut all: Vec<(&'static str, &mut String)> = labels.map(|text| ("step", text)).collect();
    all.extend(
        template
            .service_account_name
            .iter_mut()
            .map(|text| ("account", text)),
    );
    all.extend(metrics.map(|label| ("metric", &mut label.value)));
    all.extend(copied.map(|text| ("copy", text)));
    if let Some(container) = &mut template.container {
        let command = container.command.iter_mut().flatten();
        let args = container.args.iter_mut().flatten();
        all.extend(command.chain(args).map(|text| ("arg", text)));
        for variable in container.env.iter_mut().flatten() {
            all.extend(variable.value.iter_mut().map(|text| ("env", text)));
            all.push(("variable", &mut variable.name));
        }
    }
    all
}

/// The part of a text that must be alike in all members, because it means something only in the template itself: all
/// from the first placeholder on that is not one of the whole run.
fn bound(text: &str) -> &str {
    let mut placeholders = text
        .match_indices("{{")
        .map(|(at, _)| text.get(at..).unwrap_or_default());
    placeholders
        .find(|rest| !rest.starts_with("{{workflow."))
        .unwrap_or_default()
}

/// One template for all of `alike`, and how each of them is called now.
fn merge(name: String, mut alike: Vec<Template>, calls: &mut BTreeMap<String, Call>) -> Template {
    let all = alike.iter_mut().map(|template| {
        let said = texts(template).into_iter().map(|(_, text)| text.clone());
        said.collect::<Vec<String>>()
    });
    let said: Vec<Vec<String>> = all.collect();
    let owners: Vec<String> = alike.iter().map(|template| template.name.clone()).collect();
    let mut shared = alike.into_iter().next().unwrap_or_default();
    shared.name.clone_from(&name);
    let mut inputs = Inputs::default();
    for (place, (word, text)) in texts(&mut shared).into_iter().enumerate() {
        let column = said.iter().filter_map(|own| own.get(place));
        let column: Vec<&str> = column.map(String::as_str).collect();
        let (before, after) = around(&column);
        let differing = column.iter().map(|own| between(own, before, after));
        let differing: Vec<&str> = differing.collect();
        if differing.iter().any(|own| !own.is_empty()) {
            *text = format!("{before}{}{after}", inputs.placeholder(word, differing));
        }
    }
    let names = inputs.0.iter().map(|(name, _)| Parameter::input(name));
    shared.inputs.parameters.extend(names);
    for (at, owner) in owners.into_iter().enumerate() {
        let own = inputs
            .0
            .iter()
            .filter_map(|(name, said)| Some(Parameter::value(name, *said.get(at)?)));
        let call = Call {
            template: name.clone(),
            arguments: own.collect(),
        };
        calls.insert(owner, call);
    }
    shared
}

/// The inputs of a shape: their names, and what each member says. What all members say alike at several places is one
/// input.
#[derive(Default)]
struct Inputs<'t>(Vec<(String, Vec<&'t str>)>);

impl<'t> Inputs<'t> {
    /// The placeholder of the input that carries `said`; a new one is named after `word`.
    fn placeholder(&mut self, word: &str, said: Vec<&'t str>) -> String {
        for (name, known) in &self.0 {
            if *known == said {
                return format!("{{{{inputs.parameters.{name}}}}}");
            }
            let mut pairs = known.iter().zip(&said);
            if pairs.all(|(known, said)| known.is_ascii() && as_variable(known) == **said) {
                return format!(r#"{{{{=upper(replace(inputs.parameters.{name}, "-", "_"))}}}}"#);
            }
        }
        let number = |name: &String| name.trim_end_matches(|c: char| c.is_ascii_digit()) == word;
        // Inputs of an author's have an underscore, and none of ours is called like one of these words.
        let name = match self.0.iter().filter(|(name, _)| number(name)).count() {
            0 => word.to_owned(),
            more => format!("{word}{}", more + 1),
        };
        let placeholder = format!("{{{{inputs.parameters.{name}}}}}");
        self.0.push((name, said));
        placeholder
    }
}

/// What all texts begin and end with, up to a whole word; of equal texts, all of it.
fn around<'t>(texts: &[&'t str]) -> (&'t str, &'t str) {
    let Some((first, others)) = texts.split_first() else {
        return ("", "");
    };
    if others.iter().all(|other| other == first) {
        return (first, "");
    }
    let joints = joints(first);
    let begin = others.iter().map(|other| same(first.chars(), other.chars()));
    let begin = begin.min().unwrap_or(0);
    let begin = joints.iter().rev().find(|at| **at <= begin).copied().unwrap_or(0);
    let (before, rest) = first.split_at_checked(begin).unwrap_or_default();
    let end = others.iter().map(|other| {
        let other = other.get(begin..).unwrap_or_default();
        same(rest.chars().rev(), other.chars().rev())
    });
    let end = first.len() - end.min().unwrap_or(0);
    let end = joints
        .iter()
        .find(|at| **at >= end)
        .copied()
        .unwrap_or(first.len());
    (before, first.get(end..).unwrap_or_default())
}

/// Where a text may be divided: between words, and not within a placeholder.
fn joints(text: &str) -> Vec<usize> {
    let mut joints = vec![0];
    let mut inside = false;
    for (at, character) in text.char_indices() {
        let (before, rest) = text.split_at_checked(at).unwrap_or_default();
        if before.ends_with("}}") {
            inside = false;
            joints.push(at);
        }
        if rest.starts_with("{{") {
            inside = true;
            joints.push(at);
        }
        if !inside && matches!(character, '-' | '_' | '/' | ':' | '=' | '.' | ',' | ' ' | '@') {
            joints.extend([at, at + character.len_utf8()]);
        }
    }
    joints.push(text.len());
    joints
}

/// Bytes of what both begin with.
fn same(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> usize {
    let same = one.zip(other).take_while(|(a, b)| a == b);
    same.map(|(character, _)| character.len_utf8()).sum()
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let rest = text.get(before.len()..).unwrap_or_default();
    rest.get(..rest.len().saturating_sub(after.len()))
        .unwrap_or_default()
}

/// The name of a variable that says something about what is called `name`, without its first part.
fn as_variable(name: &str) -> String {
    name.replace('-', "_").to_ascii_uppercase()
}

#[cfg(test)]
mod tests;
