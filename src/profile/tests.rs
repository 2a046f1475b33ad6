//! Properties of whole predictions, on graphs made by hand.

mod graphs;

use std::collections::BTreeMap;

use super::*;
use crate::catalog::FlopsPerSecond;
use crate::diag::Code;
use crate::graph::model::*;
use crate::history::Learned;
use crate::quantity::{Cores, Percent, Seconds};
use crate::source::Span;
use graphs::*;

const NO_ACCELERATOR: FlopsPerSecond = FlopsPerSecond(0.0);

#[test]
fn more_data_never_needs_less() {
    let mut last = (0.0, Bytes::ZERO, 0.0);
    for exponent in 20..46 {
        let profile = scan_of(Bytes(1 << exponent), |_| {});
        let time = profile.attempt(Cores(4.0), NO_ACCELERATOR).p95.0;
        let now = (time, profile.memory.p95, profile.cores.p95.0);
        assert!(
            now.0 >= last.0 && now.1 >= last.1 && now.2 >= last.2,
            "{exponent}: {now:?} {last:?}"
        );
        last = now;
    }
}

#[test]
fn more_rows_trees_or_depth_never_need_less() {
    let time = |rows, trees, depth| {
        let model = model("xgboost", &[("trees", trees), ("depth", depth)], &[]);
        let profile = training_of(model, rows, 310, |_| {});
        profile.attempt(Cores(16.0), NO_ACCELERATOR).p50
    };
    let base = time(1_000_000, 100.0, 6.0);
    assert!(time(2_000_000, 100.0, 6.0) > base);
    assert!(time(1_000_000, 200.0, 6.0) > base);
    assert!(time(1_000_000, 100.0, 8.0) > base);
}

#[test]
fn the_published_higgs_benchmark_comes_out_as_published() {
    // LightGBM documentation: 238.5 s on 16 threads, 0.9 to 3.8 GB.
    let model = model("lightgbm", &[("trees", 500.0), ("depth", 8.0)], &[]);
    let profile = training_of(model, 10_500_000, 28, |_| {});
    let time = profile.attempt(Cores(16.0), NO_ACCELERATOR).p50.0;
    assert!((220.0..300.0).contains(&time), "{time}");
    assert!(
        (0.8..3.8).contains(&profile.memory.p50.in_gib()),
        "{}",
        profile.memory.p50
    );
}

#[test]
fn what_is_declared_is_not_predicted() {
    let profile = scan_of(Bytes::gib(900.0), |step| {
        step.needs.cores = Some(here(Cores(3.0)));
        step.needs.memory = Some(here(Bytes::gib(7.0)));
        step.needs.run_time = Some(here(Seconds(42.0)));
        step.at_least.cores = Some(here(Cores(64.0)));
    });
    assert_eq!(
        (profile.cores.p95, profile.cores.basis.clone()),
        (Cores(3.0), Basis::Declared)
    );
    assert_eq!(profile.memory.p50, Bytes::gib(7.0));
    assert_eq!(profile.duration(Cores(3.0), NO_ACCELERATOR).p95, Seconds(42.0));
}

#[test]
fn bounds_cut_what_is_predicted() {
    let profile = scan_of(Bytes::gib(900.0), |step| {
        step.at_most.memory = Some(here(Bytes::gib(5.0)));
        step.at_least.cores = Some(here(Cores(48.0)));
        step.at_most.run_time = Some(here(Seconds(100.0)));
    });
    assert_eq!(profile.memory.p95, Bytes::gib(5.0));
    assert_eq!(profile.cores.p50, Cores(48.0));
    assert_eq!(profile.attempt(Cores(48.0), NO_ACCELERATOR).p50, Seconds(100.0));
}

