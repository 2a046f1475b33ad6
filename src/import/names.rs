//! Names of the language for names of others: each given once, in the order of asking.

use std::collections::BTreeSet;

use crate::graph::reserved;
use crate::history::wfformat::pipeline::name_of;

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
        let free = |name: &String| reserved(name).is_none() && !self.taken.contains(name);
        let name = std::iter::once(base.clone()).chain(numbered).find(free);
        let name = name.unwrap_or(base);
        self.taken.insert(name.clone());
        name
    }
}
