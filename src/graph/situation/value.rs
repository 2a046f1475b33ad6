//! What a reference in a condition stands for: its name, its type, and the values that it may have in any run.

use super::linear::Term;
use super::{Conditions, Range};
use crate::graph::model::{Binding, Items, RunField, Scalar, StepId, ValueType};

impl<'g> Conditions<'g> {
    /// A reference in a sum; `None` if it is no number.
    pub(super) fn term(self, of: &Binding) -> Option<Term> {
        let term = Term::of(self.type_of(of)?, self.domain(of))?;
        Some(if is_single(of) { term } else { term.of_several() })
    }

    /// What a value may be in any run.
    pub(super) fn domain(self, of: &Binding) -> Option<Range> {
        match of {
            Binding::Parameter { name, .. } => {
                let parameters = &self.graph[self.pipeline].parameters;
                let own = parameters.iter().find(|own| own.name.value == *name)?;
                let bounded = own.min.is_some() || own.max.is_some();
                bounded.then(|| Range::between(own.min, own.max))
            }
            Binding::Item { .. } => {
                let values = self.item_values(of)?;
                let numbers: Option<Vec<f64>> = values.iter().map(|value| value.as_number()).collect();
                Some(numbers.map_or_else(
                    || Range::words(values.iter().map(ToString::to_string)),
                    Range::numbers,
                ))
            }
            Binding::Run(RunField::Status) => Some(Range::words(["succeeded", "failed", "cancelled"])),
            Binding::Output { .. } | Binding::Run(_) | Binding::DataUri(_) | Binding::DataPath(_) => None,
        }
    }

    /// All values of the item of a fan-out, if they are known.
    fn item_values(self, of: &Binding) -> Option<Vec<&'g Scalar>> {
        let Binding::Item { each, field } = of else {
            return None;
        };
        let Items::Known(items) = &self.graph.each.get(each.0 as usize)?.items else {
            return None;
        };
        let values = items.iter().map(|item| match field {
            None => Some(&item.value),
            Some(field) => {
                let own = item.fields.iter().find(|(name, _)| name == field);
                own.map(|(_, value)| value)
            }
        });
        // Of a source with a mistake, no item is known.
        (!items.is_empty()).then(|| values.collect())?
    }

    /// The type of a value, as far as numbers are concerned.
    pub(super) fn type_of(self, of: &Binding) -> Option<ValueType> {
        match of {
            Binding::Parameter { ty, .. } | Binding::Output { ty, .. } => Some(*ty),
            Binding::Run(RunField::Date) => Some(ValueType::Date),
            Binding::Item { .. } => {
                let values = self.item_values(of)?;
                values
                    .iter()
                    .all(|value| value.as_number().is_some())
                    .then_some(ValueType::Number)
            }
            Binding::Run(_) | Binding::DataUri(_) | Binding::DataPath(_) => None,
        }
    }

    pub(super) fn name(self, of: &Binding) -> String {
        let step = |id: &StepId| {
            let step = self.graph.steps.get(id.0 as usize);
            step.map(|step| step.name.value.clone()).unwrap_or_default()
        };
        match of {
            Binding::Parameter { name, .. } => name.clone(),
            Binding::Output { steps, output, .. } => {
                let steps: Vec<String> = steps.iter().map(step).collect();
                format!("{}.{output}", steps.join("|"))
            }
            Binding::Item { each, field } => {
                let each = self.graph.each.get(each.0 as usize);
                let variable = each.map(|each| each.variable.value.as_str()).unwrap_or_default();
                let field = field.iter().map(|field| format!(".{field}"));
                format!("{variable}{}", field.collect::<String>())
            }
            Binding::Run(_) | Binding::DataUri(_) | Binding::DataPath(_) => form(of),
        }
    }
}

/// A form in which equal things are equal texts, wherever they stand.
pub(super) fn form(thing: &impl serde::Serialize) -> String {
    serde_json::to_string(thing).unwrap_or_else(|error| unreachable!("conditions always serialise: {error}"))
}

/// False of what several alternatives emit.
pub(super) fn is_single(of: &Binding) -> bool {
    match of {
        Binding::Output { steps, .. } => steps.len() == 1,
        Binding::Parameter { .. }
        | Binding::Item { .. }
        | Binding::Run(_)
        | Binding::DataUri(_)
        | Binding::DataPath(_) => true,
    }
}
