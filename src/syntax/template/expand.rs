//! Putting a template's nodes where a `use` wants them.

use std::collections::{BTreeMap, BTreeSet};

use super::fill::fill;
use super::{Template, Templates, line};
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::source::{Span, Spanned};
use crate::syntax::grammar::GRAMMAR;
use crate::syntax::lost::Lost;
use crate::syntax::tree::RawNode;

pub(super) struct Walk<'a, 'b> {
    pub templates: &'b Templates<'a>,
    pub used: &'b mut BTreeSet<&'a str>,
    /// Templates being pasted, outermost first.
    pub open: Vec<&'a str>,
    pub lines: &'b mut Vec<RawNode>,
    pub lost: &'b mut Lost,
    pub out: &'b mut Diagnostics,
}

impl<'a, 'b> Walk<'a, 'b> {
    pub fn expand(&mut self, parent: &mut RawNode) {
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
}
