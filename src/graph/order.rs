//! Which step waits for which, and an order in which they can run.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{DataId, EachId, StepId, StepKind};
use super::outline::{Entity, Outline, StepOutline};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{Span, Spanned};
use crate::syntax::condition::Expr;
use crate::syntax::format::FormatPiece;
use crate::syntax::{Node, Path, Value};

/// Why a step waits for another: the place that says so.
type Waits = BTreeMap<usize, Span>;

/// Sorts the steps of all outlines and gives out all ids. False if the steps of one wait for each other.
pub(super) fn order(outlines: &mut [Outline<'_>], out: &mut Diagnostics) -> bool {
    let mut sound = true;
    let (mut step_id, mut each_id, mut data_id) = (0, 0, 0);
    for outline in outlines.iter_mut() {
        let waits: Vec<Waits> = outline.steps.iter().map(|step| waits(outline, step)).collect();
        let sorted = sorted(outline, &waits).unwrap_or_else(|| {
            report_cycle(outline, &waits, out);
            sound = false;
            (0..outline.steps.len()).collect()
        });
        apply(outline, &sorted);
        for step in &mut outline.steps {
            step.id = StepId(step_id);
            step_id += 1;
        }
        // Fan-outs are numbered as the sorted steps meet them, outermost first.
        let met: Vec<usize> = outline
            .steps
            .iter()
            .flat_map(|step| step.each.iter().copied())
            .collect();
        let mut numbered = BTreeSet::new();
        let unused = 0..outline.each.len();
        for index in met.into_iter().chain(unused) {
            if numbered.insert(index)
                && let Some(each) = outline.each.get_mut(index)
            {
                each.id = EachId(each_id);
                each_id += 1;
            }
        }
        for data in outline.data.values_mut() {
            data.id = Some(DataId(data_id));
            data_id += 1;
        }
    }
    sound
}

/// Positions of the steps in an order in which they can run; among those that can, the first by name.
fn sorted(outline: &Outline<'_>, waits: &[Waits]) -> Option<Vec<usize>> {
    let mut missing: Vec<usize> = waits.iter().map(BTreeMap::len).collect();
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); waits.len()];
    for (step, waits) in waits.iter().enumerate() {
        for other in waits.keys() {
            followers.get_mut(*other)?.push(step);
        }
    }
    let name = |at: usize| {
        outline
            .steps
            .get(at)
            .map(|step| step.name.value.as_str())
            .unwrap_or_default()
    };
    let free = missing
        .iter()
        .enumerate()
        .filter(|(_, count)| **count == 0)
        .map(|(at, _)| (name(at), at));
    let mut ready: BTreeSet<(&str, usize)> = free.collect();
    let mut sorted = Vec::with_capacity(waits.len());
    while let Some((_, step)) = ready.pop_first() {
        sorted.push(step);
        for follower in followers.get(step)? {
            let count = missing.get_mut(*follower)?;
            *count -= 1;
            if *count == 0 {
                ready.insert((name(*follower), *follower));
            }
        }
    }
    (sorted.len() == waits.len()).then_some(sorted)
}

/// Puts the steps into `sorted` order and mends what points at them.
fn apply(outline: &mut Outline<'_>, sorted: &[usize]) {
    let mut place: BTreeMap<usize, usize> = BTreeMap::new();
    for (new, old) in sorted.iter().enumerate() {
        place.insert(*old, new);
    }
    let moved = |old: usize| place.get(&old).copied().unwrap_or(old);
    let mut steps: Vec<(usize, StepOutline<'_>)> = std::mem::take(&mut outline.steps)
        .into_iter()
        .enumerate()
        .map(|(old, step)| (moved(old), step))
        .collect();
    steps.sort_by_key(|(new, _)| *new);
    outline.steps = steps.into_iter().map(|(_, step)| step).collect();
    for (entity, _) in outline.names.values_mut() {
        if let Entity::Step(index) = entity {
            *index = moved(*index);
        }
    }
    for data in outline.data.values_mut() {
        for (writer, _) in &mut data.writers {
            *writer = moved(*writer);
        }
        data.writers.sort_by_key(|(writer, _)| *writer);
    }
}

fn waits(outline: &Outline<'_>, step: &StepOutline<'_>) -> Waits {
    let mut waits = Waits::new();
    let mut wait = |index: usize, span: Span| {
        waits.entry(index).or_insert(span);
    };
    for (name, span) in names(outline, step) {
        match outline.names.get(&name) {
            Some((Entity::Step(index), _)) => wait(*index, span),
            Some((Entity::Data, _)) => {
                let Some(data) = outline.data.get(&name) else {
                    continue;
                };
                let orders = |writer: &usize| {
                    outline
                        .steps
                        .get(*writer)
                        .is_some_and(|w| w.kind != StepKind::Streaming)
                };
                data.writers
                    .iter()
                    .map(|(writer, _)| *writer)
                    .filter(orders)
                    .for_each(|writer| wait(writer, span));
            }
            _ => {}
        }
    }
    waits
}

/// First names of everything that a step refers to.
fn names(outline: &Outline<'_>, step: &StepOutline<'_>) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    for child in &step.children {
        match child.name() {
            "reads" if child.word("version") != "previous" => found.extend(text(child)),
            "after" | "otherwise" => {
                let steps = child.arguments.iter();
                found.extend(steps.filter_map(|step| Some((step.value.as_text()?.to_owned(), step.span))));
            }
            "when" | "command" | "args" | "env" => {
                for argument in &child.arguments {
                    let mut paths = Vec::new();
                    references(&argument.value, &mut paths);
                    found.extend(paths.into_iter().filter_map(first));
                }
            }
            _ => {}
        }
    }
    for index in &step.each {
        let from = outline.each.get(*index).and_then(|each| each.node.text("from"));
        found.extend(from.and_then(|from| first(Spanned::new(Path(split(&from.value)), from.span))));
    }
    found
}

