//! Plan -> Network: one pipeline of a plan as a play of it sees it.

use super::Scenario;
use super::fault::Fault;
use super::network::{Again, Arrival, Edge, Fails, Network, Spread, Task};
use crate::graph::{DataSet, Graph, Items, Pipeline, Step, StepId, Tolerance, inputs};
use crate::place::{Plan, PoolId, chance, shares};
use crate::quantity::MONTH;

/// The pipeline; tasks stand in the order of its steps.
pub fn network(plan: &Plan<'_>, pipeline: &Pipeline, scenario: &Scenario) -> Network {
    let builder = Builder {
        plan,
        graph: plan.profiled.graph,
        steps: &pipeline.steps,
        scenario,
        shares: shares(plan.profiled.graph),
    };
    let mut network = Network {
        tasks: pipeline.steps.iter().map(|step| builder.task(*step)).collect(),
        machines: plan.pools.iter().map(|pool| pool.bounds.1 as f64).collect(),
    };
    network.make_room();
    network
}

struct Builder<'b> {
    plan: &'b Plan<'b>,
    graph: &'b Graph,
    steps: &'b [StepId],
    scenario: &'b Scenario,
    /// By step, the share of runs in which it is expected to run.
    shares: Vec<f64>,
}

impl Builder<'_> {
    fn task(&self, id: StepId) -> Task {
        let (step, profile, assigned) = (&self.graph[id], &self.plan.profiled[id], &self.plan[id]);
        let pool = &self.plan[assigned.pool];
        let item = &assigned.item;
        let parallel = profile.parallel.max(1) as usize;
        let nodes = profile.nodes.max(1) as f64;
        // As of a Poisson process of which this share of a month's machines sees an event.
        let rate = pool
            .interruption
            .map_or(0.0, |share| -(-share.clamp(0.0, 0.999)).ln_1p() / MONTH.0);
        let (p50, p95) = (item.p50.0, item.p95.0);
        let timeout = step.timeout.as_ref().map(|timeout| timeout.value);
        let timeout = timeout.unwrap_or_else(|| profile.timeout(assigned.duration, assigned.duration_p95));
        let mut task = Task {
            items: profile.items.max(1) as usize,
            parallel,
            time: Spread { p50, p95 },
            start: item.start.0,
            edges: self.edges(step),
            inputs: self.inputs(step),
            arrivals: self.arrivals(id),
            chance: self
                .scenario
                .chance_of(id)
                .unwrap_or_else(|| chance(self.graph, step)),
            otherwise: step.otherwise.iter().filter_map(|of| self.at(of.value)).collect(),
            retries: retries(step),
            timeout: if step.kind.always_on() {
                f64::INFINITY
            } else {
                timeout.0
            },
            interruptions: rate * nodes,
            checkpoint: step.checkpoint.as_ref().map(|checkpoint| checkpoint.every.0),
            uses: Some(uses(assigned.pool, nodes, item.per_machine)),
            price: item.hourly.in_usd() / 3600.0 / parallel as f64,
            tolerate: self.tolerated(step, profile.items),
            always_on: step.kind.always_on(),
            finally: step.finally,
            ..Task::default()
        };
        if task.always_on {
            // Deploying it is no work that a run pays for; the month's bill has its machines.
            (task.items, task.parallel, task.interruptions, task.price) = (1, 1, 0.0, 0.0);
        }
        self.go_wrong(step, &mut task);
        task
    }

    /// What the scenario does to a task.
    fn go_wrong(&self, step: &Step, task: &mut Task) {
        let here = self.plan[step.id].site;
        for fault in &self.scenario.faults {
            match fault {
                Fault::Outage { site, from, lasts } if *site == here => {
                    let until = lasts.map_or(f64::INFINITY, |lasts| from.0 + lasts.0);
                    task.outages.push((from.0, until));
                }
                Fault::Fails {
                    step: failing,
                    items,
                    times,
                    cause,
                } if *failing == step.id => {
                    task.fails = Fails {
                        items: items.map_or(usize::MAX, |items| items as usize),
                        attempts: times.map_or(u32::MAX, |times| u32::try_from(times).unwrap_or(u32::MAX)),
                        cause: *cause,
                    };
                }
                Fault::Late { data, by } if step.reads.iter().any(|read| read.data == *data) => {
                    task.not_before = task.not_before.max(by.0);
                }
                Fault::Price { site, factor } if site.is_none_or(|site| site == here) => {
                    task.price *= factor;
                }
                Fault::Outage { .. } | Fault::Fails { .. } | Fault::Late { .. } | Fault::Price { .. } => {}
            }
        }
        task.outages.sort_by(|a, b| a.0.total_cmp(&b.0));
    }

    /// Position of a step in its pipeline.
    fn at(&self, step: StepId) -> Option<usize> {
        self.steps.binary_search(&step).ok()
    }

    /// A step that runs last waits for all that end.
    fn edges(&self, step: &Step) -> Vec<Edge> {
        if step.finally {
            let ends =
                |other: &&StepId| !self.graph[**other].finally && !self.graph[**other].kind.always_on();
            let all = self.steps.iter().filter(ends).filter_map(|other| self.at(*other));
            return all.map(|from| Edge { from, groups: 1 }).collect();
        }
        let edge = |before: &StepId| {
            let groups = self.groups(&self.graph[*before], step);
            Some(Edge {
                from: self.at(*before)?,
                groups,
            })
        };
        step.predecessors.iter().filter_map(edge).collect()
    }

    /// Items of the fan-outs that both steps are in.
    fn groups(&self, before: &Step, after: &Step) -> usize {
        let items = |step: &Step| self.plan.profiled[step.id].items.max(1) as usize;
        let shared: Vec<_> = before
            .each
            .iter()
            .zip(&after.each)
            .take_while(|(a, b)| a == b)
            .collect();
        if after.kind.always_on() || shared.is_empty() {
            1
        } else if shared.len() == before.each.len() {
            items(before)
        } else if shared.len() == after.each.len() {
            items(after)
        } else {
            // Both go on into fan-outs of their own: another step that is only in the shared ones knows their number.
            let ids: Vec<_> = shared.iter().map(|(each, _)| **each).collect();
            let known = self.graph.steps.iter().find(|step| step.each == ids);
            known.map_or(1, items)
        }
    }

    fn inputs(&self, step: &Step) -> Vec<Vec<usize>> {
        let positions = |makers: &&[StepId]| -> Vec<usize> {
            makers.iter().filter_map(|maker| self.at(*maker)).collect()
        };
        let lists = step
            .each
            .iter()
            .filter_map(|each| match &self.graph[*each].items {
                Items::Output { steps, .. } => Some(steps.as_slice()),
                Items::Partitions { data, .. } => Some(self.graph[*data].writers.as_slice()),
                Items::Known(_) | Items::Parameter { .. } => None,
            });
        let all = inputs(self.graph, step).into_iter().chain(lists);
        all.map(|makers| positions(&makers))
            .filter(|makers| !makers.is_empty())
            .collect()
    }

    /// What comes from other sites. Readers of one copy pay for it together, each its expected part.
    fn arrivals(&self, id: StepId) -> Vec<Arrival> {
        let here = |moved: &&crate::place::Movement| moved.from != moved.to && moved.readers.contains(&id);
        let arrival = |moved: &crate::place::Movement| {
            let set = &self.graph[moved.data];
            let size = self.plan.profiled.data.get(moved.data.0 as usize)?;
            let ratio = size.p50.as_f64() / size.p95.as_f64().max(1.0);
            let readers = moved.readers.iter();
            let expected: f64 = readers
                .filter_map(|reader| self.shares.get(reader.0 as usize))
                .sum();
            let runs = self.plan.profiled[id].runs_per_month.max(1.0);
            Some(Arrival {
                from: self.makers(set, id, moved.from),
                time: Spread {
                    p50: moved.time.0 * ratio.min(1.0),
                    p95: moved.time.0,
                },
                price: moved.monthly.in_usd() / runs / expected.max(f64::MIN_POSITIVE),
            })
        };
        self.plan.moves.iter().filter(here).filter_map(arrival).collect()
    }

    /// Tasks at `from` that may have made the data in this run.
    fn makers(&self, set: &DataSet, reader: StepId, from: crate::place::SiteId) -> Vec<usize> {
        let before = &self.graph[reader].predecessors;
        let there = set
            .writers
            .iter()
            .filter(|writer| self.plan[**writer].site == from);
        let waited = there.filter(|writer| set.at.is_empty() && before.contains(writer));
        waited.filter_map(|writer| self.at(*writer)).collect()
    }

    /// Items that may fail: as many as the outermost fan-out around the step allows.
    fn tolerated(&self, step: &Step, items: u64) -> usize {
        let outermost = step.each.first().map(|each| self.graph[*each].tolerate);
        match outermost {
            None => 0,
            Some(Tolerance::Items(items)) => items as usize,
            Some(Tolerance::Share(share)) => (share.0 * items as f64).floor() as usize,
        }
    }
}

/// What one item takes of its pool.
fn uses(pool: PoolId, nodes: f64, per_machine: u64) -> (usize, f64) {
    (pool.0 as usize, nodes / per_machine.max(1) as f64)
}

fn retries(step: &Step) -> Vec<Again> {
    let line = |retry: &crate::graph::Retry| Again {
        cause: retry.cause,
        limit: retry.limit,
        backoff: retry.backoff.0,
        factor: retry.factor,
    };
    step.retry.iter().map(line).collect()
}

impl Network {
    /// What is always on holds its machines before a run starts, and no item asks for more than there is.
    fn make_room(&mut self) {
        for task in &mut self.tasks {
            let Some((pool, part)) = task.uses else { continue };
            let Some(machines) = self.machines.get_mut(pool) else {
                task.uses = None;
                continue;
            };
            if task.always_on {
                *machines = (*machines - part).max(0.0);
                task.uses = None;
            }
        }
        for task in &mut self.tasks {
            let room = task
                .uses
                .and_then(|(pool, part)| Some((part, self.machines.get_mut(pool)?)));
            if let Some((part, machines)) = room {
                *machines = machines.max(part);
            }
        }
    }
}
