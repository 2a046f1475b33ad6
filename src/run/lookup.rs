//! What a reference stands for, seen from a task.

use super::condition::Found;
use super::expand::task;
use super::value::{self, Value};
use super::{Run, State, TaskId};
use crate::graph::{Binding, EachId, Items, StepId, ValueType};

impl Run<'_> {
    /// What a reference of the task stands for. What only a driver knows (the run, addresses) is unknown here.
    pub fn lookup(&self, from: &TaskId, binding: &Binding) -> Found {
        match binding {
            Binding::Parameter { name, list, .. } => {
                let values = self.parameters.get(name).cloned().unwrap_or_default();
                if *list {
                    Found::Many(values)
                } else {
                    Found::One(values.into_iter().next().unwrap_or(Value::Unknown))
                }
            }
            Binding::Item { each, field } => Found::One(self.item(from, *each, field.as_deref())),
            Binding::Output {
                steps, output, list, ..
            } => self.output(from, steps, output, *list),
            Binding::Run(_) | Binding::DataUri(_) | Binding::DataPath(_) => Found::One(Value::Unknown),
        }
    }

    /// The item of a fan-out that a task is in, or a field of it.
    pub fn item(&self, from: &TaskId, each: EachId, field: Option<&str>) -> Value {
        let around = &self.graph[from.step].each;
        let depth = around.iter().position(|own| *own == each);
        let Some((depth, at)) = depth.and_then(|depth| Some((depth, *from.path.get(depth)?))) else {
            return Value::Unknown;
        };
        let found = match &self.graph[each].items {
            Items::Known(items) => items.get(at).and_then(|item| match field {
                None => Some(Value::of(&item.value, ValueType::String)),
                Some(field) => {
                    let (_, value) = item.fields.iter().find(|(name, _)| name == field)?;
                    Some(Value::of(value, ValueType::String))
                }
            }),
            Items::Parameter { name, .. } => self.parameters.get(name).and_then(|all| all.get(at).cloned()),
            Items::Partitions { .. } => Some(Value::Number(at as f64)),
            Items::Output { steps, output, .. } => {
                let place = from.path.get(..depth).unwrap_or_default();
                self.emitted_item(steps, output, place, at, field)
            }
        };
        found.unwrap_or(Value::Unknown)
    }

    fn emitted_item(
        &self,
        steps: &[StepId],
        output: &str,
        place: &[usize],
        at: usize,
        field: Option<&str>,
    ) -> Option<Value> {
        let emitted = steps.iter().find_map(|step| {
            let depth = self.graph[*step].each.len().min(place.len());
            self.outputs(&task(*step, place.get(..depth)?))?.get(output)
        });
        let Some(Value::List(items)) = emitted else {
            return None;
        };
        let item = items.get(at)?;
        Some(value::item(field.map_or(Some(item), |field| item.get(field))?))
    }

    fn output(&self, from: &TaskId, steps: &[StepId], output: &str, list: bool) -> Found {
        let mut values = Vec::new();
        let mut ran = false;
        for step in steps {
            let shared = self.shared(*step, from);
            for leaf in self.leaves(*step, shared).unwrap_or_default() {
                match self.state(&leaf) {
                    Some(State::Succeeded) => {
                        ran = true;
                        let value = self.outputs(&leaf).and_then(|outputs| outputs.get(output));
                        values.push(value.cloned().unwrap_or(Value::Unknown));
                    }
                    Some(State::Unknown) => {
                        ran = true;
                        values.push(Value::Unknown);
                    }
                    Some(State::Skipped | State::Failed | State::Running(_)) | None => {}
                }
            }
        }
        match (list, ran) {
            (true, _) => Found::Many(values),
            (false, true) => Found::One(values.into_iter().next().unwrap_or(Value::Unknown)),
            (false, false) => Found::Missing,
        }
    }

    /// The positions of `from` in the fan-outs that `step` is in, too.
    pub(super) fn shared<'t>(&self, step: StepId, from: &'t TaskId) -> &'t [usize] {
        let pairs = self.graph[step].each.iter().zip(&self.graph[from.step].each);
        let depth = pairs.take_while(|(a, b)| a == b).count();
        from.path.get(..depth.min(from.path.len())).unwrap_or_default()
    }
}
