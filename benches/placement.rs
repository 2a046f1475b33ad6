//! Placement at any size: `cargo bench --bench placement`.
//!
//! Instances come from a generator of our own. Where the shared folder with the generator and the figures of other
//! solvers is (`PORTOLAN_SHARED`, else `../shared`) and `python3` can run it, its instances are solved, too, and each
//! objective is compared to the least that any solver found.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a bench reads the clock, starts the generator and prints"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use portolan::diag::Diagnostics;
use portolan::place::engine::Limits;
use portolan::place::interchange::{self, Report};
use portolan::source::SourceMap;

/// Tasks, candidates for each, and what restricts them.
const SIZES: [(usize, usize, Kind); 8] = [
    (100, 100, Kind::Free),
    (300, 100, Kind::Free),
    (1000, 100, Kind::Free),
    (10_000, 100, Kind::Free),
    (30, 100, Kind::Quotas),
    (100, 100, Kind::Quotas),
    (30, 100, Kind::Deadline),
    (100, 100, Kind::Deadline),
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Free,
    Quotas,
    Deadline,
}

fn main() {
    println!("| instance | objective | gap | build s | solve s | against the least listed |");
    println!("|---|---|---|---|---|---|");
    for (tasks, candidates, kind) in SIZES {
        let text = generate(tasks, candidates, kind);
        let gap = if kind == Kind::Free { 1e-6 } else { 1e-4 };
        row(&format!("own {kind:?} {tasks} x {candidates}"), &text, gap, None);
    }
    let shared =
        std::env::var_os("PORTOLAN_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let tools = shared.join("tools/placement");
    match std::fs::read_to_string(tools.join("baselines.csv")) {
        Ok(baselines) => compare(&tools, &baselines),
        Err(_) => println!("\nskipped: there is no {}", tools.display()),
    }
}

/// Solves the instances of the baselines.
fn compare(tools: &Path, baselines: &str) {
    let mut least: BTreeMap<(String, usize, usize), f64> = BTreeMap::new();
    for line in baselines.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        if let Ok(objective) = cells[5].parse::<f64>() {
            let key = (
                cells[0].to_owned(),
                cells[1].parse().unwrap(),
                cells[2].parse().unwrap(),
            );
            let least = least.entry(key).or_insert(objective);
            *least = least.min(objective);
        }
    }
    for ((shape, tasks, candidates), least) in least {
        let mut generator = Command::new("python3");
        generator
            .arg(tools.join("gen_instance.py"))
            .args(["--shape", &shape]);
        generator.args([
            "--tasks",
            &tasks.to_string(),
            "--candidates",
            &candidates.to_string(),
        ]);
        match generator.output() {
            Ok(output) if output.status.success() => {
                let text = String::from_utf8(output.stdout).expect("the generator writes text");
                row(
                    &format!("{shape} {tasks} x {candidates}"),
                    &text,
                    1e-6,
                    Some(least),
                );
            }
            Ok(_) | Err(_) => println!("skipped: python3 does not run gen_instance.py"),
        }
    }
}

fn row(name: &str, text: &str, gap: f64, least: Option<f64>) {
    let mut sources = SourceMap::default();
    let source = sources.add(name, text);
    let mut found = Diagnostics::new();
    let instance =
        interchange::read(&sources, source, &mut found).expect("the generator makes sound instances");
    let start = Instant::now();
    let mut built = 0.0;
    let limits = Limits {
        gap,
        ..Limits::default()
    };
    let report: Report = interchange::solve(&instance, &limits, || built = start.elapsed().as_secs_f64());
    let solved = start.elapsed().as_secs_f64() - built;
    let objective = report.objective.unwrap_or(f64::NAN);
    let against = least.map_or(String::new(), |least| {
        format!("{:+.1e}", (objective - least) / least)
    });
    let gap = report.gap.unwrap_or(f64::NAN);
    println!("| {name} | {objective:.4} | {gap:.1e} | {built:.3} | {solved:.3} | {against} |");
}

/// Numbers that look random: a multiplicative congruential generator (Lehmer; Park & Miller 1988).
struct Dice(u64);

impl Dice {
    /// Between 0 and 1.
    fn roll(&mut self) -> f64 {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        self.0 as f64 / 2_147_483_647.0
    }

    fn below(&mut self, end: usize) -> usize {
        ((self.roll() * end as f64) as usize).min(end - 1)
    }

    /// Around 1, now and then several times as much.
    fn spread(&mut self) -> f64 {
        let sum: f64 = (0..6).map(|_| self.roll()).sum();
        ((sum - 3.0) * 1.4).exp()
    }
}

