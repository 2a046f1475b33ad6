//! One series around the incident, in pixels.

use super::Case;
use crate::diagnose::{Evidence, SeriesName};

const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 84.0;
/// Room above and below, so that lines at the edge can be seen.
const MARGIN: f64 = 6.0;
/// More points than this cannot be told apart.
const POINTS: usize = 240;

/// A small picture: what was measured, what is usual, when the incident began and since when the series is another.
#[derive(Clone, Debug)]
pub struct Plot {
    /// In pixels.
    pub width: f64,
    /// In pixels.
    pub height: f64,
    /// SVG path of the values.
    pub course: String,
    /// From the top.
    pub usual: f64,
    /// From the left.
    pub at: Option<f64>,
    /// From the left.
    pub since: Option<f64>,
}

/// `None` if the series was not measured.
pub fn plot(case: &Case<'_>, node: &str, evidence: &Evidence) -> Option<Plot> {
    let name = SeriesName {
        node: node.to_owned(),
        metric: evidence.metric.clone(),
    };
    let column = case.metrics.column(&name)?;
    let rows: Vec<(f64, f64)> = case
        .metrics
        .times
        .iter()
        .copied()
        .zip(column.iter().copied())
        .collect();
    let (first, last) = (rows.first()?.0, rows.last()?.0);
    let finite = || {
        rows.iter()
            .map(|row| row.1)
            .filter(|value| value.is_finite())
            .chain([evidence.usual])
    };
    let (low, high) = (
        finite().fold(f64::INFINITY, f64::min),
        finite().fold(f64::NEG_INFINITY, f64::max),
    );
    let across = |time: f64| tenth((time - first) / (last - first).max(1.0) * WIDTH);
    let span = if high > low { high - low } else { 1.0 };
    let down = |value: f64| tenth(HEIGHT - MARGIN - (value - low) / span * (HEIGHT - 2.0 * MARGIN));
    let inside = |time: f64| (first..=last).contains(&time).then(|| across(time));
    let mut course = String::new();
    let mut pen = 'M';
    for (time, value) in thinned(&rows, evidence.usual) {
        if value.is_finite() {
            course.push_str(&format!("{pen}{} {}", across(time), down(value)));
            pen = 'L';
        } else {
            // A gap was not measured.
            pen = 'M';
        }
    }
    Some(Plot {
        width: WIDTH,
        height: HEIGHT,
        course,
        usual: down(evidence.usual),
        at: case.at.and_then(inside),
        since: evidence.since.and_then(inside),
    })
}

/// Of each stretch the row that is farthest from what is usual: a mean would hide it.
fn thinned(rows: &[(f64, f64)], usual: f64) -> impl Iterator<Item = (f64, f64)> {
    let stretch = rows.len().div_ceil(POINTS).max(1);
    rows.chunks(stretch).filter_map(move |rows| {
        let far = |row: &(f64, f64)| {
            if row.1.is_finite() {
                (row.1 - usual).abs()
            } else {
                -1.0
            }
        };
        rows.iter().copied().max_by(|a, b| far(a).total_cmp(&far(b)))
    })
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
