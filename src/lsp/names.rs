//! What is called what, and where each name stands: in declarations, references, conditions and `(f)` strings.
//!
//! The index is made of the checked document, in which templates are pasted: a name in a template stands there once for
//! each pipeline that uses it.

mod scope;
mod template;

use std::collections::{BTreeMap, BTreeSet};

use scope::Scope;

use crate::source::{SourceMap, Span};
use crate::syntax::{Document, Node};

/// Something that has a name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Symbol {
    /// A pipeline.
    Pipeline(String),
    /// A platform.
    Platform(String),
    /// A template.
    Template(String),
    /// A parameter of a template.
    Hole(String, String),
    /// A step, data set, parameter, variable or endpoint of a pipeline: they share one name space.
    Item(String, String),
    /// An output: pipeline, the first of the steps that emit it for one data set, name.
    Output(String, String, String),
    /// A cluster of the platform.
    Cluster(String),
    /// A team with a receiver.
    Team(String),
}

impl Symbol {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Symbol::Pipeline(name)
            | Symbol::Platform(name)
            | Symbol::Template(name)
            | Symbol::Hole(_, name)
            | Symbol::Item(_, name)
            | Symbol::Output(_, _, name)
            | Symbol::Cluster(name)
            | Symbol::Team(name) => name,
        }
    }
}

/// A place where a name stands.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Occurrence {
    /// Exactly the name, or where it comes from if a template makes it.
    pub span: Span,
    /// What it names.
    pub symbol: Symbol,
    /// It is given here.
    pub declares: bool,
}

/// A node that gives a name.
#[derive(Clone, Debug)]
pub struct Declared {
    /// What it names.
    pub symbol: Symbol,
    /// The node's own name: `step`, `writes`.
    pub node: &'static str,
    /// The step around an output.
    pub step: Option<String>,
    /// What else is worth saying: the kind of a step, the type of an output.
    pub detail: String,
    /// Where the name stands.
    pub span: Span,
    /// The whole node.
    pub whole: Span,
}

/// The index of a project.
#[derive(Debug, Default)]
pub struct Names {
    /// All that is declared, in the order of the text.
    pub declared: Vec<Declared>,
    /// Every place of a name, in the order of the text.
    pub occurrences: Vec<Occurrence>,
}

impl Names {
    /// The names in `document`.
    pub fn of(document: &Document, sources: &SourceMap) -> Names {
        let mut names = Names::default();
        let mut scopes: BTreeMap<String, Scope> = BTreeMap::new();
        for node in document.nodes.iter().filter(|node| node.name() == "pipeline") {
            if let Some(name) = node.argument_text(0) {
                scopes
                    .entry(name.value.clone())
                    .or_insert_with(|| Scope::of(node, name.value));
            }
        }
        let clusters = clusters(document);
        let mut indexer = Indexer {
            names: &mut names,
            sources,
            scopes: &scopes,
            clusters: &clusters,
        };
        for node in &document.nodes {
            let own = indexer.pipeline_of(node, document);
            indexer.node(node, own.as_deref(), None);
        }
        template::index(sources, &mut names);
        names.occurrences.sort();
        names.occurrences.dedup();
        names
            .declared
            .sort_by(|a, b| (a.span, &a.symbol).cmp(&(b.span, &b.symbol)));
        names
            .declared
            .dedup_by(|a, b| a.span == b.span && a.symbol == b.symbol);
        names
    }

    /// What is named at the byte `at` of a file.
    pub fn at(&self, place: Span) -> Option<&Occurrence> {
        let here = |one: &&Occurrence| {
            one.span.contains(place) || one.span.end == place.start && one.span.source == place.source
        };
        self.occurrences
            .iter()
            .filter(here)
            .min_by_key(|one| one.span.length())
    }

    /// All places of a name.
    pub fn of_symbol(&self, symbol: &Symbol) -> impl Iterator<Item = &Occurrence> {
        self.occurrences.iter().filter(move |one| one.symbol == *symbol)
    }

    /// What is declared in a pipeline by nodes of these names.
    pub fn declared_in(&self, pipeline: &str, nodes: &[&str]) -> impl Iterator<Item = &Declared> {
        self.declared.iter().filter(move |one| {
            let own = match &one.symbol {
                Symbol::Item(own, _) | Symbol::Output(own, _, _) => own == pipeline,
                Symbol::Pipeline(_)
                | Symbol::Platform(_)
                | Symbol::Template(_)
                | Symbol::Hole(..)
                | Symbol::Cluster(_)
                | Symbol::Team(_) => false,
            };
            own && nodes.contains(&one.node)
        })
    }
}

