//! Time and memory of each pass over generated pipelines of 10 to 10,000 steps.
//!
//! `cargo bench --bench scale` prints a table. KDL's own parsing is a column of its own and in no other; so is placing,
//! which is shown up to the size for which the exact solver is meant. Every size and depth runs in a process of its own,
//! so that its peak memory is its own. Times are those of the processor, not of the clock on the wall, where the system
//! tells (Linux): what else runs on the machine then matters little.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench measures and prints"
)]

mod generated;
mod placed;

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use portolan::catalog::Catalog;
use portolan::diag::Diagnostics;
use portolan::lower::{self, Images, Lowering};
use portolan::simulate::{Scenario, simulate};
use portolan::source::SourceMap;
use portolan::{graph, place, profile, syntax};

const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];
/// Steps that all rounds of a measurement go through together, so that small pipelines are measured often enough.
const ENOUGH: usize = 3_000;
/// The largest pipeline that is also placed.
const PLACED: usize = 1_000;

/// How far a process goes: only KDL's parsing, all that `check` does, or everything.
const DEPTHS: [&str; 3] = ["kdl", "check", "lower"];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, depth, steps] = arguments.as_slice()
        && DEPTHS.contains(&depth.as_str())
    {
        return println!("{}", measure(depth, steps.parse().expect("a number of steps")));
    }
    println!(
        "steps    kdl ms  check ms  profile ms  lower ms   own ms  growth  place ms  kdl MB  check MB  all MB  output kB"
    );
    let mut before: Option<f64> = None;
    for steps in SIZES {
        let own = row(steps, before);
        before = Some(own);
    }
    println!("\nsimulate  {}", simulated());
}

/// 10,000 runs of the reference example on two threads, by the clock: what a user waits for after the plan.
fn simulated() -> String {
    let example = |name: &str| {
        let path = format!("{}/examples/cancer-risk/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).expect("the example is there")
    };
    let text = example("pipeline.kdl") + &example("platform.kdl");
    let mut out = Diagnostics::new();
    let mut sources = SourceMap::default();
    sources.add("cancer-risk.kdl", text);
    let files: BTreeMap<String, String> = BTreeMap::new();
    let input = portolan::Input {
        files: &files,
        platform: None,
        lock: None,
        history: None,
        limits: &place::Limits::default(),
    };
    let scenario = Scenario {
        runs: 10_000,
        seed: 1,
        faults: Vec::new(),
        chances: Vec::new(),
    };
    let time = portolan::plan(&mut sources, input, &mut out, |plan, _, _| {
        let start = Instant::now();
        let played = simulate(plan, &scenario, 2);
        assert_eq!(played.runs, scenario.runs);
        start.elapsed()
    });
    let time = time.expect("a plan").as_secs_f64();
    format!("10000 runs of cancer-risk on 2 threads in {:.0} ms", time * 1e3)
}

/// Prints the line of one size; the answer is the time of our own passes in ms.
fn row(steps: usize, before: Option<f64>) -> f64 {
    let [kdl, check, all] = DEPTHS.map(|depth| child(depth, steps));
    let number = |of: &[f64], at: usize| of.get(at).copied().unwrap_or(f64::NAN);
    let parsing = number(&kdl, 0);
    let checking = number(&check, 0) - parsing;
    let (profiling, placing, lowering) = (number(&all, 1), number(&all, 2), number(&all, 3));
    let own = checking + profiling + lowering;
    // 1.00 is linear: ten times the steps take ten times as long.
    let growth = before.map_or_else(String::new, |before| format!("{:.2}", own / before / 10.0));
    let placing = if steps > PLACED {
        "-".to_owned()
    } else {
        format!("{placing:.1}")
    };
    let memory = |of: &[f64]| of.last().copied().unwrap_or(f64::NAN);
    println!(
        "{steps:<6} {parsing:>8.1} {checking:>9.1} {profiling:>11.1} {lowering:>9.1} {own:>8.1} {growth:>7} {placing:>9} {:>7.0} {:>9.0} {:>7.0} {:>10.0}",
        memory(&kdl),
        memory(&check),
        memory(&all),
        number(&all, 4) / 1e3,
    );
    own
}

/// What a process of its own says: times in ms, for the whole depth the bytes of output, and last its peak memory in MB.
fn child(depth: &str, steps: usize) -> Vec<f64> {
    let own = std::env::current_exe().expect("this program");
    let run = Command::new(own).args([depth, &steps.to_string()]).output();
    let run = run.expect("this program runs");
    eprint!("{}", String::from_utf8_lossy(&run.stderr));
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    said.split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect()
}

/// The mean of several rounds, then the peak memory.
fn measure(depth: &str, steps: usize) -> String {
    let text = generated::pipeline(steps);
    let rounds = (ENOUGH / steps).max(1);
    let mut sums: Vec<f64> = Vec::new();
    for _ in 0..rounds {
        let round = match depth {
            "kdl" => vec![kdl(&text)],
            "check" => vec![check(&text)],
            _ => passes(&text),
        };
        sums.resize(round.len(), 0.0);
        sums.iter_mut().zip(round).for_each(|(sum, value)| *sum += value);
    }
    let means = sums.iter().map(|sum| sum / rounds as f64);
    let said: Vec<String> = means
        .chain([peak_memory()])
        .map(|value| value.to_string())
        .collect();
    said.join(" ")
}

fn kdl(text: &str) -> f64 {
    let parse = || kdl::KdlDocument::parse_v2(text).expect("the generated file is KDL");
    timed(parse).0
}

fn check(text: &str) -> f64 {
    let mut out = Diagnostics::new();
    let (time, _) = timed(|| graph(text, &mut out));
    assert!(!out.has_errors(), "{:?}", out.sorted().first());
    time
}

/// Reading, naming and checking.
fn graph(text: &str, out: &mut Diagnostics) -> (graph::Graph, Catalog) {
    let mut sources = SourceMap::default();
    sources.add("pipeline.kdl", text);
    sources.add("platform.kdl", generated::PLATFORM);
    let files: BTreeMap<String, String> = BTreeMap::new();
    let document = syntax::parse(&mut sources, &files, out);
    let around = graph::Surroundings {
        sources: &sources,
        files: &files,
        catalog: built_in(),
        platform: None,
    };
    graph::build(&document, around, out).expect("a graph")
}

/// Unpacked once: it does not depend on what is compiled.
fn built_in() -> &'static Catalog {
    static BUILT_IN: OnceLock<Catalog> = OnceLock::new();
    BUILT_IN.get_or_init(Catalog::built_in)
}

