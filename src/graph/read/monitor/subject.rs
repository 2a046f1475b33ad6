//! What monitoring watches: outputs and metrics.

use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::graph::condition::{Kind, Meaning, typed_for_each_item};
use crate::graph::model::{Binding, EachId, Subject};
use crate::graph::outline::{Entity, Outline};
use crate::graph::read::{Context, DATA_METRICS, METRICS, emit_type};
use crate::graph::reference::{Scope, emit_of, part};
use crate::source::Spanned;
use crate::syntax::Path;
use crate::syntax::condition::Expr;

/// What a rule watches.
pub(super) fn subject(
    outline: &Outline<'_>,
    path: &Spanned<Path>,
    context: &mut Context<'_, '_>,
) -> Option<Subject> {
    let [first, second] = path.value.0.as_slice() else {
        return unknown(path, "a subject is an output or a metric", context);
    };
    let metric = second.as_str();
    let entity = outline.names.get(first).map(|(entity, _)| *entity);
    let step = outline.step(first);
    let emitted = |name: &str| {
        step.is_some_and(|s| {
            s.all("emits")
                .any(|e| e.argument_text(0).is_some_and(|n| n.value == name))
        })
    };
    match entity {
        Some(Entity::Step(_)) if METRICS.contains(&metric) && !emitted(metric) => {
            let step = step?;
            let always = step.kind.always_on();
            let serving_only = matches!(metric, "rate" | "latency" | "errors" | "replicas");
            let batch_only = matches!(metric, "duration" | "attempts");
            if (serving_only && !always) || (batch_only && always) {
                return unknown(
                    path,
                    &format!("a {} step has no `{metric}`", step.kind.word()),
                    context,
                );
            }
            Some(Subject::Step {
                step: step.id,
                metric: metric.to_owned(),
            })
        }
        Some(Entity::Data) if DATA_METRICS.contains(&metric) => Some(Subject::Data {
            data: outline.data.get(first)?.id?,
            metric: metric.to_owned(),
        }),
        Some(Entity::Step(_) | Entity::Data) => {
            let mut quiet = crate::diag::Diagnostics::new();
            match (Scope { outline, step: None }).resolve(path, &mut quiet) {
                Some(Binding::Output { steps, output, .. }) => Some(Subject::Output { steps, output }),
                _ if outline.lost.may_explain(metric) => None,
                _ if (Scope { outline, step: None }).unsure(&path.value) => None,
                _ => {
                    let metrics = METRICS.iter().chain(&DATA_METRICS).copied();
                    let outputs: Vec<String> = outline
                        .steps
                        .iter()
                        .flat_map(|s| s.all("emits").collect::<Vec<_>>())
                        .filter_map(|emit| Some(emit.argument_text(0)?.value))
                        .collect();
                    let near = suggest::nearest(metric, outputs.iter().map(String::as_str).chain(metrics));
                    let message = format!("`{}` is neither an output nor a metric", path.value);
                    context.out.push(
                        Diagnostic::new(Code::ExpectSubject, path.span, "not known", message)
                            .did_you_mean_at(part(path, first.len() + 1, metric.len()), near),
                    );
                    None
                }
            }
        }
        _ => {
            Scope { outline, step: None }.report_unknown(path, context.out);
            None
        }
    }
}

fn unknown(path: &Spanned<Path>, why: &str, context: &mut Context<'_, '_>) -> Option<Subject> {
    let message = format!("`{}` cannot be watched: {why}", path.value);
    context.out.push(Diagnostic::new(Code::ExpectSubject, path.span, "not a subject", message)
        .help("subjects are outputs, `duration cost attempts` of a step, `rate latency errors replicas` of a serving step, `size age` of a data set"));
    None
}

/// The condition of an alert, over subjects of monitoring: an output of a fan-out is watched item by item.
pub(super) fn over_subjects(
    condition: &Spanned<Expr<Path>>,
    outline: &Outline<'_>,
    context: &mut Context<'_, '_>,
) -> Option<Expr<Subject>> {
    let lost = context.lost;
    let mut lookup = |path: &Spanned<Path>, out: &mut Diagnostics| {
        let mut context = Context { out, ..*context };
        let binding = subject(outline, path, &mut context)?;
        Some(Meaning {
            kind: kind(&binding, outline),
            items: items(&binding, outline),
            output: matches!(binding, Subject::Output { .. }),
            unsure: lost.may_explain(&path.value.to_string()),
            binding,
        })
    };
    let mut found = Diagnostics::new();
    let typed = typed_for_each_item(condition, &mut lookup, &mut found);
    for one in found.sorted() {
        context.out.push(one.clone());
    }
    typed
}

/// What a subject is measured in.
fn kind(subject: &Subject, outline: &Outline<'_>) -> Kind {
    match subject {
        Subject::Output { steps, output } => {
            let step = outline.steps.iter().find(|step| steps.first() == Some(&step.id));
            let emit = step.and_then(|step| emit_of(step, output));
            emit.map_or(Kind::Number, |emit| Kind::from(emit_type(emit)))
        }
        Subject::Step { metric, .. } | Subject::Data { metric, .. } => match metric.as_str() {
            "duration" | "latency" | "age" => Kind::Duration,
            "rate" => Kind::Rate,
            "errors" => Kind::Percent,
            "size" => Kind::Bytes,
            // Money is a number of US dollars.
            _ => Kind::Number,
        },
    }
}

fn items(subject: &Subject, outline: &Outline<'_>) -> Vec<EachId> {
    let Subject::Output { steps, .. } = subject else {
        return Vec::new();
    };
    let step = outline.steps.iter().find(|step| steps.first() == Some(&step.id));
    step.map(|step| (Scope { outline, step: None }).each_ids(step))
        .unwrap_or_default()
}
