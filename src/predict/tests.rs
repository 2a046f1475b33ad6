//! What must hold of every prediction, whatever the runs.

use proptest::prelude::*;

use super::{Model, Prediction, Query, Run, Similar, Target};
use crate::quantity::{Bytes, Cores, Seconds};

const TARGETS: [Target; 2] = [Target::Memory, Target::RunTime];

fn query(task: &str, input: u64) -> Query {
    Query {
        workflow: "w".into(),
        task: task.into(),
        input: Some(Bytes(input)),
        cores: Some(Cores(4.0)),
        memory_request: Some(Bytes(64 << 30)),
        ..Query::default()
    }
}

fn run(task: &str, input: u64, memory: u64, seconds: f64) -> Run {
    Run {
        query: query(task, input),
        pipeline_run: "r".into(),
        memory_peak: Some(Bytes(memory)),
        run_time: Some(Seconds(seconds)),
        cores_used: None,
        accelerator_peak: None,
    }
}

/// `count` runs whose memory and time are lines in the input, give or take `noise`.
fn straight(count: u64, noise: f64) -> Vec<Run> {
    let one = |at: u64| {
        let input = (1 + at * 7 % 13) * 1_000_000;
        let off = 1.0 + noise * (((at * 31 % 17) as f64) / 8.0 - 1.0);
        let memory = (2e8 + 30.0 * input as f64) * off;
        run("sort", input, memory as u64, (5.0 + 1e-5 * input as f64) * off)
    };
    (0..count).map(one).collect()
}

fn predict(target: Target, runs: &[Run], input: u64) -> Option<Prediction> {
    Model::fit(target, runs).predict(&query("sort", input))
}

fn sound(prediction: &Prediction) -> bool {
    let Prediction { point, upper, retry } = *prediction;
    point.is_finite()
        && upper.is_finite()
        && 0.0 < point
        && point <= upper
        && retry.is_none_or(|retry| retry > upper)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, rng_seed: proptest::test_runner::RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn any_runs_give_a_sound_prediction_and_the_same_again(
        runs in prop::collection::vec((0u64..1 << 40, 1u64..1 << 40, 1e-3f64..1e6), 1..40),
        input in 0u64..1 << 45,
    ) {
        let runs: Vec<Run> = runs.into_iter().map(|(input, memory, time)| run("sort", input, memory, time)).collect();
        for target in TARGETS {
            let first = predict(target, &runs, input).expect("the step ran");
            prop_assert!(sound(&first), "{first:?}");
            prop_assert_eq!(predict(target, &runs, input), Some(first));
        }
    }

    #[test]
    fn learning_one_by_one_is_learning_at_once(count in 2u64..40, after in 1u64..40) {
        let runs = straight(count + after, 0.2);
        let (before, later) = runs.split_at(count as usize);
        for target in TARGETS {
            let mut model = Model::fit(target, before);
            later.iter().for_each(|run| model.observe(run));
            prop_assert_eq!(model.predict(&query("sort", 3_000_000)), predict(target, &runs, 3_000_000));
        }
    }
}

#[test]
fn one_run_is_enough_for_a_guess_and_none_is_not() {
    for target in TARGETS {
        assert_eq!(predict(target, &[], 1), None);
        let one = predict(target, &straight(1, 0.0), 1_000_000).expect("it ran once");
        assert!(sound(&one) && one.upper > one.point, "{one:?}");
    }
}

#[test]
fn what_never_varies_is_predicted_as_it_is() {
    let runs: Vec<Run> = (0..30).map(|_| run("sort", 10, 1_000_000_000, 60.0)).collect();
    let memory = predict(Target::Memory, &runs, 10).expect("it ran");
    assert!((memory.point / 1e9 - 1.0).abs() < 1e-9);
    assert!(memory.upper / 1e9 < 1.02, "{memory:?}");
}

#[test]
fn a_line_is_followed_beyond_the_inputs_seen() {
    let far = 65_000_000;
    let memory = predict(Target::Memory, &straight(40, 0.0), far).expect("it ran");
    let truth = 2e8 + 30.0 * far as f64;
    assert!(
        (memory.point / truth - 1.0).abs() < 0.05,
        "{memory:?} is not near {truth}"
    );
}

#[test]
fn more_runs_narrow_the_bound() {
    let width = |count| {
        let made = predict(Target::Memory, &straight(count, 0.1), 5_000_000).expect("it ran");
        made.upper / made.point
    };
    assert!(width(120) < width(2), "{} runs to {}", width(2), width(120));
}

#[test]
fn the_same_run_again_changes_little() {
    let runs = straight(30, 0.1);
    let twice: Vec<Run> = runs.iter().flat_map(|run| [run.clone(), run.clone()]).collect();
    let (once, twice) = (
        predict(Target::RunTime, &runs, 5_000_000).expect("it ran"),
        predict(Target::RunTime, &twice, 5_000_000).expect("it ran"),
    );
    assert!((once.point / twice.point - 1.0).abs() < 0.2, "{once:?} {twice:?}");
}

#[test]
fn what_cannot_have_been_measured_is_passed_over() {
    let mut runs = straight(20, 0.1);
    let clean = predict(Target::RunTime, &runs, 5_000_000);
    for time in [f64::NAN, f64::INFINITY, 0.0, -3.0] {
        runs.push(run("sort", 5_000_000, 0, time));
    }
    assert_eq!(predict(Target::RunTime, &runs, 5_000_000), clean);
}

#[test]
fn a_bound_holds_about_as_often_as_it_says() {
    let runs = straight(400, 0.3);
    let (train, test) = runs.split_at(200);
    let mut model = Model::fit(Target::RunTime, train);
    let mut late = 0;
    for run in test {
        let made = model.predict(&run.query).expect("it ran");
        late += u32::from(run.run_time.is_some_and(|time| time.0 > made.upper));
        model.observe(run);
    }
    assert!(late <= 24, "{late} of 200 took longer than their bound");
}

#[test]
fn a_step_that_never_ran_is_sized_like_its_namesakes_within_its_request() {
    let steps = [
        ("map:bwa_sort", 4e9),
        ("call:gatk_sort", 5e9),
        ("qc:fastqc", 3e8),
        ("qc:multiqc", 4e8),
    ];
    let runs: Vec<Run> = steps
        .iter()
        .flat_map(|(task, memory)| {
            (0..12).map(move |at| run(task, 1_000_000 + at, (*memory + at as f64) as u64, 60.0))
        })
        .collect();
    let similar = Similar::fit(Target::Memory, &runs).expect("four steps ran");
    let asked = query("other:samtools_sort", 1_000_000);
    let sort = similar.predict(&asked).expect("there are neighbours");
    let quality = similar
        .predict(&query("other:fastqc", 1_000_000))
        .expect("there are neighbours");
    assert!(sort.point > 2.0 * quality.point, "{sort:?} {quality:?}");
    assert!(sort.upper <= (64u64 << 30) as f64);
    assert!(
        similar
            .neighbours(&asked)
            .first()
            .is_some_and(|(_, task)| task.ends_with("_sort"))
    );
    assert!(Similar::fit(Target::Memory, runs.iter().take(12)).is_none());
}
