//! Raw tree -> Document: each node against its rule in the grammar table.
//!
//! Whatever is reported is read on as what it was probably meant to be, so that one mistake gives one message. What
//! cannot be read at all is noted as lost.

mod entries;
mod groups;
mod promise;

use promise::{head, is_promise};

use super::document::Node;
use super::grammar::{GRAMMAR, Rule, TOP};
use super::lost::Lost;
use super::template::Pasted;
use super::tree::{RawEntry, RawNode, RawValue};
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::source::{SourceMap, Span};
use crate::syntax::StepKind;

/// Checks all nodes as those of files. What is wrong is reported; what is left out is noted in `lost`.
pub fn check(pasted: &Pasted, sources: &SourceMap, lost: &mut Lost, out: &mut Diagnostics) -> Vec<Node> {
    let mut checker = Checker { sources, lost, out };
    for line in &pasted.lines {
        checker.line(line);
    }
    checker.children(&pasted.nodes, Place::File).0
}

/// Where a node stands.
#[derive(Clone, Copy)]
enum Place<'a> {
    /// At the top level.
    File,
    /// In a node of this name.
    Node(&'a str),
    /// In a step; of which kind, if that can be read.
    Step(Option<StepKind>),
}

impl<'a> Place<'a> {
    /// The name of the parent in the table.
    fn parent(self) -> &'a str {
        match self {
            Place::File => TOP,
            Place::Node(name) => name,
            Place::Step(_) => "step",
        }
    }

    fn kind(self) -> Option<StepKind> {
        match self {
            Place::Step(kind) => kind,
            Place::File | Place::Node(_) => None,
        }
    }
}

struct Checker<'a> {
    sources: &'a SourceMap,
    lost: &'a mut Lost,
    out: &'a mut Diagnostics,
}

