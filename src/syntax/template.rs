//! Templates: `use` pastes the nodes of a `template`, with its parameters filled in, as if they were typed there.

mod fill;
mod parameter;

use std::collections::BTreeMap;

use fill::fill;
use parameter::{Parameter, parameters};

use super::grammar::{GRAMMAR, TOP};
use super::lost::Lost;
use super::tree::{RawEntry, RawNode, RawValue};
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::source::{Span, Spanned};

/// A template's nodes and parameters.
struct Template<'a> {
    node: &'a RawNode,
    /// A line of it was left out.
    torn: bool,
    parameters: BTreeMap<&'a str, Parameter<'a>>,
}

type Templates<'a> = BTreeMap<&'a str, Template<'a>>;

/// A tree without templates.
pub struct Pasted {
    /// Every `use` is replaced; the `template` nodes themselves are dropped.
    pub nodes: Vec<RawNode>,
    /// What is dropped all the same has to be right: each `template`, `parameter` of one and `use`, without children.
    pub lines: Vec<RawNode>,
}

/// Replaces every `use` below `nodes` by what it pastes.
pub fn paste(nodes: Vec<RawNode>, lost: &mut Lost, out: &mut Diagnostics) -> Pasted {
    let (declared, mut rest): (Vec<RawNode>, Vec<RawNode>) =
        nodes.into_iter().partition(|node| is_template(node, out));
    let mut templates: Templates<'_> = BTreeMap::new();
    let mut lines = Vec::new();
    for node in &declared {
        lines.push(line(node));
        lines.extend(
            node.children
                .iter()
                .filter(|child| child.name.value == "parameter")
                .map(line),
        );
        let Some(name) = node.title() else {
            // Its name may be any that others use.
            lost.note_file();
            continue;
        };
        let template = Template {
            node,
            torn: is_torn(node),
            parameters: parameters(node),
        };
        if let Some(first) = templates.insert(name.value, template) {
            let message = format!("two templates are called `{}`", name.value);
            let earlier = first.node.title().map(|title| title.span).unwrap_or_default();
            out.push(
                Diagnostic::new(Code::NameDuplicate, name.span, "again here", message)
                    .and(earlier, "first here"),
            );
        }
    }
    let mut used = std::collections::BTreeSet::new();
    for node in &mut rest {
        let mut walk = Walk {
            templates: &templates,
            used: &mut used,
            open: Vec::new(),
            lines: &mut lines,
            lost: &mut *lost,
            out,
        };
        walk.expand(node);
    }
    for (name, template) in &templates {
        if !used.contains(name) && !lost.may_declare(name) {
            let span = template.node.title().map(|title| title.span).unwrap_or_default();
            let message = format!("nothing uses the template `{name}`");
            out.push(
                Diagnostic::new(Code::NameUnused, span, "never used", message)
                    .help("remove it, or `use` it")
                    .fix(template.node.whole, ""),
            );
        }
    }
    Pasted { nodes: rest, lines }
}

/// A node without its children.
fn line(node: &RawNode) -> RawNode {
    RawNode {
        children: Vec::new(),
        ..node.clone()
    }
}

/// True of a `template`, and of a node that is misspelt and nearly one, which is reported.
fn is_template(node: &RawNode, out: &mut Diagnostics) -> bool {
    let name = node.name.value.as_str();
    let near = || suggest::nearest(name, GRAMMAR.children(TOP)) == Some("template");
    if name == "template" || GRAMMAR.rule(TOP, name).is_some() || !near() {
        return name == "template";
    }
    let message = format!("there is no `{name}` at the top level");
    let found = Diagnostic::new(
        Code::SyntaxNode,
        node.name.span,
        "not a node of the language",
        message,
    );
    out.push(found.did_you_mean(Some("template")));
    true
}

/// True if a node in it is not KDL, or none of the language.
fn is_torn(node: &RawNode) -> bool {
    let unknown = |child: &RawNode| GRAMMAR.parents(&child.name.value).next().is_none();
    node.damaged || node.children.iter().any(|child| unknown(child) || is_torn(child))
}

struct Walk<'a, 'b> {
    templates: &'b Templates<'a>,
    used: &'b mut std::collections::BTreeSet<&'a str>,
    /// Templates being pasted, outermost first.
    open: Vec<&'a str>,
    lines: &'b mut Vec<RawNode>,
    lost: &'b mut Lost,
    out: &'b mut Diagnostics,
}

impl<'a, 'b> Walk<'a, 'b> {
    fn expand(&mut self, parent: &mut RawNode) {
        if !parent.children.iter().any(|child| child.name.value == "use") {
            for child in &mut parent.children {
                self.expand(child);
            }
            return;
        }
        let mut own = Vec::new();
        let mut pasted = Vec::new();
        let mut usages = Vec::new();
        for mut child in std::mem::take(&mut parent.children) {
            if child.name.value == "use" {
                self.lines.push(line(&child));
                parent.damaged |= self.torn(&child);
                match self.pasted(&child) {
                    Some(nodes) => {
                        usages.extend(nodes.iter().map(|_| child.name.span));
                        pasted.extend(nodes);
                    }
                    None => parent.damaged = true,
                }
            } else {
                self.expand(&mut child);
                own.push(child);
            }
        }
        // What stands once and is written beside `use` wins over what is pasted.
        let once = |name: &str| {
            !GRAMMAR
                .rule(&parent.name.value, name)
                .is_some_and(|rule| rule.many)
        };
        let replaced =
            |node: &RawNode| once(&node.name.value) && own.iter().any(|o| o.name.value == node.name.value);
        let kept = pasted.into_iter().zip(usages).filter(|(node, _)| !replaced(node));
        let mut children = self.each_once(&parent.name.value, kept.collect());
        children.extend(own);
        parent.children = children;
    }

