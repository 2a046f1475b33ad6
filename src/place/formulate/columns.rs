//! The variables of a program, and how to find them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Scope, Sum, spreads};
use crate::place::instance::{Choice, Instance, RuleKind, Source};

/// One variable; none is negative.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Column {
    /// Most.
    pub upper: f64,
    /// Whole numbers only.
    pub integer: bool,
}

/// All variables by what they stand for.
#[derive(Debug)]
pub struct Columns {
    /// In the order of their numbers.
    pub all: Vec<Column>,
    /// x: by task, its choices as `(choice, site, column)`.
    pub taken: Vec<Vec<(usize, usize, usize)>>,
    /// w: by flow, `(from, to, column)`; empty where nothing depends on the way.
    pub ways: Vec<Vec<(usize, usize, usize)>>,
    /// m: by data and source, then by `(from, to)`.
    pub pulls: BTreeMap<(usize, Source), BTreeMap<(usize, usize), usize>>,
    /// o: by site.
    pub open: BTreeMap<usize, usize>,
    /// f: for each number of standard deviations, by task.
    pub ends: Vec<(f64, Vec<usize>)>,
    /// F: by pipeline.
    pub makespans: Vec<usize>,
    /// y: by rule.
    pub kept: BTreeMap<usize, usize>,
    /// D: by rule and set of alternatives, what the one that takes most takes.
    pub dearest: BTreeMap<(usize, usize), usize>,
    /// How far the relaxed rule is overstepped.
    pub excess: Option<usize>,
}

impl Columns {
    /// The variables of `instance`; `None` if a task has no choice left.
    pub fn new(instance: &Instance, scope: Scope<'_>) -> Option<Columns> {
        let mut columns = Columns {
            all: Vec::new(),
            taken: Vec::new(),
            ways: Vec::new(),
            pulls: BTreeMap::new(),
            open: BTreeMap::new(),
            ends: Vec::new(),
            makespans: Vec::new(),
            kept: BTreeMap::new(),
            dearest: BTreeMap::new(),
            excess: None,
        };
        columns.take(instance, scope)?;
        columns.move_data(instance);
        columns.use_sites(instance);
        columns.end(instance, scope);
        columns.keep(instance, scope);
        Some(columns)
    }

    fn add(&mut self, upper: f64, integer: bool) -> usize {
        self.all.push(Column { upper, integer });
        self.all.len() - 1
    }

    fn take(&mut self, instance: &Instance, scope: Scope<'_>) -> Option<()> {
        let forbids = |rule: &usize| {
            let hard = instance
                .rules
                .get(*rule)
                .is_some_and(|rule| rule.weight.is_none());
            hard && scope.active.get(*rule).copied().unwrap_or(false)
        };
        for task in &instance.tasks {
            let mut taken = Vec::new();
            for (at, choice) in task.choices.iter().enumerate() {
                if !choice.barred.iter().any(forbids) {
                    taken.push((at, choice.site, self.add(1.0, true)));
                }
            }
            if taken.is_empty() {
                return None;
            }
            self.taken.push(taken);
        }
        Some(())
    }

    fn move_data(&mut self, instance: &Instance) {
        let mut readers: BTreeMap<(usize, Source), usize> = BTreeMap::new();
        for flow in &instance.flows {
            *readers.entry((flow.data, flow.from.clone())).or_default() += 1;
        }
        for flow in &instance.flows {
            let pairs = self.pairs(instance, &flow.from, flow.to);
            let matters = |&(from, to): &(usize, usize)| {
                let lane = instance.lane(from, to);
                flow.gb > 0.0 && (lane.usd > 0.0 || lane.hours > 0.0)
            };
            if !pairs.iter().any(matters) {
                self.ways.push(Vec::new());
                continue;
            }
            let ways = pairs.iter().map(|(from, to)| (*from, *to, self.add(1.0, false)));
            let ways: Vec<_> = ways.collect();
            self.ways.push(ways);
            let key = (flow.data, flow.from.clone());
            if readers.get(&key).copied().unwrap_or(0) > 1 {
                for &(from, to) in pairs.iter().filter(|pair| pair.0 != pair.1) {
                    let known = self
                        .pulls
                        .get(&key)
                        .is_some_and(|pulls| pulls.contains_key(&(from, to)));
                    if !known {
                        let column = self.add(1.0, false);
                        self.pulls
                            .entry(key.clone())
                            .or_default()
                            .insert((from, to), column);
                    }
                }
            }
        }
    }

