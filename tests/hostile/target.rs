//! Places in a program that take a text, and putting another text there.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use kdl::{KdlDocument, KdlEntry, KdlValue};
use portolan::syntax::grammar::{GRAMMAR, Rule};

/// All places of one text: a text that stands in several is a reference, and is changed everywhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// The text as it is.
    pub text: String,
    /// What it is part of, if not all of it: conditions and queries have texts of their own inside.
    pub quoting: Option<Quoting>,
    /// `step/env argument value`
    pub places: Vec<String>,
    /// Which of the [`spots`] of the program.
    pub spots: BTreeSet<usize>,
}

/// Where one text stands.
pub struct Spot {
    /// `step/env argument value`
    place: String,
    /// The text.
    text: String,
    /// It has references.
    formatted: bool,
    /// Its bytes, in the text that the document was read from.
    pub range: Range<usize>,
}

/// How a text is written inside another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quoting {
    /// In single quotes, which it cannot have itself.
    Condition,
    /// In double quotes, with backslashes.
    Promql,
    /// Beside references, with doubled braces.
    Formatted,
}

const INNER: [(&str, Quoting); 2] = [
    ("text in a condition", Quoting::Condition),
    ("matched by a query", Quoting::Promql),
];

/// All targets of a program.
pub fn targets(program: &KdlDocument) -> Vec<Target> {
    let mut found: BTreeMap<String, Target> = BTreeMap::new();
    for (index, spot) in spots(program).into_iter().enumerate() {
        for (text, quoting) in spot.parts() {
            let new = Target {
                text: text.clone(),
                quoting,
                places: Vec::new(),
                spots: BTreeSet::new(),
            };
            let target = found.entry(text).or_insert(new);
            target.spots.insert(index);
            if !target.places.contains(&spot.place) {
                target.places.push(spot.place.clone());
            }
        }
    }
    found.into_values().collect()
}

impl Spot {
    /// What can be changed: the whole, and a text inside it.
    fn parts(&self) -> Vec<(String, Option<Quoting>)> {
        if self.formatted {
            let literals = self.text.split(['{', '}']).step_by(2);
            let longest = literals
                .max_by_key(|literal| literal.len())
                .filter(|literal| !literal.is_empty());
            return longest
                .map(|literal| (literal.to_owned(), Some(Quoting::Formatted)))
                .into_iter()
                .collect();
        }
        let inner = INNER.iter().filter(|(inner, _)| self.text.contains(inner));
        let inner = inner.map(|(inner, quoting)| ((*inner).to_owned(), Some(*quoting)));
        inner.chain([(self.text.clone(), None)]).collect()
    }
}

/// All places of texts, always in the same order.
pub fn spots(program: &KdlDocument) -> Vec<Spot> {
    let mut found = Vec::new();
    walk(program, "file", &mut |spot| found.push(spot));
    found
}

/// Calls `then` with each place of a text: values, and names of properties where any name may stand.
fn walk(document: &KdlDocument, parent: &str, then: &mut impl FnMut(Spot)) {
    for node in document.nodes() {
        let name = node.name().value();
        let rule = GRAMMAR.rule(parent, name);
        let mut position = 0;
        for entry in node.entries() {
            let place = place(parent, name, rule, entry, &mut position);
            let range = entry.span().offset()..entry.span().offset() + entry.span().len();
            if let KdlValue::String(text) = entry.value() {
                then(Spot {
                    place,
                    text: text.clone(),
                    formatted: entry.ty().is_some(),
                    range: range.clone(),
                });
            }
            if let (Some(rule), Some(property)) = (rule, entry.name())
                && rule.open.is_some()
                && rule.property(property.value()).is_none()
            {
                then(Spot {
                    place: format!("{parent}/{name} any name"),
                    text: property.value().to_owned(),
                    formatted: false,
                    range,
                });
            }
        }
        if let Some(children) = node.children() {
            // What stands in a template is looked up where the template is used.
            walk(children, if name == "template" { "step" } else { name }, then);
        }
    }
}

fn place(parent: &str, name: &str, rule: Option<&Rule>, entry: &KdlEntry, position: &mut usize) -> String {
    if let Some(property) = entry.name() {
        return format!("{parent}/{name} {}", property.value());
    }
    let arguments = rule.map(|rule| rule.arguments.as_slice()).unwrap_or_default();
    let slot = arguments.get(*position).or(arguments.last());
    *position += 1;
    format!(
        "{parent}/{name} argument {}",
        slot.map_or("?", |slot| slot.name.as_str())
    )
}

impl Target {
    /// True if `text` can be written there at all.
    pub fn can_hold(&self, text: &str) -> bool {
        match self.quoting {
            // A condition has no way to write a quote in a text.
            Some(Quoting::Condition) => !text.contains('\''),
            // To PromQL, an empty text is a label that is not there.
            Some(Quoting::Promql) => !text.is_empty(),
            Some(Quoting::Formatted) | None => true,
        }
    }

    /// `known` with `text` in the place of the target, if it is there.
    fn replaced(&self, known: &str, text: &str) -> Option<String> {
        let inner = match self.quoting {
            None => return (known == self.text).then(|| text.to_owned()),
            Some(Quoting::Condition) => text.to_owned(),
            Some(Quoting::Formatted) => text.replace('{', "{{").replace('}', "}}"),
            Some(Quoting::Promql) => text
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n"),
        };
        known
            .contains(&self.text)
            .then(|| known.replace(&self.text, &inner))
    }
}

/// Puts each text in the place of its target.
pub fn replace(program: &mut KdlDocument, texts: &[(&Target, String)]) {
    let change = |known: &str| {
        texts
            .iter()
            .find_map(|(target, text)| target.replaced(known, text))
    };
    for node in program.nodes_mut() {
        for entry in node.entries_mut() {
            if let KdlValue::String(known) = entry.value()
                && let Some(text) = change(known)
            {
                set(entry, &text);
            }
            if let Some(name) = entry.name_mut()
                && let Some(text) = change(name.value())
            {
                name.set_repr(quoted(&text));
                name.set_value(text);
            }
        }
        if let Some(children) = node.children_mut() {
            replace(children, texts);
        }
    }
}

fn set(entry: &mut KdlEntry, text: &str) {
    entry.set_value(text);
    if let Some(format) = entry.format_mut() {
        format.value_repr = quoted(text);
    }
}

/// As an author would have to type it: KDL takes no invisible character as it is.
fn quoted(text: &str) -> String {
    let mut made = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => made.extend(['\\', character]),
            ' ' => made.push(' '),
            plain if plain.is_ascii_graphic() || plain.is_alphanumeric() => made.push(plain),
            other => made.push_str(&format!("\\u{{{:x}}}", other as u32)),
        }
    }
    made + "\""
}
