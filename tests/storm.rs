//! Faults, a real Prometheus and a real Alertmanager: each fault makes one page, and what it explains is held back.
//!
//! `.ci/storm` installs both and runs this. Everything is on the loopback interface and is stopped at the end. The rules
//! and the configuration are those of `snapshots/`, receivers apart: all of them send to this test.
#![allow(
    clippy::disallowed_methods,
    reason = "a test that talks to servers needs a clock and an environment"
)]

mod feed;
mod servers;

use std::path::PathBuf;
use std::thread;

use feed::{Course, now};
use servers::Servers;

/// What happens, who is told of it, and what is held back meanwhile.
struct Fault {
    name: &'static str,
    courses: fn(f64) -> Vec<Course>,
    page: &'static str,
    held_back: &'static [&'static str],
}

const FAULTS: [Fault; 4] = [
    Fault {
        name: "pool outage",
        courses: |now| {
            let mut courses = feed::nodes(now - 900.0);
            courses.push(feed::run().then(now - 3600.0, 25_000.0));
            courses.push(feed::succeeded("train").then(now - 3600.0, now - 140_000.0));
            courses
        },
        page: "PoolLabDgx",
        held_back: &["CancerRiskTrainDeadline", "CancerRiskRiskModelHandover"],
    },
    Fault {
        name: "row-count collapse",
        courses: |now| {
            vec![
                feed::output("transform", "rows", 50e6).then(now - 3600.0, 0.0),
                feed::output("features", "feature-count", 310.0).then(now - 1800.0, 12.0),
                feed::kpi("features.feature-count", 310.0),
                feed::kpi("transform.rows", 50e6),
                feed::output("train", "auc", 0.91).then(now - 900.0, 0.52),
                feed::succeeded("train").then(now - 900.0, now - 900.0),
            ]
        },
        page: "CancerRiskTransformRowsOffMedian",
        held_back: &["CancerRiskAnomaly", "CancerRiskRiskModelAucBelow"],
    },
    Fault {
        name: "slow model",
        courses: |now| vec![feed::latency(0.02).then(now - 6.0 * 3600.0, 500_000.0)],
        page: "CancerRiskServeLatencyP99Fast",
        held_back: &["CancerRiskServeLatencyP99Slow"],
    },
    Fault {
        name: "stale hand-over",
        courses: |now| {
            vec![
                feed::succeeded("transform").then(now - 140_000.0, now - 140_000.0),
                feed::succeeded("train").then(now - 138_000.0, now - 138_000.0),
            ]
        },
        page: "CancerRiskEhrCleanHandover",
        held_back: &["CancerRiskRiskModelHandover"],
    },
];

#[test]
fn storm_makes_one_page_a_fault() {
    let Some(tools) = std::env::var_os("PORTOLAN_PROMETHEUS").map(PathBuf::from) else {
        return println!("skipped: PORTOLAN_PROMETHEUS names no folder with Prometheus; see .ci/storm");
    };
    let faults = FAULTS.iter().map(|fault| {
        let tools = tools.clone();
        thread::spawn(move || strike(&tools, fault))
    });
    let faults: Vec<_> = faults.collect();
    for fault in faults {
        fault.join().expect("no fault fails");
    }
}

fn strike(tools: &std::path::Path, fault: &Fault) {
    let now = now();
    let mut servers = Servers::start(tools, fault.name, &feed::openmetrics(&(fault.courses)(now), now));
    let pages = servers.pages_after_the_storm();
    let suppressed = servers.suppressed();
    println!("{}: pages {pages:?}, held back {suppressed:?}", fault.name);
    assert_eq!(pages, [fault.page], "{}", fault.name);
    for name in fault.held_back {
        assert!(
            suppressed.iter().any(|held| held == name),
            "{}: {name} in {suppressed:?}",
            fault.name
        );
    }
}
