//! How often the true cause comes first, and how often one is named where there is none.
//!
//! `cargo bench --bench diagnosis` reads real incidents from `$PORTOLAN_SHARED/data/rca` (else `../shared/data/rca`): a
//! folder an incident with `metrics.csv`, `graph.json` and `label.json`. Parameters are the same for all sets. Without them
//! it measures how long 10,000 series of 1,000 points take.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench measures and prints"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use portolan::diagnose::{Calls, Diagnosis, Incident, Metrics, SeriesName, diagnose, range};
use serde_json::Value;

/// Rows of a window without a fault; the incident would begin in the middle.
const WINDOW: usize = 30;

fn main() {
    large();
    let shared =
        std::env::var_os("PORTOLAN_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let root = shared.join("data/rca");
    if !root.is_dir() {
        return println!("skipped: there are no incidents in {}", root.display());
    }
    println!(
        "set            incidents  cause first  in first 3  in first 5  metric first  clear  ms each  named without a fault"
    );
    let mut labels = Vec::new();
    find(&root, &mut labels);
    let mut sets: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for label in labels {
        let inside = label.strip_prefix(&root).unwrap();
        let set = inside.iter().next().unwrap().to_string_lossy().into_owned();
        sets.entry(set).or_default().push(label);
    }
    for (set, labels) in sets {
        measure(&set, &labels);
    }
}

/// 10,000 series of 1,000 points, as CSV and as a saved answer of a range query, read and diagnosed; one series in a hundred
/// changes in the last tenth.
fn large() {
    const SERIES: usize = 10_000;
    const POINTS: usize = 1_000;
    let value = |series: usize, point: usize| {
        let level = if series.is_multiple_of(100) && point >= POINTS * 9 / 10 {
            3.0
        } else {
            1.0
        };
        level * (100.0 + (series * 31 + point * 17) as f64 % 13.0)
    };
    let nodes: Vec<String> = (0..SERIES / 10).map(|node| format!("p/s{node}")).collect();
    let edges = nodes.iter().skip(1).cloned().zip(nodes.iter().cloned());
    let calls = Calls::new(nodes.iter().cloned(), edges);
    let name = |series: usize| (&nodes[series / 10], series % 10);
    let mut csv = String::from("time");
    for series in 0..SERIES {
        let (node, metric) = name(series);
        csv += &format!(",{node}|m{metric}");
    }
    for point in 0..POINTS {
        csv += &format!("\n{}", point * 60);
        for series in 0..SERIES {
            csv += &format!(",{}", value(series, point));
        }
    }
    let answer = |series: usize| {
        let (node, metric) = name(series);
        let points = (0..POINTS).map(|point| format!("[{},\"{}\"]", point * 60, value(series, point)));
        let values = points.collect::<Vec<_>>().join(",");
        let step = &node[2..];
        format!(
            r#"{{"metric":{{"__name__":"m{metric}","pipeline":"p","step":"{step}"}},"values":[{values}]}}"#
        )
    };
    let series = (0..SERIES).map(answer).collect::<Vec<_>>().join(",");
    let json = format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{series}]}}}}"#);
    let solve = |what: &str, size: usize, read: &dyn Fn() -> Metrics| {
        let start = Instant::now();
        let metrics = read();
        let took = start.elapsed();
        let at = (POINTS * 9 / 10 * 60) as f64;
        let incident = Incident {
            metrics: &metrics,
            baseline: None,
            calls: &calls,
            at,
            target: None,
        };
        let found = diagnose(&incident);
        assert!(!found.causes.is_empty(), "{what}");
        println!(
            "{SERIES} series x {POINTS} points, {what} ({} MB): read in {:.2} s, diagnosed in {:.2} s",
            size / 1_000_000,
            took.as_secs_f64(),
            (start.elapsed() - took).as_secs_f64()
        );
    };
    solve("CSV", csv.len(), &|| Metrics::read(&csv).0);
    solve("JSON", json.len(), &|| {
        let answer = range::read(&json).unwrap();
        range::table(vec![("bench".to_owned(), answer)], &calls).0
    });
}

