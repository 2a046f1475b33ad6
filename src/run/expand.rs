//! Over which items a step goes, as far as it is known.

use super::value::Value;
use super::{Run, State, TaskId};
use crate::graph::{EachId, Items, StepId};

/// How many items a fan-out has in one place.
pub(super) enum Length {
    /// So many.
    Known(usize),
    /// What makes the list is not over.
    Open,
    /// The list is not there: what goes over it shares this fate.
    Lacking(State),
}

impl Run<'_> {
    /// All tasks of a step under a prefix of positions; where a list is not there, its place stands for all in it.
    /// `None` if a list is still open.
    pub(super) fn leaves(&self, step: StepId, prefix: &[usize]) -> Option<Vec<TaskId>> {
        let mut places = vec![prefix.to_vec()];
        for each in self.graph[step].each.iter().skip(prefix.len()) {
            let mut next = Vec::new();
            for place in places {
                let stands = self.states.contains_key(&task(step, &place)) && place.len() < self.depth(step);
                if stands {
                    next.push(place);
                    continue;
                }
                match self.length(*each, &place) {
                    Length::Known(count) => {
                        next.extend((0..count).map(|at| [place.as_slice(), &[at]].concat()))
                    }
                    Length::Open => return None,
                    Length::Lacking(_) => next.push(place),
                }
            }
            places = next;
        }
        Some(places.iter().map(|place| task(step, place)).collect())
    }

    fn depth(&self, step: StepId) -> usize {
        self.graph[step].each.len()
    }

    /// Items of `each` at a place in the fan-outs around it.
    pub(super) fn length(&self, each: EachId, place: &[usize]) -> Length {
        match &self.graph[each].items {
            Items::Known(items) => Length::Known(items.len()),
            Items::Parameter { name, .. } => Length::Known(self.parameters.get(name).map_or(0, Vec::len)),
            Items::Partitions { count, .. } => count.map_or(Length::Lacking(State::Unknown), |count| {
                Length::Known(count as usize)
            }),
            Items::Output { steps, output, .. } => self.emitted_length(steps, output, place),
        }
    }

    fn emitted_length(&self, steps: &[StepId], output: &str, place: &[usize]) -> Length {
        let mut fate = State::Skipped;
        for step in steps {
            let depth = self.depth(*step).min(place.len());
            let emitter = task(*step, place.get(..depth).unwrap_or_default());
            match self.state(&emitter) {
                None | Some(State::Running(_)) => return Length::Open,
                Some(State::Succeeded) => {
                    let emitted = self.outputs(&emitter).and_then(|outputs| outputs.get(output));
                    return match emitted {
                        Some(Value::List(items)) => Length::Known(items.len()),
                        Some(_) | None => Length::Lacking(State::Unknown),
                    };
                }
                Some(state @ (State::Skipped | State::Failed | State::Unknown)) => fate = fate.max(state),
            }
        }
        Length::Lacking(fate)
    }
}

pub(super) fn task(step: StepId, path: &[usize]) -> TaskId {
    TaskId {
        step,
        path: path.to_vec(),
    }
}
