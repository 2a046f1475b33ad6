//! Why something is restricted: the chain of steps from it back to the line that says so.

use std::collections::{BTreeMap, VecDeque};

use super::data::Sensitivity;
use super::model::{Binding, DataId, EnvValue, Graph, Items, Piece, Step, StepId, Text, ValueType};
use super::residency::{Inherited, Restriction};
use crate::source::Span;

/// One thing that is inherited.
#[derive(Clone, Copy, Debug)]
pub enum Trait<'g> {
    /// A `residency` line.
    Residency(&'g Restriction),
    /// A level of sensitivity.
    Sensitivity(Sensitivity),
}

/// A step that takes in what has the trait.
#[derive(Clone, PartialEq, Debug)]
pub struct Hop {
    /// The step.
    pub step: StepId,
    /// What it takes in: a data set, or the texts that another step emits.
    pub source: Source,
    /// Where it says so.
    pub span: Span,
}

/// What carries a trait from step to step.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Source {
    /// A data set.
    Data(DataId),
    /// Texts and lists that a step emits.
    Outputs(StepId),
}

impl Trait<'_> {
    fn is_in(self, inherited: &Inherited) -> bool {
        match self {
            Trait::Residency(line) => inherited.residency.contains(line),
            Trait::Sensitivity(level) => inherited.sensitivity.contains(&level),
        }
    }

    /// The line that says it of this data set itself.
    fn said_of(self, graph: &Graph, data: DataId) -> bool {
        match self {
            Trait::Residency(line) => graph[data]
                .residency
                .as_ref()
                .is_some_and(|own| own.span == line.span),
            Trait::Sensitivity(level) => graph[data]
                .sensitivity
                .as_ref()
                .is_some_and(|own| own.value == level),
        }
    }
}

/// Everything that a step takes in, with the place that says so.
pub(super) fn sources(graph: &Graph, step: &Step) -> Vec<(Source, Span)> {
    let mut found: Vec<(Source, Span)> = step
        .reads
        .iter()
        .map(|read| (Source::Data(read.data), read.span))
        .collect();
    let values = step.env.iter().filter_map(|env| match &env.value {
        EnvValue::Text(text) => Some(text),
        EnvValue::Secret(_) => None,
    });
    for Text(pieces) in step.command.iter().chain(&step.args).chain(values) {
        for piece in pieces {
            match piece {
                Piece::Reference(Binding::Output {
                    steps,
                    ty: ValueType::String | ValueType::List,
                    ..
                }) => found.extend(
                    steps
                        .iter()
                        .map(|maker| (Source::Outputs(*maker), step.name.span)),
                ),
                // Who knows where it is can read it.
                Piece::Reference(Binding::DataUri(data) | Binding::DataPath(data)) => {
                    found.push((Source::Data(*data), step.name.span));
                }
                Piece::Reference(_) | Piece::Literal(_) => {}
            }
        }
    }
    for each in &step.each {
        let each = &graph[*each];
        match &each.items {
            Items::Output { steps, .. } => {
                found.extend(
                    steps
                        .iter()
                        .map(|maker| (Source::Outputs(*maker), each.variable.span)),
                );
            }
            Items::Partitions { data, .. } => found.push((Source::Data(*data), each.variable.span)),
            Items::Known(_) | Items::Parameter { .. } => {}
        }
    }
    found
}

/// The shortest chain from `step` back to data of which the trait is said: first the step itself, last the step that
/// takes in that data.
pub fn chain(graph: &Graph, step: StepId, of: Trait<'_>) -> Vec<Hop> {
    let mut came_from: BTreeMap<StepId, (StepId, Hop)> = BTreeMap::new();
    let mut open = VecDeque::from([step]);
    while let Some(at) = open.pop_front() {
        for (source, span) in sources(graph, &graph[at]) {
            let hop = Hop {
                step: at,
                source,
                span,
            };
            let makers = match source {
                Source::Data(data) if !of.is_in(&graph[data].inherited) => continue,
                Source::Data(data) if of.said_of(graph, data) => return back(step, hop, &came_from),
                Source::Data(data) => graph[data].writers.clone(),
                Source::Outputs(maker) => vec![maker],
            };
            for maker in makers
                .into_iter()
                .filter(|maker| of.is_in(&graph[*maker].inherited))
            {
                if maker != step && !came_from.contains_key(&maker) {
                    came_from.insert(maker, (at, hop.clone()));
                    open.push_back(maker);
                }
            }
        }
    }
    Vec::new()
}

fn back(start: StepId, last: Hop, came_from: &BTreeMap<StepId, (StepId, Hop)>) -> Vec<Hop> {
    let mut at = last.step;
    let mut hops = vec![last];
    while let Some((before, hop)) = came_from.get(&at).filter(|_| at != start) {
        hops.push(hop.clone());
        at = *before;
    }
    hops.reverse();
    hops
}
