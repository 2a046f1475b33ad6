//! What happens in a run, by the rules of the language: which steps run, are skipped or fail, over which items.
//!
//! A state machine without clock or processes: whoever drives it starts what [`Run::to_start`] names and tells how it
//! ended ([`Run::succeeded`], [`Run::failed`]). `test` drives it with what a test gives, `run --local` with processes. Values may be unknown,
//! and then so is what depends on them.
//!
//! ```text
//! value       what parameters, items and outputs are at run time
//! condition   whether a `when` holds, in three values: yes, no, unknown
//! expand      over which items a step goes, as far as it is known
//! decide      what becomes of a step whose predecessors are over
//! retry       whether another attempt is made, and when
//! ```

pub mod condition;
mod decide;
mod expand;
mod lookup;
mod retry;
pub mod value;

use std::collections::BTreeMap;

use crate::graph::{Graph, Pipeline, Scalar, StepId};
use crate::quantity::Seconds;
pub use retry::Failure;
use value::Value;

/// One item of a step: the step, and the position of the item in each fan-out around it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct TaskId {
    /// The step.
    pub step: StepId,
    /// Outermost first; empty outside fan-outs.
    pub path: Vec<usize>,
}

/// What has become of a task.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum State {
    /// Its attempt, counted from 0, is to be started or runs.
    Running(u32),
    /// It did its work.
    Succeeded,
    /// Its condition did not hold, or nothing made what it needs.
    Skipped,
    /// It failed for good, or something before it did.
    Failed,
    /// Nobody can say, because it depends on a value that nobody knows.
    Unknown,
}

/// What the driver has to do.
#[derive(Clone, PartialEq, Debug)]
pub struct Start {
    /// What is to be started.
    pub task: TaskId,
    /// Attempts before this one.
    pub attempt: u32,
    /// After this wait.
    pub after: Seconds,
}

/// One run of one pipeline.
pub struct Run<'g> {
    graph: &'g Graph,
    /// Steps that take part.
    steps: Vec<StepId>,
    parameters: BTreeMap<String, Vec<Value>>,
    states: BTreeMap<TaskId, State>,
    outputs: BTreeMap<TaskId, BTreeMap<String, Value>>,
    /// What [`Run::to_start`] has not handed out yet.
    starts: Vec<Start>,
}

impl<'g> Run<'g> {
    /// A run with these parameters beside the defaults. With `only`, of that step and what it needs.
    pub fn of(
        graph: &'g Graph,
        pipeline: &Pipeline,
        given: &BTreeMap<String, Vec<Scalar>>,
        only: Option<StepId>,
    ) -> Run<'g> {
        let parameters = pipeline.parameters.iter().map(|parameter| {
            let name = &parameter.name.value;
            let values = given.get(name).unwrap_or(&parameter.default).iter();
            (
                name.clone(),
                values.map(|value| Value::of(value, parameter.ty)).collect(),
            )
        });
        Run {
            graph,
            steps: only.map_or_else(|| pipeline.steps.clone(), |step| ancestors(graph, step)),
            parameters: parameters.collect(),
            states: BTreeMap::new(),
            outputs: BTreeMap::new(),
            starts: Vec::new(),
        }
    }

    /// What is to be started now, each once.
    pub fn to_start(&mut self) -> Vec<Start> {
        while self.advance() {}
        std::mem::take(&mut self.starts)
    }

    /// An attempt did its work and emitted this.
    pub fn succeeded(&mut self, task: &TaskId, outputs: BTreeMap<String, Value>) {
        self.outputs.insert(task.clone(), outputs);
        self.states.insert(task.clone(), State::Succeeded);
    }

    /// An attempt failed; it is made again if the step says so. The answer is the wait before the next one.
    pub fn failed(&mut self, task: &TaskId, failure: Failure) -> Option<Seconds> {
        let attempt = match self.states.get(task) {
            Some(State::Running(attempt)) => *attempt,
            Some(State::Succeeded | State::Skipped | State::Failed | State::Unknown) | None => return None,
        };
        let wait = retry::wait(&self.graph[task.step], attempt, failure);
        let state = wait.map_or(State::Failed, |_| State::Running(attempt + 1));
        self.states.insert(task.clone(), state);
        self.starts.extend(wait.map(|after| Start {
            task: task.clone(),
            attempt: attempt + 1,
            after,
        }));
        wait
    }

    /// A task cannot be run at all, so that no other attempt is made.
    pub fn gave_up(&mut self, task: &TaskId) {
        self.states.insert(task.clone(), State::Failed);
    }

    /// The state of a task, if it has one yet.
    pub fn state(&self, task: &TaskId) -> Option<State> {
        self.states.get(task).copied()
    }

    /// All tasks of a step that have a state, with it.
    pub fn tasks(&self, step: StepId) -> impl Iterator<Item = (&TaskId, State)> {
        let own = self.states.iter().filter(move |(task, _)| task.step == step);
        own.map(|(task, state)| (task, *state))
    }

    /// What a task emitted.
    pub fn outputs(&self, task: &TaskId) -> Option<&BTreeMap<String, Value>> {
        self.outputs.get(task)
    }

    /// What has become of a step: failed if more items did than may, unknown if one is, succeeded if one did.
    pub fn step(&self, step: StepId) -> Option<State> {
        let leaves = self.leaves(step, &[])?;
        Some(self.together(step, &leaves, 0))
    }

    /// True if a step of the run failed for good.
    pub fn has_failed(&self) -> bool {
        self.steps
            .iter()
            .any(|step| self.step(*step) == Some(State::Failed))
    }

    /// Steps that take part, in an order in which they can run.
    pub fn steps(&self) -> &[StepId] {
        &self.steps
    }
}

/// The step and all that it waits for.
fn ancestors(graph: &Graph, step: StepId) -> Vec<StepId> {
    let mut found = vec![step];
    let mut at = 0;
    while let Some(step) = found.get(at).copied() {
        for before in &graph[step].predecessors {
            if !found.contains(before) {
                found.push(*before);
            }
        }
        at += 1;
    }
    found.sort_unstable();
    found
}
