//! How far each series is from its normal course.

use std::collections::BTreeMap;

use super::family::{Family, rises_are_good};
use super::metrics::SeriesName;
use super::{Incident, clear};

/// A series' standard deviation is taken to be at least this part of its usual size.
const FLOOR: f64 = 0.02;

/// What the rows before a correlation are taken from, at most.
const BEFORE: usize = 40;

/// One series that can be compared with its baseline.
#[derive(Clone, Debug)]
pub(super) struct Symptom<'a> {
    /// Which.
    pub name: &'a SeriesName,
    /// Of which kind.
    pub family: Family,
    /// Distance from normal in robust standard deviations, 75th percentile over the incident.
    pub deviation: f64,
    /// Did it get worse? Unknown kinds get worse by rising.
    pub worse: bool,
    /// Squared correlation with what alerted; 1 if nothing is known to have.
    pub agreement: f64,
    /// This many nodes report the very same figures: they share a machine.
    pub shared_by: usize,
    /// The deviation against what a cause to be named needs; above 1 is enough.
    pub significance: f64,
    /// Usual value.
    pub usual: f64,
    /// Mean during the incident.
    pub during: f64,
}

/// All series that have a baseline and were measured during the incident.
pub(super) fn symptoms<'a>(incident: &Incident<'a>) -> Vec<Symptom<'a>> {
    let metrics = incident.metrics;
    let split = metrics.times.partition_point(|time| *time < incident.at);
    let target = incident
        .target
        .and_then(|target| Some(course(incident, target, metrics.column(target)?)));
    let mut symptoms = Vec::new();
    let mut sharing: BTreeMap<(&str, Vec<u64>), usize> = BTreeMap::new();
    let mut keys = Vec::new();
    for (name, column) in metrics.series() {
        let (before, during) = column.split_at(split.min(column.len()));
        let baseline = match incident.baseline {
            Some(baseline) => baseline.column(name).unwrap_or_default(),
            None => before,
        };
        let Some(mut symptom) = compare(name, baseline, during) else {
            continue;
        };
        if let Some(target) = &target {
            symptom.agreement = correlation(&course(incident, name, column), target).powi(2);
        }
        let key = (
            name.metric.as_str(),
            during.iter().map(|value| value.to_bits()).collect::<Vec<u64>>(),
        );
        *sharing.entry(key.clone()).or_default() += 1;
        keys.push(key);
        symptoms.push(symptom);
    }
    for (symptom, key) in symptoms.iter_mut().zip(&keys) {
        symptom.shared_by = sharing.get(key).copied().unwrap_or(1);
    }
    symptoms
}

/// The last rows of the baseline and all of the incident, of one series.
fn course(incident: &Incident<'_>, name: &SeriesName, column: &[f64]) -> Vec<f64> {
    let Some(baseline) = incident.baseline else {
        return column.to_vec();
    };
    let rows = baseline.times.len().min(BEFORE);
    let before = match baseline.column(name) {
        Some(values) => values.get(values.len() - rows..).unwrap_or_default().to_vec(),
        None => vec![f64::NAN; rows],
    };
    [before.as_slice(), column].concat()
}

/// `None` if there is too little to compare.
fn compare<'a>(name: &'a SeriesName, baseline: &[f64], during: &[f64]) -> Option<Symptom<'a>> {
    let baseline = sorted(baseline);
    let during = sorted(during);
    if baseline.len() < 2 || during.is_empty() {
        return None;
    }
    let usual = percentile(&baseline, 50.0);
    let scale = scale(&baseline);
    let distances = sorted(
        &during
            .iter()
            .map(|value| ((value - usual) / scale).abs())
            .collect::<Vec<f64>>(),
    );
    let median = percentile(&during, 50.0);
    let rose = median > usual;
    Some(Symptom {
        name,
        family: Family::of(&name.metric),
        deviation: percentile(&distances, 75.0),
        worse: median != usual && rose != rises_are_good(&name.metric),
        agreement: 1.0,
        shared_by: 1,
        significance: clear::significance(&baseline, (median - usual).abs() / scale),
        usual,
        during: during.iter().sum::<f64>() / during.len() as f64,
    })
}

/// The larger of the standard deviation, the interquartile range over 1.349 (its ratio to the standard deviation of a
/// normal distribution) and [`FLOOR`] of the mean size.
fn scale(sorted: &[f64]) -> f64 {
    let count = sorted.len() as f64;
    let mean = sorted.iter().sum::<f64>() / count;
    let variance = sorted.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    let size = sorted.iter().map(|value| value.abs()).sum::<f64>() / count;
    let quartiles = (percentile(sorted, 75.0) - percentile(sorted, 25.0)) / 1.349;
    variance.sqrt().max(quartiles).max(FLOOR * size).max(1e-9)
}

/// Without what was not measured, in order.
fn sorted(values: &[f64]) -> Vec<f64> {
    let mut known: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    known.sort_by(f64::total_cmp);
    known
}

/// Linear between the two nearest values; 0 of nothing.
pub(super) fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let place = percent / 100.0 * sorted.len().saturating_sub(1) as f64;
    let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
    let below = place.floor() as usize;
    let above = place.ceil() as usize;
    at(below) + (at(above) - at(below)) * (place - below as f64)
}

/// Pearson's, over the rows in which both were measured; 0 if these are fewer than five or one of them is constant.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let pairs: Vec<(f64, f64)> = a
        .iter()
        .copied()
        .zip(b.iter().copied())
        .filter(|(a, b)| a.is_finite() && b.is_finite())
        .collect();
    if pairs.len() < 5 {
        return 0.0;
    }
    let count = pairs.len() as f64;
    let mean_a = pairs.iter().map(|(a, _)| a).sum::<f64>() / count;
    let mean_b = pairs.iter().map(|(_, b)| b).sum::<f64>() / count;
    let (mut both, mut of_a, mut of_b) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        both += (a - mean_a) * (b - mean_b);
        of_a += (a - mean_a).powi(2);
        of_b += (b - mean_b).powi(2);
    }
    let spread = (of_a * of_b).sqrt();
    if spread > 0.0 { both / spread } else { 0.0 }
}
