//! Raw tree -> Document: each node against its rule in the grammar table.

use super::document::{Node, Property};
use super::grammar::{GRAMMAR, Rule, Slot};
use super::tree::{RawEntry, RawNode};
use super::value;
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::graph::StepKind;
use crate::source::SourceMap;

/// Checks all `nodes` as children of `file`. What is wrong is reported and left out.
pub fn check(nodes: &[RawNode], sources: &SourceMap, out: &mut Diagnostics) -> Vec<Node> {
    let mut checker = Checker { sources, out };
    checker.children(nodes, "file", None)
}

struct Checker<'a> {
    sources: &'a SourceMap,
    out: &'a mut Diagnostics,
}

impl Checker<'_> {
    /// `kind` is that of the step around, if the parent is one.
    fn children(&mut self, nodes: &[RawNode], parent: &str, kind: Option<StepKind>) -> Vec<Node> {
        let mut kept: Vec<Node> = Vec::with_capacity(nodes.len());
        for raw in nodes {
            // Templates are gone by now and includes are read; what is left of them is no node of the document.
            if raw.name.value == "include" && parent == "file" {
                self.entries(raw, &[], GRAMMAR.rule("file", "include"));
                continue;
            }
            let Some(rule) = self.rule(raw, parent, kind) else {
                continue;
            };
            if !rule.many
                && let Some(first) = kept.iter().find(|node| node.rule.name == rule.name)
            {
                let message = format!("`{}` may stand only once in a {parent}", rule.name);
                self.report(
                    raw,
                    Diagnostic::new(Code::SyntaxRepeated, raw.name.span, "again here", message)
                        .and(first.span, "first here")
                        .help("remove one of them"),
                );
                continue;
            }
            kept.extend(self.node(raw, rule));
        }
        kept
    }

    fn report(&mut self, raw: &RawNode, diagnostic: Diagnostic) {
        let both = match raw.pasted_by {
            Some(usage) => diagnostic.and(usage, "pasted here"),
            None => diagnostic,
        };
        self.out.push(both);
    }

    fn rule(&mut self, raw: &RawNode, parent: &str, kind: Option<StepKind>) -> Option<&'static Rule> {
        let name = raw.name.value.as_str();
        let Some(rule) = GRAMMAR.rule(parent, name) else {
            let places: Vec<&str> = GRAMMAR.parents(name).collect();
            let place = if parent == "file" {
                "at the top level".to_owned()
            } else {
                format!("in a {parent}")
            };
            let help = if places.is_empty() {
                suggest::did_you_mean(name, GRAMMAR.children(parent))
            } else {
                let places = places
                    .iter()
                    .map(|place| format!("`{place}`"))
                    .collect::<Vec<_>>()
                    .join(", ");
                Some(format!("`{name}` stands in {places}"))
            };
            let message = format!("there is no `{name}` {place}");
            let found =
                Diagnostic::new(Code::SyntaxNode, raw.name.span, "not known here", message).maybe_help(help);
            self.report(raw, found);
            return None;
        };
        if let Some(kind) = kind.filter(|kind| !rule.allowed_in(*kind)) {
            let message = format!("a {} step has no `{name}`", kind.word());
            let allowed: Vec<&str> = StepKind::ALL
                .into_iter()
                .filter(|k| rule.allowed_in(*k))
                .map(StepKind::word)
                .collect();
            let found = Diagnostic::new(
                Code::SyntaxKind,
                raw.name.span,
                "not for this kind of step",
                message,
            )
            .help(format!("it is for {}", allowed.join(", ")));
            self.report(raw, found);
            return None;
        }
        Some(rule)
    }

    fn node(&mut self, raw: &RawNode, rule: &'static Rule) -> Option<Node> {
        let promised = self.promise(raw, rule);
        let (arguments, properties) = self.entries(raw, promised.as_slice(), Some(rule));
        let node_kind = (rule.name == "step").then(|| step_kind(raw));
        let mut children = Vec::new();
        if !rule.any_children {
            children = self.children(&raw.children, &rule.name, node_kind);
        }
        let node = Node {
            rule,
            span: raw.name.span,
            whole: raw.whole,
            arguments,
            properties,
            children,
        };
        let groups = std::iter::once(rule).chain(promised);
        let sound = groups
            .map(|rule| self.groups(raw, rule))
            .fold(true, |all, one| all & one);
        sound.then_some(node)
    }

    /// What follows `promise KIND`.
    fn promise(&mut self, raw: &RawNode, rule: &Rule) -> Option<&'static Rule> {
        if !matches!(rule.name.as_str(), "promise" | "prefer") {
            return None;
        }
        GRAMMAR.promise(raw.title()?.value)
    }

    /// Arguments and properties, read as `rule` (and, for promises, the rule of the kind) demands.
    fn entries(&mut self, raw: &RawNode, more: &[&'static Rule], rule: Option<&'static Rule>) -> Read {
        let rules: Vec<&'static Rule> = rule.into_iter().chain(more.iter().copied()).collect();
        let mut arguments = Vec::new();
        let slots: Vec<&'static Slot> = rules.iter().flat_map(|rule| &rule.arguments).collect();
        let typed: Vec<&RawEntry> = raw.entries.iter().filter(|entry| entry.name.is_none()).collect();
        for (index, entry) in typed.iter().enumerate() {
            match slots.get(index).or_else(|| slots.last().filter(|slot| slot.many)) {
                Some(slot) => arguments.extend(value::read(entry, slot, self.sources, self.out)),
                None => {
                    let message = format!("`{}` takes {}", raw.name.value, count(slots.len(), "argument"));
                    let found = Diagnostic::new(Code::SyntaxArgument, entry.span, "one too many", message);
                    self.report(raw, found);
                }
            }
        }
        let missing = slots.get(typed.len()).filter(|slot| slot.required);
        if let Some(slot) = missing {
            let message = format!("`{}` needs {}", raw.name.value, slot.ty.phrase());
            let found = Diagnostic::new(
                Code::SyntaxArgument,
                raw.name.span,
                format!("`{}` is missing", slot.name),
                message,
            );
            self.report(raw, found);
        }
        (arguments, self.properties(raw, &rules))
    }

    fn properties(&mut self, raw: &RawNode, rules: &[&'static Rule]) -> Vec<Property> {
        let mut kept: Vec<Property> = Vec::new();
        let open = rules.iter().any(|rule| rule.open);
        for entry in &raw.entries {
            let Some(name) = &entry.name else { continue };
            if let Some(first) = kept.iter().find(|property| property.name.value == name.value) {
                let message = format!("`{}` is given twice", name.value);
                let found = Diagnostic::new(Code::SyntaxRepeated, name.span, "again here", message)
                    .and(first.name.span, "first here");
                self.report(raw, found.help("remove one of them"));
                continue;
            }
            let known = rules.iter().find_map(|rule| rule.property(&name.value));
            let any = Slot::any(&name.value);
            let Some(slot) = known.or(open.then_some(&any)) else {
                let all = rules
                    .iter()
                    .flat_map(|rule| &rule.properties)
                    .map(|slot| slot.name.as_str());
                let message = format!("`{}` has no property `{}`", raw.name.value, name.value);
                let help = suggest::did_you_mean(&name.value, all);
                let found = Diagnostic::new(Code::SyntaxProperty, name.span, "not known here", message)
                    .maybe_help(help);
                self.report(raw, found);
                continue;
            };
            if let Some(of) = slot
                .of
                .as_deref()
                .filter(|of| !open && raw.title().is_none_or(|title| title.value != *of))
            {
                let message = format!("`{}` is only for `{} {of}`", name.value, raw.name.value);
                let found = Diagnostic::new(Code::SyntaxProperty, name.span, "not known here", message);
                self.report(raw, found);
                continue;
            }
            if let Some(value) = value::read(entry, slot, self.sources, self.out) {
                kept.push(Property {
                    name: name.clone(),
                    value,
                });
            }
        }
        for slot in rules
            .iter()
            .flat_map(|rule| &rule.properties)
            .filter(|slot| slot.required)
        {
            if raw.property(&slot.name).is_none() {
                let message = format!("`{}` needs `{}=`", raw.name.value, slot.name);
                let found = Diagnostic::new(
                    Code::SyntaxMissing,
                    raw.name.span,
                    format!("`{}=` is missing", slot.name),
                    message,
                )
                .help(format!("add `{}=` with {}", slot.name, slot.ty.phrase()));
                self.report(raw, found);
            }
        }
        kept
    }

    /// Parts that exclude each other, and parts of which one must be there.
    fn groups(&mut self, raw: &RawNode, rule: &Rule) -> bool {
        let mut sound = true;
        let place = |name: &str| part(raw, rule, name);
        for (group, needed) in rule
            .either
            .iter()
            .map(|g| (g, true))
            .chain(rule.at_most_one.iter().map(|g| (g, false)))
        {
            let present: Vec<_> = group
                .iter()
                .filter_map(|name| Some((name, place(name)?)))
                .collect();
            if let [(first, first_span), (second, second_span), ..] = present.as_slice() {
                let message = format!("`{first}` and `{second}` exclude each other");
                let found = Diagnostic::new(Code::SyntaxConflict, *second_span, "this one", message)
                    .and(*first_span, "and this one");
                self.report(raw, found.help("remove one of them"));
                sound = false;
            } else if needed && present.is_empty() {
                let names = group
                    .iter()
                    .map(|name| format!("`{name}`"))
                    .collect::<Vec<_>>()
                    .join(" or ");
                let message = format!("`{}` needs {names}", raw.name.value);
                let found = Diagnostic::new(
                    Code::SyntaxMissing,
                    raw.name.span,
                    format!("{names} is missing"),
                    message,
                );
                self.report(raw, found);
                sound = false;
            }
        }
        sound
    }
}

type Read = (Vec<crate::source::Spanned<super::document::Value>>, Vec<Property>);

/// Where the argument, property or child called `name` stands, if it is there.
fn part(raw: &RawNode, rule: &Rule, name: &str) -> Option<crate::source::Span> {
    if let Some(entry) = raw.property(name) {
        return entry.name.as_ref().map(|name| name.span);
    }
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

/// The kind of a step, as far as it can be read; a wrong word is reported where the property is read.
fn step_kind(raw: &RawNode) -> StepKind {
    let word = raw.property("kind").map(|entry| entry.value.to_string());
    let kind = word.and_then(|word| StepKind::ALL.into_iter().find(|kind| kind.word() == word));
    kind.unwrap_or(StepKind::Task)
}

fn count(n: usize, what: &str) -> String {
    match n {
        0 => format!("no {what}"),
        1 => format!("one {what}"),
        n => format!("{n} {what}s"),
    }
}
