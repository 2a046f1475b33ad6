//! `rules_test.yaml`: for each alert a situation in which it fires and one in which it does not, for
//! `promtool test rules`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::promql::duration;
use super::rule::{Alert, Case};
use super::series::Series;
use crate::quantity::Seconds;

/// The file as promtool reads it.
#[derive(Clone, Debug, Serialize)]
pub struct TestFile {
    rule_files: Vec<&'static str>,
    /// Not shorter, since promtool evaluates every rule at every interval; not longer, since Prometheus forgets after that
    /// time what was recorded.
    evaluation_interval: &'static str,
    tests: Vec<Test>,
}

#[derive(Clone, Debug, Serialize)]
struct Test {
    name: String,
    interval: &'static str,
    input_series: Vec<Series>,
    alert_rule_test: Vec<Expectation>,
}

#[derive(Clone, Debug, Serialize)]
struct Expectation {
    eval_time: String,
    alertname: String,
    exp_alerts: Vec<Fired>,
}

#[derive(Clone, Debug, Serialize)]
struct Fired {
    exp_labels: BTreeMap<String, String>,
    exp_annotations: BTreeMap<String, String>,
}

/// The tests of `alerts`.
pub fn file(alerts: &[Alert]) -> TestFile {
    let cases = alerts
        .iter()
        .filter_map(|alert| Some((alert, alert.case.as_ref()?)));
    TestFile {
        rule_files: vec!["rules.yaml"],
        evaluation_interval: "5m",
        tests: cases.flat_map(|(alert, case)| tests(alert, case)).collect(),
    }
}

fn tests(alert: &Alert, case: &Case) -> [Test; 2] {
    let fired = Fired {
        exp_labels: alert.fired_labels(case),
        exp_annotations: alert.fired_annotations(case),
    };
    [
        test(alert, "fires", case.at, &case.firing, vec![fired]),
        test(alert, "is quiet", case.at, &case.quiet, Vec::new()),
    ]
}

fn test(alert: &Alert, what: &str, at: Seconds, series: &[Series], fired: Vec<Fired>) -> Test {
    Test {
        name: format!("{} {what}", alert.name),
        interval: "1m",
        input_series: series.to_vec(),
        alert_rule_test: vec![Expectation {
            eval_time: duration(at),
            alertname: alert.name.clone(),
            exp_alerts: fired,
        }],
    }
}
