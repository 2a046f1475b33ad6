//! A diagnosis for people.

use std::fmt::Write as _;

use crate::diagnose::{Cause, Diagnosis, Evidence, SuperAlert};
use crate::quantity::digits;

/// So many causes are shown; JSON has more.
const SHOWN: usize = 5;

/// For a terminal.
pub fn pretty(diagnosis: &Diagnosis) -> String {
    let storm = of_alerts(diagnosis, str::to_owned);
    let mut text = match (&storm, diagnosis.causes.first()) {
        (Some(storm), Some(_)) => format!("{storm}\nmeasured\n\n"),
        (Some(storm), None) => return storm.clone(),
        (None, Some(first)) if diagnosis.clear => {
            format!("probable cause: {} ({})\n\n", first.node, first.metric)
        }
        (None, Some(_)) => {
            "no clear cause: nothing is far enough from normal; places to look at first:\n\n".to_owned()
        }
        (None, None) => "no clear cause: everything is as usual\n".to_owned(),
    };
    for (rank, cause) in (1..).zip(diagnosis.causes.iter().take(SHOWN)) {
        let (node, score) = (&cause.node, cause.score);
        let _ = writeln!(text, "{rank:>3}  {node}  score {score:.2}{}", callers(cause));
        for evidence in &cause.evidence {
            let _ = writeln!(text, "       {} {}", evidence.metric, change(evidence));
        }
    }
    if storm.is_none() && !diagnosis.super_alerts.is_empty() {
        text.push_str("\nexplains\n");
        for alert in &diagnosis.super_alerts {
            let _ = writeln!(text, "  {}: {}", alert.cause, alert.nodes.join(", "));
        }
    }
    text
}

/// For a ticket or a pull request.
pub fn markdown(diagnosis: &Diagnosis) -> String {
    let mut text = match (of_alerts(diagnosis, code), diagnosis.causes.first()) {
        (Some(storm), Some(_)) => format!("{storm}\n"),
        (Some(storm), None) => return storm,
        (None, Some(first)) if diagnosis.clear => {
            let (node, metric) = (code(&first.node), code(&first.metric));
            format!("**Probable cause: {node}** ({metric})\n\n")
        }
        (None, _) => "**No clear cause.** Nothing is far enough from normal.\n\n".to_owned(),
    };
    if !diagnosis.causes.is_empty() {
        text.push_str("| | node | score | evidence |\n|---|---|---|---|\n");
    }
    for (rank, cause) in (1..).zip(diagnosis.causes.iter().take(SHOWN)) {
        let evidence: Vec<String> = cause
            .evidence
            .iter()
            .map(|evidence| format!("{} {}", code(&evidence.metric), change(evidence)))
            .collect();
        let (node, score) = (code(&cause.node), cause.score);
        let _ = writeln!(
            text,
            "| {rank} | {node} | {score:.2} | {} |",
            evidence.join("<br>")
        );
    }
    text
}

/// A storm of alerts: one paragraph a cause. `None` if the diagnosis is not about alerts.
fn of_alerts(diagnosis: &Diagnosis, quote: impl Fn(&str) -> String) -> Option<String> {
    let of_alerts = |alert: &&SuperAlert| !alert.alerts.is_empty();
    let storm: Vec<&SuperAlert> = diagnosis.super_alerts.iter().filter(of_alerts).collect();
    let count: usize = storm.iter().map(|alert| alert.alerts.len()).sum();
    if storm.is_empty() {
        return None;
    }
    let mut text = format!("alerts: {count}, causes: {}\n", storm.len());
    for (rank, alert) in (1..).zip(storm) {
        let _ = writeln!(text, "\n{rank}. {}", quote(&alert.cause));
        let names: Vec<String> = alert.alerts.iter().map(|name| quote(name)).collect();
        let _ = writeln!(text, "   - explains {}: {}", names.len(), names.join(", "));
        if let Some(next) = &alert.next {
            let _ = writeln!(text, "   - look at {}", quote(next));
        }
    }
    if !diagnosis.ruled_out.is_empty() {
        text.push_str("\nruled out\n\n");
    }
    for out in &diagnosis.ruled_out {
        let _ = writeln!(text, "- {}: {}", quote(&out.node), out.because);
    }
    Some(text)
}

fn callers(cause: &Cause) -> String {
    if cause.from_callers < 0.005 {
        return String::new();
    }
    format!(", {:.2} of it from its callers", cause.from_callers)
}

fn change(evidence: &Evidence) -> String {
    format!(
        "{} -> {} ({:.1} deviations)",
        digits(evidence.usual),
        digits(evidence.during),
        evidence.deviations
    )
}

/// Names are data: bars and backticks would end a cell.
fn code(text: &str) -> String {
    let text = text.replace('`', "'").replace('|', "\\|").replace('\n', " ");
    format!("`{text}`")
}
