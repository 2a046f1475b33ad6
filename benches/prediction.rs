//! Predictions of real executions, scored and set beside what known methods reach on the same rows.
//!
//! `cargo bench --bench prediction` reads `prediction/` of the shared data (`PORTOLAN_SHARED`, else `../shared`) and prints
//! the tables of `docs/benchmarks/prediction.md`, and how long fitting and predicting take. The rules are those of the
//! data's own `score.py`, in `prediction/score.rs`.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a bench measures and prints"
)]

#[path = "prediction/score.rs"]
mod score;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use portolan::predict::table::{self, Member, Role};
use portolan::predict::{LeftOut, Mode, Model, Prediction, Run, Target, cold, replay};

const CASES: [(&str, Target, Mode); 7] = [
    ("history", Target::Memory, Mode::Online),
    ("scaleup", Target::Memory, Mode::Batch),
    ("dag", Target::Memory, Mode::Batch),
    ("history", Target::RunTime, Mode::Online),
    ("scaleup", Target::RunTime, Mode::Batch),
    ("spark", Target::RunTime, Mode::Batch),
    ("dag", Target::RunTime, Mode::Batch),
];

type Execution<'t> = (&'t Member, &'t Run);

fn main() {
    let shared =
        std::env::var_os("PORTOLAN_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let data = shared.join("data/prediction");
    if !data.is_dir() {
        return println!("skipped: there is no {}", data.display());
    }
    let runs = table::runs(&unpacked(&data.join("workflow_tasks.csv.gz"))).expect("a table of executions");
    let splits = unpacked(&data.join("splits.csv.gz"));
    let baselines = std::fs::read_to_string(data.join("baselines.csv")).expect("baselines");
    for (split, target, mode) in CASES {
        let members = table::split(&splits, split).expect("a split");
        let [train, test] = parts(&members, &runs);
        let rows = scored(target, &test, &replay(target, mode, &only(&train), &only(&test)));
        report(split, target, mode, &score::score(&rows), &baselines);
    }
    let members = table::split(&splits, "history").expect("a split");
    let [train, test] = parts(&members, &runs);
    for left_out in [LeftOut::TaskType, LeftOut::Workflow] {
        for target in [Target::Memory, Target::RunTime] {
            let made = cold(target, left_out, &grouped(&train), &grouped(&test));
            let (q_error, error, waste, failed) = score::cold(&scored(target, &test, &made));
            print!(
                "cold start, without its {left_out:?}, {target:?}: q-error {q_error:.2}, median error {error:.1} %"
            );
            if target.is_memory() {
                println!(", waste {waste:.0} GBh, first attempts failed {failed:.2} %");
            } else {
                println!();
            }
        }
    }
    speed(&only(&train), &only(&test));
}

fn unpacked(path: &Path) -> String {
    let bytes = std::fs::read(path).expect("a file");
    let mut text = String::new();
    let mut reader = flate2::read::GzDecoder::new(bytes.as_slice());
    reader.read_to_string(&mut text).expect("gzip");
    text
}

/// The rows to learn from and those to predict.
fn parts<'t>(members: &'t [Member], runs: &'t BTreeMap<u64, Run>) -> [Vec<Execution<'t>>; 2] {
    [Role::Train, Role::Test].map(|role| {
        let rows = members.iter().filter(|member| member.role == role);
        rows.map(|member| (member, &runs[&member.row_id])).collect()
    })
}

fn only<'t>(rows: &[Execution<'t>]) -> Vec<&'t Run> {
    rows.iter().map(|(_, run)| *run).collect()
}

fn grouped<'t>(rows: &[Execution<'t>]) -> Vec<(&'t str, &'t Run)> {
    rows.iter()
        .map(|(member, run)| (member.group_id.as_str(), *run))
        .collect()
}

/// Predictions beside what happened, of the rows in which the target was measured.
fn scored(target: Target, test: &[Execution<'_>], made: &[Option<Prediction>]) -> Vec<score::Row> {
    let rows = test.iter().zip(made).filter_map(|((member, run), made)| {
        let truth = target.of(run)?;
        let made = made.expect("every step of a split ran before");
        Some(score::Row {
            group: member.group_id.clone(),
            workflow: run.query.workflow.clone(),
            truth,
            seconds: run.run_time.map_or(0.0, |time| time.0),
            request: run.query.memory_request.map(|request| request.as_f64()),
            point: made.point,
            upper: made.upper,
            retry: made.retry,
        })
    });
    rows.collect()
}

/// Our score, then those of the methods in `baselines.csv`.
fn report(split: &str, target: Target, mode: Mode, ours: &score::Score, baselines: &str) {
    println!("\n{split}, {target:?}, {mode:?}: {} rows", ours.rows);
    println!("method                   error %  of groups  under %  waste GBh  waste/use of groups");
    println!(
        "{:24} {:7.2}  {:9.2}  {:7.2}  {:9.1}  {:.3}",
        "portolan",
        ours.median_error,
        ours.median_error_of_groups,
        ours.under,
        ours.waste,
        ours.waste_over_use_of_groups
    );
    let name = match target {
        Target::Memory => "mem",
        Target::RunTime => "runtime",
        Target::Cores => "cores",
        Target::AcceleratorMemory => "gpu-mem",
    };
    let key = format!("{split},{name},{},", format!("{mode:?}").to_lowercase());
    for line in baselines.lines().filter_map(|line| line.strip_prefix(&key)) {
        let cells: Vec<&str> = line.split(',').collect();
        println!(
            "{:24} {:>7}  {:>9}  {:>7}  {:>9}  {}",
            cells[0], cells[2], cells[4], cells[5], cells[6], cells[8]
        );
    }
    if target == Target::Memory {
        println!("waste by workflow: {:.1?}", ours.by_workflow);
    }
    println!(
        "mean error {:.1} %, pinball {:.4}, failed attempts {}, used {:.1} GBh",
        ours.mean_error, ours.pinball, ours.failures, ours.used
    );
}

/// Fitting everything, one prediction, and one more run.
fn speed(train: &[&Run], test: &[&Run]) {
    let start = Instant::now();
    let mut model = Model::fit(Target::Memory, train.iter().copied());
    let fit = start.elapsed();
    let start = Instant::now();
    let made = test
        .iter()
        .filter(|run| model.predict(&run.query).is_some())
        .count();
    let predicted = start.elapsed() / made.max(1) as u32;
    let mut learned: Vec<std::time::Duration> = Vec::new();
    for run in test {
        let start = Instant::now();
        model.observe(run);
        learned.push(start.elapsed());
    }
    learned.sort();
    let most = learned.last().copied().unwrap_or_default();
    println!(
        "\nspeed: fit of {} runs {fit:.2?}; one prediction {predicted:.2?}; one more run {:.2?} in the middle, {most:.2?} at most",
        train.len(),
        learned[learned.len() / 2]
    );
}
