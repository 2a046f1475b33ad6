//! Records -> the table's text.

use std::collections::BTreeSet;

use super::column::PARAMETER;
use crate::history::attempt::{Attempt, Measure, Outcome};
use crate::history::{Records, time};

/// Columns before the measures.
const NAMES: [&str; 11] = [
    "id",
    "run",
    "pipeline",
    "step",
    "item",
    "retries",
    "pod",
    "machine",
    "started",
    "outcome",
    "exit_code",
];

/// Columns of samples, after all others.
const SAMPLE: [&str; 2] = ["subject", "value"];

/// All attempts in the order in which they ended, then all samples; only columns in which something stands.
pub fn text(records: &Records) -> String {
    let parameters: BTreeSet<&str> = records
        .attempts
        .values()
        .flat_map(|attempt| attempt.parameters.keys().map(String::as_str))
        .collect();
    let header = NAMES
        .into_iter()
        .chain(Measure::ALL.into_iter().map(Measure::column))
        .map(str::to_owned)
        .chain(parameters.iter().map(|name| format!("{PARAMETER}{name}")))
        .chain(SAMPLE.map(str::to_owned));
    let mut rows: Vec<Vec<String>> = vec![header.collect()];
    let attempts = records.in_order();
    rows.extend(
        attempts
            .into_iter()
            .map(|attempt| of_attempt(attempt, &parameters)),
    );
    rows.extend(samples(records, parameters.len()));
    let used: Vec<bool> = (0..rows.first().map_or(0, Vec::len))
        .map(|column| {
            rows.iter()
                .skip(1)
                .any(|row| row.get(column).is_some_and(|cell| !cell.is_empty()))
        })
        .collect();
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    for row in &rows {
        let cells = row
            .iter()
            .zip(&used)
            .filter(|(_, used)| **used)
            .map(|(cell, _)| cell);
        if let Err(error) = writer.write_record(cells) {
            unreachable!("all rows have the columns of the header: {error}");
        }
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn of_attempt(attempt: &Attempt, parameters: &BTreeSet<&str>) -> Vec<String> {
    let some = |number: Option<String>| number.unwrap_or_default();
    let mut row = vec![
        attempt.id.clone(),
        attempt.run.clone(),
        attempt.pipeline.clone(),
        attempt.step.clone(),
        attempt.item.clone(),
        some((attempt.retries > 0).then(|| attempt.retries.to_string())),
        attempt.pod.clone(),
        attempt.machine.clone(),
        some(attempt.started.map(time::write)),
        some((attempt.outcome != Outcome::Succeeded).then(|| attempt.outcome.word().to_owned())),
        some(attempt.exit_code.map(|code| code.to_string())),
    ];
    let measures = Measure::ALL.into_iter().map(|measure| attempt.measure(measure));
    row.extend(measures.map(|value| some(value.map(|value| value.to_string()))));
    let parameter = |name: &&str| attempt.parameters.get(*name).cloned().unwrap_or_default();
    row.extend(parameters.iter().map(parameter));
    row.extend(SAMPLE.map(|_| String::new()));
    row
}

fn samples(records: &Records, parameters: usize) -> impl Iterator<Item = Vec<String>> {
    let width = NAMES.len() + Measure::ALL.len() + parameters;
    records.samples.iter().map(move |(key, value)| {
        let name = |column: &str| match column {
            "pipeline" => key.pipeline.clone(),
            "step" => key.name.clone(),
            "started" => time::write(key.time),
            _ => String::new(),
        };
        let mut row: Vec<String> = NAMES.into_iter().map(name).collect();
        row.resize(width, String::new());
        row.extend([key.subject.word().to_owned(), value.to_string()]);
        row
    })
}
