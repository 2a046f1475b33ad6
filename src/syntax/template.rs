//! Templates: `use` pastes the nodes of a `template`, with its parameters filled in, as if they were typed there.

mod argument;
mod expand;
mod fill;
mod parameter;

use std::collections::BTreeMap;

use expand::Walk;
use parameter::{Parameter, parameters};

use super::grammar::{GRAMMAR, TOP};
use super::lost::Lost;
use super::tree::RawNode;
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};

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
        let wrong = template.parameters.iter();
        for found in wrong.filter_map(|(name, parameter)| parameter.wrong_default(name)) {
            out.push(found);
        }
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
