//! What could not be read.
//!
//! A line that is reported and left out may have declared a name that others use, or used one that others declare.
//! Later passes say nothing about names that occur in such a line: one mistake, one message.

use std::collections::BTreeSet;

use serde::Serialize;

/// The words of all text that was left out.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Lost {
    words: BTreeSet<String>,
    /// A whole file could not be read.
    file: bool,
}

impl Lost {
    /// Notes that `text` was left out.
    pub fn note(&mut self, text: &str) {
        let belongs = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        let words = text.split(|c| !belongs(c)).filter(|word| !word.is_empty());
        for word in words {
            self.words.insert(word.to_owned());
            // As it would be spelt if it was a name.
            self.words.insert(word.to_lowercase().replace('_', "-"));
        }
    }

    /// Notes that a file was left out.
    pub fn note_file(&mut self) {
        self.file = true;
    }

    /// True if a pipeline or template called `name` may be in what was left out.
    pub fn may_declare(&self, name: &str) -> bool {
        self.file || self.may_explain(name)
    }

    /// True if a part of the dotted `name` occurs in what was left out.
    pub fn may_explain(&self, name: &str) -> bool {
        name.split('.').any(|part| self.words.contains(part))
    }
}
