//! What all steps of a cluster stand on: the cluster itself, its pools, their accelerators and spot machines.
//!
//! Nodes are known by kube-state-metrics, whose labels must be let through:
//! `--metric-labels-allowlist=nodes=[*],pods=[portolan/pipeline,portolan/step]`.

use std::collections::BTreeMap;

use super::cluster::hub;
use super::humanize::Show;
use super::kind::Kind;
use super::promql::{equals, selector, with_matchers};
use super::rule::{Alert, Case, Record};
use super::series::{Level, Series};
use super::summary::Summary;
use crate::catalog::Pricing;
use crate::graph::{PipelineId, Step};
use crate::lower::{Lowering, names, pod};
use crate::place::{Pool, PoolId, SiteId};
use crate::quantity::Seconds;

/// Lost machines are believed after this: sooner than most of what follows from them, which they silence.
const LOST: Seconds = Seconds(60.0);

/// Length of the unit tests, in minutes.
const MINUTES: u64 = 30;
const AT: Seconds = Seconds((MINUTES * 60) as f64);

/// 1 as long as a cluster's Prometheus evaluates rules and the hub receives what it records.
const ALIVE: &str = "portolan:alive";

/// Taints of machines that are about to be reclaimed: AWS node termination handler, Google Kubernetes Engine, Azure's
/// remediator.
const RECLAIMED: &str = "key=~\"aws-node-termination-handler/spot-itn|cloud.google.com/impending-node-termination|\
                         remediator.kubernetes.azure.com/unschedulable\"";

const READY: &str = "kube_node_status_condition{condition=\"Ready\",status=\"true\"}";

/// The pipeline whose team looks after what all share at `site`: the first that uses it.
pub fn first_pipeline(input: &Lowering<'_>, site: SiteId) -> Option<PipelineId> {
    let graph = input.graph();
    let mut pipelines = graph.pipelines.iter().map(|pipeline| pipeline.id);
    pipelines.find(|id| {
        let steps = &graph[*id].steps;
        hub(input, *id) == site || steps.iter().any(|step| input.plan[*step].site == site)
    })
}

/// The sign of life of a cluster.
pub fn alive(input: &Lowering<'_>, site: SiteId) -> Record {
    Record {
        record: ALIVE.into(),
        expr: "vector(1)".into(),
        labels: BTreeMap::from([("cluster".to_owned(), input.plan[site].cluster.clone())]),
    }
}

/// The alerts of the hub `hub` about the silence of `site`.
pub fn silent(input: &Lowering<'_>, site: SiteId) -> Alert {
    let cluster = input.plan[site].cluster.as_str();
    let alive = selector(ALIVE, &[("cluster", cluster)]);
    let mut alert = alert(input, site, Kind::Site, &[]);
    alert.expr = format!("absent({alive}) and on () count_over_time({alive}[1d]) > 0");
    alert.lasting = Seconds(600.0);
    alert.summary = format!("nothing has been heard of {cluster} for 10 minutes").into();
    alert.value = None;
    let heard = |minutes| vec![Series::gauge(&alive, &[Level::new(1.0, minutes)])];
    alert.case = Some(Case::new(AT, (heard(6), 1.0), heard(MINUTES + 1)));
    alert
}

/// The alerts about the machines of `site`.
pub fn alerts(input: &Lowering<'_>, site: SiteId) -> Vec<Alert> {
    let mut alerts = vec![lost(input, site)];
    let pools = (0..input.plan.pools.len() as u32).map(PoolId);
    for id in pools.filter(|id| input.plan[*id].site == site) {
        let pool = &input.plan[id];
        let mut steps = input.graph().steps.iter();
        let Some(step) = steps.find(|step| input.plan[step.id].pool == id) else {
            continue;
        };
        let nodes = Nodes::of(input, step);
        alerts.push(pool_lost(input, pool, &nodes));
        if pool.pricing == Pricing::Spot {
            alerts.push(reclaimed(input, pool, &nodes));
        }
        let nvidia = |(model, _): &(String, u64)| pod::accelerator(model) == "nvidia.com/gpu";
        if pool.accelerator.as_ref().is_some_and(nvidia) {
            alerts.push(faulty(input, pool, &nodes));
        }
    }
    alerts
}

/// The machines of one pool, by their labels.
struct Nodes {
    matchers: Vec<String>,
}

impl Nodes {
    fn of(input: &Lowering<'_>, step: &Step) -> Nodes {
        let labels = pod::node_labels(input, step);
        let matchers = labels.iter().map(|(key, value)| {
            // As kube-state-metrics writes names of labels.
            let name: String = key
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
                .collect();
            equals(&format!("label_{name}"), value)
        });
        Nodes {
            matchers: matchers.collect(),
        }
    }

    fn selector(&self) -> String {
        with_matchers("kube_node_labels", self.matchers.clone())
    }

    /// `metric`, by node, of these machines only.
    fn only(&self, metric: &str) -> String {
        format!(
            "max by (node) ({metric}) * on (node) max by (node) ({})",
            self.selector()
        )
    }

