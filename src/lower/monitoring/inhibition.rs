//! One page a cause: which alerts are silenced by which, along the placement and along the DAG.
//!
//! What is larger silences what lies in it: site, cluster, pool, fragment, step. What is upstream silences late and wrong
//! data downstream; services downstream go on with what they have, so their own failures stay loud. An alert that is
//! itself silenced still silences others, hence chains need no rules of their own.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::kind::Kind;
use super::promql::{equals, one_of};
use crate::graph::{Graph, Pipeline, StepId};
use crate::lower::Lowering;
use crate::place::PoolId;

/// How many steps downstream one step silences by itself: with all of them the rules would grow with the square of the
/// pipeline. Those further down are silenced by those between, which silence even when they are silenced.
const NEAREST: usize = 200;

/// Alerts like the source silence those like the target if all labels of `equal` are the same (or missing in both).
#[derive(Clone, Debug, Serialize)]
pub struct Inhibition {
    source_matchers: Vec<String>,
    target_matchers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    equal: Vec<&'static str>,
}

/// All of them.
pub fn rules(input: &Lowering<'_>) -> Vec<Inhibition> {
    let graph = input.graph();
    let mut rules = of_one_thing();
    rules.extend(of_places());
    let after = successors(graph);
    for pipeline in &graph.pipelines {
        for step in &pipeline.steps {
            rules.extend(of_step(graph, &after, pipeline, *step));
        }
    }
    for pool in (0..input.plan.pools.len() as u32).map(PoolId) {
        rules.extend(of_pool(input, pool));
    }
    rules
}

fn one(label: &str, value: &str) -> String {
    equals(label, value)
}

fn kinds(kinds: &[Kind]) -> String {
    let words: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
    one_of("kind", &words)
}

fn not(kinds: &[Kind]) -> String {
    let words: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
    format!("kind!~\"{}\"", words.join("|"))
}

/// Several alerts about one thing: a page silences the ticket, what was promised or expected silences what is merely odd.
fn of_one_thing() -> Vec<Inhibition> {
    let page = || one("severity", "page");
    let named = kinds(&[Kind::Latency, Kind::Availability, Kind::Expect]);
    vec![
        Inhibition {
            source_matchers: vec![page(), named.clone()],
            target_matchers: vec!["severity=~\"ticket|info\"".into(), named],
            equal: vec!["pipeline", "step", "kind", "kpi"],
        },
        Inhibition {
            source_matchers: vec![kinds(&[Kind::Expect])],
            target_matchers: vec![kinds(&[Kind::Anomaly])],
            equal: vec!["pipeline", "step", "kpi"],
        },
        Inhibition {
            source_matchers: vec![page(), kinds(&[Kind::Availability])],
            target_matchers: vec![kinds(&[Kind::Latency, Kind::Anomaly])],
            equal: vec!["pipeline", "step"],
        },
        Inhibition {
            source_matchers: vec![page(), kinds(&[Kind::Latency])],
            target_matchers: vec![kinds(&[Kind::Anomaly, Kind::Profile])],
            equal: vec!["pipeline", "step"],
        },
        // A step that is late or odd makes the run late.
        Inhibition {
            source_matchers: vec![page(), "step!=\"\"".into(), kinds(&Kind::OF_DATA)],
            target_matchers: vec!["step=\"\"".into(), kinds(&[Kind::Deadline])],
            equal: vec!["pipeline"],
        },
    ]
}

/// What lies in the same place.
fn of_places() -> Vec<Inhibition> {
    let larger = [Kind::Site, Kind::Cluster, Kind::Pool, Kind::Handover];
    let equal: [&[&str]; 4] = [
        &["cluster"],
        &["cluster"],
        &["cluster", "pool"],
        &["pipeline", "fragment"],
    ];
    let all = larger.iter().zip(equal).enumerate();
    let mut rules: Vec<Inhibition> = all
        .map(|(place, (kind, equal))| Inhibition {
            source_matchers: vec![kinds(&[*kind])],
            target_matchers: vec![not(larger.get(..=place).unwrap_or(&larger))],
            equal: equal.to_vec(),
        })
        .collect();
    // Pods that wait are not on any pool yet.
    rules.push(Inhibition {
        source_matchers: vec![kinds(&[Kind::Pool])],
        target_matchers: vec![kinds(&[Kind::Queue])],
        equal: vec!["cluster"],
    });
    rules
}