#[test]
fn past_runs_beat_formulas() {
    let mut etl = step(0, StepKind::Etl);
    etl.reads = vec![read(0)];
    let mut source = data("source");
    source.size = Some(here(Bytes::gib(10.0)));
    let pin = Learned {
        runs: 12,
        input: Bytes::gib(10.0).0,
        memory: Some([Bytes::gib(2.0).0, Bytes::gib(3.0).0]),
        ..Learned::default()
    };
    let history = History {
        pins: BTreeMap::from([("p/s0".to_string(), pin)]),
        ..History::default()
    };
    let memory = Estimate {
        p50: Bytes::gib(2.0),
        p95: Bytes::gib(3.0),
        basis: Basis::History { runs: 12 },
    };
    let graph = graph(vec![etl], vec![source]);
    let mut out = Diagnostics::new();
    let profiled = annotate(&graph, &history, &Catalog::built_in(), &mut out);
    assert_eq!(profiled[StepId(0)].memory, memory);
}

#[test]
fn a_guessed_size_is_reported_once_and_a_declared_one_never() {
    let mut source = data("source");
    source.size = Some(here(Bytes::gib(100.0)));
    let mut derived = data("derived");
    derived.writers = vec![StepId(0)];
    let mut etl = step(0, StepKind::Etl);
    etl.reads = vec![read(0)];
    etl.writes = vec![write(1)];
    let mut task = step(1, StepKind::Task);
    task.reads = vec![read(1)];
    let graph = graph(vec![etl, task], vec![source, derived]);
    let mut out = Diagnostics::new();
    let profiled = annotate(&graph, &History::default(), &Catalog::built_in(), &mut out);
    let found: Vec<Code> = out.sorted().iter().map(|found| found.code).collect();
    assert_eq!(found, [Code::DataSize]);
    let sizes: Vec<Bytes> = profiled.data.iter().map(|size| size.p50).collect();
    assert_eq!(sizes, [Bytes::gib(100.0), Bytes::gib(50.0)]);
}

#[test]
fn growth_is_bought_a_year_ahead() {
    let mut source = data("source");
    source.size = Some(here(Bytes::gib(100.0)));
    source.growth = Percent(0.02);
    let graph = graph(Vec::new(), vec![source]);
    let mut out = Diagnostics::new();
    let profiled = annotate(&graph, &History::default(), &Catalog::built_in(), &mut out);
    let size = profiled.data.first().expect("one data set");
    assert_eq!(size.p50, Bytes::gib(100.0));
    assert!((size.p95.in_gib() / 126.82 - 1.0).abs() < 1e-3);
}

#[test]
fn a_fan_out_takes_as_many_waves_as_it_must_and_stores_all_items() {
    let mut map = step(0, StepKind::Etl);
    map.each = vec![EachId(0)];
    map.needs.run_time = Some(here(Seconds(60.0)));
    map.writes = vec![write(0)];
    let mut part = data("part");
    part.writers = vec![StepId(0)];
    part.size = Some(here(Bytes::gib(2.0)));
    let mut reduce = step(1, StepKind::Task);
    reduce.reads = vec![read(0)];
    let mut graph = graph(vec![map, reduce], vec![part]);
    graph.each = vec![fan_out(10, Some(4))];
    let (profiles, out) = profiled(&graph);
    assert!(out.is_empty());
    let [map, reduce] = profiles.as_slice() else {
        unreachable!("two steps")
    };
    assert_eq!((map.items, map.parallel), (10, 4));
    assert_eq!(map.duration(Cores(1.0), NO_ACCELERATOR).p50, Seconds(180.0));
    let stored = map.storage.first().expect("one output");
    assert_eq!(stored.size.p50, Bytes::gib(20.0));
    assert_eq!(map.network.p50, Bytes::gib(2.0));
    assert_eq!(reduce.network.p50, Bytes::gib(20.0));
    assert_eq!((reduce.items, reduce.parallel), (1, 1));
}

#[test]
fn a_server_looks_for_its_model_in_what_it_reads() {
    let mut train = step(0, StepKind::Training);
    train.model = Some(model("xgboost", &[("trees", 2000.0), ("depth", 8.0)], &[]));
    train.writes = vec![write(0)];
    let mut risk = data("risk");
    risk.size = Some(here(Bytes::gib(2.0)));
    risk.writers = vec![StepId(0)];
    let mut serve = step(1, StepKind::Serving);
    serve.reads = vec![read(0)];
    serve.traffic = Some(traffic(400.0, None, None));
    let (profiles, _) = profiled(&graph(vec![train, serve], vec![risk]));
    let serve = profiles.get(1).expect("two steps");
    let load = serve.load.as_ref().expect("a load");
    assert_eq!(load.curve.len(), 168);
    assert!((load.service_time.p50.0 - 2.08e-3).abs() < 1e-9);
    assert!(load.replicas.iter().max() > load.replicas.iter().min());
    assert!(serve.memory.p95 > Bytes::gib(4.0) && serve.accelerators.is_none());
}

