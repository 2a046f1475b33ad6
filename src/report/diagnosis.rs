//! A diagnosis as a page: what is at fault first, then what says so. Like the plan's page it is one file, asks for nothing,
//! and needs no script.

mod picture;
mod plot;

use askama::Template;

use self::picture::Picture;
use self::plot::Plot;
use crate::diagnose::{Calls, Cause, Diagnosis, Evidence, Metrics, SuperAlert};
use crate::quantity::digits;

/// So many suspects are shown with their series; JSON has more.
const SHOWN: usize = 5;

const OWN_STYLE: &str = include_str!("../../targets/report/diagnosis.css");

/// What a page is about.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The answer.
    pub diagnosis: &'a Diagnosis,
    /// What was measured; may be empty.
    pub metrics: &'a Metrics,
    /// Who rests on whom.
    pub calls: &'a Calls,
    /// When it began, in seconds since 1970.
    pub at: Option<f64>,
}

#[derive(Template)]
#[template(path = "diagnosis.html")]
struct Page<'a> {
    title: String,
    lead: String,
    began: Option<String>,
    alerts: usize,
    measured: usize,
    diagnosis: &'a Diagnosis,
    groups: Vec<Group<'a>>,
    suspects: Vec<Suspect<'a>>,
    picture: Option<Picture>,
    version: &'static str,
    style: &'static str,
    own_style: &'static str,
    style_hash: String,
    own_style_hash: String,
}

/// A super-alert.
struct Group<'a> {
    alert: &'a SuperAlert,
    /// `3 alerts`, or the nodes if nothing alerted.
    explains: String,
    names: String,
}

/// A cause with its pictures.
struct Suspect<'a> {
    cause: &'a Cause,
    score: String,
    from_callers: Option<String>,
    evidence: Vec<Shown<'a>>,
}

struct Shown<'a> {
    evidence: &'a Evidence,
    usual: String,
    during: String,
    deviations: String,
    since: Option<String>,
    plot: Option<Plot>,
}

/// The page: HTML that is also well-formed XML.
pub fn page(case: &Case<'_>) -> String {
    let diagnosis = case.diagnosis;
    let first = diagnosis.super_alerts.first().map(|alert| alert.cause.as_str());
    let first = first.or_else(|| diagnosis.causes.first().map(|cause| cause.node.as_str()));
    let (title, lead) = match (first, diagnosis.super_alerts.len()) {
        (Some(node), groups) if diagnosis.clear => (node.to_owned(), lead(groups)),
        (Some(_), _) => (
            "No clear cause".to_owned(),
            "Nothing is far enough from normal to name one; these are places to look at.".to_owned(),
        ),
        (None, _) => ("No clear cause".to_owned(), "Everything is as usual.".to_owned()),
    };
    super::write(&Page {
        title,
        lead,
        began: case.at.and_then(time),
        alerts: diagnosis
            .super_alerts
            .iter()
            .map(|alert| alert.alerts.len())
            .sum(),
        measured: case.metrics.series().count(),
        diagnosis,
        groups: diagnosis.super_alerts.iter().map(group).collect(),
        suspects: diagnosis
            .causes
            .iter()
            .take(SHOWN)
            .map(|cause| suspect(case, cause))
            .collect(),
        picture: picture::picture(case),
        version: env!("CARGO_PKG_VERSION"),
        style: super::STYLE,
        own_style: OWN_STYLE,
        style_hash: super::hash(super::STYLE),
        own_style_hash: super::hash(OWN_STYLE),
    })
}

fn lead(groups: usize) -> String {
    match groups {
        0 | 1 => "The probable cause, and what says so.".to_owned(),
        more => format!("The first of {more} probable causes, and what says so."),
    }
}

fn group(alert: &SuperAlert) -> Group<'_> {
    let (count, what, names) = match alert.alerts.len() {
        0 => (alert.nodes.len(), "node", &alert.nodes),
        alerts => (alerts, "alert", &alert.alerts),
    };
    let plural = if count == 1 { "" } else { "s" };
    Group {
        alert,
        explains: format!("{count} {what}{plural}"),
        names: names.join(", "),
    }
}

fn suspect<'a>(case: &Case<'a>, cause: &'a Cause) -> Suspect<'a> {
    let shown = |evidence: &'a Evidence| Shown {
        evidence,
        usual: digits(evidence.usual),
        during: digits(evidence.during),
        deviations: format!("{:.1}", evidence.deviations),
        since: evidence.since.and_then(time),
        plot: plot::plot(case, &cause.node, evidence),
    };
    Suspect {
        cause,
        score: format!("{:.2}", cause.score),
        from_callers: (cause.from_callers >= 0.005).then(|| format!("{:.2}", cause.from_callers)),
        evidence: cause.evidence.iter().map(shown).collect(),
    }
}

/// `2026-05-01 02:00:00 UTC`
fn time(seconds: f64) -> Option<String> {
    let time = jiff::Timestamp::from_second(seconds as i64).ok()?;
    Some(time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}
