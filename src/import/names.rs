//! Names of the language for names of others: each given once, in the order of asking.

use std::collections::BTreeSet;

use crate::graph::reserved;
use crate::history::wfformat::pipeline::name_of;

/// What an emitted workflow calls templates and parameters of its own: a step or parameter of that name would be a
/// second one.
const OF_WORKFLOWS: [&str; 4] = ["main", "exit", "run", "date"];

/// The names of one pipeline that are taken.
#[derive(Default)]
pub struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    /// The name nearest to `text` that is free, now taken: its own, or with a number.
    pub fn fresh(&mut self, text: &str) -> String {
        let base = name_of(text);
        let numbered = (2..).map(|number: usize| format!("{base}-{number}"));
        let free = |name: &String| {
            let spoken_for = OF_WORKFLOWS.contains(&name.as_str()) || self.taken.contains(name);
            reserved(name).is_none() && !spoken_for
        };
        let name = std::iter::once(base.clone()).chain(numbered).find(free);
        let name = name.unwrap_or(base);
        self.taken.insert(name.clone());
        name
    }
}
