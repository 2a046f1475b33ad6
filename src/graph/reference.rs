//! What a dotted name means where it stands.

use super::item;
use super::model::{Binding, EachId, RunField, StepId, StepKind, ValueType};
use super::outline::{Entity, Outline, StepOutline};
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::source::{Span, Spanned};
use crate::syntax::{Node, Path};

/// Where a reference stands: its pipeline and the step around it.
#[derive(Clone, Copy)]
pub(super) struct Scope<'o, 'd> {
    pub outline: &'o Outline<'d>,
    pub step: Option<&'o StepOutline<'d>>,
}

/// An output that a step emits, as far as references need it.
pub(super) struct Emitted<'d> {
    pub step: StepId,
    pub ty: ValueType,
    pub node: &'d Node,
    /// Fan-outs around the step.
    pub each: Vec<EachId>,
}

impl<'o, 'd> Scope<'o, 'd> {
    /// The meaning of `path`; reports what has none.
    pub fn resolve(self, path: &Spanned<Path>, out: &mut Diagnostics) -> Option<Binding> {
        let mut parts = path.value.0.iter().map(String::as_str);
        let (first, second, rest) = (parts.next()?, parts.next(), parts.next());
        if rest.is_some() {
            out.push(self.unknown(path, "a reference has at most two parts"));
            return None;
        }
        if first == "run" {
            return self.run(path, second, out);
        }
        if let Some(binding) = self.item(path, first, second, out) {
            return binding;
        }
        match (self.outline.names.get(first).map(|(entity, _)| *entity), second) {
            (Some(Entity::Parameter), None) => self.parameter(first),
            (Some(Entity::Data), Some("uri")) => self.data(first).map(Binding::DataUri),
            (Some(Entity::Data), Some("path")) => self.data(first).map(Binding::DataPath),
            (Some(Entity::Step(_) | Entity::Data), Some(output)) => self.output(path, first, output, out),
            (Some(Entity::Each), _) => {
                let message = format!("`{first}` has a value only inside its `each`");
                let found = Diagnostic::new(Code::FormatReference, path.span, "outside of it", message);
                let place = self
                    .outline
                    .names
                    .get(first)
                    .map(|(_, span)| *span)
                    .unwrap_or_default();
                out.push(
                    found
                        .and(place, "its `each`")
                        .help("move the step into that block, or repeat the `each` in this step"),
                );
                None
            }
            (Some(entity), None) => {
                let message = format!("`{first}` is {}, not a value", entity.noun());
                let outputs = self
                    .outputs_of(first)
                    .first()
                    .map(|name| format!("write an output of it, such as `{first}.{name}`"));
                out.push(
                    Diagnostic::new(Code::NameKind, path.span, "not a value", message).maybe_help(outputs),
                );
                None
            }
            (Some(entity), Some(_)) => {
                let message = format!("`{first}` is {} and has no parts", entity.noun());
                out.push(Diagnostic::new(
                    Code::NameKind,
                    path.span,
                    "no such part",
                    message,
                ));
                None
            }
            (None, _) => {
                self.report_unknown(path, out);
                None
            }
        }
    }

    fn run(self, path: &Spanned<Path>, field: Option<&str>, out: &mut Diagnostics) -> Option<Binding> {
        let finally = self.step.is_some_and(|step| step.child("finally").is_some());
        let field = match field {
            Some("id") => RunField::Id,
            Some("date") => RunField::Date,
            Some("time") => RunField::Time,
            Some("status") if finally => RunField::Status,
            Some("status") => {
                let message = "a run's status is known only in a `finally` step";
                out.push(Diagnostic::new(
                    Code::FormatReference,
                    path.span,
                    "not known yet",
                    message,
                ));
                return None;
            }
            _ => {
                let message = format!("a run has no `{}`", path.value);
                out.push(
                    Diagnostic::new(Code::NameUnknown, path.span, "not known", message)
                        .help("`run.id`, `run.date`, `run.time`, and `run.status` in a `finally` step"),
                );
                return None;
            }
        };
        Some(Binding::Run(field))
    }

