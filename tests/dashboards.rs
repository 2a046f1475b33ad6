//! Dashboards: what they ask is PromQL about metrics that something here exposes, nothing stands on anything else, and their
//! size does not grow with the pipeline. `.ci/conformance` holds them against Grafana's own types.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use portolan::lower::monitoring::metrics::{EMITTED, RUNTIMES};
use promql_parser::parser::{self, Expr};
use serde_json::Value;

use crate::blessed;
use crate::compiled::{self, Texts};

/// Texts of all snapshots' files below `monitoring/` whose names end so.
fn snapshots(end: &str) -> Vec<(String, String)> {
    let all = compiled::folder(&blessed::root().join("snapshots"));
    let wanted = all
        .into_iter()
        .filter(|(path, _)| path.contains("/monitoring/") && path.ends_with(end));
    wanted.collect()
}

/// Names of the metrics that `expr` asks for.
fn asked(expr: &Expr, names: &mut BTreeSet<String>) {
    match expr {
        Expr::VectorSelector(selector) => names.extend(selector.name.clone()),
        Expr::MatrixSelector(matrix) => names.extend(matrix.vs.name.clone()),
        Expr::Subquery(inner) => asked(&inner.expr, names),
        Expr::Paren(inner) => asked(&inner.expr, names),
        Expr::Unary(inner) => asked(&inner.expr, names),
        Expr::Aggregate(inner) => asked(&inner.expr, names),
        Expr::Binary(both) => {
            asked(&both.lhs, names);
            asked(&both.rhs, names);
        }
        Expr::Call(call) => call.args.args.iter().for_each(|inner| asked(inner, names)),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

/// What Prometheus itself, kube-state-metrics (docs/metrics), workflows and runtimes expose, and what rules record or use.
fn known() -> BTreeSet<String> {
    let mut names = BTreeSet::from(["ALERTS", "kube_pod_container_resource_requests"].map(str::to_owned));
    names.extend(EMITTED.iter().map(|metric| metric.exposed()));
    for runtime in RUNTIMES {
        names.extend(runtime.all.iter().map(|name| (*name).to_owned()));
    }
    for (path, text) in snapshots("/rules.yaml") {
        let file: Value = serde_saphyr::from_str(&text).expect(&path);
        for rule in file["groups"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|group| group["rules"].as_array().unwrap())
        {
            names.extend(rule["record"].as_str().map(str::to_owned));
            asked(
                &parser::parse(rule["expr"].as_str().unwrap()).unwrap(),
                &mut names,
            );
        }
    }
    names
}

#[test]
fn dashboards_ask_for_what_is_there() {
    let known = known();
    let (mut targets, dashboards) = (0, snapshots(".json"));
    assert!(dashboards.len() >= 6, "{}", dashboards.len());
    for (path, text) in dashboards {
        let dashboard: Value = serde_json::from_str(&text).expect(&path);
        let panels = dashboard["panels"].as_array().unwrap();
        for target in panels
            .iter()
            .filter_map(|panel| panel["targets"].as_array())
            .flatten()
        {
            let expr = target["expr"].as_str().unwrap();
            let parsed = parser::parse(expr).unwrap_or_else(|error| panic!("{path}: {expr}: {error}"));
            let mut names = BTreeSet::new();
            asked(&parsed, &mut names);
            let strange: Vec<_> = names.difference(&known).collect();
            assert!(
                strange.is_empty() && !names.is_empty(),
                "{path}: {strange:?} in {expr}"
            );
            targets += 1;
        }
    }
    assert!(targets > 60, "{targets}");
}

#[test]
fn panels_stand_on_the_grid_and_beside_each_other() {
    for (path, text) in snapshots(".json") {
        let dashboard: Value = serde_json::from_str(&text).unwrap();
        let (mut cells, mut ids) = (BTreeSet::new(), BTreeSet::new());
        for panel in dashboard["panels"].as_array().unwrap() {
            assert!(
                ids.insert(panel["id"].as_u64().unwrap()),
                "{path}: {}",
                panel["id"]
            );
            let [x, y, w, h] = ["x", "y", "w", "h"].map(|side| panel["gridPos"][side].as_u64().unwrap());
            assert!(w > 0 && h > 0 && x + w <= 24, "{path}: {}", panel["title"]);
            for cell in (y..y + h).flat_map(|row| (x..x + w).map(move |column| (row, column))) {
                assert!(cells.insert(cell), "{path}: {} at {cell:?}", panel["title"]);
            }
        }
        assert!(dashboard["uid"].as_str().unwrap().len() <= 40, "{path}");
    }
}

/// A chain of so many steps, each of which promises something.
fn dashboard_of(steps: usize) -> usize {
    let mut text = "pipeline long {\n    data d0 {\n        at lab uri=\"s3://bench/raw\"\n        size \"1GiB\"\n    }\n".to_owned();
    for step in 0..steps {
        let _ = writeln!(
            text,
            "    step s{step} kind=etl {{\n        image \"registry.acme.example/etl:1\"\n        reads d{step}\n        \
             writes d{} size=\"1GiB\"\n        emits rows type=integer\n        promise deadline \"900h\"\n    }}",
            step + 1
        );
    }
    text.push_str(
        "}\nplatform bench {\n    cluster lab context=lab jurisdiction=de {\n        \
         nodes cpu count=500 cores=64 memory=\"512GiB\" price=\"0.35 USD/hour\"\n        \
         bucket \"s3://bench/runs\"\n        registry \"registry.acme.example\"\n    }\n}\n",
    );
    let texts = Texts::from([("long.kdl".to_owned(), text)]);
    let made = compiled::compile(&texts, &["long.kdl"], None).texts();
    made["monitoring/lab/dashboards/long.json"].len()
}

#[test]
fn a_dashboard_of_many_steps_is_no_larger_than_one_of_some() {
    let (some, many) = (dashboard_of(25), dashboard_of(120));
    // Numbers in titles have more digits, no more.
    assert!(many <= some + 200, "{many} after {some} characters");
}
