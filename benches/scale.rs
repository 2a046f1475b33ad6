//! Time and memory of each pass over generated pipelines of 10 to 10,000 steps.
//!
//! `cargo bench --bench scale` prints a table; KDL's own parsing is a column of its own, as is placing. Each size runs
//! in a process of its own, so that its peak memory is its own; the time is the best of several rounds.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench measures and prints"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use portolan::catalog::Catalog;
use portolan::diag::Diagnostics;
use portolan::lower::{Images, Lowering};
use portolan::source::SourceMap;
use portolan::{graph, lower, place, profile, syntax};

const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--steps") {
        let steps = arguments
            .get(at + 1)
            .and_then(|n| n.parse().ok())
            .expect("a number of steps");
        return println!("{}", measure(steps));
    }
    println!(
        "steps    kdl ms   check ms  profile ms  lower ms  own ms (check+profile+lower)  place ms  peak MB  output kB"
    );
    for steps in SIZES {
        let own = std::env::current_exe().expect("this program");
        let run = Command::new(own)
            .args(["--steps", &steps.to_string()])
            .output()
            .expect("this program runs");
        print!("{}", String::from_utf8_lossy(&run.stdout));
    }
}

/// Layers of ten steps; each reads two data sets of the layer before. One step in ten has a condition, one in twenty
/// a fan-out over a run-time list.
fn pipeline(steps: usize) -> String {
    let mut text =
        String::from("pipeline generated {\n    owner bench\n    schedule \"0 2 * * *\" timezone=UTC\n");
    text.push_str("    data raw {\n        at lab uri=\"s3://bench/raw\"\n        size \"100GiB\" rows=1_000_000_000\n        format parquet\n    }\n");
    for index in 0..steps {
        let layer = index / 10;
        let _ = writeln!(text, "    step s{index} kind=etl {{");
        if index % 20 == 7 && layer > 0 {
            let _ = writeln!(text, "        each part from=s{}.parts", (layer - 1) * 10);
        }
        if index % 10 == 3 && layer > 0 {
            let _ = writeln!(text, "        when \"s{}.rows >= 1000\"", (layer - 1) * 10);
        }
        let _ = writeln!(
            text,
            "        image \"registry.acme.example/etl@sha256:{:064x}\"",
            7
        );
        let _ = writeln!(text, "        command etl \"--step={index}\" \"--mode=full\"");
        if layer == 0 {
            text.push_str("        reads raw\n");
        } else {
            for offset in [0, 1] {
                let _ = writeln!(
                    text,
                    "        reads d{}",
                    (layer - 1) * 10 + (index * 3 + offset) % 10
                );
            }
        }
        let _ = writeln!(text, "        writes d{index} size=\"2GiB\" format=parquet");
        text.push_str("        emits rows type=integer\n");
        if index % 10 == 0 {
            text.push_str("        emits parts type=list items=8\n");
        }
        text.push_str("        retry 2 on=error backoff=\"30s\"\n    }\n");
    }
    text.push_str("}\n");
    text
}

/// One cluster that is large enough, so that placing decides nothing.
const PLATFORM: &str = r#"platform bench {
    prefix bench
    cluster lab context=lab jurisdiction=de {
        nodes cpu count=5000 cores=64 memory="512GiB" price="0.35 USD/hour"
        bucket "s3://bench/runs"
        registry "registry.acme.example"
    }
}
"#;

fn measure(steps: usize) -> String {
    let text = pipeline(steps);
    let rounds = (2_000 / steps).clamp(1, 20);
    let mut best = [Duration::MAX; 5];
    let mut output = 0;
    for _ in 0..rounds {
        let (times, bytes) = round(&text);
        output = bytes;
        for (best, time) in best.iter_mut().zip(times) {
            *best = (*best).min(time);
        }
    }
    let [kdl, check, profile, place, lower] = best.map(|time| time.as_secs_f64() * 1000.0);
    let own = check + profile + lower;
    format!(
        "{steps:<6} {kdl:>8.1} {check:>10.1} {profile:>11.1} {lower:>9.1} {own:>30.1} {place:>9.1} {:>8} {:>10}",
        peak_memory(),
        output / 1000
    )
}

fn round(text: &str) -> ([Duration; 5], usize) {
    let (kdl, _) = timed(|| kdl::KdlDocument::parse_v2(text).expect("the generated file is KDL"));
    let mut sources = SourceMap::default();
    sources.add("pipeline.kdl", text);
    sources.add("platform.kdl", PLATFORM);
    let files: BTreeMap<String, String> = BTreeMap::new();
    let mut out = Diagnostics::new();
    let built_in = Catalog::built_in();
    let (check, (graph, catalog)) = timed(|| {
        let document = syntax::parse(&mut sources, &files, &mut out);
        let around = graph::Surroundings {
            sources: &sources,
            files: &files,
            catalog: &built_in,
            platform: None,
        };
        graph::build(&document, around, &mut out).expect("a graph")
    });
    assert!(!out.has_errors(), "{:?}", out.sorted().first());
    let (profile, profiled) =
        timed(|| profile::annotate(&graph, &profile::History::default(), &catalog, &mut out));
    let (place, plan) =
        timed(|| place::solve(&profiled, &catalog, None, &place::Limits::default(), &mut out));
    let Some(plan) = plan else {
        panic!("no plan: {:?}", out.sorted().first())
    };
    let images = Images::default();
    let (lower, artifacts) = timed(|| {
        lower::all(
            &Lowering {
                plan: &plan,
                catalog: &catalog,
                images: &images,
            },
            &mut out,
        )
    });
    if std::env::var_os("PORTOLAN_BENCH_TARGETS").is_some() {
        for target in lower::TARGETS {
            let input = Lowering {
                plan: &plan,
                catalog: &catalog,
                images: &images,
            };
            let (time, made) = timed(|| target.lower(&input, &mut out));
            let bytes: usize = made.iter().map(|artifact| artifact.text.len()).sum();
            eprintln!(
                "{:<12} {:>8.1} ms {:>8} kB",
                target.name(),
                time.as_secs_f64() * 1000.0,
                bytes / 1000
            );
        }
    }
    let bytes = artifacts.iter().map(|artifact| artifact.text.len()).sum();
    // Reading includes KDL's own parsing, which is shown separately.
    ([kdl, check.saturating_sub(kdl), profile, place, lower], bytes)
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let made = work();
    (start.elapsed(), made)
}

/// Peak resident memory of this process in MB, where the system tells (Linux).
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    kib.map_or_else(|| "-".to_owned(), |kib| (kib / 1024).to_string())
}