#[test]
fn a_chat_server_gets_devices_fast_enough_for_its_promises() {
    let mut serve = step(0, StepKind::Serving);
    serve.model = Some(model(
        "transformer",
        &[("weights", 8e9), ("layers", 32.0)],
        &[("precision", "fp8")],
    ));
    serve.traffic = Some(traffic(25.0, Some(1800), Some(300)));
    serve.promises = vec![Promise {
        kind: PromiseKind::Latency {
            p50: None,
            p95: Some(Seconds(0.04)),
            p99: None,
            from: None,
            of: LatencyOf::Token,
        },
        weight: None,
        span: Span::default(),
    }];
    let slow = only(
        profiled(&graph(
            vec![Step {
                promises: Vec::new(),
                ..serve.clone()
            }],
            Vec::new(),
        ))
        .0,
    );
    let fast = only(profiled(&graph(vec![serve], Vec::new())).0);
    let seconds = |profile: &Profile| profile.load.as_ref().map_or(0.0, |load| load.service_time.p50.0);
    assert!(seconds(&fast) < 0.04 * 300.0, "{}", seconds(&fast));
    assert!(seconds(&slow) > 0.04 * 300.0, "{}", seconds(&slow));
    let per_replica = fast.load.as_ref().map(|load| load.per_replica.p50.0);
    assert!(per_replica.is_some_and(|rate| rate > 0.3), "{per_replica:?}");
}

#[test]
fn adapters_of_an_8b_model_fit_on_eight_h100_and_take_hours() {
    let lora = model(
        "transformer",
        &[("weights", 8e9), ("sequence", 4096.0), ("tokens", 600e6)],
        &[("method", "lora"), ("precision", "bf16")],
    );
    let profile = training_of(lora, 9_000_000, 4, |step| {
        step.needs.gpu = Some(here("H100".to_string()));
        step.needs.gpus = Some(here(8));
    });
    let need = profile.accelerators.clone().expect("accelerators");
    assert_eq!((need.count.p95, need.model.as_deref()), (8, Some("H100")));
    assert!(
        (4.0..40.0).contains(&need.memory.p95.in_gib()),
        "{}",
        need.memory.p95
    );
    let Work::Flop { precision, .. } = profile.work else {
        unreachable!("it computes")
    };
    let h100 = Catalog::built_in()
        .accelerator("H100")
        .map(|facts| precision.peak(facts))
        .unwrap_or_default();
    let time = profile.duration(Cores(24.0), FlopsPerSecond(h100.0 * 8.0));
    assert!((1.5..4.0).contains(&time.p50.in_hours()), "{}", time.p50);
}

#[test]
fn a_large_model_is_spread_over_machines_until_it_fits() {
    let full = |weights: f64| model("transformer", &[("weights", weights), ("tokens", 1e9)], &[]);
    let devices = |weights: f64| {
        let profile = training_of(full(weights), 1000, 4, |_| {});
        profile.nodes * profile.accelerators.map_or(0, |need| need.count.p95)
    };
    assert_eq!(devices(0.6e9), 1);
    // 16 bytes a parameter: 8B needs 128 GB and 70B 1.1 TB.
    assert_eq!(devices(8e9), 4);
    assert_eq!(devices(70e9), 32);
}

#[test]
fn prediction_is_a_function_of_the_graph() {
    let once = scan_of(Bytes::gib(100.0), |_| {});
    let again = scan_of(Bytes::gib(100.0), |_| {});
    let json = |profile: &Profile| serde_json::to_string(profile).expect("serialisable");
    assert_eq!(json(&once), json(&again));
}
