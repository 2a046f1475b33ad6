//! `diagnose` on incidents made here, with and without faults. Real ones are measured in `benches/diagnosis.rs`.

mod command;
mod live;

use std::fmt::Write as _;

use portolan::diag::Code;
use portolan::diagnose::{Calls, Diagnosis, Incident, Metrics, SeriesName, diagnose};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// web calls api, api calls db; batch stands alone.
fn calls() -> Calls {
    Calls::read(r#"{"nodes": ["batch"], "edges": [["web", "api"], ["api", "db"]]}"#).expect("a graph")
}

const SERIES: [&str; 7] = [
    "web|latency_p99",
    "web|requests",
    "api|latency_p99",
    "api|cpu",
    "db|latency_p99",
    "db|cpu",
    "batch|cpu",
];

/// 60 rows a minute apart, the incident from row 45 on; `noise` moves every cell by up to 5 %, `factor` says by how
/// much a series is multiplied in the incident.
fn table(noise: &[f64], factor: impl Fn(&str) -> f64) -> String {
    let mut text = format!("time,{}\n", SERIES.join(","));
    for row in 0..60 {
        let _ = write!(text, "{}", row * 60);
        for (column, series) in SERIES.iter().enumerate() {
            let moved = noise[(row * SERIES.len() + column) % noise.len()];
            let value = 100.0 * (1.0 + 0.05 * moved) * if row >= 45 { factor(series) } else { 1.0 };
            let _ = write!(text, ",{value:.3}");
        }
        text.push('\n');
    }
    text
}

fn answer(text: &str, target: Option<&str>) -> Diagnosis {
    let (metrics, mistakes) = Metrics::read(text);
    assert!(mistakes.is_empty(), "{mistakes:?}");
    let target = target.map(|name| SeriesName::parse(name).expect("a name"));
    diagnose(&Incident {
        metrics: &metrics,
        baseline: None,
        calls: &calls(),
        at: 45.0 * 60.0,
        target: target.as_ref(),
    })
}

fn with_noise(check: impl Fn(Vec<f64>)) {
    let mut runner = TestRunner::new_with_rng(
        Config {
            cases: 32,
            failure_persistence: None,
            ..Config::default()
        },
        TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]),
    );
    runner
        .run(&prop::collection::vec(-1.0..1.0_f64, 420), |noise| {
            check(noise);
            Ok(())
        })
        .expect("holds");
}

#[test]
fn a_slow_callee_is_to_blame_and_not_its_callers() {
    with_noise(|noise| {
        let slow = |series: &str| match series {
            "db|cpu" => 4.0,
            "db|latency_p99" => 3.5,
            "api|latency_p99" => 3.0,
            "web|latency_p99" => 2.5,
            _ => 1.0,
        };
        let found = answer(&table(&noise, slow), Some("web|latency_p99"));
        assert!(found.clear);
        assert_eq!(found.causes[0].node, "db");
        assert_eq!(found.causes[0].evidence.len(), 2, "{:?}", found.causes[0]);
        assert_eq!(found.super_alerts.len(), 1, "one cause: {:?}", found.super_alerts);
        assert_eq!(found.super_alerts[0].nodes, ["api", "db", "web"]);
    });
}

#[test]
fn two_faults_make_two_super_alerts() {
    with_noise(|noise| {
        let both = |series: &str| match series {
            "db|cpu" | "db|latency_p99" | "api|latency_p99" => 4.0,
            "batch|cpu" => 5.0,
            _ => 1.0,
        };
        let found = answer(&table(&noise, both), None);
        let mut causes: Vec<&str> = found
            .super_alerts
            .iter()
            .map(|alert| alert.cause.as_str())
            .collect();
        causes.sort_unstable();
        assert_eq!(causes, ["batch", "db"]);
    });
}

#[test]
fn noise_has_no_clear_cause() {
    with_noise(|noise| {
        let found = answer(&table(&noise, |_| 1.0), None);
        assert!(!found.clear, "{:?}", found.causes.first());
        assert!(found.super_alerts.is_empty());
    });
}

#[test]
fn what_improved_is_no_cause_of_an_alert() {
    with_noise(|noise| {
        let faster = |series: &str| match series {
            "db|latency_p99" => 0.2,
            "api|cpu" | "api|latency_p99" | "web|latency_p99" => 3.0,
            _ => 1.0,
        };
        let found = answer(&table(&noise, faster), Some("web|latency_p99"));
        assert_eq!(found.causes[0].node, "api");
        assert!(
            found
                .causes
                .iter()
                .all(|cause| cause.node != "db" || cause.from_callers > 0.0)
        );
    });
}

