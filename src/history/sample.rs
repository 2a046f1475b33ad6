//! Load and growth over time: one number at one time.

use std::cmp::Ordering;

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Subject {
    /// Requests or events a second of a step.
    Requests,
    /// Bytes of one version of a data set.
    Size,
}

impl Subject {
    /// All.
    pub const ALL: [Subject; 2] = [Subject::Requests, Subject::Size];

    /// As it is written in the file.
    pub fn word(self) -> &'static str {
        match self {
            Subject::Requests => "requests_per_second",
            Subject::Size => "bytes",
        }
    }

    /// The subject called `word`.
    pub fn of(word: &str) -> Option<Subject> {
        Subject::ALL.into_iter().find(|subject| subject.word() == word)
    }
}

/// What tells a sample from all others.
#[derive(Clone, Debug)]
pub struct SampleKey {
    /// The pipeline.
    pub pipeline: String,
    /// The step or the data set.
    pub name: String,
    /// What is counted.
    pub subject: Subject,
    /// When, in seconds since 1970.
    pub time: f64,
}

/// One number at one time.
#[derive(Clone, PartialEq, Debug)]
pub struct Sample {
    /// Of what, and when.
    pub key: SampleKey,
    /// How much.
    pub value: f64,
}

impl Ord for SampleKey {
    fn cmp(&self, other: &SampleKey) -> Ordering {
        let names = (&self.pipeline, &self.name, self.subject);
        names
            .cmp(&(&other.pipeline, &other.name, other.subject))
            .then(self.time.total_cmp(&other.time))
    }
}

impl PartialOrd for SampleKey {
    fn partial_cmp(&self, other: &SampleKey) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for SampleKey {
    fn eq(&self, other: &SampleKey) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for SampleKey {}
