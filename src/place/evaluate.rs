//! What a choice for each task amounts to, computed from the instance alone.
//!
//! It shares nothing with the program that the solver saw: the plan's figures and verdicts come from here, and tests
//! use it as the oracle.

use std::collections::{BTreeMap, BTreeSet};

use super::instance::{Choice, Flow, Instance, P95, RuleKind, Source};

/// What a plan costs and takes.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Evaluation {
    /// Money per month, expected: machines and storage, standing costs, transfer.
    pub cost: f64,
    /// Standing costs of sites that are used.
    pub standing: f64,
    /// Transfers: by data, source site and destination site; money per month.
    pub transfers: BTreeMap<(usize, usize, usize), f64>,
    /// By task, its end at p95.
    pub ends: Vec<f64>,
    /// Sum of the pipelines' ends at p95.
    pub makespan: f64,
    /// Kilograms per month.
    pub carbon: f64,
    /// By rule, what it limits, in its own unit; 0 or 1 where it only holds or not.
    pub reached: Vec<f64>,
    /// By rule, whether it holds.
    pub holds: Vec<bool>,
}

/// Tolerance in comparing a sum to its limit, relative to the limit: what the solver's rounding may add.
const ROUNDING: f64 = 1e-6;

/// Works out what `picks` (a choice for each task) amounts to.
pub fn evaluate(instance: &Instance, picks: &[usize]) -> Evaluation {
    let chosen: Vec<Option<&Choice>> = instance
        .tasks
        .iter()
        .zip(picks)
        .map(|(task, pick)| task.choices.get(*pick))
        .collect();
    let place = Plan {
        instance,
        chosen: &chosen,
    };
    let ends = place.ends(P95);
    let transfers = place.transfers(|_| true, |flow| flow.share);
    let standing = place.standing();
    let last = |tasks: &Vec<usize>| {
        let ends = tasks.iter().filter_map(|task| ends.get(*task));
        ends.copied().fold(0.0, f64::max)
    };
    let own = chosen.iter().flatten();
    let mut evaluation = Evaluation {
        cost: own.clone().map(|choice| choice.cost).sum::<f64>() + standing + transfers.values().sum::<f64>(),
        standing,
        makespan: instance.pipelines.iter().map(last).sum(),
        carbon: own.map(|choice| choice.carbon).sum(),
        transfers,
        ends,
        reached: Vec::new(),
        holds: Vec::new(),
    };
    for (at, rule) in instance.rules.iter().enumerate() {
        let (reached, limit) = place.rule(at, &rule.kind);
        evaluation.reached.push(reached);
        evaluation
            .holds
            .push(reached <= limit + limit.abs().max(1e-3) * ROUNDING);
    }
    evaluation
}

impl Evaluation {
    /// True if every rule that must hold does.
    pub fn feasible(&self, instance: &Instance) -> bool {
        let rules = instance.rules.iter().zip(&self.holds);
        rules
            .into_iter()
            .all(|(rule, holds)| *holds || rule.weight.is_some())
    }

    /// Weight of the preferences that do not hold.
    #[cfg(test)]
    pub fn missed(&self, instance: &Instance) -> f64 {
        let rules = instance.rules.iter().zip(&self.holds);
        let missed = rules.filter(|(_, holds)| !**holds);
        missed.filter_map(|(rule, _)| rule.weight).sum()
    }
}

struct Plan<'a> {
    instance: &'a Instance,
    chosen: &'a [Option<&'a Choice>],
}

