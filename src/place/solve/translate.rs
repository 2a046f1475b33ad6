//! Instance -> engine::Model: a relaxation in which every plan of the instance costs no more than it does.
//!
//! Exact are choices, bars, capacity, deadlines, standing costs, who has to be together or apart, and transfers that one
//! reader pays for. Counted below what they may be are
//!
//! - data that several read from where it is made: each of n readers pays one n-th of the way to its site, which is
//!   what a copy costs if all are there;
//! - of alternatives in a budget, the dearest: the mean of them;
//! - budgets, of which transfers are left out, and the wait for copies by a task that waits for others, too.

use std::collections::BTreeMap;

use crate::place::engine::{self, Bias, Deadline, Edge, Model, Row};
use crate::place::instance::{Choice, Flow, Instance, P95, RuleKind, Scope, Source};

/// What is minimised: a weighted sum.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Objective {
    /// Weight of money.
    pub cost: f64,
    /// Weight of emissions.
    pub carbon: f64,
    /// Instead, what this budget or emission rule limits.
    pub rule: Option<usize>,
}

/// What plans must keep.
#[derive(Clone, Debug)]
pub(super) struct Demands {
    /// By rule, whether it counts.
    pub active: Vec<bool>,
    /// By rule, by how much its limit is taken to be lower than it is.
    pub margin: Vec<f64>,
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
) -> Option<Translation> {
    let mut draft = Draft {
        instance,
        demands,
        objective,
        volumes: volumes(instance, objective),
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

/// By flow, what its reader pays for: of what n readers share, one n-th of the least that one of them would pay alone.
fn volumes(instance: &Instance, objective: Objective) -> Vec<f64> {
    let mut shared: BTreeMap<(usize, &Source), (f64, f64)> = BTreeMap::new();
    let volumes: Vec<f64> = instance
        .flows
        .iter()
        .map(|flow| objective.volume(instance, flow))
        .collect();
    let paying = || instance.flows.iter().zip(&volumes).filter(|(_, volume)| **volume > 0.0);
    for (flow, volume) in paying() {
        let (least, readers) = shared.entry((flow.data, &flow.from)).or_insert((f64::INFINITY, 0.0));
        (*least, *readers) = (least.min(*volume), *readers + 1.0);
    }
    let part = |(flow, volume): (&Flow, &f64)| match shared.get(&(flow.data, &flow.from)) {
        Some((least, readers)) if *volume > 0.0 => least / readers,
        Some(_) | None => 0.0,
    };
    instance.flows.iter().zip(&volumes).map(part).collect()
}

/// By task of a budget, the part of it that counts: of alternatives, the mean.
fn parts(tasks: &[usize], either: &[Vec<usize>]) -> BTreeMap<usize, f64> {
    let mut parts: BTreeMap<usize, f64> = tasks.iter().map(|task| (*task, 1.0)).collect();
    for set in either {
        for task in set {
            parts.insert(*task, 1.0 / set.len() as f64);
        }
    }
    parts
}

impl Objective {
    /// What 10⁹ bytes moved count for the flow, in units of the lane's money.
    fn volume(&self, instance: &Instance, flow: &Flow) -> f64 {
        let whole = flow.gb * flow.runs;
        match self.rule.and_then(|rule| instance.rules.get(rule)).map(|rule| &rule.kind) {
            Some(RuleKind::Budget { tasks, .. }) if tasks.contains(&flow.to) => whole,
            Some(_) => 0.0,
            None => self.cost * whole * flow.share,
        }
    }

    /// By task, the part of it that the rule counts.
    fn counted(&self, instance: &Instance) -> BTreeMap<usize, f64> {
        match self.rule.and_then(|rule| instance.rules.get(rule)).map(|rule| &rule.kind) {
            Some(RuleKind::Budget { tasks, either, .. } | RuleKind::Carbon { tasks, either, .. }) => {
                parts(tasks, either)
            }
            Some(_) | None => BTreeMap::new(),
        }
    }
}

impl Draft<'_> {
    /// What the objective says of a choice.
    fn own(&self, task: usize, choice: &Choice) -> f64 {
        let Objective { cost, carbon, rule } = self.objective;
        let part = self.counted.get(&task).copied().unwrap_or(0.0);
        match rule.and_then(|rule| self.instance.rules.get(rule)).map(|rule| &rule.kind) {
            Some(RuleKind::Budget { .. }) => choice.cost_p95 * part,
            Some(RuleKind::Carbon { .. }) => choice.carbon_full * part,
            Some(_) | None => cost * choice.cost + carbon * choice.carbon,
        }
    }

    fn row(&mut self, limit: f64) -> usize {
        self.model.rows.push(Row::Limit(limit));
        self.model.rows.len() - 1
    }

    /// Rows of capacity, budgets and emissions; edges of who has to be together or apart.
    fn rules(&mut self) -> Option<()> {
        let rules = self.instance.rules.iter().zip(&self.demands.active).enumerate();
        for (at, (rule, _)) in rules.filter(|(_, (_, active))| **active) {
            let margin = self.demands.margin.get(at).copied().unwrap_or(0.0);
            match &rule.kind {
                RuleKind::Bar | RuleKind::Deadline { .. } => {}
                RuleKind::Capacity { limit, windows } => self.capacity(at, limit - margin, windows),
                RuleKind::Budget { tasks, either, limit } | RuleKind::Carbon { tasks, either, limit } => {
                    let row = self.row(limit - margin);
                    self.parts.insert(row, (Some(at), parts(tasks, either)));
                }
                RuleKind::Together { tasks, scope } => {
                    let never = match scope {
                        Scope::Site => [0.0, f64::INFINITY, f64::INFINITY],
                        Scope::Cloud => [0.0, 0.0, f64::INFINITY],
                    };
                    self.tie(*tasks, never);
                }
                RuleKind::Apart { tasks, scope } => {
                    if tasks.0 == tasks.1 {
                        return None;
                    }
                    let never = match scope {
                        Scope::Site => [f64::INFINITY, 0.0, 0.0],
                        Scope::Cloud => [f64::INFINITY, f64::INFINITY, 0.0],
                    };
                    self.tie(*tasks, never);
                }
            }
        }
        if let Some(carbon) = self.demands.carbon {
            let row = self.row(carbon);
            self.parts.insert(row, (None, BTreeMap::new()));
        }
        Some(())
    }

    fn tie(&mut self, (a, b): (usize, usize), [site, cloud, away]: [f64; 3]) {
        if a != b {
            self.model.edges.push(Edge {
                from: a.min(b),
                to: a.max(b),
                stale: true,
                bias: Bias { site, cloud, away },
                ..Edge::default()
            });
        }
    }

    /// A row for each window that can be too full at all.
    fn capacity(&mut self, rule: usize, limit: f64, windows: &[Vec<usize>]) {
        let most = |task: usize| {
            let choices = self.instance.tasks.get(task).map_or(&[][..], |task| &task.choices);
            let uses = choices.iter().flat_map(|choice| &choice.uses);
            let here = uses.filter(|(of, _)| *of == rule).map(|(_, amount)| *amount);
            here.fold(0.0, f64::max)
        };
        let most: Vec<f64> = (0..self.instance.tasks.len()).map(most).collect();
        for window in windows {
            let needed: f64 = window.iter().filter_map(|task| most.get(*task)).sum();
            if needed <= limit {
                continue;
            }
            let row = self.row(limit);
            for task in window {
                let rows = self.rows.iter_mut().skip(*task).take(1);
                rows.for_each(|rows| rows.entry(rule).or_default().push(row));
            }
        }
    }

    /// Data that goes from task to task in the order of tasks; what goes against it is left out.
    fn flows(&mut self) {
        for (flow, volume) in self.instance.flows.iter().zip(&self.volumes) {
            if let Source::Task(maker) = flow.from
                && maker < flow.to
            {
                self.model.edges.push(Edge {
                    from: maker,
                    to: flow.to,
                    paid: *volume,
                    awaited: if flow.waits { flow.gb } else { 0.0 },
                    stale: !flow.waits,
                    bias: Bias::default(),
                });
            }
        }
    }

    /// The deadlines, and how many standard deviations each counts.
    fn clocks(&mut self) -> Vec<f64> {
        let mut clocks = Vec::new();
        let rules = self.instance.rules.iter().zip(&self.demands.active);
        for (at, (rule, _)) in rules.enumerate().filter(|(_, (_, active))| **active) {
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
        for (tasks, end) in self.instance.pipelines.iter().zip(self.demands.ends.iter().flatten()) {
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
            let amount = match rule.and_then(|rule| self.instance.rules.get(rule)).map(|rule| &rule.kind) {
                Some(RuleKind::Budget { .. }) => choice.cost_p95 * parts.get(&task)?,
                Some(RuleKind::Carbon { .. }) => choice.carbon_full * parts.get(&task)?,
                Some(_) | None => choice.carbon,
            };
            Some((*row, amount))
        });
        drawn.chain(summed).collect()
    }

    /// By task and site, how long it waits for copies; only of tasks that wait for nobody, where that adds to their
    /// own time.
    fn leads(&self) -> Vec<Vec<f64>> {
        let instance = self.instance;
        let mut waits = vec![false; instance.tasks.len()];
        let makers = instance.flows.iter().filter_map(|flow| match flow.from {
            Source::Task(_) => Some(flow.to),
            Source::Copies(_) => None,
        });
        for task in makers.chain(instance.order.iter().map(|(_, after)| *after)) {
            waits.iter_mut().skip(task).take(1).for_each(|waits| *waits = true);
        }
        let mut leads = vec![Vec::new(); instance.tasks.len()];
        for flow in &instance.flows {
            let (Source::Copies(copies), Some(false)) = (&flow.from, waits.get(flow.to)) else {
                continue;
            };
            for lead in leads.iter_mut().skip(flow.to).take(1) {
                lead.resize(instance.sites.len(), 0.0_f64);
                for (to, lead) in lead.iter_mut().enumerate() {
                    let from = instance.nearest(copies, to).unwrap_or(to);
                    *lead = lead.max(instance.lane(from, to).hours * flow.gb);
                }
            }
        }
        leads
    }

    /// What is paid once: standing costs of sites, and copies brought to a site for all that read them there.
    fn fees(&mut self) {
        let instance = self.instance;
        if self.objective.cost > 0.0 && self.objective.rule.is_none() {
            let all: Vec<usize> = (0..instance.tasks.len()).collect();
            for (at, site) in instance.sites.iter().enumerate() {
                if site.standing > 0.0 && !site.used {
                    self.fee(self.objective.cost * site.standing, at, &all);
                }
            }
        }
        let mut readers: BTreeMap<(usize, &Vec<usize>), (f64, Vec<usize>)> = BTreeMap::new();
        for (flow, volume) in instance.flows.iter().zip(&self.volumes) {
            if let (Source::Copies(copies), true) = (&flow.from, *volume > 0.0) {
                let (whole, readers) = readers.entry((flow.data, copies)).or_default();
                *whole += volume;
                readers.push(flow.to);
            }
        }
        for ((_, copies), (volume, readers)) in readers {
            for to in 0..instance.sites.len() {
                let from = instance.nearest(copies, to).unwrap_or(to);
                let money = instance.lane(from, to).usd * volume;
                if money > 0.0 {
                    self.fee(money, to, &readers);
                }
            }
        }
    }

    /// Makes money due once if any of `tasks` is at `site`; of one task alone it is part of its cost.
    fn fee(&mut self, money: f64, site: usize, tasks: &[usize]) {
        if let [task] = tasks {
            let task = self.model.tasks.iter_mut().skip(*task).take(1);
            let candidates = task.flat_map(|task| &mut task.candidates);
            candidates
                .filter(|candidate| candidate.site == site)
                .for_each(|candidate| candidate.cost += money);
            return;
        }
        let fee = self.model.fees.len();
        self.model.fees.push(money);
        for task in tasks {
            let task = self.model.tasks.iter_mut().skip(*task).take(1);
            for task in task.filter(|task| !task.dues.contains(&(site, fee))) {
                task.dues.push((site, fee));
            }
        }
    }
}
