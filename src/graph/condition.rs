//! Conditions of steps: references resolved, both sides of one type.

mod kind;
mod sides;
mod typing;

pub(super) use kind::Kind;
pub(super) use typing::{Meaning, typed, typed_for_each_item};

use super::item;
use super::model::{Binding, Condition, EachId, RunField};
use super::reference::Scope;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::Spanned;
use crate::syntax::Path;
use crate::syntax::condition::Expr;

/// Resolves and types a condition; reports every mistake in it.
pub(super) fn resolve(
    scope: Scope<'_, '_>,
    condition: &Spanned<Expr<Path>>,
    out: &mut Diagnostics,
) -> Option<Spanned<Condition>> {
    let mut lookup = |path: &Spanned<Path>, out: &mut Diagnostics| meaning(scope, path, out);
    let expression = typed(condition, &mut lookup, out)?;
    Some(Spanned::new(expression, condition.span))
}

fn meaning(scope: Scope<'_, '_>, path: &Spanned<Path>, out: &mut Diagnostics) -> Option<Meaning<Binding>> {
    if let Some(found) = metric(scope, path) {
        out.push(found);
        return None;
    }
    let binding = scope.resolve(path, out)?;
    let kind = match &binding {
        Binding::Output { ty, .. } => Kind::from(*ty),
        Binding::Parameter { list: true, .. } => Kind::List,
        Binding::Parameter { ty, .. } => Kind::from(*ty),
        Binding::Item { each, field } => Kind::from(item::value_type_of(scope, *each, field.as_deref())),
        Binding::Run(RunField::Date) => Kind::Date,
        Binding::Run(_) | Binding::DataUri(_) | Binding::DataPath(_) => Kind::Text,
    };
    Some(Meaning {
        kind,
        items: items(scope, &binding),
        output: matches!(binding, Binding::Output { .. }),
        unsure: scope.unsure(&path.value),
        binding,
    })
}

/// Fan-outs around the step that emits a value, but not around the one that uses it.
fn items(scope: Scope<'_, '_>, binding: &Binding) -> Vec<EachId> {
    let Binding::Output {
        steps, list: true, ..
    } = binding
    else {
        return Vec::new();
    };
    let emitter = scope
        .outline
        .steps
        .iter()
        .find(|step| steps.first() == Some(&step.id));
    emitter.map(|step| scope.each_ids(step)).unwrap_or_default()
}

/// `train.duration` is known to monitoring, not to a run.
fn metric(scope: Scope<'_, '_>, path: &Spanned<Path>) -> Option<Diagnostic> {
    let [first, second] = path.value.0.as_slice() else {
        return None;
    };
    let step = scope.outline.step(first);
    let data = scope.outline.data.contains_key(first);
    let known = match step {
        Some(_) => super::read::METRICS.contains(&second.as_str()),
        None => data && super::read::DATA_METRICS.contains(&second.as_str()),
    };
    let emitters = scope.emitters(first);
    let emitted = emitters
        .iter()
        .any(|step| super::reference::emit_of(step, second).is_some());
    if !known || emitted {
        return None;
    }
    let message = format!(
        "`{}` is measured, not emitted: a run does not know it",
        path.value
    );
    Some(
        Diagnostic::new(Code::ConditionSubject, path.span, "a metric", message)
            .help("use it in `monitor`, in an `expect` or an `alert`; `when` knows outputs and parameters"),
    )
}