    /// The variable of a fan-out around the step, innermost first. `None`: not one of them.
    fn item(
        self,
        path: &Spanned<Path>,
        name: &str,
        field: Option<&str>,
        out: &mut Diagnostics,
    ) -> Option<Option<Binding>> {
        let around = self
            .step?
            .each
            .iter()
            .rev()
            .filter_map(|index| self.outline.each.get(*index));
        let each = around.into_iter().find(|each| each.variable.value == name)?;
        let Some(field) = field else {
            return Some(Some(Binding::Item {
                each: each.id,
                field: None,
            }));
        };
        let fields: Vec<String> = item::fields(self, each.node)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        if !fields.iter().any(|known| known == field) && self.outline.lost.may_explain(field) {
            return Some(None);
        }
        if !fields.iter().any(|known| known == field) {
            let message = format!("`{name}` has no field `{field}`");
            let near = suggest::nearest(field, fields.iter().map(String::as_str));
            out.push(
                Diagnostic::new(Code::FormatReference, path.span, "not one of its fields", message)
                    .and(each.variable.span, "the variable")
                    .did_you_mean_at(part(path, name.len() + 1, field.len()), near),
            );
            return Some(None);
        }
        Some(Some(Binding::Item {
            each: each.id,
            field: Some(field.to_owned()),
        }))
    }

    fn parameter(self, name: &str) -> Option<Binding> {
        let node = self.outline.parameters.get(name)?;
        let (ty, list) = super::read::parameter_type(node);
        Some(Binding::Parameter {
            name: name.to_owned(),
            ty,
            list,
        })
    }

    fn data(self, name: &str) -> Option<super::model::DataId> {
        self.outline.data.get(name)?.id
    }

    fn output(
        self,
        path: &Spanned<Path>,
        first: &str,
        output: &str,
        out: &mut Diagnostics,
    ) -> Option<Binding> {
        let emitters = self.emitters(first);
        let found: Vec<Emitted<'d>> = emitters
            .iter()
            .filter_map(|step| self.emitted(step, output))
            .collect();
        let complete = !emitters.is_empty() && found.len() == emitters.len();
        let Some(model) = found.first().filter(|_| complete) else {
            // The output may be emitted by a line that was left out.
            if !self.outline.lost.may_explain(output) {
                out.push(self.no_output(path, first, output, &emitters));
            }
            return None;
        };
        // Its type was left out, and that is reported.
        if found
            .iter()
            .any(|emitted| emitted.node.property("type").is_none())
        {
            return None;
        }
        if let Some(other) = found.iter().find(|other| joined(other.ty, model.ty).is_none()) {
            let message = format!(
                "`{}` is of two types: {} and {}",
                path.value,
                model.ty.word(),
                other.ty.word()
            );
            out.push(
                Diagnostic::new(Code::ConditionType, path.span, "of which type?", message)
                    .and(model.node.span, "one here")
                    .and(other.node.span, "another here")
                    .help("let all writers emit it with one type"),
            );
            return None;
        }
        let own: Vec<EachId> = self.step.map(|step| self.each_ids(step)).unwrap_or_default();
        // Seen from inside the same fan-outs it is one value, from outside one per item.
        let list = !model.each.iter().zip(&own).all(|(a, b)| a == b) || model.each.len() > own.len();
        let steps = found.iter().map(|emitted| emitted.step).collect();
        Some(Binding::Output {
            steps,
            output: output.to_owned(),
            ty: found
                .iter()
                .fold(model.ty, |ty, other| joined(ty, other.ty).unwrap_or(ty)),
            list,
        })
    }

