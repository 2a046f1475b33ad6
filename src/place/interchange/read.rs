//! Text -> Instance. What is read is sound: names are known and used once, numbers are possible, tasks can run.

use std::collections::{BTreeMap, BTreeSet};

use super::locate::{Step, locate};
use super::{Instance, Text};
use crate::diag::suggest::did_you_mean;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, SourceMap, Span};

/// No price, size, time or amount is larger: beyond it, sums lose the digits that matter.
const LARGEST: f64 = 1e12;

/// No pool has more nodes.
const LARGEST_POOL: u32 = 100_000;

/// So many mistakes are shown: a program that makes more makes the same one over and over.
const MOST: usize = 20;

/// Reads the instance in `source`. `None` if it is not sound; `out` says why.
pub fn read<'t>(sources: &'t SourceMap, source: SourceId, out: &mut Diagnostics) -> Option<Instance<'t>> {
    let text = sources.get(source).map_or("", |file| file.text.as_str());
    let mut reader = Reader {
        text,
        source,
        out,
        left: MOST,
    };
    match serde_json::from_str(text) {
        Ok(instance) => reader.sound(&instance).then_some(instance),
        Err(error) => {
            reader.form(&error);
            None
        }
    }
}

struct Reader<'t, 'o> {
    text: &'t str,
    source: SourceId,
    out: &'o mut Diagnostics,
    left: usize,
}

impl Reader<'_, '_> {
    fn form(&mut self, error: &serde_json::Error) {
        let line = self
            .text
            .split_inclusive('\n')
            .take(error.line().saturating_sub(1));
        let start = line.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
        let start = (0..=start.min(self.text.len()))
            .rev()
            .find(|at| self.text.is_char_boundary(*at));
        let span = Span::new(self.source, start.unwrap_or(0), 1);
        let why = error.to_string();
        let why = why.split(" at line ").next().unwrap_or_default().to_owned();
        let help = "`portolan schema instance` prints the format";
        self.out
            .push(Diagnostic::new(Code::InstanceForm, span, "here", why).help(help));
    }

    fn push(&mut self, code: Code, path: &[Step<'_>], label: &str, message: String, help: Option<String>) {
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        let place = locate(self.text, path);
        let span = Span::new(self.source, place.start, place.len());
        self.out
            .push(Diagnostic::new(code, span, label, message).maybe_help(help));
    }

    fn sound(&mut self, instance: &Instance<'_>) -> bool {
        let tasks = self.names(instance);
        self.tasks(instance);
        self.edges(instance, &tasks);
        self.shared(instance, &tasks);
        for (table, prices) in [
            ("egress_usd_per_gb", &instance.egress_usd_per_gb),
            ("egress_s_per_gb", &instance.egress_s_per_gb),
        ] {
            for (pair, value) in prices {
                if !pair.contains("->") {
                    let path = [Step::Key(table), Step::Key(pair)];
                    let message = format!("`{pair}` is not of the form `cloud/region->cloud/region`");
                    self.push(Code::InstanceName, &path, "not a pair", message, None);
                }
                self.number(*value, &[Step::Key(table), Step::Key(pair)]);
            }
        }
        for (key, value) in [
            ("deadline_s", instance.deadline_s),
            ("budget_usd", instance.budget_usd),
        ] {
            self.number(value.unwrap_or(0.0), &[Step::Key(key)]);
        }
        self.left == MOST && self.acyclic(instance, &tasks)
    }

    /// The positions of tasks by name.
    fn names<'i>(&mut self, instance: &'i Instance<'_>) -> BTreeMap<&'i str, usize> {
        let mut names = BTreeMap::new();
        for (position, task) in instance.tasks.iter().enumerate() {
            if names.insert(task.id.as_ref(), position).is_some() {
                let path = [Step::Key("tasks"), Step::At(position), Step::Key("id")];
                let message = format!("two tasks are called `{}`", task.id);
                self.push(Code::InstanceName, &path, "again", message, None);
            }
        }
        names
    }

    fn tasks(&mut self, instance: &Instance<'_>) {
        let pools: BTreeSet<&str> = instance.pools.iter().map(|pool| pool.id.as_ref()).collect();
        if instance.tasks.is_empty() {
            let message = "there is nothing to place".to_owned();
            self.push(
                Code::InstanceEmpty,
                &[Step::Key("tasks")],
                "no task",
                message,
                None,
            );
        }
        for (position, task) in instance.tasks.iter().enumerate() {
            let place = [Step::Key("tasks"), Step::At(position), Step::Key("candidates")];
            if task.candidates.is_empty() {
                let message = format!("task `{}` has no candidate", task.id);
                self.push(Code::InstanceEmpty, &place, "nowhere to go", message, None);
            }
            for (position, candidate) in task.candidates.iter().enumerate() {
                let [tasks, task, candidates] = place;
                let path = |key| [tasks, task, candidates, Step::At(position), Step::Key(key)];
                for (key, value) in [
                    ("cost_usd", candidate.cost_usd),
                    ("time_s", candidate.time_s),
                    ("co2_kg", candidate.co2_kg),
                ] {
                    self.number(value, &path(key));
                }
                for (class, amount) in &candidate.uses {
                    let [tasks, task, candidates, candidate, uses] = path("use");
                    let path = [tasks, task, candidates, candidate, uses, Step::Key(class)];
                    self.number(*amount, &path);
                }
                if let Some(pool) = candidate.pool.as_deref().filter(|pool| !pools.contains(pool)) {
                    self.unknown("pool", pool, pools.iter().copied(), &path("pool"));
                }
            }
        }
    }

    fn edges(&mut self, instance: &Instance<'_>, tasks: &BTreeMap<&str, usize>) {
        for (position, edge) in instance.edges.iter().enumerate() {
            let path = |key| [Step::Key("edges"), Step::At(position), Step::Key(key)];
            for (key, name) in [("from", &edge.from), ("to", &edge.to)] {
                self.task(name, tasks, &path(key));
            }
            self.number(edge.gb, &path("gb"));
        }
    }

    fn shared(&mut self, instance: &Instance<'_>, tasks: &BTreeMap<&str, usize>) {
        for (position, quota) in instance.quotas.iter().enumerate() {
            self.number(
                quota.limit,
                &[Step::Key("quotas"), Step::At(position), Step::Key("limit")],
            );
        }
        for (position, pool) in instance.pools.iter().enumerate() {
            let path = |key| [Step::Key("pools"), Step::At(position), Step::Key(key)];
            self.number(pool.price_usd, &path("price_usd"));
            if pool.limit > LARGEST_POOL {
                let message = format!("pool `{}` has more than {LARGEST_POOL} nodes", pool.id);
                self.push(Code::InstanceValue, &path("limit"), "too many", message, None);
            }
        }
        for (position, budget) in instance.budgets.iter().enumerate() {
            let path = [Step::Key("budgets"), Step::At(position)];
            self.number(budget.limit, &[path[0], path[1], Step::Key("limit")]);
            for (at, name) in budget.tasks.iter().flatten().enumerate() {
                self.task(name, tasks, &[path[0], path[1], Step::Key("tasks"), Step::At(at)]);
            }
        }
    }

    fn task(&mut self, name: &Text<'_>, tasks: &BTreeMap<&str, usize>, path: &[Step<'_>]) {
        if !tasks.contains_key(name.as_ref()) {
            self.unknown("task", name, tasks.keys().copied(), path);
        }
    }

