//! Is there enough to name a cause?
//!
//! Among hundreds of series something always looks odd. A cause is named if a series moved, and stayed, further than
//! its baseline can explain, and something else says so too: another family of metrics of its node, a neighbour, or
//! whatever alerted.

use std::collections::BTreeMap;

use super::Incident;
use super::deviation::{Symptom, percentile};
use super::family::Family;

/// Standard deviations that the median must have moved, by a baseline without end. On stretches without a fault, the
/// worst of up to 900 series stays below it 19 times in 20.
const ENOUGH: f64 = 6.0;

/// Rows of baseline at which twice [`ENOUGH`] is asked for: a short baseline does not know its own spread.
const SHORT: f64 = 60.0;

/// Rows below which a series that hardly ever changed says nothing: it may do this every hour.
const SPARSE: usize = 100;

/// What corroborates, as a part of what convinces.
const CORROBORATES: f64 = 0.5;

/// How far `moved` standard deviations are from what convinces; 1 is just enough.
pub(super) fn significance(baseline: &[f64], moved: f64) -> f64 {
    let rows = baseline.len();
    let size = baseline.iter().map(|value| value.abs()).sum::<f64>() / rows.max(1) as f64;
    let spread = percentile(baseline, 75.0) - percentile(baseline, 25.0);
    if rows < 3 || (rows < SPARSE && spread <= 1e-6 * size + 1e-12) {
        return 0.0;
    }
    moved / (ENOUGH * (1.0 + SHORT / rows as f64))
}

/// May a cause be named?
pub(super) fn is_clear(symptoms: &[Symptom<'_>], incident: &Incident<'_>) -> bool {
    let mut strongest: BTreeMap<(&str, Family), f64> = BTreeMap::new();
    for symptom in symptoms {
        let known = strongest.entry((&symptom.name.node, symptom.family)).or_default();
        *known = known.max(symptom.significance);
    }
    let corroborated = |node: &str, family: Family| {
        strongest.iter().any(|((other, kind), strength)| {
            let same = *other == node && *kind == family;
            !same
                && *strength > CORROBORATES
                && (*other == node || incident.calls.are_neighbours(node, other))
        })
    };
    strongest
        .iter()
        .filter(|(_, strength)| **strength > 1.0)
        .any(|((node, family), _)| incident.target.is_some() || corroborated(node, *family))
}
