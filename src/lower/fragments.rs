//! One pipeline over several clusters: the placed graph, cut into parts that each run in one cluster.
//!
//! A fragment is a set of connected steps of one cluster that have the same edges between clusters above them and the
//! same below them. That makes the graph of fragments acyclic: along any edge between two fragments either the set
//! above grows, or it stays and the set below shrinks, so no path returns. (One fragment a cluster would be a cycle as
//! soon as work goes from a cluster to another and back.) Afterwards neighbours in one cluster are merged where that
//! makes no cycle: fewer hand-overs.

mod split;

use std::collections::BTreeSet;

pub use split::split;

use crate::graph::{Graph, PipelineId, StepId};
use crate::place::{Plan, SiteId};

/// Steps of one pipeline that run in one cluster between two hand-overs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fragment {
    /// Where.
    pub site: SiteId,
    /// Its steps, ascending, so in an order in which they can run. The first one names it.
    pub steps: Vec<StepId>,
    /// Positions of the fragments it waits for.
    pub after: BTreeSet<usize>,
}

impl Fragment {
    /// All steps of a pipeline that runs in one cluster.
    pub fn whole(site: SiteId, steps: Vec<StepId>) -> Fragment {
        Fragment {
            site,
            steps,
            after: BTreeSet::new(),
        }
    }

    /// The name of its first step: it stays when other steps come and go.
    pub fn name<'g>(&self, graph: &'g Graph) -> &'g str {
        self.steps
            .first()
            .map_or("", |step| graph[*step].name.value.as_str())
    }
}

/// The fragments of a pipeline, in an order in which they can run. `finally` steps are in none: they run on the hub.
pub fn cut(graph: &Graph, plan: &Plan<'_>, pipeline: PipelineId) -> Vec<Fragment> {
    let steps = graph[pipeline].steps.iter();
    let nodes: Vec<StepId> = steps.copied().filter(|step| !graph[*step].finally).collect();
    let position = |step: &StepId| nodes.binary_search(step).ok();
    let placed: Vec<Node> = nodes
        .iter()
        .map(|step| Node {
            site: plan[*step].site,
            before: graph[*step].predecessors.iter().filter_map(position).collect(),
            block: graph[*step].each.first().map(|each| each.0),
        })
        .collect();
    let groups = merge(&placed, connect(&placed));
    let step = |index: &usize| nodes.get(*index).copied();
    ordered(&placed, groups)
        .into_iter()
        .map(|group| Fragment {
            site: group.site,
            steps: group.nodes.iter().filter_map(step).collect(),
            after: group.after,
        })
        .collect()
}

/// A step as the cut sees it. Nodes come in topological order: all of `before` are smaller than the node itself.
#[derive(Clone, Debug)]
struct Node {
    site: SiteId,
    before: Vec<usize>,
    /// The outermost fan-out around it; its steps stay together.
    block: Option<u32>,
}

struct Group {
    site: SiteId,
    nodes: Vec<usize>,
    after: BTreeSet<usize>,
}

/// An edge between clusters: from, to.
type Crossing = (usize, usize);

/// For each node, the crossings on paths that end in it and on paths that start in it.
fn crossings(nodes: &[Node]) -> Vec<(BTreeSet<Crossing>, BTreeSet<Crossing>)> {
    let mut sets = vec![(BTreeSet::new(), BTreeSet::new()); nodes.len()];
    let site = |index: usize| nodes.get(index).map(|node| node.site);
    for (to, node) in nodes.iter().enumerate() {
        let mut above = BTreeSet::new();
        for from in &node.before {
            if site(*from) != Some(node.site) {
                above.insert((*from, to));
            }
            if let Some((known, _)) = sets.get(*from) {
                above.extend(known.iter().copied());
            }
        }
        if let Some((slot, _)) = sets.get_mut(to) {
            *slot = above;
        }
    }
    for (to, node) in nodes.iter().enumerate().rev() {
        let below = sets.get(to).map(|(_, below)| below.clone());
        for from in &node.before {
            let Some((_, slot)) = sets.get_mut(*from) else {
                continue;
            };
            if site(*from) != Some(node.site) {
                slot.insert((*from, to));
            }
            slot.extend(below.iter().flatten().copied());
        }
    }
    sets
}

/// The group of each node, named by its smallest member: connected, and alike in site and crossings.
fn connect(nodes: &[Node]) -> Vec<usize> {
    let sets = crossings(nodes);
    let mut group: Vec<usize> = (0..nodes.len()).collect();
    for (to, node) in nodes.iter().enumerate() {
        for from in &node.before {
            let same_site = nodes.get(*from).is_some_and(|other| other.site == node.site);
            if same_site && sets.get(*from) == sets.get(to) {
                join(&mut group, *from, to);
            }
        }
    }
    group
}

fn join(group: &mut [usize], one: usize, other: usize) {
    let (Some(&a), Some(&b)) = (group.get(one), group.get(other)) else {
        return;
    };
    let (keep, drop) = (a.min(b), a.max(b));
    for slot in group.iter_mut().filter(|slot| **slot == drop) {
        *slot = keep;
    }
}

