//! First look at a pipeline: what is called what, and which fan-outs surround which step.

use std::collections::BTreeMap;

use super::model::{DataId, EachId, StepId, StepKind};
use crate::catalog::Place;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{Span, Spanned};
use crate::syntax::{Document, Lost, Node};

/// Words that name nothing, because conditions use them.
const RESERVED: [&str; 15] = [
    "and", "or", "not", "in", "any", "all", "min", "max", "mean", "sum", "count", "previous", "run", "true",
    "false",
];

/// A pipeline's names and structure. Ids are final: steps are sorted by [`super::order`] before any is given.
#[derive(Debug)]
pub(super) struct Outline<'d> {
    pub node: &'d Node,
    pub name: Spanned<String>,
    pub steps: Vec<StepOutline<'d>>,
    pub each: Vec<EachOutline<'d>>,
    pub data: BTreeMap<String, DataOutline<'d>>,
    pub parameters: BTreeMap<String, &'d Node>,
    /// Where each name of the one name space was given first.
    pub names: BTreeMap<String, (Entity, Span)>,
    /// What was left out of the document because of a mistake; a name in it is not reported as unknown.
    pub lost: Lost,
}

/// What a name stands for; indices are into the outline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Entity {
    Step(usize),
    Data,
    Parameter,
    Each,
    Endpoint,
}

impl Entity {
    pub fn noun(self) -> &'static str {
        match self {
            Entity::Step(_) => "a step",
            Entity::Data => "a data set",
            Entity::Parameter => "a parameter",
            Entity::Each => "the variable of an `each`",
            Entity::Endpoint => "an endpoint",
        }
    }
}

#[derive(Debug)]
pub(super) struct StepOutline<'d> {
    pub node: &'d Node,
    pub name: Spanned<String>,
    pub kind: StepKind,
    /// Its own children, then the pipeline's `defaults` where it does not say its own.
    pub children: Vec<&'d Node>,
    /// Fan-outs around it, outermost first: indices into `Outline::each`.
    pub each: Vec<usize>,
    pub id: StepId,
}

impl<'d> StepOutline<'d> {
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'d Node> + 'a {
        self.children
            .iter()
            .copied()
            .filter(move |child| child.rule.name == name)
    }

    pub fn child(&self, name: &str) -> Option<&'d Node> {
        self.children
            .iter()
            .copied()
            .find(|child| child.rule.name == name)
    }
}

#[derive(Debug)]
pub(super) struct EachOutline<'d> {
    pub node: &'d Node,
    pub variable: Spanned<String>,
    pub parent: Option<usize>,
    pub id: EachId,
}

#[derive(Debug, Default)]
pub(super) struct DataOutline<'d> {
    /// The `data` node.
    pub declared: Option<&'d Node>,
    /// Steps that write it (indices), with their `writes` nodes.
    pub writers: Vec<(usize, &'d Node)>,
    pub id: Option<DataId>,
}

impl DataOutline<'_> {
    /// True if a line about it was left out: what is missing may stand there.
    pub fn damaged(&self, outline: &Outline<'_>) -> bool {
        let nodes = self
            .declared
            .into_iter()
            .chain(self.writers.iter().map(|(_, node)| *node));
        let named = |node: &Node| {
            node.argument_text(0)
                .is_some_and(|name| outline.lost.may_explain(&name.value))
        };
        let torn = |node: &Node| node.damaged || node.children.iter().any(|child| child.damaged);
        nodes.into_iter().any(|node| torn(node) || named(node))
    }

    pub fn span(&self) -> Span {
        let declared = self.declared.or(self.writers.first().map(|(_, node)| *node));
        declared
            .map(|node| node.arguments.first().map_or(node.span, |name| name.span))
            .unwrap_or_default()
    }
}

/// Outlines of all pipelines, by name.
pub(super) fn outlines<'d>(document: &'d Document, out: &mut Diagnostics) -> Vec<Outline<'d>> {
    let mut by_name: BTreeMap<String, Outline<'d>> = BTreeMap::new();
    for node in document.nodes.iter().filter(|node| node.rule.name == "pipeline") {
        let Some(name) = node.argument_text(0) else {
            continue;
        };
        if let Some(first) = by_name.get(&name.value) {
            out.push(duplicate(&name, "a pipeline", first.name.span, "a pipeline"));
            continue;
        }
        by_name.insert(
            name.value.clone(),
            outline(node, name, document.lost.clone(), out),
        );
    }
    by_name.into_values().collect()
}

fn outline<'d>(node: &'d Node, name: Spanned<String>, lost: Lost, out: &mut Diagnostics) -> Outline<'d> {
    let mut outline = Outline {
        node,
        name,
        steps: Vec::new(),
        each: Vec::new(),
        data: BTreeMap::new(),
        parameters: BTreeMap::new(),
        names: BTreeMap::new(),
        lost,
    };
    let defaults = node.child("defaults");
    for child in &node.children {
        let Some(name) = child.argument_text(0) else {
            continue;
        };
        match child.name() {
            "parameter" => {
                declare(&mut outline, &name, Entity::Parameter, out);
                outline.parameters.entry(name.value).or_insert(child);
            }
            "data" => {
                declare(&mut outline, &name, Entity::Data, out);
                let data = outline.data.entry(name.value).or_default();
                data.declared = data.declared.or(Some(child));
            }
            "endpoint" => {
                declare(&mut outline, &name, Entity::Endpoint, out);
            }
            _ => {}
        }
    }
    let mut around = Vec::new();
    steps(&mut outline, node, defaults, &mut around, out);
    outline
}