/// A page about data of a step silences what it explains downstream.
fn of_step(graph: &Graph, after: &Successors, pipeline: &Pipeline, step: StepId) -> Option<Inhibition> {
    let below = names(graph, nearest(after, step));
    let pipeline = one("pipeline", &pipeline.name.value);
    (!below.is_empty()).then(|| Inhibition {
        source_matchers: vec![
            one("severity", "page"),
            pipeline.clone(),
            one("step", &graph[step].name.value),
            kinds(&Kind::OF_DATA),
        ],
        target_matchers: vec![pipeline, one_of("step", &below), kinds(&Kind::OF_DATA)],
        equal: Vec::new(),
    })
}

/// Lost machines silence late data of the steps that ran on them and of those after these, wherever they run, and
/// the lateness of their runs.
fn of_pool(input: &Lowering<'_>, pool: PoolId) -> Vec<Inhibition> {
    let graph = input.graph();
    let cluster = one("cluster", &input.plan[input.plan[pool].site].cluster);
    let source = vec![
        kinds(&[Kind::Site, Kind::Cluster, Kind::Pool]),
        cluster,
        // The larger alerts are about no pool in particular.
        format!(
            "pool=~{}",
            super::promql::string(&format!(
                "|{}",
                super::promql::quote_regex(&input.plan[pool].name)
            ))
        ),
    ];
    let mut rules = Vec::new();
    for pipeline in &graph.pipelines {
        let here = pipeline
            .steps
            .iter()
            .filter(|step| input.plan[**step].pool == pool);
        let here: BTreeSet<StepId> = here.copied().collect();
        if here.is_empty() {
            continue;
        }
        let mut late = names(graph, here.iter().copied());
        late.extend(names(graph, downstream(graph, here)));
        late.extend([""]);
        rules.push(Inhibition {
            source_matchers: source.clone(),
            target_matchers: vec![
                one("pipeline", &pipeline.name.value),
                one_of("step", &late),
                kinds(&Kind::OF_DATA),
            ],
            equal: Vec::new(),
        });
    }
    rules
}

fn names(graph: &Graph, steps: impl IntoIterator<Item = StepId>) -> Vec<&str> {
    steps
        .into_iter()
        .map(|step| graph[step].name.value.as_str())
        .collect()
}

type Successors = BTreeMap<StepId, Vec<StepId>>;

fn successors(graph: &Graph) -> Successors {
    let mut after = Successors::new();
    for step in &graph.steps {
        for before in &step.predecessors {
            after.entry(*before).or_default().push(step.id);
        }
    }
    after
}

/// The steps after one, in their order: all of them if they are few, else those that are fewest steps away.
fn nearest(after: &Successors, step: StepId) -> BTreeSet<StepId> {
    let mut reached = BTreeSet::from([step]);
    let mut front = vec![step];
    while !front.is_empty() && reached.len() <= NEAREST {
        let next = front.iter().filter_map(|step| after.get(step)).flatten();
        let next: BTreeSet<StepId> = next.copied().filter(|step| !reached.contains(step)).collect();
        let room = (NEAREST + 1).saturating_sub(reached.len());
        front = next.into_iter().take(room).collect();
        reached.extend(&front);
    }
    reached.remove(&step);
    reached
}

/// The steps after these. Ids ascend along the DAG, so one pass finds them.
fn downstream(graph: &Graph, of: BTreeSet<StepId>) -> BTreeSet<StepId> {
    let mut reached = of.clone();
    for step in &graph.steps {
        if step.predecessors.iter().any(|before| reached.contains(before)) {
            reached.insert(step.id);
        }
    }
    reached.difference(&of).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(ids: std::ops::Range<u32>) -> Vec<StepId> {
        ids.map(StepId).collect()
    }

    #[test]
    fn few_steps_downstream_are_all_silenced_and_many_by_those_between() {
        let after = Successors::from([(StepId(0), steps(1..3)), (StepId(2), steps(3..4))]);
        assert_eq!(nearest(&after, StepId(0)), steps(1..4).into_iter().collect());
        assert_eq!(nearest(&after, StepId(3)), BTreeSet::new());

        let chain: Successors = (0..500).map(|id| (StepId(id), steps(id + 1..id + 2))).collect();
        let near = nearest(&chain, StepId(7));
        assert_eq!(near, steps(8..8 + NEAREST as u32).into_iter().collect());

        let wide = Successors::from([(StepId(0), steps(1..1000))]);
        assert_eq!(nearest(&wide, StepId(0)).len(), NEAREST);
    }
}
