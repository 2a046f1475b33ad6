//! The rows of a program, family by family; their names are those of the module above.

use std::collections::BTreeSet;

use super::{Columns, Program, Row, Sense, Sum};
use crate::place::instance::{Choice, Flow, Instance, Source};

/// Two equally good plans differ by this much for each place in the list of choices: the first wins.
const TIE: f64 = 1e-6;

impl Program {
    pub(super) fn add(&mut self, sum: Sum, sense: Sense, bound: f64) {
        self.rows.push(Row { sum, sense, bound });
    }
}

/// `sum` with its sign turned.
pub fn negative(sum: Sum) -> Sum {
    sum.into_iter()
        .map(|(column, factor)| (column, -factor))
        .collect()
}

/// What `value` says of each choice of `task`.
pub fn of_choices(
    instance: &Instance,
    columns: &Columns,
    task: usize,
    value: impl Fn(&Choice) -> f64,
) -> Sum {
    let choices = instance.tasks.get(task).map_or(&[][..], |task| &task.choices);
    let taken = columns.taken.get(task).into_iter().flatten();
    taken
        .filter_map(|(at, _, column)| Some((*column, value(choices.get(*at)?))))
        .filter(|(_, value)| *value != 0.0)
        .collect()
}

/// (choose), and what choices say of money and emissions.
pub fn placement(instance: &Instance, columns: &Columns, program: &mut Program) {
    for task in 0..instance.tasks.len() {
        program.add(columns.presence(task, |_| true), Sense::Equal, 1.0);
        program
            .cost
            .extend(of_choices(instance, columns, task, |choice| choice.cost));
        program
            .carbon
            .extend(of_choices(instance, columns, task, |choice| choice.carbon));
        let taken = columns.taken.get(task).into_iter().flatten().enumerate();
        program
            .cost
            .extend(taken.map(|(rank, (.., column))| (*column, TIE * rank as f64)));
    }
}

/// (leave), (arrive), (pull), and the money of pulls.
pub fn movement(instance: &Instance, columns: &Columns, program: &mut Program) {
    for (flow, ways) in instance.flows.iter().zip(&columns.ways) {
        let arrive = |site| {
            balance(
                ways,
                |(_, to, _)| *to == site,
                columns.presence(flow.to, |at| at == site),
            )
        };
        let leave = |maker, site| {
            balance(
                ways,
                |(from, ..)| *from == site,
                columns.presence(maker, |at| at == site),
            )
        };
        let targets: BTreeSet<usize> = ways.iter().map(|(_, to, _)| *to).collect();
        let sources: BTreeSet<usize> = ways.iter().map(|(from, ..)| *from).collect();
        for site in &targets {
            program.add(arrive(*site), Sense::Equal, 0.0);
        }
        if let Source::Task(maker) = flow.from {
            // The last of these rows follows from the others and (choose); redundant equations trouble the solver.
            for site in sources.iter().skip(1) {
                program.add(leave(maker, *site), Sense::Equal, 0.0);
            }
        }
    }
    for (flow, ways) in instance.flows.iter().zip(&columns.ways) {
        let pulls = columns.pulls.get(&(flow.data, flow.from.clone()));
        for (from, to, way) in ways {
            if let Some(pull) = pulls.and_then(|pulls| pulls.get(&(*from, *to))) {
                program.add(vec![(*way, 1.0), (*pull, -1.0)], Sense::AtMost, 0.0);
            }
        }
    }
    let expected = transfers(instance, columns, |_| true, |flow| flow.share);
    program.cost.extend(expected);
}

/// The ways that `here` accepts, less the presence they have to add up to.
fn balance(
    ways: &[(usize, usize, usize)],
    here: impl Fn(&&(usize, usize, usize)) -> bool,
    presence: Sum,
) -> Sum {
    let ways = ways.iter().filter(here).map(|(.., column)| (*column, 1.0));
    ways.chain(negative(presence)).collect()
}

/// Money of what the tasks that `reads` accepts pull, in a `share` of runs; data that several of them read is paid once.
pub fn transfers(
    instance: &Instance,
    columns: &Columns,
    reads: impl Fn(usize) -> bool,
    share: impl Fn(&Flow) -> f64,
) -> Sum {
    let mut sum = Sum::new();
    let mut paid = BTreeSet::new();
    for (flow, ways) in instance.flows.iter().zip(&columns.ways) {
        if !reads(flow.to) {
            continue;
        }
        let pulls = columns.pulls.get(&(flow.data, flow.from.clone()));
        for (from, to, way) in ways {
            let column = pulls.and_then(|pulls| pulls.get(&(*from, *to))).unwrap_or(way);
            let usd = instance.lane(*from, *to).usd * flow.gb * flow.runs * share(flow);
            if usd > 0.0 && paid.insert(*column) {
                sum.push((*column, usd));
            }
        }
    }
    sum
}

/// (open), and the money of open sites.
pub fn standing(instance: &Instance, columns: &Columns, program: &mut Program) {
    for (site, open) in &columns.open {
        for task in 0..instance.tasks.len() {
            let mut sum = columns.presence(task, |at| at == *site);
            if !sum.is_empty() {
                sum.push((*open, -1.0));
                program.add(sum, Sense::AtMost, 0.0);
            }
        }
        let standing = instance.sites.get(*site).map_or(0.0, |site| site.standing);
        program.cost.push((*open, standing));
    }
}

/// (finish), and the end of pipelines.
pub fn time(instance: &Instance, columns: &Columns, program: &mut Program) {
    for (deviations, ends) in &columns.ends {
        for (task, end) in ends.iter().enumerate() {
            let mut own = of_choices(instance, columns, task, |choice| choice.time.at(*deviations));
            own.push((*end, -1.0));
            let mut waits: Vec<Sum> = Vec::new();
            for (flow, ways) in instance.flows.iter().zip(&columns.ways) {
                if flow.to == task {
                    waits.push(arrival(instance, flow, ways, ends));
                }
            }
            let order = instance.order.iter().filter(|(_, after)| *after == task);
            let before = order.filter_map(|(before, _)| ends.get(*before));
            waits.extend(before.map(|end| vec![(*end, 1.0)]));
            if waits.is_empty() {
                waits.push(Sum::new());
            }
            for wait in waits {
                program.add([wait, own.clone()].concat(), Sense::AtMost, 0.0);
            }
        }
    }
    let Some((_, ends)) = columns
        .ends
        .iter()
        .find(|(deviations, _)| *deviations == super::P95)
    else {
        return;
    };
    for (tasks, makespan) in instance.pipelines.iter().zip(&columns.makespans) {
        for end in tasks.iter().filter_map(|task| ends.get(*task)) {
            program.add(vec![(*end, 1.0), (*makespan, -1.0)], Sense::AtMost, 0.0);
        }
    }
}

/// When data is where its reader is.
fn arrival(instance: &Instance, flow: &Flow, ways: &[(usize, usize, usize)], ends: &[usize]) -> Sum {
    let hours = |&(from, to, column): &(usize, usize, usize)| {
        let hours = instance.lane(from, to).hours * flow.gb;
        (hours > 0.0).then_some((column, hours))
    };
    let mut sum: Sum = ways.iter().filter_map(hours).collect();
    match flow.from {
        Source::Task(maker) if flow.waits => sum.extend(ends.get(maker).map(|end| (*end, 1.0))),
        Source::Task(_) | Source::Copies(_) => {}
    }
    sum
}
