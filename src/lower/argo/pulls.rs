//! What a DAG brings from other sites before its steps read it, each data set once.

use std::collections::{BTreeMap, BTreeSet};

use super::chart::Chart;
use super::data::{self, Pull};
use super::needs::settled;
use super::tree::Node;
use crate::graph::StepId;

/// Everything that must be brought to a site.
#[derive(Default)]
pub struct Pulls {
    /// With the names of their tasks, in order.
    all: Vec<(String, Pull)>,
    /// Positions of those that a step reads.
    read_by: BTreeMap<StepId, Vec<usize>>,
}

impl Pulls {
    /// What the steps of `chart` read and other sites have.
    pub fn of(chart: &Chart<'_>) -> Pulls {
        let mut readers: BTreeMap<Pull, Vec<StepId>> = BTreeMap::new();
        for id in chart.nodes.iter().flat_map(Node::steps) {
            let step = &chart.graph()[id];
            for pull in step
                .reads
                .iter()
                .flat_map(|read| data::pull(chart.input, step, read))
            {
                readers.entry(pull).or_default().push(id);
            }
        }
        let mut pulls = Pulls::default();
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for (position, (pull, readers)) in readers.into_iter().enumerate() {
            for reader in readers {
                pulls.read_by.entry(reader).or_default().push(position);
            }
            let data = chart.graph()[pull.data].name.value.as_str();
            let time = times.entry(data).or_default();
            *time += 1;
            let name = match time {
                1 => format!("pull--{data}"),
                more => format!("pull--{data}--{more}"),
            };
            pulls.all.push((name, pull));
        }
        pulls
    }

    /// All of them, with the names of their tasks.
    pub fn named(&self) -> impl Iterator<Item = (&str, &Pull)> {
        self.all.iter().map(|(name, pull)| (name.as_str(), pull))
    }

    /// Parts of `depends` of a task that reads what is brought.
    pub fn before(&self, node: &Node) -> impl Iterator<Item = String> {
        let steps = node.steps().into_iter();
        let positions = steps.filter_map(|step| self.read_by.get(&step)).flatten();
        let positions: BTreeSet<usize> = positions.copied().collect();
        let read = positions
            .into_iter()
            .filter_map(|position| self.all.get(position));
        read.map(|(name, pull)| match pull.writers.is_empty() && !pull.versioned {
            true => format!("{name}.Succeeded"),
            false => settled(name),
        })
    }
}