fn steps<'d>(
    outline: &mut Outline<'d>,
    parent: &'d Node,
    defaults: Option<&'d Node>,
    around: &mut Vec<usize>,
    out: &mut Diagnostics,
) {
    for child in &parent.children {
        match child.name() {
            "step" => step(outline, child, defaults, around, out),
            "each" => {
                let Some(index) = each(outline, child, around, out) else {
                    continue;
                };
                around.push(index);
                steps(outline, child, defaults, around, out);
                around.pop();
            }
            _ => {}
        }
    }
}

fn each<'d>(
    outline: &mut Outline<'d>,
    node: &'d Node,
    around: &[usize],
    out: &mut Diagnostics,
) -> Option<usize> {
    let variable = node.argument_text(0)?;
    // Two fan-outs may share a variable's name when neither is inside the other.
    let known = outline.names.get(&variable.value).map(|(entity, _)| *entity);
    let nested = around.iter().any(|at| {
        outline
            .each
            .get(*at)
            .is_some_and(|e| e.variable.value == variable.value)
    });
    if known != Some(Entity::Each) || nested {
        declare(outline, &variable, Entity::Each, out);
    }
    outline.each.push(EachOutline {
        node,
        variable,
        parent: around.last().copied(),
        id: EachId(0),
    });
    Some(outline.each.len() - 1)
}

fn step<'d>(
    outline: &mut Outline<'d>,
    node: &'d Node,
    defaults: Option<&'d Node>,
    around: &[usize],
    out: &mut Diagnostics,
) {
    let Some(name) = node.argument_text(0) else { return };
    let index = outline.steps.len();
    if !declare(outline, &name, Entity::Step(index), out) {
        // What a second step of this name declares is left out with it.
        let declared = node
            .children
            .iter()
            .filter(|child| matches!(child.name(), "writes" | "emits"));
        for name in declared.filter_map(|child| child.argument_text(0)) {
            outline.lost.note(&name.value);
        }
        outline.lost.note(&name.value);
        return;
    }
    let mut chain = around.to_vec();
    for own in node.all("each") {
        chain.extend(each(outline, own, &chain, out));
    }
    let word = node.word("kind");
    let kind = StepKind::ALL
        .into_iter()
        .find(|kind| kind.word() == word)
        .unwrap_or(StepKind::Task);
    let children = with_defaults(node, defaults, kind);
    for write in children.iter().filter(|child| child.rule.name == "writes") {
        let Some(data) = write.argument_text(0) else {
            continue;
        };
        if !outline.data.contains_key(&data.value) {
            declare(outline, &data, Entity::Data, out);
        }
        outline
            .data
            .entry(data.value)
            .or_default()
            .writers
            .push((index, write));
    }
    outline.steps.push(StepOutline {
        node,
        name,
        kind,
        children,
        each: chain,
        id: StepId(0),
    });
}

/// A step's own children, and those of `defaults` that it does not say itself.
fn with_defaults<'d>(node: &'d Node, defaults: Option<&'d Node>, kind: StepKind) -> Vec<&'d Node> {
    let mut children: Vec<&Node> = node.children.iter().collect();
    let Some(defaults) = defaults else { return children };
    let own_program = node
        .children
        .iter()
        .any(|child| matches!(child.name(), "image" | "build" | "runtime"));
    for default in &defaults.children {
        let name = default.name();
        let program = matches!(name, "image" | "build");
        let key = |node: &Node| match node.name() {
            "retry" => node.word("on"),
            _ => node.argument_text(0).map(|text| text.value).unwrap_or_default(),
        };
        let same = |child: &Node| child.name() == name && (!default.rule.many || key(child) == key(default));
        if (program && own_program) || node.children.iter().any(same) || !default.rule.allowed_in(kind) {
            continue;
        }
        children.push(default);
    }
    children
}

/// Why `name` can name nothing in a pipeline, if so.
pub fn reserved(name: &str) -> Option<&'static str> {
    match name {
        word if RESERVED.contains(&word) => Some("a word of conditions"),
        place => Place::parse(place).map(|_| "a country or bloc"),
    }
}

/// Enters a name into the one name space; reports reserved and repeated ones.
fn declare(outline: &mut Outline<'_>, name: &Spanned<String>, entity: Entity, out: &mut Diagnostics) -> bool {
    if let Some(what) = reserved(&name.value) {
        let message = format!("`{}` cannot be a name: it is {what}", name.value);
        out.push(
            Diagnostic::new(Code::NameReserved, name.span, "reserved", message)
                .help(format!("take another, such as `{}-1`", name.value)),
        );
    }
    if let Some((other, first)) = outline.names.get(&name.value) {
        out.push(duplicate(name, entity.noun(), *first, other.noun()));
        return false;
    }
    outline.names.insert(name.value.clone(), (entity, name.span));
    true
}

pub(super) fn duplicate(name: &Spanned<String>, this: &str, first: Span, other: &str) -> Diagnostic {
    let message = format!("`{}` is already {other}", name.value);
    Diagnostic::new(Code::NameDuplicate, name.span, format!("{this} here"), message)
        .and(first, format!("{other} here"))
        .help("give one of them another name")
}

impl<'d> Outline<'d> {
    /// The step called `name`.
    pub fn step(&self, name: &str) -> Option<&StepOutline<'d>> {
        match self.names.get(name)? {
            (Entity::Step(index), _) => self.steps.get(*index),
            _ => None,
        }
    }

    /// The step with this id: ids are given in the order of the steps.
    pub fn step_of(&self, id: StepId) -> Option<&StepOutline<'d>> {
        let first = self.steps.first()?.id;
        self.steps.get(id.0.checked_sub(first.0)? as usize)
    }

    /// Names of steps, for did-you-mean.
    pub fn step_names(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().map(|step| step.name.value.as_str())
    }
}
