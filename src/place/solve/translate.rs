//! Instance -> engine::Model: a relaxation in which every plan of the instance costs no more than it does.
//!
//! Exact are choices, bars, capacity, deadlines, standing costs, who has to be together or apart, and transfers that one
//! reader pays for. Counted below what they may be are
//!
//! - data that several read from where it is made: at each site, readers pay parts of a copy that add up to one
//!   ([`Shares`]), which is what it costs if all who pay are there;
//! - of alternatives in a budget, the dearest: the mean of them;
//! - budgets, of which transfers are left out, and the wait for copies by a task that waits for others, too.

mod fees;
mod objective;
mod rows;
mod shares;

use std::collections::BTreeMap;

use crate::place::engine::{self, Bias, Deadline, Edge, Model};
use crate::place::instance::{Choice, Instance, P95, RuleKind, Source};
pub(super) use objective::Objective;
use objective::volumes;
pub(super) use shares::Shares;

/// What plans must keep.
#[derive(Clone, Debug)]
pub(super) struct Demands {
    /// By rule, whether it counts.
    pub active: Vec<bool>,
    /// By rule, by how much its limit is taken to be lower than it is.
    pub margin: Vec<f64>,
    /// By rule, whether it is a deadline that is left out as long as plans keep it unasked: without, much is simpler.
    pub waived: Vec<bool>,
    /// The most that all tasks may emit.
    pub carbon: Option<f64>,
    /// By pipeline, the latest end.
    pub ends: Option<Vec<f64>>,
}

/// A model, and what its candidates stand for.
pub(super) struct Translation {
    pub model: Model,
    /// By task and candidate, the choice.
    pub origin: Vec<Vec<usize>>,
}

/// The relaxation; `None` if some task has no choice left, or one has to be apart from itself.
pub(super) fn translate(
    instance: &Instance,
    demands: &Demands,
    objective: Objective,
    shares: &Shares,
) -> Option<Translation> {
    let mut draft = Draft {
        instance,
        demands,
        objective,
        volumes: volumes(instance, objective),
        shares,
        counted: objective.counted(instance),
        rows: vec![BTreeMap::new(); instance.tasks.len()],
        parts: BTreeMap::new(),
        model: Model {
            clouds: instance.sites.iter().map(|site| site.cloud).collect(),
            lanes: lanes(instance),
            ..Model::default()
        },
    };
    draft.rules()?;
    draft.flows();
    let clocks = draft.clocks();
    if !clocks.is_empty() {
        let order = instance.order.iter().map(|(from, to)| Edge {
            from: *from,
            to: *to,
            ..Edge::default()
        });
        draft.model.edges.extend(order);
    }
    let origin = draft.tasks(&clocks)?;
    draft.fees();
    Some(Translation {
        model: draft.model,
        origin,
    })
}

struct Draft<'d> {
    instance: &'d Instance,
    demands: &'d Demands,
    objective: Objective,
    /// By flow, the 10⁹ bytes that its reader pays for.
    volumes: Vec<f64>,
    shares: &'d Shares,
    /// By task, the part of it that counts in the rule that is the objective.
    counted: BTreeMap<usize, f64>,
    /// By task and rule of capacity, its rows.
    rows: Vec<BTreeMap<usize, Vec<usize>>>,
    /// By row that sums money or emissions, its rule (none for all emissions) and by task the part that counts.
    parts: BTreeMap<usize, (Option<usize>, BTreeMap<usize, f64>)>,
    model: Model,
}

fn lanes(instance: &Instance) -> Vec<Vec<engine::Lane>> {
    let lane = |from: usize, to: usize| {
        let lane = instance.lane(from, to);
        engine::Lane {
            price: lane.usd,
            delay: lane.hours,
        }
    };
    let sites = 0..instance.sites.len();
    sites
        .clone()
        .map(|from| sites.clone().map(|to| lane(from, to)).collect())
        .collect()
}