impl Plan<'_> {
    fn choice(&self, task: usize) -> Option<&Choice> {
        self.chosen.get(task).copied().flatten()
    }

    fn site(&self, task: usize) -> Option<usize> {
        self.choice(task).map(|choice| choice.site)
    }

    /// The site that a flow comes from and the one it goes to.
    fn way(&self, from: &Source, to: usize) -> Option<(usize, usize)> {
        let to = self.site(to)?;
        let from = match from {
            Source::Task(task) => self.site(*task)?,
            Source::Copies(copies) => self.instance.nearest(copies, to)?,
        };
        Some((from, to))
    }

    /// Money of what these readers pull, each data set once for each source and destination.
    fn transfers(
        &self,
        reads: impl Fn(usize) -> bool,
        share: impl Fn(&Flow) -> f64,
    ) -> BTreeMap<(usize, usize, usize), f64> {
        let mut seen = BTreeSet::new();
        let mut transfers = BTreeMap::new();
        for flow in self.instance.flows.iter().filter(|flow| reads(flow.to)) {
            let Some((from, to)) = self.way(&flow.from, flow.to) else {
                continue;
            };
            if from != to && seen.insert((flow.data, flow.from.clone(), to)) {
                let usd = self.instance.lane(from, to).usd * flow.gb * flow.runs * share(flow);
                *transfers.entry((flow.data, from, to)).or_default() += usd;
            }
        }
        transfers
    }

    /// What these tasks take together when of each set in `either` the one runs that takes most.
    fn at_most(&self, tasks: &[usize], either: &[Vec<usize>], of: impl Fn(&Choice) -> f64) -> f64 {
        let own = |task: &usize| self.choice(*task).map_or(0.0, &of);
        let alone = |task: &&usize| !either.iter().any(|set| set.contains(task));
        let always: f64 = tasks.iter().filter(alone).map(own).sum();
        let dearest = |set: &Vec<usize>| set.iter().map(own).fold(0.0, f64::max);
        always + either.iter().map(dearest).sum::<f64>()
    }

    fn standing(&self) -> f64 {
        let used: BTreeSet<usize> = self.chosen.iter().flatten().map(|choice| choice.site).collect();
        let sites = self.instance.sites.iter().enumerate();
        let paid = sites.filter(|(at, site)| used.contains(at) && !site.used);
        paid.map(|(_, site)| site.standing).sum()
    }

    /// Ends of all tasks; tasks come after those they wait for.
    fn ends(&self, deviations: f64) -> Vec<f64> {
        let mut before: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (earlier, later) in &self.instance.order {
            before.entry(*later).or_default().push(*earlier);
        }
        let mut flows: BTreeMap<usize, Vec<&Flow>> = BTreeMap::new();
        for flow in &self.instance.flows {
            flows.entry(flow.to).or_default().push(flow);
        }
        let mut ends: Vec<f64> = Vec::new();
        for task in 0..self.chosen.len() {
            let end = |task: &usize| ends.get(*task).copied().unwrap_or(0.0);
            let order = before.get(&task).into_iter().flatten();
            let mut start = order.map(end).fold(0.0, f64::max);
            for flow in flows.get(&task).into_iter().flatten() {
                let Some((from, to)) = self.way(&flow.from, task) else {
                    continue;
                };
                let ready = match &flow.from {
                    Source::Task(maker) if flow.waits => end(maker),
                    Source::Task(_) | Source::Copies(_) => 0.0,
                };
                start = start.max(ready + self.instance.lane(from, to).hours * flow.gb);
            }
            ends.push(start + self.choice(task).map_or(0.0, |choice| choice.time.at(deviations)));
        }
        ends
    }

    /// What a rule limits, and its limit.
    fn rule(&self, at: usize, kind: &RuleKind) -> (f64, f64) {
        match kind {
            RuleKind::Bar => {
                let barred = self
                    .chosen
                    .iter()
                    .flatten()
                    .any(|choice| choice.barred.contains(&at));
                (f64::from(barred), 0.0)
            }
            RuleKind::Capacity { limit, windows } => {
                let used = |task: &usize| {
                    let uses = self.choice(*task).into_iter().flat_map(|choice| &choice.uses);
                    uses.filter(|(of, _)| *of == at)
                        .map(|(_, amount)| amount)
                        .sum::<f64>()
                };
                let most = windows.iter().map(|window| window.iter().map(used).sum::<f64>());
                (most.fold(0.0, f64::max), *limit)
            }
            RuleKind::Deadline {
                tasks,
                within,
                deviations,
            } => {
                let ends = self.ends(*deviations);
                let ends = tasks.iter().filter_map(|task| ends.get(*task));
                (ends.copied().fold(0.0, f64::max), *within)
            }
            RuleKind::Budget { tasks, either, limit } => {
                let own = self.at_most(tasks, either, |choice| choice.cost_p95);
                let transfers = self.transfers(|reader| tasks.contains(&reader), |_| 1.0);
                (own + transfers.values().sum::<f64>(), *limit)
            }
            RuleKind::Carbon { tasks, either, limit } => {
                (self.at_most(tasks, either, |choice| choice.carbon_full), *limit)
            }
            RuleKind::Together { tasks, scope } => {
                let area = |task| self.site(task).map(|site| self.instance.area(site, *scope));
                (f64::from(area(tasks.0) != area(tasks.1)), 0.0)
            }
            RuleKind::Apart { tasks, scope } => {
                let area = |task| self.site(task).map(|site| self.instance.area(site, *scope));
                (f64::from(area(tasks.0) == area(tasks.1)), 0.0)
            }
        }
    }
}
