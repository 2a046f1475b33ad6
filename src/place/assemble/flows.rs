//! What moves between steps, and what has to be over before what.

use std::collections::BTreeMap;

use crate::graph::SiteRef;
use crate::graph::model::{DataId, Graph, Read, StepId};
use crate::place::alternatives::Alternatives;
use crate::place::change::Changes;
use crate::place::instance::{Flow, Source};
use crate::place::sites::Ground;
use crate::profile::model::ProfiledGraph;
use crate::quantity::Bytes;

/// Positions of the sites that `site` names.
pub fn positions(sites: &[Ground<'_>], site: &SiteRef) -> Vec<usize> {
    let all = sites.iter().enumerate().filter(|(_, ground)| ground.is_in(site));
    all.map(|(at, _)| at).collect()
}

/// Sites where a data set is, whoever writes it; ascending.
pub fn homes(graph: &Graph, sites: &[Ground<'_>], data: DataId) -> Vec<usize> {
    let mut all: Vec<usize> = graph[data]
        .at
        .iter()
        .flat_map(|at| positions(sites, &at.site.value))
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Everything that steps read, by reader.
pub fn flows(
    profiled: &ProfiledGraph<'_>,
    sites: &[Ground<'_>],
    alternatives: &Alternatives,
    changes: &Changes,
) -> Vec<Flow> {
    let graph = profiled.graph;
    let mut flows = Vec::new();
    for step in &graph.steps {
        let runs = profiled[step.id].runs_per_month.max(1.0);
        for read in &step.reads {
            for (from, size) in sources(profiled, sites, changes, read) {
                flows.push(Flow {
                    data: read.data.0 as usize,
                    from,
                    to: step.id.0 as usize,
                    gb: size.in_gb() * share(graph, read),
                    runs,
                    share: alternatives
                        .shares
                        .get(step.id.0 as usize)
                        .copied()
                        .unwrap_or(1.0),
                    waits: read.orders,
                });
            }
        }
    }
    level(&mut flows);
    flows
}

/// What several read is moved as often as the one that runs most often reads it, and no more often than it is made.
fn level(flows: &mut [Flow]) {
    let mut most: BTreeMap<(usize, Source), f64> = BTreeMap::new();
    for flow in flows.iter() {
        let most = most.entry((flow.data, flow.from.clone())).or_default();
        *most = most.max(flow.share);
    }
    for flow in flows {
        let most = most.get(&(flow.data, flow.from.clone()));
        flow.share = most.copied().unwrap_or(flow.share);
    }
}

/// Where what is read comes from, and the size of a whole version there.
fn sources(
    profiled: &ProfiledGraph<'_>,
    sites: &[Ground<'_>],
    changes: &Changes,
    read: &Read,
) -> Vec<(Source, Bytes)> {
    let graph = profiled.graph;
    let size = profiled
        .data
        .get(read.data.0 as usize)
        .map_or(Bytes::ZERO, |size| size.p95);
    let mut homes = homes(graph, sites, read.data);
    let lost = |home: &usize| sites.get(*home).is_some_and(|site| changes.lose(site));
    // A site without machines may still hand out its data; other copies come first.
    if !homes.iter().all(lost) {
        homes.retain(|home| !lost(home));
    }
    if !homes.is_empty() {
        return vec![(Source::Copies(homes), size)];
    }
    let writer = |id: &StepId| {
        let own = graph[*id].writes.iter().find(|write| write.data == read.data);
        // Alternatives may write versions of unlike size; in a fan-out, `size` is of one item.
        let own = own
            .and_then(|write| write.size.as_ref())
            .filter(|_| graph[*id].each.is_empty());
        (Source::Task(id.0 as usize), own.map_or(size, |own| own.value))
    };
    graph[read.data].writers.iter().map(writer).collect()
}

/// The share of a version that is read when only its newest partitions are.
fn share(graph: &Graph, read: &Read) -> f64 {
    const YEAR: f64 = 365.0 * 86_400.0;
    let span = graph[read.data].keep.map_or(YEAR, |keep| keep.0.max(1.0));
    read.last.map_or(1.0, |last| (last.0 / span).clamp(0.0, 1.0))
}

/// Pairs of steps of which one has to have ended before the other.
pub fn order(graph: &Graph) -> Vec<(usize, usize)> {
    let pairs = graph.steps.iter().flat_map(|step| {
        step.predecessors
            .iter()
            .map(|before| (before.0 as usize, step.id.0 as usize))
    });
    pairs.collect()
}
