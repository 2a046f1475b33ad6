//! Parts that exclude each other, and parts of which one must be there.

use super::Checker;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::grammar::{GRAMMAR, Rule};
use crate::syntax::tree::RawNode;

impl Checker<'_> {
    /// Checks the groups of `rule`. Of a damaged node, the part that is missing may be the one that was left out.
    pub(super) fn groups(&mut self, raw: &RawNode, rule: &Rule, damaged: bool) {
        for group in &rule.either {
            self.exclude(raw, rule, group);
            if !damaged && group.iter().all(|name| part(raw, rule, name).is_none()) {
                let names: Vec<String> = group.iter().map(|name| shown(rule, name)).collect();
                let names = names.join(" or ");
                let what = if rule.name == raw.name.value {
                    raw.name.value.clone()
                } else {
                    format!("{} {}", raw.name.value, rule.name)
                };
                let message = format!("`{what}` needs {names}");
                let found = Diagnostic::new(
                    Code::SyntaxMissing,
                    raw.name.span,
                    format!("{names} is missing"),
                    message,
                );
                self.report(raw, found);
            }
        }
        for group in &rule.at_most_one {
            self.exclude(raw, rule, group);
        }
    }

    fn exclude(&mut self, raw: &RawNode, rule: &Rule, group: &[String]) {
        let present: Vec<(&String, Span)> = group
            .iter()
            .filter_map(|name| Some((name, part(raw, rule, name)?)))
            .collect();
        if let [(first, first_span), (second, second_span), ..] = present.as_slice() {
            let message = format!(
                "{} and {} exclude each other",
                shown(rule, first),
                shown(rule, second)
            );
            let found = Diagnostic::new(Code::SyntaxConflict, *second_span, "this one", message)
                .and(*first_span, "and this one");
            self.report(raw, found.help("remove one of them"));
        }
    }
}

/// A part as one would write it: `by=`, an argument, or a child.
fn shown(rule: &Rule, name: &str) -> String {
    if rule.property(name).is_some() {
        format!("`{name}=`")
    } else if rule.arguments.iter().any(|slot| slot.name == name) {
        format!("a {name}")
    } else {
        format!("`{name}`")
    }
}

/// Where the argument, property or child called `name` stands, if it is there.
fn part(raw: &RawNode, rule: &Rule, name: &str) -> Option<Span> {
    if let Some(entry) = raw.property(name) {
        return entry.name.as_ref().map(|name| name.span);
    }
    // The arguments of a promise follow its kind.
    let kind = usize::from(
        GRAMMAR
            .promise(&rule.name)
            .is_some_and(|own| std::ptr::eq(own, rule)),
    );
    if let Some(index) = rule.arguments.iter().position(|slot| slot.name == name) {
        let entry = raw
            .entries
            .iter()
            .filter(|entry| entry.name.is_none())
            .nth(index + kind);
        return entry.map(|entry| entry.span);
    }
    raw.children
        .iter()
        .find(|child| child.name.value == name)
        .map(|child| child.name.span)
}