    /// Steps behind a name: itself, or the writers of a data set.
    pub fn emitters(self, name: &str) -> Vec<&'o StepOutline<'d>> {
        match self.outline.names.get(name) {
            Some((Entity::Step(index), _)) => self.outline.steps.get(*index).into_iter().collect(),
            Some((Entity::Data, _)) => {
                let writers = self
                    .outline
                    .data
                    .get(name)
                    .map(|data| data.writers.as_slice())
                    .unwrap_or_default();
                writers
                    .iter()
                    .filter_map(|(index, _)| self.outline.steps.get(*index))
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    fn emitted(self, step: &StepOutline<'d>, output: &str) -> Option<Emitted<'d>> {
        let node = emit_of(step, output)?;
        Some(Emitted {
            step: step.id,
            ty: super::read::emit_type(node),
            node,
            each: self.each_ids(step),
        })
    }

    pub fn each_ids(self, step: &StepOutline<'d>) -> Vec<EachId> {
        step.each
            .iter()
            .filter_map(|index| self.outline.each.get(*index))
            .map(|each| each.id)
            .collect()
    }

    fn outputs_of(self, name: &str) -> Vec<String> {
        let emits = self
            .emitters(name)
            .into_iter()
            .flat_map(|step| step.all("emits").collect::<Vec<_>>());
        emits
            .filter_map(|emit| Some(emit.argument_text(0)?.value))
            .collect()
    }

    fn no_output(
        self,
        path: &Spanned<Path>,
        first: &str,
        output: &str,
        emitters: &[&StepOutline<'d>],
    ) -> Diagnostic {
        let outputs = self.outputs_of(first);
        let without = emitters.iter().find(|step| emit_of(step, output).is_none());
        let message = match without {
            Some(step) if emitters.len() > 1 => format!(
                "`{}`, which also writes `{first}`, emits no `{output}`",
                step.name.value
            ),
            _ => format!("`{first}` emits no `{output}`"),
        };
        let near = suggest::nearest(output, outputs.iter().map(String::as_str));
        let all = (!outputs.is_empty()).then(|| {
            format!(
                "it emits {}",
                outputs
                    .iter()
                    .map(|o| format!("`{o}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        });
        let place = path.span.part(first.len() + 1, output.len());
        let span = if path.span.length() > first.len() + output.len() {
            place
        } else {
            path.span
        };
        Diagnostic::new(Code::NameUnknown, span, "no such output", message)
            .help(all.unwrap_or_else(|| format!("add `emits {output} type=number` to the step")))
            .did_you_mean_at(part(path, first.len() + 1, output.len()), near)
    }

    /// True if a line of a step that `path` leads to was left out.
    pub fn unsure(self, path: &Path) -> bool {
        let first = path.0.first().map(String::as_str).unwrap_or_default();
        let emits = |step: &StepOutline<'_>| step.all("emits").any(|emit| emit.damaged);
        self.emitters(first)
            .into_iter()
            .any(|step| step.node.damaged || emits(step))
    }

    /// Reports a name that nothing has, unless a line that was left out may declare it.
    pub fn report_unknown(self, path: &Spanned<Path>, out: &mut Diagnostics) {
        if !self.outline.lost.may_explain(&path.value.to_string()) {
            out.push(self.unknown(path, "nothing here has this name"));
        }
    }

    fn unknown(self, path: &Spanned<Path>, label: &str) -> Diagnostic {
        let first = path.value.0.first().map(String::as_str).unwrap_or_default();
        let around = self
            .step
            .into_iter()
            .flat_map(|step| &step.each)
            .filter_map(|index| self.outline.each.get(*index));
        let names = self
            .outline
            .names
            .keys()
            .map(String::as_str)
            .chain(around.map(|each| each.variable.value.as_str()));
        let near = suggest::nearest(first, names.chain(["run"]));
        Diagnostic::new(
            Code::NameUnknown,
            path.span,
            label,
            format!("there is no `{}`", path.value),
        )
        .did_you_mean_at(part(path, 0, first.len()), near)
    }
}

/// Where a part of a dotted name stands; `None` if it is not written as it is read, as in a text with escapes.
pub(super) fn part(path: &Spanned<Path>, start: usize, length: usize) -> Option<Span> {
    (path.span.length() == path.value.to_string().len()).then(|| path.span.part(start, length))
}

/// One type for both: whole numbers are numbers.
fn joined(one: ValueType, other: ValueType) -> Option<ValueType> {
    match (one, other) {
        (one, other) if one == other => Some(one),
        (ValueType::Integer, ValueType::Number) | (ValueType::Number, ValueType::Integer) => {
            Some(ValueType::Number)
        }
        _ => None,
    }
}

pub(super) fn emit_of<'d>(step: &StepOutline<'d>, output: &str) -> Option<&'d Node> {
    step.all("emits")
        .find(|emit| emit.argument_text(0).is_some_and(|name| name.value == output))
}

/// True if a reader in `reader` fan-outs sees all items of what is made in `made`, rather than its own.
pub(super) fn gathers(made: &[EachId], reader: &[EachId]) -> bool {
    made.len() > reader.len() || made.iter().zip(reader).any(|(a, b)| a != b)
}

/// True if steps of this kind hand their outputs to steps of the same run.
pub(super) fn makes_edges(kind: StepKind) -> bool {
    kind != StepKind::Streaming
}