impl Checker<'_> {
    /// The nodes that could be read, and whether any could not.
    fn children(&mut self, nodes: &[RawNode], place: Place<'_>) -> (Vec<Node>, bool) {
        let mut kept: Vec<Node> = Vec::with_capacity(nodes.len());
        let mut damaged = false;
        for typed in nodes {
            let split = self.split(typed, place);
            let raw = split.as_ref().unwrap_or(typed);
            // Includes are read by now; what is left of them is no node of the document.
            if raw.name.value == "include" && place.parent() == TOP {
                self.line(raw);
                continue;
            }
            let Some(rule) = self.rule(raw, place) else {
                self.lose(raw.whole);
                damaged = true;
                continue;
            };
            damaged |= raw.name.value != rule.name || split.is_some();
            let same = |node: &&Node| node.rule.name == rule.name;
            // Not asked where many are allowed: a pipeline may have thousands of steps.
            let first = (!rule.many).then(|| kept.iter().find(same)).flatten();
            match first.map(|node| node.span) {
                Some(first) => self.repeated(raw, rule, first, place),
                None => kept.push(self.node(raw, rule, place)),
            }
        }
        (kept, damaged)
    }

    /// A node that has done its work: only what stands on its line is checked.
    fn line(&mut self, raw: &RawNode) {
        let rules = match raw.name.value.as_str() {
            "parameter" => GRAMMAR.rule("template", "parameter"),
            "use" => GRAMMAR.rule("template", "use"),
            "include" => GRAMMAR.rule(TOP, "include"),
            // Also where the name is misspelt, which is reported.
            _ => GRAMMAR.rule(TOP, "template"),
        };
        let rules: Vec<&'static Rule> = rules.into_iter().collect();
        self.entries(raw, &rules);
    }

    fn report(&mut self, raw: &RawNode, diagnostic: Diagnostic) {
        let both = match raw.pasted_by {
            Some(usage) => diagnostic.and(usage, "pasted here"),
            None => diagnostic,
        };
        self.out.push(both);
    }

    fn lose(&mut self, span: Span) {
        self.lost.note(self.sources.text(span));
    }

    fn repeated(&mut self, raw: &RawNode, rule: &Rule, first: Span, place: Place<'_>) {
        self.lose(raw.whole);
        // A misspelt name is reported already.
        if raw.name.value != rule.name {
            return;
        }
        let message = format!(
            "`{}` may stand only once in {}",
            rule.name,
            article(place.parent())
        );
        let found = Diagnostic::new(Code::SyntaxRepeated, raw.name.span, "again here", message)
            .and(first, "first here")
            .fix(raw.whole, "");
        self.report(raw, found.help("remove one of them"));
    }

    /// Reports a node whose name and first argument are one word, and takes them apart.
    fn split(&mut self, raw: &RawNode, place: Place<'_>) -> Option<RawNode> {
        let (name, parent) = (raw.name.value.as_str(), place.parent());
        let known = GRAMMAR.rule(parent, name).is_some()
            || GRAMMAR.parents(name).next().is_some()
            || raw.title().is_some();
        if known {
            return None;
        }
        let starts = GRAMMAR.children(parent).filter(|child| name.starts_with(child));
        let node = starts.max_by_key(|child| child.len())?;
        GRAMMAR
            .rule(parent, node)
            .filter(|rule| !rule.arguments.is_empty())?;
        let rest = name.get(node.len()..)?.trim_start_matches([':', '-', '_', '=']);
        let message = no_such(name, place);
        let found = Diagnostic::new(
            Code::SyntaxNode,
            raw.name.span,
            "a space is missing in this",
            message,
        );
        let found = found.fix(raw.name.span, format!("{node} {}", suggest::word(rest)));
        self.report(raw, found.help(format!("write `{node} {rest}`")));
        let mut split = raw.clone();
        split.name.value = node.to_owned();
        let title = RawEntry {
            name: None,
            value: RawValue::Text(rest.to_owned()),
            span: raw.name.span.part(name.len() - rest.len(), rest.len()),
            annotation: None,
        };
        split.entries.insert(0, title);
        Some(split)
    }

    /// The rule of a node. A name that is nearly one of those possible here is reported and taken for it.
    fn rule(&mut self, raw: &RawNode, place: Place<'_>) -> Option<&'static Rule> {
        let (name, parent) = (raw.name.value.as_str(), place.parent());
        if let Some(rule) = GRAMMAR.rule(parent, name) {
            return Some(rule);
        }
        let places: Vec<String> = GRAMMAR.parents(name).map(article).collect();
        let near = suggest::nearest(name, GRAMMAR.children(parent)).filter(|_| places.is_empty());
        let help = places.split_last().map(|(last, others)| match others {
            [] => format!("`{name}` stands in {last}"),
            others => format!("`{name}` stands in {} or {last}", others.join(", ")),
        });
        let message = no_such(name, place);
        let label = if places.is_empty() {
            "not a node of the language"
        } else {
            "does not stand here"
        };
        let found = Diagnostic::new(Code::SyntaxNode, raw.name.span, label, message);
        self.report(raw, found.maybe_help(help).did_you_mean(near));
        GRAMMAR.rule(parent, near?)
    }

    fn node(&mut self, raw: &RawNode, rule: &'static Rule, place: Place<'_>) -> Node {
        self.kind(raw, rule, place);
        let promised = self.promise(raw, rule, place);
        let unclear = promised.is_none() && is_promise(rule);
        let head = unclear.then(|| head(raw));
        let raw = head.as_ref().unwrap_or(raw);
        let rules: Vec<&'static Rule> = std::iter::once(rule).chain(promised).collect();
        let joined = self.join(raw, &rules);
        let raw = joined.as_ref().unwrap_or(raw);
        let read = self.entries(raw, &rules);
        let (mut children, mut damaged) = (Vec::new(), read.damaged || raw.damaged);
        if !rule.any_children {
            let inside = if rule.name == "step" {
                Place::Step(step_kind(raw))
            } else {
                Place::Node(&rule.name)
            };
            let (kept, lost) = self.children(&raw.children, inside);
            children = kept;
            damaged |= lost;
        }
        // Nobody can refer to what has no name, nor to what it declares.
        if read.arguments.is_empty() && rule.arguments.first().is_some_and(|slot| slot.required) {
            self.lose(raw.whole);
        }
        for rule in rules {
            self.groups(raw, rule, damaged);
        }
        Node {
            rule,
            span: raw.name.span,
            whole: raw.whole,
            damaged,
            arguments: read.arguments,
            properties: read.properties,
            children,
        }
    }

    fn kind(&mut self, raw: &RawNode, rule: &Rule, place: Place<'_>) {
        let Some(kind) = place.kind().filter(|kind| !rule.allowed_in(*kind)) else {
            return;
        };
        let message = format!("a step of kind `{}` has no `{}`", kind.word(), rule.name);
        let help = format!("`{}` is for {}", rule.name, kinds(rule));
        let found = Diagnostic::new(
            Code::SyntaxKind,
            raw.name.span,
            "not for this kind of step",
            message,
        );
        self.report(raw, found.help(help));
    }
}

fn no_such(name: &str, place: Place<'_>) -> String {
    match place {
        Place::File => format!("there is no `{name}` at the top level"),
        Place::Node(_) | Place::Step(_) => format!("there is no `{name}` in {}", article(place.parent())),
    }
}

/// The kinds of step a rule is for, as a list to read.
fn kinds(rule: &Rule) -> String {
    let allowed = StepKind::ALL.into_iter().filter(|kind| rule.allowed_in(*kind));
    let words: Vec<String> = allowed.map(|kind| format!("`{}`", kind.word())).collect();
    words.join(", ")
}

/// ``a `step` ``, ``an `each` ``; the top level has no article.
fn article(node: &str) -> String {
    match node {
        TOP => "the top level".to_owned(),
        vowel if vowel.starts_with(['a', 'e', 'i', 'o']) => format!("an `{node}`"),
        "defaults" | "nodes" => format!("`{node}`"),
        _ => format!("a `{node}`"),
    }
}

/// The kind of a step, as far as it can be read; a wrong word is reported where the property is read.
fn step_kind(raw: &RawNode) -> Option<StepKind> {
    let Some(word) = raw.property("kind").map(|entry| entry.value.to_string()) else {
        return Some(StepKind::Task);
    };
    let word = suggest::nearest(&word, StepKind::ALL.into_iter().map(StepKind::word))?;
    StepKind::ALL.into_iter().find(|kind| kind.word() == word)
}
