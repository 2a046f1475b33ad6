//! What becomes of a task once all that it waits for is over.

use super::expand::{Length, task};
use super::{Run, Start, State, TaskId, condition};
use crate::graph::{Items, StepId, Tolerance, inputs};
use crate::quantity::Seconds;

impl Run<'_> {
    /// Decides what can be decided; true if that was anything.
    pub(super) fn advance(&mut self) -> bool {
        let mut moved = false;
        for step in self.steps.clone() {
            for task in self.undecided(step) {
                if let Some(state) = self.decided(&task) {
                    if state == State::Running(0) {
                        self.starts.push(Start {
                            task: task.clone(),
                            attempt: 0,
                            after: Seconds::ZERO,
                        });
                    }
                    self.states.insert(task, state);
                    moved = true;
                }
            }
        }
        moved
    }

    /// Tasks of a step that have no state, as far as its lists are known; of a list that is not there, its place.
    fn undecided(&self, step: StepId) -> Vec<TaskId> {
        let mut places = vec![Vec::new()];
        for each in &self.graph[step].each {
            let mut next = Vec::new();
            for place in places {
                match self.length(*each, &place) {
                    Length::Known(count) => {
                        next.extend((0..count).map(|at| [place.as_slice(), &[at]].concat()))
                    }
                    Length::Open => {}
                    Length::Lacking(_) => next.push(place),
                }
            }
            places = next;
        }
        let tasks = places.iter().map(|place| task(step, place));
        tasks.filter(|task| !self.states.contains_key(task)).collect()
    }

    /// The state that a task gets; `None` if something before it is not over.
    fn decided(&self, task: &TaskId) -> Option<State> {
        let step = &self.graph[task.step];
        if let Some(each) = step.each.get(task.path.len())
            && let Length::Lacking(fate) = self.length(*each, &task.path)
        {
            return Some(fate);
        }
        if step.finally {
            let others = self.steps.iter().filter(|other| !self.graph[**other].finally);
            let over = others.map(|other| self.over(*other, &[]));
            return over.collect::<Option<Vec<_>>>().map(|_| State::Running(0));
        }
        let mut unsure = false;
        for before in &step.predecessors {
            let shared = self.shared(*before, task);
            let leaves = self.over(*before, shared)?;
            match self.together(*before, &leaves, shared.len()) {
                State::Failed => return Some(State::Failed),
                State::Unknown => unsure = true,
                State::Running(_) | State::Succeeded | State::Skipped => {}
            }
        }
        if self.lacks_input(task) || self.condition(task) == Some(false) {
            return Some(State::Skipped);
        }
        if unsure || self.condition(task).is_none() {
            return Some(State::Unknown);
        }
        Some(State::Running(0))
    }

    /// All tasks of a step under a place, if all of them are over.
    fn over(&self, step: StepId, place: &[usize]) -> Option<Vec<TaskId>> {
        if !self.steps.contains(&step) {
            return Some(Vec::new());
        }
        let leaves = self.leaves(step, place)?;
        let is_over = |leaf: &TaskId| !matches!(self.state(leaf), None | Some(State::Running(_)));
        leaves.iter().all(is_over).then_some(leaves)
    }

    /// What several items of a step come to; `depth` tells in how many fan-outs the reader is, too. Of one's own item
    /// none may fail, of those one gathers, as many as the fan-out says.
    pub(super) fn together(&self, step: StepId, leaves: &[TaskId], depth: usize) -> State {
        let count = |state: State| {
            leaves
                .iter()
                .filter(|leaf| self.state(leaf) == Some(state))
                .count()
        };
        let each = self.graph[step].each.get(depth);
        let tolerated = each.map_or(0, |each| match self.graph[*each].tolerate {
            Tolerance::Items(items) => items as usize,
            Tolerance::Share(share) => (share.0 * leaves.len() as f64).floor() as usize,
        });
        if count(State::Failed) > tolerated {
            State::Failed
        } else if count(State::Unknown) > 0 {
            State::Unknown
        } else if count(State::Succeeded) > 0 {
            State::Succeeded
        } else {
            State::Skipped
        }
    }

    /// True if something that the task needs was surely made by nobody.
    fn lacks_input(&self, task: &TaskId) -> bool {
        let step = &self.graph[task.step];
        let lists = step
            .each
            .iter()
            .filter_map(|each| match &self.graph[*each].items {
                Items::Partitions { data, .. } => Some(self.graph[*data].writers.as_slice()),
                Items::Known(_) | Items::Output { .. } | Items::Parameter { .. } => None,
            });
        let needs = inputs(self.graph, step).into_iter().chain(lists);
        let mut made = needs.filter(|makers| !makers.is_empty()).map(|makers| {
            makers.iter().any(|maker| {
                let leaves = self.leaves(*maker, self.shared(*maker, task)).unwrap_or_default();
                let there =
                    |leaf: &TaskId| matches!(self.state(leaf), Some(State::Succeeded | State::Unknown));
                *maker == task.step || leaves.iter().any(there)
            })
        });
        made.any(|made| !made)
    }

    /// Whether the condition of a task holds, those of all it is the alternative of included.
    pub fn condition(&self, task: &TaskId) -> Option<bool> {
        let step = &self.graph[task.step];
        let own = match &step.when {
            Some(when) => condition::holds(&when.value, &|binding| self.lookup(task, binding)),
            None => Some(true),
        };
        let mut holds = own;
        for other in &step.otherwise {
            let theirs = self::task(other.value, self.shared(other.value, task));
            match self.condition(&theirs) {
                Some(true) => return Some(false),
                Some(false) => {}
                None if holds == Some(true) => holds = None,
                None => {}
            }
        }
        holds
    }
}