fn text(node: &Node) -> Option<(String, Span)> {
    let name = node.argument_text(0)?;
    Some((name.value, name.span))
}

fn split(text: &str) -> Vec<String> {
    text.split('.').map(str::to_owned).collect()
}

fn first(path: Spanned<Path>) -> Option<(String, Span)> {
    let Path(mut parts) = path.value;
    if parts.is_empty() {
        return None;
    }
    Some((parts.swap_remove(0), path.span))
}

/// All references in a value.
pub(super) fn references(value: &Value, found: &mut Vec<Spanned<Path>>) {
    match value {
        Value::Formatted(text) => {
            for piece in &text.0 {
                if let FormatPiece::Reference(path) = piece {
                    found.push(path.clone());
                }
            }
        }
        Value::Condition(condition) => in_condition(condition, found),
        _ => {}
    }
}

fn in_condition(expr: &Expr<Path>, found: &mut Vec<Spanned<Path>>) {
    match expr {
        Expr::Or(parts) | Expr::And(parts) => parts.iter().for_each(|part| in_condition(part, found)),
        Expr::Not(inner)
        | Expr::Any(inner)
        | Expr::All(inner)
        | Expr::Product(inner, _)
        | Expr::In(inner, _) => {
            in_condition(inner, found);
        }
        Expr::Compare(_, left, right) | Expr::Sum(left, _, right) => {
            in_condition(left, found);
            in_condition(right, found);
        }
        Expr::Aggregate(_, path) | Expr::Reference(path) => found.push(path.clone()),
        // The value of an earlier run is there already.
        Expr::Previous(..) | Expr::Literal(_) => {}
    }
}

fn report_cycle(outline: &Outline<'_>, waits: &[Waits], out: &mut Diagnostics) {
    let Some(cycle) = cycle(waits) else { return };
    let name = |at: &usize| {
        outline
            .steps
            .get(*at)
            .map(|step| step.name.value.as_str())
            .unwrap_or_default()
    };
    let chain: Vec<String> = cycle
        .iter()
        .chain(cycle.first())
        .map(|at| format!("`{}`", name(at)))
        .collect();
    let mut labels = Vec::new();
    for (at, waiting) in cycle.iter().enumerate() {
        let other = cycle.get((at + 1) % cycle.len()).copied().unwrap_or(*waiting);
        if let Some(span) = waits.get(*waiting).and_then(|waits| waits.get(&other)) {
            labels.push((
                *span,
                format!("`{}` waits for `{}` here", name(waiting), name(&other)),
            ));
        }
    }
    labels.sort();
    let mut labels = labels.into_iter();
    let Some((span, label)) = labels.next() else {
        return;
    };
    let message = match cycle.as_slice() {
        [only] => format!("`{}` waits for itself", name(only)),
        _ => format!("these steps wait for each other: {}", chain.join(" -> ")),
    };
    let first = Diagnostic::new(Code::GraphCycle, span, label, message);
    let found = labels.fold(first, |found, (span, label)| found.and(span, label));
    out.push(found.help("take one of these lines out, or read `version=previous`, which makes no edge"));
}

/// A shortest circle through the first step that lies on one.
fn cycle(waits: &[Waits]) -> Option<Vec<usize>> {
    (0..waits.len()).find_map(|start| {
        let mut came_from: BTreeMap<usize, usize> = BTreeMap::new();
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(at) = queue.pop_front() {
            for next in waits.get(at)?.keys() {
                if *next == start {
                    let mut path = vec![at];
                    while let Some(before) = path
                        .last()
                        .filter(|last| **last != start)
                        .and_then(|last| came_from.get(last))
                    {
                        path.push(*before);
                    }
                    path.reverse();
                    return Some(path);
                }
                if !came_from.contains_key(next) && *next != start {
                    came_from.insert(*next, at);
                    queue.push_back(*next);
                }
            }
        }
        None
    })
}