#[test]
fn order_of_rows_and_columns_does_not_show() {
    let noise: Vec<f64> = (0..420)
        .map(|n| f64::from(n * 7919 % 200) / 100.0 - 1.0)
        .collect();
    let text = table(&noise, |series| if series == "db|cpu" { 3.0 } else { 1.0 });
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    let backwards = lines.join("\n");
    assert_eq!(answer(&text, None), answer(&backwards, None));
    let swapped: String = text
        .lines()
        .map(|line| {
            let mut cells: Vec<&str> = line.split(',').collect();
            cells[1..].reverse();
            cells.join(",") + "\n"
        })
        .collect();
    assert_eq!(answer(&text, None), answer(&swapped, None));
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_used() {
    let text = "time,web|cpu,web,web|cpu\n0,1,2,3\n60,fast,2,3\nnoon,1,2,3\n120,NaN,,3\n120,7,,3,9\n";
    let (metrics, mistakes) = Metrics::read(text);
    let said: Vec<(usize, &str)> = mistakes
        .iter()
        .map(|mistake| (mistake.line, mistake.message.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            (1, "column `web` is not of the form `node|metric`"),
            (1, "there are two columns `web|cpu`; the first is used"),
            (3, "`fast` is not a number; it counts as not measured"),
            (4, "`noon` is not a time in seconds since 1970"),
            (6, "has more fields than the header has columns"),
        ]
    );
    let name = SeriesName::parse("web|cpu").expect("a name");
    let column = metrics.column(&name).expect("a column");
    assert_eq!(metrics.times, [0.0, 60.0, 120.0]);
    assert_eq!((column[0], column[1].is_nan(), column[2]), (1.0, true, 7.0));
    let (_, mistakes) = Metrics::read("at,web|cpu\n0,1\n");
    assert!(mistakes.iter().all(|mistake| mistake.fatal), "{mistakes:?}");
}

#[test]
fn little_data_is_no_mistake() {
    for text in ["time\n", "time,web|cpu\n0,1\n", "time,web|cpu\n0,\n2700,NaN\n"] {
        let found = answer(text, None);
        assert!(!found.clear && found.causes.is_empty(), "{text}: {found:?}");
    }
}

#[test]
fn the_pages_show_what_they_say() {
    for (code, fatal) in [(Code::MetricsFile, true), (Code::MetricsRow, false)] {
        let blocks: Vec<&str> = code
            .page()
            .split("```csv metrics.csv\n")
            .skip(1)
            .filter_map(|rest| rest.split("```").next())
            .collect();
        let [example, fix] = blocks.as_slice() else {
            panic!("{code} shows an example and a fix");
        };
        let (_, mistakes) = Metrics::read(example);
        assert!(
            mistakes.iter().any(|mistake| mistake.fatal == fatal),
            "{code}: {mistakes:?}"
        );
        assert_eq!(Metrics::read(fix).1, [], "{code}");
    }
}

#[test]
fn alerts_of_both_servers_are_one_storm() {
    let plan = r#"{"pipelines": [{"name": "p", "steps": [
        {"name": "a", "site": "lab", "pool": "cpu", "after": []},
        {"name": "b", "site": "lab", "pool": "cpu", "after": ["a"]},
        {"name": "c", "site": "lab", "pool": "gpu", "after": ["b"]}]}],
        "sites": [{"name": "lab", "cluster": "lab", "region": null}]}"#;
    let topology = portolan::diagnose::Topology::read(plan).expect("a plan");
    let alertmanager = r#"[
        {"labels": {"alertname": "PoolLabCpu", "kind": "pool", "cluster": "lab", "pool": "cpu"}},
        {"labels": {"alertname": "PADeadline", "kind": "deadline", "pipeline": "p", "step": "a"}}]"#;
    let prometheus = r#"{"data": {"alerts": [
        {"labels": {"alertname": "PADeadline", "kind": "deadline", "pipeline": "p", "step": "a"}, "state": "firing"},
        {"labels": {"alertname": "PBExpect", "kind": "expect", "pipeline": "p", "step": "b"}, "state": "firing"},
        {"labels": {"alertname": "PCExpect", "kind": "expect", "pipeline": "p", "step": "c"}, "state": "pending"},
        {"labels": {"alertname": "Foreign", "kind": "expect", "pipeline": "q", "step": "x"}, "state": "firing"}]}}"#;
    let mut told = portolan::diagnose::alerts::read(alertmanager).expect("alerts");
    told.add(portolan::diagnose::alerts::read(prometheus).expect("alerts"));
    let alerts = told.alerts;
    let strange: Vec<&str> = alerts
        .iter()
        .filter(|alert| alert.about(&topology).is_none())
        .map(|alert| alert.name())
        .collect();
    assert_eq!(strange, ["Foreign"]);
    let found = portolan::diagnose::storm::explain(&topology, &alerts);
    assert_eq!(found.super_alerts.len(), 1, "{found:?}");
    let only = &found.super_alerts[0];
    assert_eq!(only.cause, "lab/cpu");
    assert_eq!(only.alerts, ["PADeadline", "PBExpect", "PoolLabCpu"]);
    assert_eq!(found.ruled_out[0].node, "lab");
    assert!(portolan::diagnose::alerts::read("{}").is_err());
}