    /// The ways data may go: from each site that may make it to each that may read it.
    fn pairs(&self, instance: &Instance, from: &Source, to: usize) -> Vec<(usize, usize)> {
        let targets = self.sites(to);
        match from {
            Source::Task(task) => {
                let sources = self.sites(*task);
                let pair = |from: &usize| targets.iter().map(|to| (*from, *to)).collect::<Vec<_>>();
                sources.iter().flat_map(pair).collect()
            }
            Source::Copies(copies) => {
                let pair = |to: &usize| Some((instance.nearest(copies, *to)?, *to));
                targets.iter().filter_map(pair).collect()
            }
        }
    }

    fn use_sites(&mut self, instance: &Instance) {
        for (at, site) in instance.sites.iter().enumerate() {
            if site.standing > 0.0 && !site.used {
                let column = self.add(1.0, false);
                self.open.insert(at, column);
            }
        }
    }

    fn end(&mut self, instance: &Instance, scope: Scope<'_>) {
        for deviations in spreads(instance, scope) {
            let ends = instance.tasks.iter().map(|_| self.add(f64::INFINITY, false));
            let ends = ends.collect();
            self.ends.push((deviations, ends));
        }
        if scope.makespan {
            for _ in &instance.pipelines {
                let column = self.add(f64::INFINITY, false);
                self.makespans.push(column);
            }
        }
    }

    fn keep(&mut self, instance: &Instance, scope: Scope<'_>) {
        for (at, (rule, active)) in instance.rules.iter().zip(scope.active).enumerate() {
            if rule.weight.is_some() && *active {
                let column = self.add(1.0, true);
                self.kept.insert(at, column);
            }
            if *active {
                self.either(instance, at, &rule.kind);
            }
        }
        if scope.relaxed.is_some() {
            self.excess = Some(self.add(f64::INFINITY, false));
        }
    }

    fn either(&mut self, instance: &Instance, rule: usize, kind: &RuleKind) {
        let (either, of): (_, fn(&Choice) -> f64) = match kind {
            RuleKind::Budget { either, .. } => (either, |choice| choice.cost_p95),
            RuleKind::Carbon { either, .. } => (either, |choice| choice.carbon_full),
            RuleKind::Bar
            | RuleKind::Capacity { .. }
            | RuleKind::Deadline { .. }
            | RuleKind::Together { .. }
            | RuleKind::Apart { .. } => return,
        };
        for (set, tasks) in either.iter().enumerate() {
            let tasks = tasks.iter().filter_map(|task| instance.tasks.get(*task));
            let most = tasks.flat_map(|task| &task.choices).map(of);
            let column = self.add(most.fold(0.0, f64::max), false);
            self.dearest.insert((rule, set), column);
        }
    }

    /// An upper bound of `sum` over all plans: of one task's choices only the greatest counts; no end lies behind
    /// `horizon`.
    pub fn highest(&self, sum: &Sum, horizon: f64) -> f64 {
        let mut owner = BTreeMap::new();
        for (task, taken) in self.taken.iter().enumerate() {
            owner.extend(taken.iter().map(|(.., column)| (*column, task)));
        }
        let mut greatest: BTreeMap<usize, f64> = BTreeMap::new();
        let mut others = 0.0;
        for (column, factor) in sum {
            if let Some(task) = owner.get(column) {
                let greatest = greatest.entry(*task).or_default();
                *greatest = greatest.max(*factor);
            } else {
                let upper = self.all.get(*column).map_or(0.0, |column| column.upper);
                let upper = if upper.is_finite() { upper } else { horizon };
                others += factor.max(0.0) * upper;
            }
        }
        others + greatest.values().sum::<f64>()
    }

    /// Sites that `task` may be in, ascending.
    pub fn sites(&self, task: usize) -> BTreeSet<usize> {
        let taken = self.taken.get(task).into_iter().flatten();
        taken.map(|(_, site, _)| *site).collect()
    }

    /// X: whether `task` is where `here` says.
    pub fn presence(&self, task: usize, here: impl Fn(usize) -> bool) -> Sum {
        let taken = self.taken.get(task).into_iter().flatten();
        taken
            .filter(|(_, site, _)| here(*site))
            .map(|(.., column)| (*column, 1.0))
            .collect()
    }

    /// By task, `(choice, column)`.
    pub fn choices(&self) -> Vec<Vec<(usize, usize)>> {
        let pair = |taken: &Vec<(usize, usize, usize)>| {
            taken
                .iter()
                .map(|(choice, _, column)| (*choice, *column))
                .collect()
        };
        self.taken.iter().map(pair).collect()
    }
}