    fn sample(&self) -> Series {
        let matchers = [vec![equals("node", NODE)], self.matchers.clone()].concat();
        let one = [Level::new(1.0, MINUTES + 1)];
        Series::gauge(with_matchers("kube_node_labels", matchers), &one)
    }
}

const NODE: &str = "node-0";

/// `metric{node=…}` in a unit test.
fn sample(metric: &str, more: &[&str], value: f64) -> Series {
    let mut matchers = vec![equals("node", NODE)];
    matchers.extend(more.iter().map(|matcher| (*matcher).to_owned()));
    Series::gauge(with_matchers(metric, matchers), &[Level::new(value, MINUTES + 1)])
}

fn ready(value: f64) -> Series {
    let states = ["condition=\"Ready\"", "status=\"true\""];
    sample("kube_node_status_condition", &states, value)
}

fn lost(input: &Lowering<'_>, site: SiteId) -> Alert {
    let mut alert = alert(input, site, Kind::Cluster, &[]);
    alert.expr = format!("1 - sum({READY}) / count({READY}) >= 0.5");
    alert.summary = format!("machines of {} are lost", input.plan[site].cluster).into();
    alert.case = Some(Case::new(AT, (vec![ready(0.0)], 1.0), vec![ready(1.0)]));
    alert
}

fn pool_lost(input: &Lowering<'_>, pool: &Pool, nodes: &Nodes) -> Alert {
    let mut alert = of_pool(input, pool, Kind::Pool);
    alert.expr = format!(
        "1 - sum({})\n  / count(max by (node) ({})) >= 0.5",
        nodes.only(READY),
        nodes.selector()
    );
    alert.summary = format!("machines of pool {} are lost", pool.name).into();
    let samples = |value| vec![nodes.sample(), ready(value)];
    alert.case = Some(Case::new(AT, (samples(0.0), 1.0), samples(1.0)));
    alert
}

fn reclaimed(input: &Lowering<'_>, pool: &Pool, nodes: &Nodes) -> Alert {
    let mut alert = of_pool(input, pool, Kind::Spot);
    let taints = with_matchers("kube_node_spec_taint", vec![RECLAIMED.to_owned()]);
    alert.severity = "ticket";
    alert.lasting = Seconds::ZERO;
    alert.expr = format!(
        "sum({})\n  / count(max by (node) ({})) >= 0.5",
        nodes.only(&taints),
        nodes.selector()
    );
    alert.summary = format!("spot machines of pool {} are being reclaimed", pool.name).into();
    let taint = |key: &str| sample("kube_node_spec_taint", &[&equals("key", key)], 1.0);
    alert.case = Some(Case::new(
        AT,
        (
            vec![nodes.sample(), taint("aws-node-termination-handler/spot-itn")],
            1.0,
        ),
        vec![nodes.sample(), taint("portolan/spot")],
    ));
    alert
}

/// The exporter's gauge keeps the number of the last fault, so a change is a new one.
fn faulty(input: &Lowering<'_>, pool: &Pool, nodes: &Nodes) -> Alert {
    let mut alert = of_pool(input, pool, Kind::Gpu);
    let faults =
        "label_replace(changes(DCGM_FI_DEV_XID_ERRORS[15m]), \"node\", \"$1\", \"Hostname\", \"(.+)\")";
    alert.severity = "ticket";
    alert.lasting = Seconds::ZERO;
    alert.expr = format!("sum({}) > 0", nodes.only(faults));
    alert.summary = format!("accelerators of pool {} report faults", pool.name).into();
    alert.value = None;
    let half = MINUTES / 2;
    let xid = |then: f64| {
        let name = with_matchers("DCGM_FI_DEV_XID_ERRORS", vec![equals("Hostname", NODE)]);
        Series::gauge(name, &[Level::new(0.0, half + 5), Level::new(then, half)])
    };
    let samples = |then| vec![nodes.sample(), xid(then)];
    alert.case = Some(Case::new(AT, (samples(79.0), 1.0), samples(0.0)));
    alert
}

fn of_pool(input: &Lowering<'_>, pool: &Pool, kind: Kind) -> Alert {
    let mut alert = alert(input, pool.site, kind, &[&pool.name]);
    alert.labels.insert("pool".into(), pool.name.clone());
    alert
}

fn alert(input: &Lowering<'_>, site: SiteId, kind: Kind, more: &[&str]) -> Alert {
    let graph = input.graph();
    let cluster = input.plan[site].cluster.as_str();
    let owner = first_pipeline(input, site).and_then(|pipeline| graph[pipeline].owner.as_ref());
    let parts = [&[kind.word(), cluster], more].concat();
    Alert {
        name: names::alert(&parts),
        expr: String::new(),
        lasting: LOST,
        severity: "page",
        owner: owner.map(|owner| owner.value.clone()),
        labels: BTreeMap::from([
            ("cluster".to_owned(), cluster.to_owned()),
            ("kind".to_owned(), kind.word().to_owned()),
        ]),
        summary: Summary::default(),
        value: Some(Show::Share),
        runbook: None,
        case: None,
    }
}
