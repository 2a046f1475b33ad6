//! One row of the table.

use csv::StringRecord;
use sha2::{Digest as _, Sha256};

use super::column::Column;
use super::{Defaults, Place};
use crate::diag::{Code, Diagnostic};
use crate::history::attempt::{Attempt, Outcome};
use crate::history::fault::Faults;
use crate::history::sample::{Sample, SampleKey, Subject};
use crate::history::{Read, cell, time};
use crate::source::{Span, Spanned};

/// Adds the attempt or the sample of a row.
pub(super) fn read(
    record: &StringRecord,
    columns: &[Option<Column>],
    place: Place<'_>,
    defaults: Defaults<'_>,
    read: &mut Read,
    faults: &mut Faults<'_>,
) {
    let mut found = Row {
        attempt: Attempt {
            pipeline: defaults.pipeline.to_owned(),
            ..Attempt::default()
        },
        subject: None,
        value: None,
    };
    for (text, column) in record.iter().zip(columns) {
        let Some(column) = column.as_ref().filter(|_| !cell::absent(text)) else {
            continue;
        };
        if found.take(column, text).is_none() {
            faults.push(not_read(column, place.of(record, Some(text)), text));
        }
    }
    let span = place.of(record, None);
    if found.attempt.step.is_empty() {
        faults.push(unusable(span, "this row names no step"));
        return;
    }
    match found.subject {
        Some(subject) => match found.sample(subject) {
            Some(sample) => read.samples.push(Spanned::new(sample, span)),
            None => faults.push(unusable(span, "a sample needs `started` and `value`")),
        },
        None if found.attempt.measures.is_empty() => {
            faults.push(unusable(span, "nothing was measured in this row"))
        }
        None => {
            if found.attempt.id.is_empty() {
                found.attempt.id = content(record, &read.attempts.last().map(|last| last.value.id.clone()));
            }
            read.attempts.push(Spanned::new(found.attempt, span));
        }
    }
}

/// A row while it is read.
struct Row {
    attempt: Attempt,
    subject: Option<Subject>,
    value: Option<f64>,
}

impl Row {
    /// Takes over one cell; `None` if it is not of the column's form.
    fn take(&mut self, column: &Column, text: &str) -> Option<()> {
        let attempt = &mut self.attempt;
        match column {
            Column::Id => attempt.id = text.to_owned(),
            Column::Run => attempt.run = text.to_owned(),
            Column::Pipeline => attempt.pipeline = text.to_owned(),
            Column::Step => attempt.step = text.to_owned(),
            Column::Item => attempt.item = text.to_owned(),
            Column::Pod => attempt.pod = text.to_owned(),
            Column::Machine => attempt.machine = text.to_owned(),
            Column::Retries => attempt.retries = text.parse().ok()?,
            Column::Started => attempt.started = Some(time::read(text)?),
            Column::Outcome => attempt.outcome = Outcome::of(text)?,
            Column::ExitCode => attempt.exit_code = Some(text.parse().ok()?),
            Column::Measure(measure) => {
                let value = cell::number(text, measure.unit(), 1.0)?;
                attempt.measures.insert(*measure, value);
            }
            Column::Parameter(name) => {
                attempt.parameters.insert(name.clone(), text.to_owned());
            }
            Column::Subject => self.subject = Some(Subject::of(text)?),
            Column::Value => self.value = Some(text.parse().ok()?),
        }
        Some(())
    }

    fn sample(&self, subject: Subject) -> Option<Sample> {
        Some(Sample {
            key: SampleKey {
                pipeline: self.attempt.pipeline.clone(),
                name: self.attempt.step.clone(),
                subject,
                time: self.attempt.started?,
            },
            value: self.value?,
        })
    }
}

fn not_read(column: &Column, span: Span, text: &str) -> Diagnostic {
    let (code, wanted) = match column {
        Column::Started => (Code::HistoryClock, "a time such as `2026-05-01T02:00:00Z`"),
        Column::Measure(_) | Column::Value => (Code::HistoryValue, "a number, with or without a unit"),
        Column::Outcome => (
            Code::HistoryValue,
            "`succeeded`, `out-of-memory`, `interrupted` or `failed`",
        ),
        Column::Subject => (Code::HistoryValue, "`requests_per_second` or `bytes`"),
        Column::Retries | Column::ExitCode => (Code::HistoryValue, "a whole number"),
        Column::Id
        | Column::Run
        | Column::Pipeline
        | Column::Step
        | Column::Item
        | Column::Pod
        | Column::Machine
        | Column::Parameter(_) => (Code::HistoryValue, "text"),
    };
    Diagnostic::new(code, span, "left out", format!("`{text}` is not {wanted}"))
}

fn unusable(span: Span, why: &str) -> Diagnostic {
    Diagnostic::new(Code::HistoryRow, span, "left out", why)
}

/// An id for a row that has none: its content, and the id of the row before it, so that two rows alike are two
/// attempts and a file that is read again gives the same ids.
fn content(record: &StringRecord, before: &Option<String>) -> String {
    let mut digest = Sha256::new();
    digest.update(before.as_deref().unwrap_or_default());
    for cell in record {
        digest.update([0]);
        digest.update(cell);
    }
    let hex: String = digest
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("row-{hex}")
}