impl Draft<'_> {
    /// What the objective says of a choice.
    fn own(&self, task: usize, choice: &Choice) -> f64 {
        let Objective { cost, carbon, rule } = self.objective;
        let part = self.counted.get(&task).copied().unwrap_or(0.0);
        match rule
            .and_then(|rule| self.instance.rules.get(rule))
            .map(|rule| &rule.kind)
        {
            Some(RuleKind::Budget { .. }) => choice.cost_p95 * part,
            Some(RuleKind::Carbon { .. }) => choice.carbon_full * part,
            Some(_) | None => cost * choice.cost + carbon * choice.carbon,
        }
    }

    /// Data that goes from task to task in the order of tasks; what goes against it is left out.
    fn flows(&mut self) {
        let shared = self.volumes.iter().zip(&self.shares.parts);
        for (flow, (volume, parts)) in self.instance.flows.iter().zip(shared) {
            if let Source::Task(maker) = flow.from
                && maker < flow.to
            {
                let split = (!parts.is_empty() && *volume > 0.0).then_some(self.model.splits.len());
                self.model.splits.extend(split.map(|_| parts.clone()));
                self.model.edges.push(Edge {
                    from: maker,
                    to: flow.to,
                    paid: *volume,
                    awaited: if flow.waits { flow.gb } else { 0.0 },
                    stale: !flow.waits,
                    bias: Bias::default(),
                    split,
                });
            }
        }
    }

    /// The deadlines, and how many standard deviations each counts.
    fn clocks(&mut self) -> Vec<f64> {
        let mut clocks = Vec::new();
        let rules = self.instance.rules.iter().zip(&self.demands.active);
        let counts = |at: usize, active: bool| active && self.demands.waived.get(at) != Some(&true);
        for (at, (rule, _)) in rules
            .enumerate()
            .filter(|(at, (_, active))| counts(*at, **active))
        {
            if let RuleKind::Deadline {
                tasks,
                within,
                deviations,
            } = &rule.kind
            {
                let margin = self.demands.margin.get(at).copied().unwrap_or(0.0);
                self.model.deadlines.push(Deadline {
                    ends: tasks.clone(),
                    within: within - margin,
                });
                clocks.push(*deviations);
            }
        }
        for (tasks, end) in self
            .instance
            .pipelines
            .iter()
            .zip(self.demands.ends.iter().flatten())
        {
            self.model.deadlines.push(Deadline {
                ends: tasks.clone(),
                within: *end,
            });
            clocks.push(P95);
        }
        clocks
    }

    /// Candidates; the answer is what choices they are. `None` if a task has none.
    fn tasks(&mut self, clocks: &[f64]) -> Option<Vec<Vec<usize>>> {
        let leads = self.leads();
        let mut origin = Vec::new();
        for (at, task) in self.instance.tasks.iter().enumerate() {
            let forbids = |rule: &usize| self.demands.active.get(*rule) == Some(&true);
            let choices = task.choices.iter().enumerate();
            let open: Vec<(usize, &Choice)> = choices
                .filter(|(_, choice)| !choice.barred.iter().any(forbids))
                .collect();
            if open.is_empty() {
                return None;
            }
            let candidate = |(_, choice): &(usize, &Choice)| {
                let lead = leads.get(at).and_then(|leads| leads.get(choice.site)).copied();
                engine::Candidate {
                    site: choice.site,
                    cost: self.own(at, choice),
                    times: clocks
                        .iter()
                        .map(|clock| choice.time.at(*clock) + lead.unwrap_or(0.0))
                        .collect(),
                    uses: self.uses(at, choice),
                }
            };
            let candidates = open.iter().map(candidate).collect();
            self.model.tasks.push(engine::Task {
                candidates,
                dues: Vec::new(),
            });
            origin.push(open.into_iter().map(|(position, _)| position).collect());
        }
        Some(origin)
    }

    fn uses(&self, task: usize, choice: &Choice) -> Vec<(usize, f64)> {
        let rows = self.rows.get(task);
        let drawn = choice.uses.iter().flat_map(|(rule, amount)| {
            let rows = rows.and_then(|rows| rows.get(rule)).into_iter().flatten();
            rows.map(|row| (*row, *amount))
        });
        let summed = self.parts.iter().filter_map(|(row, (rule, parts))| {
            let amount = match rule
                .and_then(|rule| self.instance.rules.get(rule))
                .map(|rule| &rule.kind)
            {
                Some(RuleKind::Budget { .. }) => choice.cost_p95 * parts.get(&task)?,
                Some(RuleKind::Carbon { .. }) => choice.carbon_full * parts.get(&task)?,
                Some(_) | None => choice.carbon,
            };
            Some((*row, amount))
        });
        drawn.chain(summed).collect()
    }
}
