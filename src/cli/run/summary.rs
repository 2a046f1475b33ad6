//! What became of each task, and what its last attempt took, as a table.

use super::command::Seen;
use super::turn::Turn;
use crate::quantity::{Bytes, Seconds};
use crate::run::State;

impl Turn<'_, '_> {
    /// Rows of a table: what became of each task, and what its last attempt took.
    pub fn rows(&self) -> Vec<Vec<String>> {
        let head = ["step", "", "time", "processor", "memory"].map(str::to_owned);
        let mut rows = vec![head.to_vec()];
        for step in self.run.steps() {
            for (task, state) in self.run.tasks(*step) {
                let seen = Seen {
                    around: self.around,
                    run: &self.run,
                    task,
                };
                let name = [vec![self.graph()[*step].name.value.clone()], seen.items()]
                    .concat()
                    .join("/");
                let took = self.finished.get(task);
                let time =
                    |time: Option<f64>| time.map_or_else(|| "-".to_owned(), |time| Seconds(time).to_string());
                rows.push(vec![
                    name,
                    word(state, took.is_some(), self.interrupted.contains(task)).to_owned(),
                    time(took.map(|took| took.seconds)),
                    time(took.and_then(|took| took.core_seconds)),
                    took.map_or_else(|| "-".to_owned(), |took| memory(took.memory_peak)),
                ]);
            }
        }
        rows
    }
}

fn word(state: State, ran: bool, interrupted: bool) -> &'static str {
    match (state, ran) {
        (State::Running(_), _) if interrupted => "interrupted",
        (State::Succeeded, true) => "done",
        (State::Succeeded, false) => "kept",
        (State::Skipped, _) => "skipped",
        (State::Failed, true) => "FAILED",
        (State::Failed, false) => "not run",
        (State::Running(_), _) => "not run",
        (State::Unknown, _) => "unknown",
    }
}

/// Most memory held, if it is known.
pub fn memory(peak: Option<f64>) -> String {
    peak.map_or_else(|| "-".to_owned(), |peak| Bytes::round(peak).to_string())
}