const REGIONS: usize = 20;

/// An instance in layers: each task reads from one to three tasks of the layer before.
fn generate(tasks: usize, candidates: usize, kind: Kind) -> String {
    let mut dice = Dice(1 + tasks as u64);
    let level: Vec<f64> = (0..3 * REGIONS).map(|_| 0.9 + 0.4 * dice.roll()).collect();
    let width = (tasks as f64).sqrt().round() as usize;
    let mut text = String::from("{\"tasks\":[");
    for task in 0..tasks {
        let (price, time) = (6.0 * dice.spread(), 3600.0 * dice.spread());
        let comma = if task == 0 { "" } else { "," };
        let window = task / width;
        write!(
            text,
            "{comma}{{\"id\":\"t{task}\",\"windows\":[{window}],\"candidates\":["
        )
        .unwrap();
        for candidate in 0..candidates {
            let site = dice.below(3 * REGIONS);
            let speed: f64 = [0.6, 1.0, 1.8, 3.2][dice.below(4)];
            let spot = if dice.roll() < 0.4 { 0.5 } else { 1.0 };
            let cost = price * level[site] * speed.powf(0.25) * spot * (0.97 + 0.06 * dice.roll());
            let comma = if candidate == 0 { "" } else { "," };
            let (cloud, region, time, gpus) = (
                site / REGIONS,
                site % REGIONS,
                time / speed,
                (speed * 2.0).round(),
            );
            write!(
                text,
                "{comma}{{\"cloud\":\"c{cloud}\",\"region\":\"r{region}\",\"cost_usd\":{cost:.4},\
                 \"time_s\":{time:.1},\"use\":{{\"gpu\":{gpus}}}}}"
            )
            .unwrap();
        }
        text.push_str("]}");
    }
    text.push_str("],\"edges\":[");
    edges(&mut text, &mut dice, tasks, width);
    text.push(']');
    tables(&mut text);
    match kind {
        Kind::Free => {}
        Kind::Quotas => quotas(&mut text, width),
        Kind::Deadline => write!(text, ",\"deadline_s\":{}", 4000 * tasks.div_ceil(width)).unwrap(),
    }
    text.push('}');
    text
}

fn edges(text: &mut String, dice: &mut Dice, tasks: usize, width: usize) {
    let mut comma = "";
    for task in width..tasks {
        let first = (task / width - 1) * width;
        for _ in 0..1 + dice.below(3) {
            let (from, gb) = (first + dice.below(width), 40.0 * dice.spread());
            write!(
                text,
                "{comma}{{\"from\":\"t{from}\",\"to\":\"t{task}\",\"gb\":{gb:.2}}}"
            )
            .unwrap();
            comma = ",";
        }
    }
}

/// Egress by cloud of origin, within the cloud cheaper and faster.
fn tables(text: &mut String) {
    for (table, same, other) in [
        ("egress_usd_per_gb", 0.02, [0.09, 0.12, 0.0875]),
        ("egress_s_per_gb", 3.2, [6.4; 3]),
    ] {
        write!(text, ",\"{table}\":{{").unwrap();
        let mut comma = "";
        for from in 0..3 * REGIONS {
            for to in (0..3 * REGIONS).filter(|to| *to != from) {
                let (cloud, other_cloud) = (from / REGIONS, to / REGIONS);
                let value = if cloud == other_cloud { same } else { other[cloud] };
                let (region, other_region) = (from % REGIONS, to % REGIONS);
                write!(
                    text,
                    "{comma}\"c{cloud}/r{region}->c{other_cloud}/r{other_region}\":{value}"
                )
                .unwrap();
                comma = ",";
            }
        }
        text.push('}');
    }
}

/// In every window, a region has room for a task or two, and a cloud for half of them.
fn quotas(text: &mut String, width: usize) {
    text.push_str(",\"quotas\":[");
    for site in 0..3 * REGIONS {
        let (cloud, region) = (site / REGIONS, site % REGIONS);
        write!(
            text,
            "{{\"id\":\"q{site}\",\"scope\":\"c{cloud}/r{region}\",\"class\":\"gpu\",\"limit\":6}},"
        )
        .unwrap();
    }
    for cloud in 0..3 {
        let comma = if cloud == 0 { "" } else { "," };
        write!(
            text,
            "{comma}{{\"id\":\"c{cloud}\",\"scope\":\"c{cloud}\",\"class\":\"gpu\",\"limit\":{width}}}"
        )
        .unwrap();
    }
    text.push(']');
}