fn find(folder: &Path, labels: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            find(&entry, labels);
        } else if entry.ends_with("label.json") {
            labels.push(entry);
        }
    }
}

/// An incident whose fault-free rows are known.
struct Labelled {
    folder: PathBuf,
    baseline: PathBuf,
    label: Value,
}

fn labelled(path: &Path) -> Option<Labelled> {
    let label: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let folder = path.parent()?.to_owned();
    let baseline = folder.join(label["baseline"].as_str()?).canonicalize().ok()?;
    Some(Labelled {
        folder,
        baseline,
        label,
    })
}

fn measure(set: &str, labels: &[PathBuf]) {
    let incidents: Vec<Labelled> = labels.iter().filter_map(|path| labelled(path)).collect();
    let (mut first, mut three, mut five, mut clear) = (0, 0, 0, 0);
    let (mut metrics_known, mut metric_first) = (0, 0);
    let mut time = Duration::ZERO;
    for incident in &incidents {
        let start = Instant::now();
        let found = solve(incident);
        time += start.elapsed();
        let cause = &incident.label["root_cause"];
        let place = found
            .causes
            .iter()
            .position(|one| Some(one.node.as_str()) == cause["node"].as_str())
            .unwrap_or(usize::MAX);
        first += usize::from(place < 1);
        three += usize::from(place < 3);
        five += usize::from(place < 5);
        clear += usize::from(found.clear);
        if let Some(metric) = cause["metric"].as_str() {
            metrics_known += 1;
            metric_first += usize::from(place < 1 && found.causes[0].metric == metric);
        }
    }
    let count = incidents.len();
    let part = |n: usize, of: usize| {
        if of == 0 {
            "-".to_owned()
        } else {
            format!("{:.3}", n as f64 / of as f64)
        }
    };
    let (named, windows) = without_fault(&incidents);
    println!(
        "{set:<14} {count:>9} {:>12} {:>11} {:>11} {:>13} {:>6} {:>8.1}  {named} of {windows}",
        part(first, count),
        part(three, count),
        part(five, count),
        part(metric_first, metrics_known),
        part(clear, count),
        time.as_secs_f64() * 1000.0 / count.max(1) as f64,
    );
}

/// Reading included.
fn solve(incident: &Labelled) -> Diagnosis {
    let read = |path: &Path| Metrics::read(&fs::read_to_string(path).unwrap()).0;
    let metrics = read(&incident.folder.join("metrics.csv"));
    let baseline = read(&incident.baseline);
    let calls = graph(incident);
    let target = &incident.label["target"];
    let target = target["node"].as_str().map(|node| SeriesName {
        node: node.to_owned(),
        metric: target["metric"].as_str().unwrap().to_owned(),
    });
    diagnose(&Incident {
        metrics: &metrics,
        baseline: Some(&baseline),
        calls: &calls,
        at: incident.label["t_fault"].as_f64().unwrap(),
        target: target.as_ref(),
    })
}

fn graph(incident: &Labelled) -> Calls {
    Calls::read(&fs::read_to_string(incident.folder.join("graph.json")).unwrap()).unwrap()
}

/// Windows of the fault-free rows, one at every tenth row; how many have a cause named, and how many there are.
fn without_fault(incidents: &[Labelled]) -> (usize, usize) {
    let mut tables: BTreeMap<&Path, &Labelled> = BTreeMap::new();
    for incident in incidents {
        tables.entry(&incident.baseline).or_insert(incident);
    }
    let (mut named, mut windows) = (0, 0);
    for (path, incident) in tables {
        let calls = graph(incident);
        let text = fs::read_to_string(path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for from in (1..lines.len().saturating_sub(WINDOW)).step_by(10) {
            let table = [&lines[..1], &lines[from..from + WINDOW]].concat().join("\n");
            let (metrics, _) = Metrics::read(&table);
            let found = diagnose(&Incident {
                metrics: &metrics,
                baseline: None,
                calls: &calls,
                at: metrics.times[metrics.times.len() / 2],
                target: None,
            });
            windows += 1;
            named += usize::from(found.clear);
        }
    }
    (named, windows)
}