    fn unknown<'n>(
        &mut self,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'n str>,
        path: &[Step<'_>],
    ) {
        // Looking for a like name takes a while, too.
        let help = (self.left > 0).then(|| did_you_mean(name, known)).flatten();
        let label = format!("no {what} has this name");
        self.push(
            Code::InstanceName,
            path,
            &label,
            format!("there is no {what} `{name}`"),
            help,
        );
    }

    fn number(&mut self, value: f64, path: &[Step<'_>]) {
        if (0.0..=LARGEST).contains(&value) {
            return;
        }
        let message = format!("{value} is not between 0 and {LARGEST:e}");
        self.push(Code::InstanceValue, path, "not possible", message, None);
    }

    fn acyclic(&mut self, instance: &Instance<'_>, tasks: &BTreeMap<&str, usize>) -> bool {
        let mut waits = vec![0_usize; instance.tasks.len()];
        let mut readers = vec![Vec::new(); instance.tasks.len()];
        for (position, edge) in instance.edges.iter().enumerate() {
            let (Some(from), Some(to)) = (tasks.get(edge.from.as_ref()), tasks.get(edge.to.as_ref())) else {
                continue;
            };
            waits.iter_mut().skip(*to).take(1).for_each(|waits| *waits += 1);
            readers
                .iter_mut()
                .skip(*from)
                .take(1)
                .for_each(|readers| readers.push((*to, position)));
        }
        let mut ready: Vec<usize> = (0..waits.len())
            .filter(|task| waits.get(*task) == Some(&0))
            .collect();
        while let Some(task) = ready.pop() {
            for (reader, _) in readers.get(task).into_iter().flatten() {
                for waits in waits.iter_mut().skip(*reader).take(1) {
                    *waits -= 1;
                    if *waits == 0 {
                        ready.push(*reader);
                    }
                }
            }
        }
        let stuck = |edge: &super::Edge<'_>| {
            let waits = |name: &Text<'_>| tasks.get(name.as_ref()).and_then(|task| waits.get(*task));
            waits(&edge.from).is_some_and(|waits| *waits > 0)
                && waits(&edge.to).is_some_and(|waits| *waits > 0)
        };
        let Some(position) = instance.edges.iter().position(stuck) else {
            return true;
        };
        let message = "tasks wait for each other".to_owned();
        let path = [Step::Key("edges"), Step::At(position)];
        self.push(
            Code::InstanceCycle,
            &path,
            "on a cycle, or behind one",
            message,
            None,
        );
        false
    }
}