    /// Of nodes that may stand once, those of the first `use`; the others are reported, once for each `use`.
    fn each_once(&mut self, parent: &str, pasted: Vec<(RawNode, Span)>) -> Vec<RawNode> {
        let mut first: BTreeMap<String, Span> = BTreeMap::new();
        let mut again: BTreeMap<(Span, Span), Vec<String>> = BTreeMap::new();
        let mut kept = Vec::new();
        for (node, usage) in pasted {
            let name = node.name.value.clone();
            let once = GRAMMAR.rule(parent, &name).is_some_and(|rule| !rule.many);
            let before = *first.entry(name.clone()).or_insert(usage);
            if once && before != usage {
                again
                    .entry((before, usage))
                    .or_default()
                    .push(format!("`{name}`"));
            } else {
                kept.push(node);
            }
        }
        for ((before, usage), names) in again {
            let names = names.join(" and ");
            let message = format!("this brings {names} a second time");
            let found = Diagnostic::new(Code::SyntaxRepeated, usage, "again from here", message)
                .and(before, "first from here");
            self.out.push(found.help(format!(
                "remove one of the two lines, or write {names} here yourself: that replaces what is pasted"
            )));
        }
        kept
    }

    /// True if a line of the template was left out; the names that are given to it may then be lost, too.
    fn torn(&mut self, usage: &RawNode) -> bool {
        let template = usage.title().and_then(|title| self.templates.get(title.value));
        let torn = template.is_none_or(|template| template.torn);
        if torn {
            for entry in usage.entries.iter().filter(|entry| entry.name.is_some()) {
                self.lost.note(&entry.value.to_string());
            }
        }
        torn
    }

    fn pasted(&mut self, usage: &RawNode) -> Option<Vec<RawNode>> {
        let (name, template) = self.template(usage.title()?)?;
        let title = usage.title()?;
        if self.open.contains(&name) {
            let message = format!("the template `{name}` uses itself");
            self.out.push(
                Diagnostic::new(Code::TemplateCircle, title.span, "pasted inside itself", message)
                    .help("take this `use` out of the circle"),
            );
            return None;
        }
        self.used.insert(name);
        let values = self.values(usage, template);
        self.open.push(name);
        let body = template
            .node
            .children
            .iter()
            .filter(|child| child.name.value != "parameter");
        let mut nodes: Vec<RawNode> = body.cloned().collect();
        for node in &mut nodes {
            fill(node, &values, usage.name.span);
        }
        // A template may use templates: expand them in a holder that has the parent's place.
        let mut holder = RawNode {
            children: nodes,
            ..usage.clone()
        };
        self.expand(&mut holder);
        self.open.pop();
        Some(holder.children)
    }

    /// The template of this name. A name that is nearly one is reported and taken for it.
    fn template(&mut self, title: Spanned<&str>) -> Option<(&'a str, &'b Template<'a>)> {
        let templates = self.templates;
        let own = |name: &str| {
            templates
                .get_key_value(name)
                .map(|(name, template)| (*name, template))
        };
        if let Some(found) = own(title.value) {
            return Some(found);
        }
        if self.lost.may_declare(title.value) {
            return None;
        }
        let near = suggest::nearest(title.value, templates.keys().copied());
        let message = format!("there is no template `{}`", title.value);
        self.out.push(
            Diagnostic::new(
                Code::NameUnknown,
                title.span,
                "no template has this name",
                message,
            )
            .did_you_mean(near),
        );
        own(near?)
    }

    /// The value of each parameter at this `use`.
    fn values(&mut self, usage: &RawNode, template: &Template<'a>) -> BTreeMap<String, RawEntry> {
        let mut values = BTreeMap::new();
        for entry in &usage.entries {
            let Some(name) = &entry.name else { continue };
            let parameter = template.parameters.get(name.value.as_str());
            if template.torn || parameter.is_some() {
                let mut entry = entry.clone();
                if let Some(found) = parameter.and_then(|parameter| parameter.mistyped(&name.value, &entry)) {
                    self.out.push(found);
                    entry.value = RawValue::Lost;
                }
                values.insert(name.value.clone(), entry);
            } else {
                let near = suggest::nearest(&name.value, template.parameters.keys().copied());
                if let Some(near) = near {
                    values.entry(near.to_owned()).or_insert_with(|| entry.clone());
                }
                let message = format!("this template has no parameter `{}`", name.value);
                self.out.push(
                    Diagnostic::new(
                        Code::TemplateParameter,
                        name.span,
                        "not one of its parameters",
                        message,
                    )
                    .and(template.node.name.span, "the template")
                    .did_you_mean(near),
                );
            }
        }
        for (name, parameter) in &template.parameters {
            match parameter.default {
                _ if values.contains_key(*name) => {}
                Some(default) => {
                    values.insert((*name).to_owned(), default.clone());
                }
                None => {
                    let message = format!("the template needs a value for `{name}`");
                    self.out.push(
                        Diagnostic::new(
                            Code::TemplateParameter,
                            usage.name.span,
                            "a value is missing here",
                            message,
                        )
                        .and(template.node.name.span, "the template")
                        .help(format!("write `{name}=…` on this line")),
                    );
                    let lost = RawEntry {
                        name: None,
                        value: RawValue::Lost,
                        span: usage.name.span,
                        annotation: None,
                    };
                    values.insert((*name).to_owned(), lost);
                }
            }
        }
        values
    }
}
