//! `monitoring/runbooks.md`: for each kind of alert what it means, what to look at and what it silences, with the alerts of
//! that kind. Every alert without a `runbook` of its author's links to its section.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::kind::Kind;
use super::rule::Alert;
use crate::graph::Graph;

/// The sections, each under `## KIND`.
const SECTIONS: &str = include_str!("../../../targets/monitoring/runbooks.md");

/// Where the page is in the output.
pub const PATH: &str = "monitoring/runbooks.md";

/// The link to the section of `kind`: the platform's `monitoring runbooks=…`, else the path in the output.
pub fn link(graph: &Graph, kind: &str) -> String {
    let monitoring = graph.platform.as_ref().map(|platform| &platform.monitoring);
    let page = monitoring.and_then(|monitoring| monitoring.runbooks.as_deref());
    format!("{}#{kind}", page.unwrap_or(PATH))
}

/// The page: what stands before the first section, then those of the kinds that occur.
pub fn page(alerts: &[Alert]) -> String {
    let mut sections = SECTIONS.split("\n## ");
    let mut page = sections.next().unwrap_or_default().to_owned();
    let sections: BTreeMap<&str, &str> = sections.filter_map(|section| section.split_once('\n')).collect();
    for kind in Kind::ALL.map(Kind::word) {
        let mut named: Vec<&Alert> = alerts.iter().filter(|alert| alert.kind() == kind).collect();
        named.sort_by(|a, b| (&a.name, &a.labels).cmp(&(&b.name, &b.labels)));
        if named.is_empty() {
            continue;
        }
        let section = sections.get(kind).map_or("", |text| text.trim());
        let _ = write!(
            page,
            "\n## {kind}\n\n{section}\n\n| alert | severity | cluster |\n|---|---|---|\n"
        );
        let row = |alert: &&Alert| {
            let cluster = alert.labels.get("cluster").map_or("", String::as_str);
            format!("| {} | {} | {cluster} |\n", alert.name, alert.severity)
        };
        let mut rows: Vec<String> = named.iter().map(row).collect();
        rows.dedup();
        page += &rows.concat();
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_section() {
        for kind in Kind::ALL.map(Kind::word) {
            let found = SECTIONS.matches(&format!("\n## {kind}\n")).count();
            assert_eq!(found, 1, "{kind}");
        }
        assert_eq!(SECTIONS.matches("\n## ").count(), Kind::ALL.len());
    }
}
