//! The names of one pipeline, and what a dotted name in it refers to.

use std::collections::{BTreeMap, BTreeSet};

use super::{Indexer, Occurrence, Symbol};
use crate::source::{Span, Spanned};
use crate::syntax::condition::Expr;
use crate::syntax::format::FormatPiece;
use crate::syntax::grammar::{Slot, Type};
use crate::syntax::{Node, Path, Value};

/// The names of one pipeline.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pipeline: String,
    /// Steps, data sets, parameters, variables and endpoints.
    items: BTreeSet<String>,
    steps: BTreeSet<String>,
    /// Steps that write a data set, in order.
    writers: BTreeMap<String, Vec<String>>,
}

impl Scope {
    /// The names in a `pipeline` node.
    pub fn of(node: &Node, pipeline: String) -> Scope {
        let mut scope = Scope {
            pipeline,
            ..Scope::default()
        };
        scope.collect(node, None);
        scope
    }

    fn collect(&mut self, node: &Node, step: Option<&str>) {
        for child in &node.children {
            let name = child.argument_text(0).map(|name| name.value).unwrap_or_default();
            match child.name() {
                "step" => {
                    self.items.insert(name.clone());
                    self.steps.insert(name.clone());
                    self.collect(child, Some(&name));
                    continue;
                }
                "data" | "parameter" | "each" | "endpoint" => {
                    self.items.insert(name);
                }
                "writes" => {
                    self.items.insert(name.clone());
                    self.writers
                        .entry(name)
                        .or_default()
                        .extend(step.map(str::to_owned));
                }
                _ => {}
            }
            self.collect(child, step);
        }
    }

    /// A step, data set, parameter, variable or endpoint.
    pub fn item(&self, name: &str) -> Symbol {
        Symbol::Item(self.pipeline.clone(), name.to_owned())
    }

    /// The output `name` of a step. Steps that write one data set emit its outputs together.
    pub fn output(&self, step: &str, name: &str) -> Symbol {
        let together = self
            .writers
            .values()
            .find(|writers| writers.iter().any(|writer| writer == step));
        let first = together
            .and_then(|writers| writers.first())
            .map_or(step, String::as_str);
        Symbol::Output(self.pipeline.clone(), first.to_owned(), name.to_owned())
    }

    /// The output of what is called `owner`, a step or a data set.
    fn output_of(&self, owner: &str, name: &str) -> Option<Symbol> {
        if self.steps.contains(owner) {
            return Some(self.output(owner, name));
        }
        let writer = self.writers.get(owner)?.first()?;
        Some(self.output(writer, name))
    }
}

impl Indexer<'_> {
    /// The names in one value of a node.
    pub(super) fn value(&mut self, slot: &Slot, value: &Spanned<Value>, node: &Node, pipeline: Option<&str>) {
        match &value.value {
            Value::Condition(condition) => {
                let mut paths = Vec::new();
                references(condition, &mut paths);
                paths.into_iter().for_each(|path| self.path(path, pipeline));
            }
            Value::Formatted(text) => {
                for piece in &text.0 {
                    if let FormatPiece::Reference(path) = piece {
                        self.path(path, pipeline);
                    }
                }
            }
            Value::Text(text) => self.text(slot, &Spanned::new(text.as_str(), value.span), node, pipeline),
            Value::Integer(_)
            | Value::Number(_)
            | Value::Boolean(_)
            | Value::Quantity(_)
            | Value::Time(_)
            | Value::Place(_) => {}
        }
    }

    fn text(&mut self, slot: &Slot, text: &Spanned<&str>, node: &Node, pipeline: Option<&str>) {
        let span = self.exact(text.value, text.span);
        let path = || Spanned::new(Path(text.value.split('.').map(str::to_owned).collect()), span);
        match slot.ty {
            Type::StepReference | Type::Reference | Type::Subject | Type::ListReference => {
                self.path(&path(), pipeline)
            }
            Type::DataReference => match text.value.split_once('.') {
                Some((other, data)) if self.scopes.contains_key(other) => {
                    self.uses(Symbol::Pipeline(other.to_owned()), span.part(0, other.len()));
                    let of = Symbol::Item(other.to_owned(), data.to_owned());
                    self.uses(of, span.part(other.len() + 1, data.len()));
                }
                Some(_) | None => self.path(&path(), pipeline),
            },
            // `highest=auc` is an output of what the node reads.
            Type::Output => {
                let scope = pipeline.and_then(|pipeline| self.scopes.get(pipeline));
                let owner = node.argument_text(0);
                let of = owner.and_then(|owner| scope?.output_of(&owner.value, text.value));
                of.into_iter().for_each(|of| self.uses(of, span));
            }
            Type::PipelineReference => self.uses(Symbol::Pipeline(text.value.to_owned()), span),
            Type::Team => self.uses(Symbol::Team(text.value.to_owned()), span),
            Type::Site | Type::SiteOrPlace => {
                let first = text.value.split('.').next().unwrap_or_default();
                if self.clusters.contains(first) {
                    self.uses(Symbol::Cluster(first.to_owned()), span.part(0, first.len()));
                }
            }
            _ => {}
        }
    }

    /// `train`, `train.auc`, `min-rows`, `risk-model.uri`.
    fn path(&mut self, path: &Spanned<Path>, pipeline: Option<&str>) {
        let Some(scope) = pipeline.and_then(|pipeline| self.scopes.get(pipeline)) else {
            return;
        };
        let whole = path.value.to_string();
        // A place that is not that of the name itself: the text has escapes, or a template made it.
        let span = self.exact(&whole, path.span);
        let [first, rest @ ..] = path.value.0.as_slice() else {
            return;
        };
        if !scope.items.contains(first) {
            return;
        }
        let exact = span.length() == whole.len();
        let part = |start: usize, length: usize| if exact { span.part(start, length) } else { span };
        let item = scope.item(first);
        let output = rest
            .first()
            .and_then(|output| Some((scope.output_of(first, output)?, output)));
        if let Some((of, output)) = output {
            self.uses(of, part(first.len() + 1, output.len()));
        }
        self.uses(item, part(0, first.len()));
    }

    fn uses(&mut self, symbol: Symbol, span: Span) {
        self.names.occurrences.push(Occurrence {
            span,
            symbol,
            declares: false,
        });
    }
}

/// All references of a condition with their places, also those whose value in this run it does not need.
fn references<'e>(condition: &'e Expr<Path>, found: &mut Vec<&'e Spanned<Path>>) {
    match condition {
        Expr::Or(parts) | Expr::And(parts) => parts.iter().for_each(|part| references(part, found)),
        Expr::Not(inner)
        | Expr::Any(inner)
        | Expr::All(inner)
        | Expr::Product(inner, _)
        | Expr::In(inner, _)
        | Expr::Previous(inner, _) => references(inner, found),
        Expr::Compare(_, left, right) | Expr::Sum(left, _, right) => {
            references(left, found);
            references(right, found);
        }
        Expr::Aggregate(_, path) | Expr::Reference(path) => found.push(path),
        Expr::Literal(_) => {}
    }
}
