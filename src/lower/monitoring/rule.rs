//! Rule files of Prometheus, as typed values.

use std::collections::BTreeMap;

use serde::Serialize;

use super::humanize::Show;
use super::promql::{duration, inert};
use super::series::Series;
use super::summary::Summary;
use crate::quantity::Seconds;

/// `rules.yaml`
#[derive(Clone, Debug, Serialize)]
pub struct RuleFile {
    /// In the order of pipelines.
    pub groups: Vec<Group>,
}

/// Rules that are evaluated together, in order: what is recorded first can be used below.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// Unique in the file.
    pub name: String,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Rule {
    /// A series that is computed.
    Record(Record),
    /// An alert.
    Alert(AlertRule),
}

/// A series that is computed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Record {
    /// Its name.
    pub record: String,
    /// PromQL.
    pub expr: String,
    /// Labels that are set on it.
    pub labels: BTreeMap<String, String>,
}

/// An alert as Prometheus reads it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct AlertRule {
    /// Its name.
    pub alert: String,
    /// PromQL; fires for each series of the answer.
    pub expr: String,
    /// It must hold for so long.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub lasting: Option<String>,
    /// What routes it.
    pub labels: BTreeMap<String, String>,
    /// What people read.
    pub annotations: BTreeMap<String, String>,
}

/// An alert and the situations in which it fires and does not.
#[derive(Clone, Debug)]
pub struct Alert {
    /// Unique in the cluster, unless its steps are told by the series: then those of one pipeline may share it.
    pub name: String,
    /// PromQL.
    pub expr: String,
    /// It must hold for so long.
    pub lasting: Seconds,
    /// `page`, `ticket` or `info`.
    pub severity: &'static str,
    /// The team.
    pub owner: Option<String>,
    /// Pipeline, step, kind: labels besides severity and owner.
    pub labels: BTreeMap<String, String>,
    /// What is wrong, in one line.
    pub summary: Summary,
    /// The value and how it stands beside the summary, if the value says something.
    pub value: Option<Show>,
    /// Where the steps to take are described.
    pub runbook: Option<String>,
    /// Two situations, unless none can be told from the rule.
    pub case: Option<Case>,
}

/// A situation in which an alert fires, and one in which it does not.
#[derive(Clone, Debug)]
pub struct Case {
    /// Series that make it fire.
    pub firing: Vec<Series>,
    /// Its value then.
    pub value: f64,
    /// Labels that the answer brings besides the rule's.
    pub labels: BTreeMap<String, String>,
    /// Series of an ordinary day.
    pub quiet: Vec<Series>,
    /// Other situations in which it must not fire, each with its name.
    pub also_quiet: Vec<(&'static str, Vec<Series>)>,
    /// When to look, after the start of the series.
    pub at: Seconds,
    /// Time between samples.
    pub pace: Pace,
}

/// How far apart the samples of a situation are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Pace {
    /// As scraped: for rules that look back minutes or hours.
    Minutes,
    /// For rules that look back days; what they look at is given as recorded, since nothing is recorded in between.
    Hours,
    /// For rules that look back weeks, the same.
    Days,
}

impl Pace {
    /// All of them.
    pub const ALL: [Pace; 3] = [Pace::Minutes, Pace::Hours, Pace::Days];

    /// Name of the file with the situations of this pace.
    pub fn file(self) -> &'static str {
        match self {
            Pace::Minutes => "rules_test.yaml",
            Pace::Hours => "hours_rules_test.yaml",
            Pace::Days => "days_rules_test.yaml",
        }
    }

    /// Time between samples.
    pub fn interval(self) -> &'static str {
        match self {
            Pace::Minutes => "1m",
            Pace::Hours => "1h",
            Pace::Days => "1d",
        }
    }
}

impl Case {
    /// A situation in which the alert has a value, and one in which it is quiet, looked at after `at`.
    pub fn new(at: Seconds, (firing, value): (Vec<Series>, f64), quiet: Vec<Series>) -> Case {
        Case {
            firing,
            value,
            labels: BTreeMap::new(),
            quiet,
            also_quiet: Vec::new(),
            at,
            pace: Pace::Minutes,
        }
    }
}

impl Alert {
    /// What it is about.
    pub fn kind(&self) -> &str {
        self.labels.get("kind").map_or("", String::as_str)
    }

    /// The step it is about; of several, which only the series tells, the one of its situations.
    pub fn step(&self) -> Option<&str> {
        let seen = self.case.as_ref().and_then(|case| case.labels.get("step"));
        self.labels.get("step").or(seen).map(String::as_str)
    }

    /// As Prometheus reads it.
    pub fn rule(&self) -> AlertRule {
        AlertRule {
            alert: self.name.clone(),
            expr: self.expr.clone(),
            lasting: (self.lasting.0 >= 1.0).then(|| duration(self.lasting)),
            labels: self.all_labels(inert),
            annotations: self.annotations(self.summary.template(), inert, Show::template),
        }
    }

    /// Labels of the alert when it fires.
    pub fn fired_labels(&self, case: &Case) -> BTreeMap<String, String> {
        let mut labels = case.labels.clone();
        labels.extend(self.all_labels(str::to_owned));
        labels
    }

    /// Annotations of the alert when it fires.
    pub fn fired_annotations(&self, case: &Case) -> BTreeMap<String, String> {
        let summary = self.summary.text(&case.labels);
        self.annotations(summary, str::to_owned, |show| show.text(case.value))
    }

    fn all_labels(&self, text: impl Fn(&str) -> String) -> BTreeMap<String, String> {
        let mut labels: BTreeMap<String, String> = self
            .labels
            .iter()
            .map(|(label, value)| (label.clone(), text(value)))
            .collect();
        labels.insert("severity".into(), self.severity.into());
        if let Some(owner) = &self.owner {
            labels.insert("owner".into(), text(owner));
        }
        labels
    }

    fn annotations<T: Into<String>>(
        &self,
        summary: String,
        text: impl Fn(&str) -> String,
        value: impl Fn(Show) -> T,
    ) -> BTreeMap<String, String> {
        let mut annotations = BTreeMap::from([("summary".to_owned(), summary)]);
        if let Some(show) = self.value {
            annotations.insert("description".into(), format!("Now {}.", value(show).into()));
        }
        if let Some(runbook) = &self.runbook {
            annotations.insert("runbook_url".into(), text(runbook));
        }
        annotations
    }
}