/// Names of all clusters of all platforms.
fn clusters(document: &Document) -> BTreeSet<String> {
    fn below(node: &Node, found: &mut BTreeSet<String>) {
        for child in &node.children {
            if child.name() == "cluster" {
                found.extend(child.argument_text(0).map(|name| name.value));
            }
            below(child, found);
        }
    }
    let mut found = BTreeSet::new();
    for node in document.nodes.iter().filter(|node| node.name() == "platform") {
        below(node, &mut found);
    }
    found
}

/// Walks the document.
struct Indexer<'a> {
    names: &'a mut Names,
    sources: &'a SourceMap,
    scopes: &'a BTreeMap<String, Scope>,
    clusters: &'a BTreeSet<String>,
}

impl Indexer<'_> {
    /// The pipeline whose names `node` may use: itself, or the one that a test is about.
    fn pipeline_of(&self, node: &Node, document: &Document) -> Option<String> {
        match node.name() {
            "pipeline" => Some(node.argument_text(0)?.value),
            "test" => {
                let named = node.text("pipeline").map(|name| name.value);
                let mut own = document
                    .nodes
                    .iter()
                    .filter(|other| other.name() == "pipeline" && other.span.source == node.span.source);
                named.or_else(|| Some(own.next()?.argument_text(0)?.value))
            }
            _ => None,
        }
    }

    fn node(&mut self, node: &Node, pipeline: Option<&str>, step: Option<&str>) {
        self.declaration(node, pipeline, step);
        for (slot, value) in slots(node) {
            self.value(slot, value, node, pipeline);
        }
        let own = node.argument_text(0).filter(|_| node.name() == "step");
        let step = own.as_ref().map(|name| name.value.as_str()).or(step);
        for child in &node.children {
            self.node(child, pipeline, step);
        }
    }

    fn declaration(&mut self, node: &Node, pipeline: Option<&str>, step: Option<&str>) {
        let Some(name) = node.argument_text(0) else { return };
        let scope = pipeline.and_then(|pipeline| self.scopes.get(pipeline));
        let symbol = match (node.name(), scope) {
            ("pipeline", _) => Symbol::Pipeline(name.value.clone()),
            ("platform", _) => Symbol::Platform(name.value.clone()),
            ("cluster", _) => Symbol::Cluster(name.value.clone()),
            ("receiver", _) => Symbol::Team(name.value.clone()),
            ("step" | "data" | "parameter" | "each" | "endpoint" | "writes", Some(scope)) => {
                scope.item(&name.value)
            }
            ("emits", Some(scope)) => scope.output(step.unwrap_or_default(), &name.value),
            _ => return,
        };
        let detail = match node.name() {
            "step" => node.word("kind"),
            "emits" => node.word("type"),
            _ => String::new(),
        };
        let span = self.exact(&name.value, name.span);
        self.names.declared.push(Declared {
            symbol: symbol.clone(),
            node: node.name(),
            step: step.map(str::to_owned),
            detail,
            span,
            whole: node.whole,
        });
        self.names.occurrences.push(Occurrence {
            span,
            symbol,
            declares: true,
        });
    }

    /// The place of `name` in what stands at `span`, which may have quotes.
    fn exact(&self, name: &str, span: Span) -> Span {
        let at = self.sources.text(span).find(name);
        at.map_or(span, |at| span.part(at, name.len()))
    }
}

/// The values of a node, each with what its place takes.
fn slots(
    node: &Node,
) -> Vec<(
    &'static crate::syntax::grammar::Slot,
    &crate::source::Spanned<crate::syntax::Value>,
)> {
    use crate::syntax::grammar::GRAMMAR;
    let kind = node
        .argument_text(0)
        .filter(|_| matches!(node.name(), "promise" | "prefer"));
    let promised = kind.and_then(|kind| GRAMMAR.promise(&kind.value));
    let rules: Vec<&'static crate::syntax::grammar::Rule> =
        std::iter::once(node.rule).chain(promised).collect();
    let arguments: Vec<&'static crate::syntax::grammar::Slot> =
        rules.iter().flat_map(|rule| &rule.arguments).collect();
    let by_position = node.arguments.iter().enumerate().filter_map(|(at, value)| {
        let slot = arguments
            .get(at)
            .or_else(|| arguments.last().filter(|slot| slot.many))?;
        Some((*slot, value))
    });
    let by_name = node.properties.iter().filter_map(|property| {
        let slot = rules
            .iter()
            .find_map(|rule| rule.property(&property.name.value))?;
        Some((slot, &property.value))
    });
    by_position.chain(by_name).collect()
}