/// Times of check with KDL's parsing, profile, place and lower; then the bytes of all artifacts.
fn passes(text: &str) -> Vec<f64> {
    let mut out = Diagnostics::new();
    let (checking, (graph, catalog)) = timed(|| graph(text, &mut out));
    let history = profile::History::default();
    let (profiling, profiled) = timed(|| profile::annotate(&graph, &history, &catalog, &mut out));
    let limits = place::Limits::default();
    let placed = graph.steps.len() <= PLACED;
    let (placing, _) = timed(|| {
        placed.then(|| place::solve(&profiled, &catalog, None, &limits, &mut out).map(|plan| plan.cost))
    });
    let plan = placed::placed(&profiled);
    let input = Lowering {
        plan: &plan,
        catalog: &catalog,
        images: &Images::default(),
        templates: &portolan::lower::Templates::default(),
    };
    let (lowering, artifacts) = timed(|| lower::all(&input, &mut out));
    let bytes: usize = artifacts.iter().map(|artifact| artifact.text.len()).sum();
    vec![checking, profiling, placing, lowering, bytes as f64]
}

/// Milliseconds of the processor that `work` takes; of the clock, where the system does not tell.
fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let (start, busy) = (Instant::now(), processor());
    let made = work();
    let time = match (busy, processor()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        (None, _) | (_, None) => start.elapsed(),
    };
    (time.as_secs_f64() * 1000.0, made)
}

/// Time that this process has spent on a processor: the first figure of Linux's scheduler statistics, in ns. All of it
/// is one thread's.
fn processor() -> Option<Duration> {
    // A thread's figure is brought up to date when it is scheduled.
    std::thread::yield_now();
    let figures = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    figures.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// Peak resident memory of this process in MB, where the system tells (Linux).
fn peak_memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok());
    kib.map_or(f64::NAN, |kib| kib * 1024.0 / 1e6)
}
