//! Residency and sensitivity through derived data.
//!
//! What a step reads constrains the step, and all data, texts and lists that it makes; numbers and booleans that it
//! emits are free. `declassify` lifts it from one output, for a reason.

use std::collections::BTreeSet;

use super::model::{Binding, DataId, Graph, Piece, Step, StepId, Text, ValueType};
use super::outline::Outline;
use super::residency::{Inherited, Restriction};
use crate::catalog::Country;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::Span;

/// What one output does not inherit.
#[derive(Clone, Copy, Debug, Default)]
struct Lifted {
    residency: bool,
    sensitivity: bool,
}

/// Fills in `inherited` of every step and data set.
pub(super) fn infer(graph: &mut Graph, outlines: &[Outline<'_>], out: &mut Diagnostics) {
    let lifted = lifted(outlines, graph);
    for data in &mut graph.data {
        let own = own(data);
        data.inherited = own;
    }
    // Steps are in topological order, so one round settles a pipeline; data that crosses pipelines needs another
    // for each pipeline it crosses.
    for _ in 0..=graph.pipelines.len() {
        let mut changed = false;
        for index in 0..graph.steps.len() {
            changed |= settle(graph, index, &lifted);
        }
        if !changed {
            break;
        }
    }
    for step in &graph.steps {
        check_meeting(graph, step, out);
    }
    check_declassify(outlines, graph, out);
}

fn own(data: &super::model::DataSet) -> Inherited {
    let restriction = |places: &crate::source::Spanned<Vec<crate::catalog::Place>>| Restriction {
        places: places.value.clone(),
        origin: data.name.value.clone(),
        span: places.span,
    };
    Inherited {
        residency: data.residency.iter().map(restriction).collect(),
        sensitivity: data.sensitivity.iter().map(|level| level.value).collect(),
    }
}

/// `declassify` lines of each step's writes: (step, data) -> what is lifted.
fn lifted(outlines: &[Outline<'_>], graph: &Graph) -> std::collections::BTreeMap<(StepId, DataId), Lifted> {
    let mut found = std::collections::BTreeMap::new();
    for step in outlines.iter().flat_map(|outline| &outline.steps) {
        for node in step.all("writes") {
            let Some(name) = node.argument_text(0) else {
                continue;
            };
            let write = graph[step.id].writes.iter().find(|write| write.span == name.span);
            let words = node
                .all("declassify")
                .flat_map(|line| (0..line.arguments.len()).filter_map(|i| line.argument_text(i)));
            let words: Vec<String> = words.map(|word| word.value).collect();
            let has = |word: &str| words.iter().any(|own| own == word);
            if let Some(write) = write {
                found.insert(
                    (step.id, write.data),
                    Lifted {
                        residency: has("residency"),
                        sensitivity: has("sensitivity"),
                    },
                );
            }
        }
    }
    found
}

/// One step and what it writes. True if anything changed.
fn settle(
    graph: &mut Graph,
    index: usize,
    lifted: &std::collections::BTreeMap<(StepId, DataId), Lifted>,
) -> bool {
    let Some(step) = graph.steps.get(index) else {
        return false;
    };
    let mut inherited = Inherited::default();
    for read in &step.reads {
        join(&mut inherited, &graph[read.data].inherited, Lifted::default());
    }
    for source in carried(step) {
        join(&mut inherited, &graph[source].inherited, Lifted::default());
    }
    let writes: Vec<(DataId, Lifted)> = step
        .writes
        .iter()
        .map(|write| {
            (
                write.data,
                lifted.get(&(step.id, write.data)).copied().unwrap_or_default(),
            )
        })
        .collect();
    let mut changed = false;
    for (data, lifted) in writes {
        if let Some(set) = graph.data.get_mut(data.0 as usize) {
            let before = set.inherited.clone();
            join(&mut set.inherited, &inherited, lifted);
            changed |= before != set.inherited;
        }
    }
    if let Some(step) = graph.steps.get_mut(index)
        && step.inherited != inherited
    {
        step.inherited = inherited;
        changed = true;
    }
    changed
}

/// Steps whose texts or lists reach this one.
fn carried(step: &Step) -> BTreeSet<StepId> {
    let texts = step
        .command
        .iter()
        .chain(&step.args)
        .chain(step.env.iter().filter_map(|env| match &env.value {
            super::model::EnvValue::Text(text) => Some(text),
            super::model::EnvValue::Secret(_) => None,
        }));
    let mut found = BTreeSet::new();
    for Text(pieces) in texts {
        for piece in pieces {
            if let Piece::Reference(Binding::Output {
                steps,
                ty: ValueType::String | ValueType::List,
                ..
            }) = piece
            {
                found.extend(steps.iter().copied());
            }
        }
    }
    found
}

fn join(into: &mut Inherited, from: &Inherited, lifted: Lifted) {
    if !lifted.residency {
        for rule in &from.residency {
            if !into.residency.contains(rule) {
                into.residency.push(rule.clone());
            }
        }
        into.residency
            .sort_by(|a, b| (&a.origin, &a.places).cmp(&(&b.origin, &b.places)));
    }
    if !lifted.sensitivity {
        into.sensitivity.extend(&from.sensitivity);
    }
}

/// Inputs that may be in no one country.
fn check_meeting(graph: &Graph, step: &Step, out: &mut Diagnostics) {
    if step.inherited.residency.len() < 2
        || Country::all().any(|country| step.inherited.allows(country.code()))
    {
        return;
    }
    // The same mistake shows in every later step: it is told where the inputs first meet.
    let before = step.reads.iter().flat_map(|read| &graph[read.data].writers);
    let told = before.into_iter().any(|writer| {
        let earlier = &graph[*writer].inherited;
        earlier.residency.len() > 1 && !Country::all().any(|country| earlier.allows(country.code()))
    });
    if told {
        return;
    }
    let places = |rule: &Restriction| {
        rule.places
            .iter()
            .map(|place| place.code())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let rules = &step.inherited.residency;
    let parts: Vec<String> = rules
        .iter()
        .map(|rule| format!("`{}` may be in `{}`", rule.origin, places(rule)))
        .collect();
    let message = format!("what `{}` reads may not meet anywhere", step.name.value);
    let mut found = Diagnostic::new(
        Code::ResidencyEmpty,
        step.name.span,
        "no country is left",
        message,
    );
    for rule in rules {
        found = found.and(rule.span, format!("only {}", places(rule)));
    }
    out.push(found.help(format!(
        "{}: let one of their writers `declassify residency`, or do not read both here",
        parts.join(" and ")
    )));
}

/// `declassify` that lifts nothing.
fn check_declassify(outlines: &[Outline<'_>], graph: &Graph, out: &mut Diagnostics) {
    for step in outlines.iter().flat_map(|outline| &outline.steps) {
        for line in step
            .all("writes")
            .chain(step.all("emits"))
            .flat_map(|node| node.all("declassify"))
        {
            let inherited = &graph[step.id].inherited;
            for word in (0..line.arguments.len()).filter_map(|index| line.argument_text(index)) {
                let nothing = match word.value.as_str() {
                    "residency" => inherited.residency.is_empty(),
                    _ => inherited.sensitivity.is_empty(),
                };
                if nothing {
                    report_empty(&word.value, word.span, &step.name.value, out);
                }
            }
        }
    }
}

fn report_empty(what: &str, span: Span, step: &str, out: &mut Diagnostics) {
    let message = format!("`{step}` reads nothing with a {what}: there is nothing to lift");
    out.push(
        Diagnostic::new(Code::ResidencyDeclassify, span, "lifts nothing", message).help("remove the line"),
    );
}
