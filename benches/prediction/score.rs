//! The rules of `score.py`, which lies beside the data, in Rust: waste of memory with retries, errors, calibration.

use std::collections::BTreeMap;

/// No machine has more memory, in bytes.
const CAP: f64 = 128e9;

/// Byte-seconds of a GBh; GB = 10⁹.
pub const GBH: f64 = 3.6e12;

/// A prediction and what happened.
pub struct Row {
    pub group: String,
    pub workflow: String,
    pub truth: f64,
    pub seconds: f64,
    pub request: Option<f64>,
    pub point: f64,
    pub upper: f64,
    pub retry: Option<f64>,
}

/// GBh wasted by one task, and its failed attempts.
pub fn wasted(upper: f64, retry: Option<f64>, peak: f64, seconds: f64) -> (f64, u32) {
    let (mut allocation, mut lost, mut failures) = (upper.max(1e6), 0.0, 0);
    while allocation < peak {
        lost += allocation * seconds;
        failures += 1;
        if allocation >= CAP {
            break;
        }
        let next = retry.filter(|retry| failures == 1 && *retry > allocation);
        allocation = next.unwrap_or(allocation * 2.0);
        if peak <= CAP {
            allocation = allocation.min(CAP);
        }
    }
    ((lost + (allocation - peak).max(0.0) * seconds) / GBH, failures)
}

/// What `score.py` prints.
#[derive(Default, Debug)]
pub struct Score {
    pub rows: usize,
    pub median_error: f64,
    pub median_error_of_groups: f64,
    pub mean_error: f64,
    pub under: f64,
    pub pinball: f64,
    pub waste: f64,
    pub used: f64,
    pub waste_over_use_of_groups: f64,
    pub failures: u32,
    pub by_workflow: BTreeMap<String, f64>,
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    if n == 0 {
        return f64::NAN;
    }
    (values[(n - 1) / 2] + values[n / 2]) / 2.0
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

pub fn groups(rows: &[Row]) -> BTreeMap<&str, Vec<&Row>> {
    let mut groups: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        groups.entry(&row.group).or_default().push(row);
    }
    groups
}

fn error(row: &Row) -> f64 {
    100.0 * (row.point - row.truth).abs() / row.truth
}

pub fn score(rows: &[Row]) -> Score {
    let errors: Vec<f64> = rows.iter().map(error).collect();
    let groups = groups(rows);
    let mut score = Score {
        rows: rows.len(),
        mean_error: mean(&errors),
        median_error: median(errors),
        median_error_of_groups: median(
            groups.values().map(|g| median(g.iter().map(|r| error(r)).collect())).collect(),
        ),
        under: 100.0 * rows.iter().filter(|r| r.upper < r.truth).count() as f64 / rows.len() as f64,
        ..Score::default()
    };
    let mut shares = Vec::new();
    for group in groups.values() {
        let scale = mean(&group.iter().map(|r| r.truth).collect::<Vec<_>>());
        let (mut waste, mut used) = (0.0, 0.0);
        for r in group {
            let over = if r.truth > r.upper { 0.95 * (r.truth - r.upper) } else { 0.05 * (r.upper - r.truth) };
            score.pinball += over / scale / rows.len() as f64;
            let (lost, failures) = wasted(r.upper, r.retry, r.truth, r.seconds);
            waste += lost;
            used += r.truth * r.seconds / GBH;
            score.failures += failures;
            *score.by_workflow.entry(r.workflow.clone()).or_default() += lost;
        }
        score.waste += waste;
        score.used += used;
        shares.push(waste / used);
    }
    score.waste_over_use_of_groups = median(shares);
    score
}

/// What `score.py cold` prints: q-error and error (group medians), waste with the request as a cap, failed first attempts.
pub fn cold(rows: &[Row]) -> (f64, f64, f64, f64) {
    let groups = groups(rows);
    let q = |r: &&Row| (r.point / r.truth).max(r.truth / r.point);
    let of = |f: &dyn Fn(&&Row) -> f64| median(groups.values().map(|g| median(g.iter().map(f).collect())).collect());
    let capped = |r: &Row| r.request.map_or(r.upper, |request| r.upper.min(request));
    let costs: Vec<(f64, u32)> = rows.iter().map(|r| wasted(capped(r), None, r.truth, r.seconds)).collect();
    (
        of(&q),
        of(&|r| error(r)),
        costs.iter().map(|c| c.0).sum(),
        100.0 * costs.iter().filter(|c| c.1 > 0).count() as f64 / rows.len() as f64,
    )
}
