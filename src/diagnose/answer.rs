//! What is said of an incident.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::blame::{self, Suspect};
use super::deviation::Symptom;
use super::onset::onset;
use super::{Incident, Metrics};

/// At most so many causes are named.
const CAUSES: usize = 10;

/// At most so many series are shown for a cause.
const EVIDENCE: usize = 5;

/// Standard deviations below which a series has no time since which it is another.
const MOVED: f64 = 3.0;

/// The answer, best cause first.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Diagnosis {
    /// Version of this form.
    pub version: u32,
    /// False: nothing is far enough from normal to name a cause; the causes are then no more than places to look.
    pub clear: bool,
    /// Suspects, most to blame first.
    pub causes: Vec<Cause>,
    /// What looks wrong, grouped by what probably causes it; most to blame first.
    pub super_alerts: Vec<SuperAlert>,
    /// What was considered and is not to blame, of a storm of alerts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ruled_out: Vec<RuledOut>,
}

/// Something that was considered and is not to blame.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct RuledOut {
    /// Which.
    pub node: String,
    /// Why not, in one line.
    pub because: String,
}

/// A node that may be at fault.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Cause {
    /// Which.
    pub node: String,
    /// Its most telling metric.
    pub metric: String,
    /// How much it is to blame; compares within one incident only.
    pub score: f64,
    /// Part of the score that its callers' latency and errors add.
    pub from_callers: f64,
    /// The series that say so, most telling first.
    pub evidence: Vec<Evidence>,
}

/// A series that is not as it was.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Evidence {
    /// Which metric of the node.
    pub metric: String,
    /// Median of the baseline.
    pub usual: f64,
    /// Mean since the incident began.
    pub during: f64,
    /// Distance from normal in robust standard deviations.
    pub deviations: f64,
    /// Since when, in seconds since 1970: the most likely change of level in the whole series.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<f64>,
}

/// Everything that one cause explains.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct SuperAlert {
    /// The node at fault.
    pub cause: String,
    /// Nodes that are not as they were and depend on it, itself included, in order.
    pub nodes: Vec<String>,
    /// Names of the alerts that it explains, of a storm of alerts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<String>,
    /// What to look at first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Joins what the passes found.
pub(super) fn answer(
    symptoms: &[Symptom<'_>],
    ranking: &[Suspect<'_>],
    clear: bool,
    incident: &Incident<'_>,
) -> Diagnosis {
    let mut by_node: BTreeMap<&str, Vec<(&Symptom<'_>, f64)>> = BTreeMap::new();
    for symptom in symptoms {
        let weight = blame::weight(symptom, incident);
        by_node
            .entry(&symptom.name.node)
            .or_default()
            .push((symptom, weight));
    }
    for found in by_node.values_mut() {
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.name.cmp(b.0.name)));
    }
    let causes = ranking
        .iter()
        .filter(|suspect| suspect.blame > 0.0)
        .take(CAUSES)
        .filter_map(|suspect| cause(suspect, by_node.get(suspect.node)?, incident.metrics))
        .collect();
    Diagnosis {
        version: 1,
        clear,
        causes,
        super_alerts: if clear {
            super_alerts(symptoms, ranking, incident)
        } else {
            Vec::new()
        },
        ruled_out: Vec::new(),
    }
}

fn cause(suspect: &Suspect<'_>, found: &[(&Symptom<'_>, f64)], metrics: &Metrics) -> Option<Cause> {
    let (first, _) = found.first()?;
    let evidence = found
        .iter()
        .filter(|(_, weight)| *weight > 0.0)
        .take(EVIDENCE)
        .map(|(symptom, _)| Evidence {
            metric: symptom.name.metric.clone(),
            usual: symptom.usual,
            during: symptom.during,
            deviations: symptom.deviation,
            since: (symptom.deviation > MOVED)
                .then(|| onset(&metrics.times, metrics.column(symptom.name)?))
                .flatten(),
        })
        .collect();
    Some(Cause {
        node: suspect.node.to_owned(),
        metric: first.name.metric.clone(),
        score: suspect.blame,
        from_callers: suspect.passed_on,
        evidence,
    })
}

/// Goes from the most to the least to blame; each takes along what is not as it was and depends on it, and is not yet
/// explained.
fn super_alerts(
    symptoms: &[Symptom<'_>],
    ranking: &[Suspect<'_>],
    incident: &Incident<'_>,
) -> Vec<SuperAlert> {
    let mut unexplained: BTreeSet<&str> = symptoms
        .iter()
        .filter(|symptom| symptom.significance > 1.0)
        .map(|symptom| symptom.name.node.as_str())
        .collect();
    let mut alerts = Vec::new();
    for suspect in ranking {
        if !unexplained.contains(suspect.node) {
            continue;
        }
        let nodes: Vec<String> = unexplained
            .iter()
            .filter(|node| incident.calls.depends(node, suspect.node))
            .map(|node| (*node).to_owned())
            .collect();
        unexplained.retain(|node| !incident.calls.depends(node, suspect.node));
        alerts.push(SuperAlert {
            cause: suspect.node.to_owned(),
            nodes,
            alerts: Vec::new(),
            next: None,
        });
    }
    alerts
}
