//! What a Prometheus is asked about an incident: the series of the rules, the machines, and what serving runtimes say of
//! themselves, each by the labels that say what it is about.

use super::metrics::{COST_PER_HOUR, DURATION, KPI, Latency, RETRIES, RUNTIMES, USED_CORES, USED_MEMORY};
use super::promql::{equals, number, one_of, string, with_matchers};

/// How far rates look back: four scrapes of a minute, and one may be lost.
const WINDOW: &str = "5m";

/// The percentile of latency that is looked at.
const QUANTILE: f64 = 0.99;

/// A range query.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// What the answer is called where its series have no name.
    pub metric: &'static str,
    /// PromQL.
    pub query: String,
}

/// The questions about `pipelines`, by name.
pub fn about(pipelines: &[&str]) -> Vec<Question> {
    let only = one_of("pipeline", pipelines);
    let questions = [
        ("recorded", recorded(&only)),
        ("machines_ready", machines()),
        ("requests", requests(&only)),
        ("errors", errors(&only)),
        ("latency_p99", latency(&only)),
    ];
    questions
        .into_iter()
        .map(|(metric, query)| Question { metric, query })
        .collect()
}

/// All that rules and workflows record as a level; what only grows has no usual value.
fn recorded(only: &str) -> String {
    let names = [
        KPI.to_owned(),
        USED_MEMORY.to_owned(),
        USED_CORES.to_owned(),
        COST_PER_HOUR.to_owned(),
        DURATION.exposed(),
        RETRIES.exposed(),
    ];
    format!("{{__name__=~{},{only}}}", string(&names.join("|")))
}

/// Machines that are ready, by pool.
fn machines() -> String {
    let ready = with_matchers(
        "kube_node_status_condition",
        vec!["condition=\"Ready\"".to_owned(), "status=\"true\"".to_owned()],
    );
    let label = "label_portolan_pool";
    format!(
        "sum by (cluster, pool) (label_replace(max by (cluster, node) ({ready}) \
         * on (cluster, node) group_left ({label}) max by (cluster, node, {label}) (kube_node_labels{{{label}!=\"\"}}), \
         \"pool\", \"$1\", \"{label}\", \"(.+)\"))"
    )
}

/// What does not say something gives nothing, so a step's own runtime answers.
fn any(terms: impl Iterator<Item = String>) -> String {
    let mut terms: Vec<String> = terms.collect();
    terms.sort();
    terms.dedup();
    terms.join(" or ")
}

fn rate(metric: &str, matchers: &[&str]) -> String {
    let matchers = matchers.iter().filter(|matcher| !matcher.is_empty());
    let series = with_matchers(metric, matchers.map(|matcher| (*matcher).to_owned()).collect());
    format!("sum by (pipeline, step) (rate({series}[{WINDOW}]))")
}

fn requests(only: &str) -> String {
    any(RUNTIMES
        .iter()
        .filter_map(|runtime| Some(rate(runtime.all.first()?, &[only, runtime.only]))))
}

fn errors(only: &str) -> String {
    any(RUNTIMES.iter().filter_map(|runtime| {
        let (metric, status) = runtime.failed?;
        Some(rate(metric, &[only, runtime.only, status]))
    }))
}

fn latency(only: &str) -> String {
    let quantile = number(QUANTILE);
    any(RUNTIMES.iter().filter_map(|runtime| match runtime.request {
        Latency::Histogram(metric) => {
            let buckets = with_matchers(&format!("{metric}_bucket"), vec![only.to_owned()]);
            Some(format!(
                "histogram_quantile({quantile}, sum by (pipeline, step, le) (rate({buckets}[{WINDOW}])))"
            ))
        }
        Latency::Summary(metric, units) => {
            let chosen = vec![only.to_owned(), equals("quantile", &quantile)];
            let series = with_matchers(metric, chosen);
            Some(format!("max by (pipeline, step) ({series}) / {}", number(units)))
        }
        Latency::Unknown => None,
    }))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_question_is_promql_even_of_odd_names() {
        for question in super::about(&["cancer-risk", "a\"b\\c|d"]) {
            let parsed = promql_parser::parser::parse(&question.query);
            assert!(parsed.is_ok(), "{}: {parsed:?}", question.query);
        }
    }
}
