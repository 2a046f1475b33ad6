//! Who depends on whom.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// Nodes and the nodes they call or read from. A fault of the callee shows at its callers.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    callees: BTreeMap<String, BTreeSet<String>>,
    /// All that can be reached from a node.
    below: BTreeMap<String, BTreeSet<String>>,
    nodes: BTreeSet<String>,
    /// What ends in `/NAME`, if one node does.
    by_last_part: BTreeMap<String, Option<String>>,
}

/// `{"nodes": ["a", "b"], "edges": [["a", "b"]]}`: `a` calls `b`. Nodes without edges may be left out.
#[derive(Deserialize)]
struct Form {
    #[serde(default)]
    nodes: Vec<String>,
    edges: Vec<(String, String)>,
}

impl Calls {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// Says where it is not of that form.
    pub fn read(json: &str) -> Result<Calls, serde_json::Error> {
        let form: Form = serde_json::from_str(json)?;
        Ok(Calls::new(form.nodes, form.edges))
    }

    /// From nodes and (caller, callee) pairs.
    pub fn new(
        nodes: impl IntoIterator<Item = String>,
        edges: impl IntoIterator<Item = (String, String)>,
    ) -> Calls {
        let mut calls = Calls {
            nodes: nodes.into_iter().collect(),
            ..Calls::default()
        };
        for (caller, callee) in edges {
            calls.nodes.extend([caller.clone(), callee.clone()]);
            calls.callees.entry(caller).or_default().insert(callee);
        }
        calls.below = calls
            .callees
            .keys()
            .map(|node| (node.clone(), calls.reached_from(node)))
            .collect();
        for node in &calls.nodes {
            let Some((_, last)) = node.rsplit_once('/') else {
                continue;
            };
            let known = calls.by_last_part.entry(last.to_owned());
            known
                .and_modify(|known| *known = None)
                .or_insert(Some(node.clone()));
        }
        calls
    }

    fn reached_from(&self, node: &str) -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        let mut waiting = vec![node];
        while let Some(next) = waiting.pop() {
            for callee in self.callees(next) {
                if reached.insert(callee.to_owned()) {
                    waiting.push(callee);
                }
            }
        }
        reached
    }

    /// All nodes that are named, in order.
    pub fn nodes(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().map(String::as_str)
    }

    /// The node that a series or an alert with these labels is about: a step (`PIPELINE/STEP` or `STEP`), else a pool
    /// (`CLUSTER/POOL` or `POOL`), else a cluster. A name without its first part counts if it is the only one.
    pub fn place(&self, labels: &BTreeMap<String, String>) -> Option<&str> {
        let label = |name: &str| {
            let value = labels.get(name).map(String::as_str);
            value.filter(|value| !value.is_empty())
        };
        let (within, name) = match (label("step"), label("pipeline"), label("pool")) {
            (Some(step), pipeline, _) => (pipeline, step),
            // About a pipeline as a whole, which cannot fail by itself.
            (None, Some(_), _) => return None,
            (None, None, Some(pool)) => (label("cluster"), pool),
            (None, None, None) => (None, label("cluster")?),
        };
        let whole = within.map(|within| format!("{within}/{name}"));
        let exact = whole.as_deref().into_iter().chain([name]);
        let exact = exact.filter_map(|name| self.nodes.get(name)).next();
        exact.map(String::as_str).or_else(|| match within {
            Some(_) => None,
            None => self.by_last_part.get(name)?.as_deref(),
        })
    }

    /// Whom `node` calls.
    pub fn callees(&self, node: &str) -> impl Iterator<Item = &str> {
        self.callees.get(node).into_iter().flatten().map(String::as_str)
    }

    /// Does `node` depend on `other`, through any number of calls? Every node depends on itself.
    pub fn depends(&self, node: &str, other: &str) -> bool {
        node == other || self.below.get(node).is_some_and(|below| below.contains(other))
    }

    /// Does one call the other?
    pub fn are_neighbours(&self, a: &str, b: &str) -> bool {
        let calls = |from: &str, to: &str| self.callees.get(from).is_some_and(|callees| callees.contains(to));
        calls(a, b) || calls(b, a)
    }
}