/// Joins the steps of one fan-out, then neighbours of one site, wherever no path between the two leaves them.
fn merge(nodes: &[Node], mut group: Vec<usize>) -> Vec<usize> {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (to, node) in nodes.iter().enumerate() {
        let mates = nodes.iter().enumerate().take(to);
        let mates = mates.filter(|(_, other)| node.block.is_some() && other.block == node.block);
        pairs.extend(mates.map(|(mate, _)| (mate, to)));
    }
    for (to, node) in nodes.iter().enumerate() {
        pairs.extend(node.before.iter().map(|from| (*from, to)));
    }
    for (one, other) in pairs {
        let site = |index: usize| nodes.get(index).map(|node| node.site);
        if site(one) == site(other)
            && group.get(one) != group.get(other)
            && !returns(nodes, &group, one, other)
        {
            join(&mut group, one, other);
        }
    }
    group
}

/// True if a path leads out of the groups of `one` and `other` and back into them: joined, they would wait for
/// themselves.
fn returns(nodes: &[Node], group: &[usize], one: usize, other: usize) -> bool {
    let of = |index: &usize| group.get(*index).copied();
    let pair = [of(&one), of(&other)];
    // Groups reached from the pair through at least one other group; repeated, as groups need not be in node order.
    let mut outside: BTreeSet<Option<usize>> = BTreeSet::new();
    loop {
        let before = outside.len();
        for (to, node) in nodes.iter().enumerate() {
            let target = of(&to);
            for source in node.before.iter().map(of) {
                let inside = pair.contains(&target);
                if inside && outside.contains(&source) {
                    return true;
                }
                if !inside && (pair.contains(&source) || outside.contains(&source)) {
                    outside.insert(target);
                }
            }
        }
        if outside.len() == before {
            return false;
        }
    }
}

/// The groups in topological order, smallest first node first, with the positions of those each waits for.
fn ordered(nodes: &[Node], group: Vec<usize>) -> Vec<Group> {
    let names: BTreeSet<usize> = group.iter().copied().collect();
    let of = |index: &usize| group.get(*index).copied();
    let waits = |name: usize| -> BTreeSet<usize> {
        let members = nodes
            .iter()
            .enumerate()
            .filter(|(index, _)| of(index) == Some(name));
        let before = members.flat_map(|(_, node)| node.before.iter().filter_map(of));
        before.filter(|other| *other != name).collect()
    };
    let mut left: Vec<(usize, BTreeSet<usize>)> = names.into_iter().map(|name| (name, waits(name))).collect();
    let mut done: Vec<usize> = Vec::new();
    let mut made = Vec::new();
    while let Some(next) = left
        .iter()
        .position(|(_, waits)| waits.iter().all(|other| done.contains(other)))
    {
        let (name, waits) = left.remove(next);
        let after = waits
            .iter()
            .filter_map(|other| done.iter().position(|known| known == other))
            .collect();
        let members = (0..nodes.len()).filter(|index| of(index) == Some(name));
        let Some(first) = nodes.get(name) else {
            continue;
        };
        made.push(Group {
            site: first.site,
            nodes: members.collect(),
            after,
        });
        done.push(name);
    }
    made
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test that panics is a test that fails")]

    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    fn node(site: u32, before: &[usize]) -> Node {
        Node {
            site: SiteId(site),
            before: before.to_vec(),
            block: None,
        }
    }

    fn groups(nodes: &[Node]) -> Vec<Vec<usize>> {
        let groups = ordered(nodes, merge(nodes, connect(nodes)));
        groups.into_iter().map(|group| group.nodes).collect()
    }

    #[test]
    fn work_that_goes_to_another_cluster_and_back_is_three_fragments() {
        let nodes = [node(0, &[]), node(1, &[0]), node(0, &[1])];
        assert_eq!(groups(&nodes), [vec![0], vec![1], vec![2]]);
    }

    #[test]
    fn one_cluster_is_one_fragment_for_each_connected_part() {
        let nodes = [
            node(0, &[]),
            node(0, &[0]),
            node(0, &[0]),
            node(0, &[1, 2]),
            node(0, &[]),
        ];
        assert_eq!(groups(&nodes), [vec![0, 1, 2, 3], vec![4]]);
    }

    #[test]
    fn neighbours_are_merged_when_nothing_waits_in_between() {
        // 1 feeds another cluster, 2 does not: their crossings differ, yet together they make no cycle.
        let nodes = [node(0, &[]), node(0, &[0]), node(0, &[0]), node(1, &[1])];
        assert_eq!(groups(&nodes), [vec![0, 1, 2], vec![3]]);
    }

    prop_compose! {
        fn dag()(size in 1usize..14)(
            sites in prop::collection::vec(0u32..3, size),
            edges in prop::collection::vec(prop::bool::weighted(0.3), size * size),
            size in Just(size),
        ) -> Vec<Node> {
            let node = |to: usize| {
                let before = (0..to).filter(|from| edges[to * size + from]);
                node(sites[to], &before.collect::<Vec<_>>())
            };
            (0..size).map(node).collect()
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

        #[test]
        fn fragments_never_wait_for_themselves(nodes in dag()) {
            for group in [connect(&nodes), merge(&nodes, connect(&nodes))] {
                let made = ordered(&nodes, group);
                let mut seen: Vec<usize> = made.iter().flat_map(|group| group.nodes.clone()).collect();
                seen.sort_unstable();
                // `ordered` stops at a cycle, so every node present means that there is none.
                prop_assert_eq!(seen, (0..nodes.len()).collect::<Vec<_>>());
                for (position, group) in made.iter().enumerate() {
                    prop_assert!(group.after.iter().all(|other| *other < position));
                    prop_assert!(group.nodes.iter().all(|index| nodes[*index].site == group.site));
                }
            }
        }
    }
}
