//! Residency and sensitivity through derived data.
//!
//! What a step reads constrains the step, and all data, texts and lists that it makes; numbers and booleans that it
//! emits are free. `declassify` lifts it from one output, for a reason.

use super::lineage::{Hop, Source, Trait, chain, sources};
use super::model::{DataId, Graph, Step, ValueType};
use super::outline::Outline;
use super::residency::{Inherited, Lifted, Restriction};
use crate::catalog::Country;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::Span;

/// Fills in `inherited` of every step and data set.
pub(super) fn infer(graph: &mut Graph, outlines: &[Outline<'_>], out: &mut Diagnostics) {
    for data in &mut graph.data {
        let own = own(data);
        data.inherited = own;
    }
    // Steps are in topological order, so one round settles a pipeline; data that crosses pipelines, and versions of
    // the last run, need another each time. What is inherited only grows, so there is an end.
    let mut changed = true;
    while changed {
        changed = false;
        for index in 0..graph.steps.len() {
            changed |= settle(graph, index);
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

/// One step and what it writes. True if anything changed.
fn settle(graph: &mut Graph, index: usize) -> bool {
    let Some(step) = graph.steps.get(index) else {
        return false;
    };
    let mut inherited = Inherited::default();
    for (source, _) in sources(graph, step) {
        match source {
            Source::Data(data) => inherited.join(&graph[data].inherited, Lifted::default()),
            Source::Outputs(maker) => inherited.join(&graph[maker].inherited, texts_lifted(&graph[maker])),
        }
    }
    let mut changed = false;
    let writes: Vec<(DataId, Lifted)> = step
        .writes
        .iter()
        .map(|write| (write.data, write.lifts))
        .collect();
    for (data, lifted) in writes {
        if let Some(set) = graph.data.get_mut(data.0 as usize) {
            let before = set.inherited.clone();
            set.inherited.join(&inherited, lifted);
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

/// What none of a step's texts and lists inherits.
fn texts_lifted(step: &Step) -> Lifted {
    let texts = || {
        step.emits
            .iter()
            .filter(|emit| matches!(emit.ty, ValueType::String | ValueType::List))
    };
    Lifted {
        residency: texts().all(|emit| emit.lifts.residency),
        sensitivity: texts().all(|emit| emit.lifts.sensitivity),
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
    let mut told = vec![step.name.span];
    for rule in rules {
        found = found.and(rule.span, format!("`{}` only in {}", rule.origin, places(rule)));
        for hop in chain(graph, step.id, Trait::Residency(rule)) {
            if !told.contains(&hop.span) {
                told.push(hop.span);
                found = found.and(hop.span, follows(graph, &hop, &rule.origin));
            }
        }
    }
    out.push(found.help(format!(
        "{}: let one of their writers `declassify residency`, or do not read both here",
        parts.join(" and ")
    )));
}

/// What a link of a chain says of data that derives from `origin`.
pub(super) fn follows(graph: &Graph, hop: &Hop, origin: &str) -> String {
    let step = &graph[hop.step].name.value;
    match hop.source {
        Source::Data(data) if graph[data].name.value == origin => format!("`{step}` reads it"),
        Source::Data(data) => {
            format!(
                "`{step}` reads `{}`, which derives from `{origin}`",
                graph[data].name.value
            )
        }
        Source::Outputs(maker) => format!(
            "`{step}` is given texts of `{}`, which derive from `{origin}`",
            graph[maker].name.value
        ),
    }
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
