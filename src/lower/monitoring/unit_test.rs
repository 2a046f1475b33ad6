//! `rules_test.yaml` and its like: for each alert a situation in which it fires and some in which it does not, for
//! `promtool test rules`. Rules that look back days or weeks stand apart, with a sample an hour or a day: promtool
//! evaluates all rules of a file for each of its samples.

use std::collections::BTreeMap;

use serde::Serialize;

use super::promql::duration;
use super::rule::{Alert, Case, Pace};
use super::series::Series;

/// The file as promtool reads it.
#[derive(Clone, Debug, Serialize)]
pub struct TestFile {
    rule_files: Vec<&'static str>,
    /// Five minutes: not shorter, since promtool evaluates every rule at every interval; not longer, since Prometheus forgets
    /// after that time what was recorded. An hour or a day where nothing recorded is looked at.
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

/// The tests of those `alerts` whose situations have this pace; `None` if there are none.
pub fn file(alerts: &[Alert], pace: Pace) -> Option<TestFile> {
    let cases = alerts
        .iter()
        .filter_map(|alert| Some((alert, alert.case.as_ref()?)))
        .filter(|(_, case)| case.pace == pace);
    let tests: Vec<Test> = cases.flat_map(|(alert, case)| tests(alert, case)).collect();
    (!tests.is_empty()).then(|| TestFile {
        rule_files: vec!["rules.yaml"],
        evaluation_interval: match pace {
            Pace::Minutes => "5m",
            Pace::Hours | Pace::Days => pace.interval(),
        },
        tests,
    })
}

fn tests(alert: &Alert, case: &Case) -> Vec<Test> {
    let fired = Fired {
        exp_labels: alert.fired_labels(case),
        exp_annotations: alert.fired_annotations(case),
    };
    let mut tests = vec![
        test(alert, "fires", case, &case.firing, vec![fired]),
        test(alert, "is quiet", case, &case.quiet, Vec::new()),
    ];
    let more = case.also_quiet.iter();
    tests.extend(
        more.map(|(when, series)| test(alert, &format!("is quiet: {when}"), case, series, Vec::new())),
    );
    tests
}

fn test(alert: &Alert, what: &str, case: &Case, series: &[Series], fired: Vec<Fired>) -> Test {
    // Alerts that share a name are told apart by what their situations are about.
    let about = case.labels.values().next();
    let about = about.map_or_else(String::new, |about| format!(" ({about})"));
    Test {
        name: format!("{} {what}{about}", alert.name),
        interval: case.pace.interval(),
        input_series: series.to_vec(),
        alert_rule_test: vec![Expectation {
            eval_time: duration(case.at),
            alertname: alert.name.clone(),
            exp_alerts: fired,
        }],
    }
}
