//! Loading the table. It is part of the program, so a mistake in it is ours and found by the first test.

use std::collections::BTreeMap;

use kdl::{KdlDocument, KdlNode, KdlValue};

use super::{Grammar, Rule, Slot, Type};
use crate::syntax::StepKind;

/// Reads the whole table.
pub(super) fn grammar(text: &str) -> Grammar {
    let document =
        KdlDocument::parse_v2(text).unwrap_or_else(|error| unreachable!("the grammar table is KDL: {error}"));
    let mut closed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut grammar = Grammar::default();
    let mut like: Vec<(usize, String)> = Vec::new();
    for node in document.nodes() {
        match node.name().value() {
            "type" => {
                closed.insert(word(node), child(node, "one-of").map(words).unwrap_or_default());
            }
            "node" => {
                like.extend(child(node, "like").map(|other| (grammar.rules.len(), word(other))));
                grammar.rules.push(rule(node, &closed));
            }
            "promise-kind" => grammar.promises.push(rule(node, &closed)),
            other => unreachable!("the grammar table has no `{other}`"),
        }
    }
    for (index, name) in like {
        let Some(base) = grammar.rules.iter().find(|rule| rule.name == name).cloned() else {
            continue;
        };
        let Some(rule) = grammar.rules.get_mut(index) else {
            continue;
        };
        let own: Vec<Slot> = std::mem::take(&mut rule.properties);
        rule.properties = base.properties.into_iter().chain(own).collect();
        rule.arguments = base.arguments;
        rule.open = rule.open.take().or(base.open);
    }
    for (index, rule) in grammar.rules.iter().enumerate() {
        for parent in &rule.parents {
            grammar
                .by_place
                .entry(parent.clone())
                .or_default()
                .insert(rule.name.clone(), index);
        }
    }
    grammar
}

fn rule(node: &KdlNode, closed: &BTreeMap<String, Vec<String>>) -> Rule {
    let mut rule = Rule {
        name: word(node),
        ..Rule::default()
    };
    for part in node.children().map(KdlDocument::nodes).unwrap_or_default() {
        match part.name().value() {
            "in" => rule.parents = words(part),
            "many" => rule.many = true,
            "kinds" => rule.kinds = kinds(part),
            "not-kinds" => rule.not_kinds = kinds(part),
            "argument" => rule.arguments.push(slot(part, closed, true)),
            "property" => rule.properties.push(slot(part, closed, false)),
            "either" => rule.either.push(words(part)),
            "at-most-one" => rule.at_most_one.push(words(part)),
            "open" => rule.open = Some(slot(part, closed, false)),
            "children" => rule.any_children = true,
            "doc" => rule.doc = word(part),
            "example" => rule.example = word(part),
            "group" => rule.group = word(part),
            "like" => {}
            other => unreachable!("the grammar table has no `{other}` in a rule"),
        }
    }
    rule
}

/// Arguments are required unless the table says otherwise, properties are not.
fn slot(node: &KdlNode, closed: &BTreeMap<String, Vec<String>>, argument: bool) -> Slot {
    let type_word = text(node, "type").unwrap_or_default();
    let ty = Type::parse(&type_word)
        .unwrap_or_else(|| unreachable!("the grammar table has no type `{type_word}`"));
    let own = child(node, "one-of").map(words);
    Slot {
        name: word(node),
        ty,
        required: flag(node, "required").unwrap_or(argument),
        many: flag(node, "many").unwrap_or(false),
        formatted: flag(node, "formatted").unwrap_or(false),
        default: text(node, "default"),
        derived: text(node, "derived"),
        of: text(node, "of"),
        one_of: own
            .or_else(|| closed.get(&type_word).cloned())
            .unwrap_or_default(),
        sample: text(node, "sample"),
    }
}

fn words(node: &KdlNode) -> Vec<String> {
    let arguments = node.entries().iter().filter(|entry| entry.name().is_none());
    arguments.map(|entry| plain(entry.value())).collect()
}

fn word(node: &KdlNode) -> String {
    words(node).into_iter().next().unwrap_or_default()
}

fn kinds(node: &KdlNode) -> Vec<StepKind> {
    let named = |word: &String| StepKind::ALL.into_iter().find(|kind| kind.word() == word);
    words(node).iter().filter_map(named).collect()
}

fn child<'a>(node: &'a KdlNode, name: &str) -> Option<&'a KdlNode> {
    node.children()?.get(name)
}

fn text(node: &KdlNode, name: &str) -> Option<String> {
    node.get(name).map(plain)
}

fn flag(node: &KdlNode, name: &str) -> Option<bool> {
    node.get(name)?.as_bool()
}

fn plain(value: &KdlValue) -> String {
    match value {
        KdlValue::String(text) => text.clone(),
        KdlValue::Integer(number) => number.to_string(),
        KdlValue::Float(number) => number.to_string(),
        KdlValue::Bool(flag) => flag.to_string(),
        KdlValue::Null => String::new(),
    }
}
