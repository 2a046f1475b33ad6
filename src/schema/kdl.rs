//! The language as a KDL Schema document, for editors and other readers of KDL.
//!
//! <https://github.com/kdl-org/kdl/blob/main/SCHEMA-SPEC.md>. What spans nodes, and the form of texts, is beyond it.

use crate::syntax::grammar::{GRAMMAR, Rule, Slot, TOP, Type};

/// The schema's text.
pub fn document() -> String {
    let mut schema = Writer::default();
    schema.line("// Made from schema/grammar.kdl by `portolan schema kdl`.");
    schema.open("document");
    schema.open("info");
    schema.line("title \"Portolan\" lang=en");
    schema.line("description \"Machine-learning pipelines and the platforms they run on\" lang=en");
    schema.close();
    schema.references(TOP);
    schema.open("definitions");
    for (index, rule) in GRAMMAR.rules.iter().enumerate() {
        schema.node(rule, &id(index, rule));
    }
    schema.close();
    schema.close();
    schema.text
}

/// A rule's name, with its first parent where an earlier rule has that name too.
fn id(index: usize, rule: &Rule) -> String {
    let earlier = GRAMMAR
        .rules
        .iter()
        .take(index)
        .any(|other| other.name == rule.name);
    match rule.parents.first() {
        Some(parent) if earlier => format!("{}-in-{parent}", rule.name),
        Some(_) | None => rule.name.clone(),
    }
}

#[derive(Default)]
struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    fn line(&mut self, line: &str) {
        self.text.push_str(&"    ".repeat(self.depth));
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn open(&mut self, head: &str) {
        self.line(&format!("{head} {{"));
        self.depth += 1;
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.line("}");
    }

    fn node(&mut self, rule: &Rule, id: &str) {
        let description = quoted(&rule.doc);
        self.open(&format!(
            "node {} id={} description={description}",
            rule.name,
            quoted(id)
        ));
        if !rule.many {
            self.line("max 1");
        }
        self.values(rule);
        let promised = matches!(rule.name.as_str(), "promise" | "prefer");
        let kinds = GRAMMAR.promises.iter().filter(|_| promised);
        let mut seen: Vec<&str> = Vec::new();
        for slot in rule
            .properties
            .iter()
            .chain(kinds.flat_map(|kind| &kind.properties))
        {
            if !seen.contains(&slot.name.as_str()) {
                seen.push(&slot.name);
                self.property(slot);
            }
        }
        if rule.open.is_some() {
            self.line("other-props-allowed #true");
        }
        if rule.any_children {
            self.open("children");
            self.line("other-nodes-allowed #true");
            self.close();
        } else if GRAMMAR.children(&rule.name).next().is_some() {
            self.open("children");
            self.references(&rule.name);
            self.close();
        }
        self.close();
    }

    /// All nodes that may stand in `parent`.
    fn references(&mut self, parent: &str) {
        for (index, rule) in GRAMMAR.rules.iter().enumerate() {
            if rule.parents.iter().any(|own| own == parent) {
                self.line(&format!("node ref=#\"[id=\"{}\"]\"#", id(index, rule)));
            }
        }
    }

    /// A schema describes all arguments of a node at once: what they have in common.
    fn values(&mut self, rule: &Rule) {
        let arguments = &rule.arguments;
        let required = arguments.iter().filter(|slot| slot.required).count();
        let promised = matches!(rule.name.as_str(), "promise" | "prefer");
        let many = promised || arguments.iter().any(|slot| slot.many);
        if arguments.is_empty() {
            return;
        }
        self.open("value");
        self.line(&format!("min {required}"));
        if !many {
            self.line(&format!("max {}", arguments.len()));
        }
        let mut kinds: Vec<_> = arguments.iter().map(|slot| json_type(slot.ty)).collect();
        kinds.dedup();
        if let ([Some(kind)], false) = (kinds.as_slice(), promised) {
            self.line(&format!("type {kind}"));
        }
        if let [slot] = arguments.as_slice()
            && !promised
        {
            self.choice(slot);
        }
        self.close();
    }

    fn property(&mut self, slot: &Slot) {
        self.open(&format!("prop {}", slot.name));
        if slot.required {
            self.line("required #true");
        }
        if let Some(kind) = json_type(slot.ty) {
            self.line(&format!("type {kind}"));
        }
        self.choice(slot);
        self.close();
    }

    fn choice(&mut self, slot: &Slot) {
        if !slot.one_of.is_empty() {
            let words: Vec<String> = slot.one_of.iter().map(|word| quoted(word)).collect();
            self.line(&format!("enum {}", words.join(" ")));
        }
    }
}

/// The schema language's name of a type's values; none if they are of several.
fn json_type(ty: Type) -> Option<&'static str> {
    match ty {
        Type::Integer | Type::Number => Some("number"),
        Type::Boolean => Some("boolean"),
        Type::Scalar | Type::CountOrPercent => None,
        _ => Some("string"),
    }
}

fn quoted(text: &str) -> String {
    kdl::KdlValue::String(text.to_owned()).to_string()
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test that panics is a test that fails")]
mod tests {
    #[test]
    fn every_reference_has_its_definition() {
        let text = super::document();
        let schema = kdl::KdlDocument::parse_v2(&text).expect("the schema is KDL");
        let document = schema
            .get("document")
            .and_then(|node| node.children())
            .expect("a document");
        let definitions = document
            .get("definitions")
            .and_then(|node| node.children())
            .expect("definitions");
        let ids: Vec<String> = definitions
            .nodes()
            .iter()
            .filter_map(|node| Some(node.get("id")?.as_string()?.to_owned()))
            .collect();
        let unique: std::collections::BTreeSet<&String> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "ids are unique");
        let mut references = 0;
        for node in definitions
            .nodes()
            .iter()
            .filter_map(|node| node.children()?.get("children"))
        {
            for child in node
                .children()
                .map(|children| children.nodes())
                .unwrap_or_default()
            {
                let Some(selector) = child.get("ref").and_then(|value| value.as_string()) else {
                    continue;
                };
                references += 1;
                assert!(
                    ids.iter().any(|id| selector == format!("[id=\"{id}\"]")),
                    "{selector}"
                );
            }
        }
        assert!(references > 100, "{references}");
    }
}
