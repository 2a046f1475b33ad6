//! What has become of tasks, and who is answerable for the time.
#![allow(
    clippy::indexing_slicing,
    reason = "part of the inner loop; `Stage::of` makes every position for vectors of its own"
)]

use super::{Item, Stage, State};

impl Stage<'_> {
    /// When the last item of the task ended, and what became of it; `None` if it never began.
    pub fn end_of(&self, task: usize) -> Option<f64> {
        let ended = self.own(task).iter().filter(|item| item.began);
        ended.map(|item| item.end).reduce(f64::max)
    }

    /// From when an item of the task could begin to its end, the mean of those that did.
    pub fn time_of(&self, task: usize) -> f64 {
        let began = self.own(task).iter().filter(|item| item.began);
        let times: Vec<f64> = began.map(|item| item.end - item.ready).collect();
        times.iter().sum::<f64>() / times.len().max(1) as f64
    }

    /// What became of a task: it failed if more of its items did than may; it was done if one was.
    pub fn state_of(&self, task: usize) -> State {
        let count = |state: State| self.own(task).iter().filter(|item| item.state == state).count();
        if count(State::Failed) > self.network.tasks[task].tolerate {
            State::Failed
        } else if count(State::Done) > 0 {
            State::Done
        } else {
            State::Skipped
        }
    }

    pub(super) fn own(&self, task: usize) -> &[Item] {
        let first = self.first[task];
        &self.items[first..first + self.network.tasks[task].items]
    }

    /// Follows the chain back from the last end: each task answers for the time since what it had to wait for.
    pub(super) fn blame(&mut self) {
        let ends = |item: &usize| !self.network.tasks[self.task_of[*item]].always_on;
        let all = (0..self.items.len()).filter(ends);
        let mut last = all.max_by(|a, b| self.items[*a].end.total_cmp(&self.items[*b].end));
        while let Some(item) = last {
            let cause = self.items[item].cause;
            let since = cause.map_or(0.0, |cause| self.items[cause].end);
            self.answerable[self.task_of[item]] += self.items[item].end - since;
            last = cause;
        }
    }
}
