//! What ran before: attempts of steps and load over time, read from many forms, kept in one file.
//!
//! `portolan.history` lies beside the lock and is committed with the sources. It is a row of gzip members (`store`),
//! each the CSV of one import with a header of its own (`table`), so that `gzip -dc` shows all of it. It only ever
//! grows at its end: an import is one write of one member, a member that was torn or damaged is reported and passed
//! over, and all others are read. Rows with one `id` are one attempt, of which the first value of each column holds;
//! importing a file again adds nothing.
//!
//! What comes from outside is checked before it is kept (`sift`): a value that cannot be true is left out and
//! reported with its file and row, and the rest of the row stays.

pub mod argo;
pub mod attempt;
mod cell;
pub mod evaluate;
mod fault;
pub mod fit;
pub mod form;
mod learned;
pub mod nextflow;
pub mod open;
pub mod prometheus;
pub mod sample;
mod sift;
pub mod store;
pub mod table;
mod time;
pub mod wfformat;

#[cfg(test)]
#[allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that panics is a test that fails"
)]
mod tests;

use std::collections::BTreeMap;

pub use attempt::{Attempt, Measure, Outcome};
pub use fit::Fitted;
pub use form::Form;
pub use learned::{Learned, LearnedLikeness, LearnedLoad, LearnedSize};
pub use sample::{Sample, SampleKey};

use fault::Faults;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::Spanned;

/// Everything that is known of the past.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Records {
    /// By id.
    pub attempts: BTreeMap<String, Attempt>,
    /// Load over time.
    pub samples: BTreeMap<SampleKey, f64>,
}

/// What one file holds, each with the place it was read from.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// Attempts.
    pub attempts: Vec<Spanned<Attempt>>,
    /// Load over time.
    pub samples: Vec<Spanned<Sample>>,
}

impl Records {
    /// Adds what is not known yet and returns it.
    pub fn add(&mut self, read: Records) -> Records {
        let mut news = Records::default();
        for (id, attempt) in read.attempts {
            match self.attempts.get_mut(&id) {
                Some(known) => {
                    if let Some(more) = known.complete(&attempt) {
                        news.attempts.insert(id, more);
                    }
                }
                None => {
                    self.attempts.insert(id.clone(), attempt.clone());
                    news.attempts.insert(id, attempt);
                }
            }
        }
        for (key, value) in read.samples {
            if !self.samples.contains_key(&key) {
                self.samples.insert(key.clone(), value);
                news.samples.insert(key, value);
            }
        }
        news
    }

    /// True if nothing is known.
    pub fn is_empty(&self) -> bool {
        self.attempts.is_empty() && self.samples.is_empty()
    }

    /// Attempts in the order in which they ended, those without a time first.
    pub fn in_order(&self) -> Vec<&Attempt> {
        let mut attempts: Vec<&Attempt> = self.attempts.values().collect();
        attempts.sort_by(|a, b| a.ended().total_cmp(&b.ended()).then_with(|| a.id.cmp(&b.id)));
        attempts
    }
}

impl Records {
    /// Takes over what files hold and returns what was not known. Rows that know only a pod complete the attempt that
    /// ran in it, in these files or before; one whose pod nobody knows is reported.
    pub fn import(&mut self, read: Read, out: &mut Diagnostics) -> Records {
        let (mut found, mut of_pods) = (Records::default(), Vec::new());
        for Spanned { value, span } in read.attempts {
            if value.step.is_empty() {
                of_pods.push(Spanned::new(value, span));
            } else if let Some(known) = found.attempts.get_mut(&value.id) {
                known.complete(&value);
            } else {
                found.attempts.insert(value.id.clone(), value);
            }
        }
        let samples = read
            .samples
            .into_iter()
            .map(|sample| (sample.value.key, sample.value.value));
        found.samples.extend(samples);
        self.complete_pods(&mut found, of_pods, out);
        self.add(found)
    }

    /// Adds what is known of pods to the attempts that ran in them, to those just found before those of old.
    fn complete_pods(&self, found: &mut Records, rows: Vec<Spanned<Attempt>>, out: &mut Diagnostics) {
        let Some(first) = rows.first() else { return };
        let mut faults = Faults::of(first.span.source, out);
        let attempts = self.attempts.values().chain(found.attempts.values());
        let pods: BTreeMap<String, String> = attempts
            .filter(|attempt| !attempt.pod.is_empty())
            .map(|attempt| (attempt.pod.clone(), attempt.id.clone()))
            .collect();
        for row in rows {
            let Some(id) = pods.get(&row.value.pod) else {
                faults.push(stray(&row));
                continue;
            };
            let attempt = Attempt {
                id: id.clone(),
                ..row.value
            };
            match found.attempts.get_mut(id) {
                Some(known) => drop(known.complete(&attempt)),
                None => drop(found.attempts.insert(id.clone(), attempt)),
            }
        }
        faults.finish();
    }
}

fn stray(row: &Spanned<Attempt>) -> Diagnostic {
    let message = format!("no attempt is known that ran in pod `{}`", row.value.pod);
    Diagnostic::new(Code::HistoryRow, row.span, "passed over", message)
        .help("import the workflows first: `kubectl get workflows -o json`")
}
