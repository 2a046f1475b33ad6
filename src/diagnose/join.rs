//! What alerts say and what measurements say, as one answer.

use std::collections::BTreeMap;

use super::answer::Diagnosis;

/// The groups of a storm of alerts, and the suspects of measurements: those that the storm names come first, in its order,
/// since alerts were written by people who know what matters. Without a storm, the measurements group.
pub fn join(storm: Diagnosis, mut measured: Diagnosis) -> Diagnosis {
    let named = storm.super_alerts.iter().map(|alert| alert.cause.clone());
    let named: BTreeMap<String, usize> = named.zip(0..).collect();
    let rank = |node: &str| named.get(node).copied().unwrap_or(usize::MAX);
    // Stable: of two that the storm does not name, the one more to blame stays first.
    measured.causes.sort_by_key(|cause| rank(&cause.node));
    Diagnosis {
        version: storm.version,
        clear: storm.clear || measured.clear,
        causes: measured.causes,
        super_alerts: if storm.super_alerts.is_empty() {
            measured.super_alerts
        } else {
            storm.super_alerts
        },
        ruled_out: storm.ruled_out,
    }
}
