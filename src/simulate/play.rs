//! One run, event by event.
#![allow(
    clippy::indexing_slicing,
    reason = "the inner loop of many thousand runs; `Stage::of` makes every position for vectors of its own"
)]

mod event;
mod outcome;

use std::collections::BinaryHeap;

use super::attempts::spell;
use super::draw::{Draws, Of};
use super::network::{Edge, Network};
use event::{Event, Happening};

/// What has become of an item.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum State {
    /// It waits or runs.
    #[default]
    Open,
    /// It did its work.
    Done,
    /// Its condition did not hold, or nothing made what it needs.
    Skipped,
    /// It failed for good, or something before it did.
    Failed,
}

/// One item of one task.
#[derive(Clone, Copy, Debug, Default)]
struct Item {
    state: State,
    /// Edges that are not over yet.
    waiting: usize,
    /// When the last of them was over, and the item that ended it.
    ready: f64,
    end: f64,
    /// It ran.
    began: bool,
    /// The item that it had to wait for last.
    cause: Option<usize>,
}

/// The state of a run, and room that runs share.
pub struct Stage<'n> {
    network: &'n Network,
    /// First item of each task.
    first: Vec<usize>,
    /// The task of each item.
    task_of: Vec<usize>,
    /// For each task, the edges that leave it: reader and position of the edge there.
    leaving: Vec<Vec<(usize, usize)>>,
    items: Vec<Item>,
    /// For each task, for each edge, for each group, the items that are not over.
    open: Vec<Vec<Vec<usize>>>,
    free: Vec<f64>,
    running: Vec<usize>,
    /// Items that have all but machines, in the order in which they came.
    queue: Vec<usize>,
    events: BinaryHeap<Event>,
    /// Money of each task in this run: machines, and what is brought to it.
    pub spent: Vec<f64>,
    /// Seconds of the longest chain of this run that each task is answerable for.
    pub answerable: Vec<f64>,
}

impl<'n> Stage<'n> {
    /// A stage for runs of `network`.
    pub fn of(network: &'n Network) -> Stage<'n> {
        let tasks = &network.tasks;
        let mut stage = Stage {
            network,
            first: Vec::new(),
            task_of: Vec::new(),
            leaving: vec![Vec::new(); tasks.len()],
            items: Vec::new(),
            open: vec![Vec::new(); tasks.len()],
            free: Vec::new(),
            running: vec![0; tasks.len()],
            queue: Vec::new(),
            events: BinaryHeap::new(),
            spent: vec![0.0; tasks.len()],
            answerable: vec![0.0; tasks.len()],
        };
        for (at, task) in tasks.iter().enumerate() {
            stage.first.push(stage.task_of.len());
            stage.task_of.extend(std::iter::repeat_n(at, task.items));
            for (position, edge) in task.edges.iter().enumerate() {
                stage.leaving[edge.from].push((at, position));
            }
        }
        stage
    }

    /// Plays one run from its start.
    pub fn play(&mut self, draws: Draws) {
        self.reset();
        for item in 0..self.items.len() {
            if self.items[item].waiting == 0 {
                self.settle(item, draws);
            }
        }
        while let Some(event) = self.events.pop() {
            match event.what {
                Happening::Ends => self.end(event, draws),
                Happening::PassesOver => self.over(event.item, draws),
                Happening::IsReady => self.queue.push(event.item),
            }
            self.start(event, draws);
        }
        self.blame();
    }

    fn reset(&mut self) {
        self.items.clear();
        self.items.resize(self.task_of.len(), Item::default());
        self.free.clone_from(&self.network.machines);
        self.running.fill(0);
        self.spent.fill(0.0);
        self.answerable.fill(0.0);
        for (at, task) in self.network.tasks.iter().enumerate() {
            let open = &mut self.open[at];
            open.resize(task.edges.len(), Vec::new());
            for (edge, open) in task.edges.iter().zip(open) {
                let each = self.network.tasks[edge.from].items / edge.groups;
                open.clear();
                open.resize(edge.groups, each);
            }
            let waiting = task
                .edges
                .iter()
                .filter(|edge| self.network.tasks[edge.from].items > 0)
                .count();
            for item in self.first[at]..self.first[at] + task.items {
                self.items[item].waiting = waiting;
            }
        }
    }

    /// All before the item is over: it is skipped, cannot run, or is ready when its data is there.
    fn settle(&mut self, item: usize, draws: Draws) {
        let at = self.task_of[item];
        let task = &self.network.tasks[at];
        let own = item - self.first[at];
        let state = if !task.finally && task.edges.iter().any(|edge| self.failed(at, own, *edge)) {
            State::Failed
        } else if !self.holds(at, own, draws) || task.inputs.iter().any(|made| !self.made(at, own, made)) {
            State::Skipped
        } else {
            State::Open
        };
        if state != State::Open {
            let now = self.items[item].ready;
            (self.items[item].state, self.items[item].end) = (state, now);
            return self.events.push(Event {
                time: now,
                item,
                what: Happening::PassesOver,
            });
        }
        let mut ready = self.items[item].ready.max(task.not_before);
        for (nth, arrival) in task.arrivals.iter().enumerate() {
            let makers = arrival
                .from
                .iter()
                .filter(|from| self.state_of(**from) == State::Done);
            let made = makers.filter_map(|from| self.end_of(*from)).reduce(f64::max);
            if made.is_none() && !arrival.from.is_empty() {
                continue;
            }
            // All items of a step get the same data, which is brought once.
            let size = draws.normal(at, 0, Of::Size(nth as u32));
            let time = arrival.time.at(size);
            ready = ready.max(made.unwrap_or(0.0) + time);
            if own == 0 {
                self.spent[at] += arrival.price * time / arrival.time.p95.max(f64::MIN_POSITIVE);
            }
        }
        self.events.push(Event {
            time: ready,
            item,
            what: Happening::IsReady,
        });
    }

    /// Items of `edge.from` that item `own` of task `at` waits for.
    fn group(&self, own: usize, at: usize, edge: Edge) -> std::ops::Range<usize> {
        let (from, to) = (&self.network.tasks[edge.from], &self.network.tasks[at]);
        let group = own / (to.items / edge.groups).max(1);
        let size = from.items / edge.groups;
        let first = self.first[edge.from] + group * size;
        first..first + size
    }

    /// More items of the task before have failed than may; of one's own item, none may.
    fn failed(&self, at: usize, own: usize, edge: Edge) -> bool {
        let items = &self.items[self.group(own, at, edge)];
        let failed = items.iter().filter(|item| item.state == State::Failed).count();
        let may = if edge.groups > 1 {
            0
        } else {
            self.network.tasks[edge.from].tolerate
        };
        failed > may
    }

    /// True if one of the tasks that may make something did.
    fn made(&self, at: usize, own: usize, makers: &[usize]) -> bool {
        let edges = self.network.tasks[at]
            .edges
            .iter()
            .filter(|edge| makers.contains(&edge.from));
        let mut items = edges.flat_map(|edge| &self.items[self.group(own, at, *edge)]);
        items.any(|item| item.state == State::Done)
    }

    /// Whether the condition of an item holds, those of all it is the alternative of included.
    fn holds(&self, at: usize, own: usize, draws: Draws) -> bool {
        let task = &self.network.tasks[at];
        let drawn = task.chance >= 1.0 || draws.uniform(at, own, Of::Condition) <= task.chance;
        drawn
            && task.otherwise.iter().all(|other| {
                // In one fan-out they have the same items; an alternative outside is asked about the first.
                let items = self.network.tasks[*other].items;
                let theirs = if items == task.items { own } else { 0 };
                !self.holds(*other, theirs, draws)
            })
    }

    /// Starts, in the order in which they came, the items for which there are machines.
    fn start(&mut self, event: Event, draws: Draws) {
        let mut waiting = std::mem::take(&mut self.queue);
        waiting.retain(|item| {
            let at = self.task_of[*item];
            let task = &self.network.tasks[at];
            let room = task
                .uses
                .is_none_or(|(pool, part)| self.free[pool] + 1e-9 >= part);
            if !room || self.running[at] >= task.parallel {
                return true;
            }
            if let Some((pool, part)) = task.uses {
                self.free[pool] -= part;
            }
            self.running[at] += 1;
            if event.what == Happening::Ends {
                // It had its data earlier: what just ended made room for it.
                self.items[*item].cause = Some(event.item);
            }
            let spell = spell(task, at, *item - self.first[at], event.time, draws);
            self.spent[at] += spell.paid * task.price;
            self.items[*item].began = true;
            self.items[*item].state = if spell.done { State::Done } else { State::Failed };
            self.events.push(Event {
                time: spell.end,
                item: *item,
                what: Happening::Ends,
            });
            false
        });
        self.queue = waiting;
    }

    fn end(&mut self, event: Event, draws: Draws) {
        let at = self.task_of[event.item];
        self.running[at] -= 1;
        if let Some((pool, part)) = self.network.tasks[at].uses {
            self.free[pool] += part;
        }
        self.items[event.item].end = event.time;
        self.over(event.item, draws);
    }

    /// Tells what waits for the item that it is over.
    fn over(&mut self, item: usize, draws: Draws) {
        let (at, end) = (self.task_of[item], self.items[item].end);
        let own = item - self.first[at];
        for leaving in 0..self.leaving[at].len() {
            let (reader, position) = self.leaving[at][leaving];
            let groups = self.network.tasks[reader].edges[position].groups;
            let group = own / (self.network.tasks[at].items / groups).max(1);
            let open = &mut self.open[reader][position][group];
            *open -= 1;
            if *open > 0 {
                continue;
            }
            let size = self.network.tasks[reader].items / groups;
            let first = self.first[reader] + group * size;
            for next in first..first + size {
                let waiter = &mut self.items[next];
                if end >= waiter.ready {
                    (waiter.ready, waiter.cause) = (end, Some(item));
                }
                waiter.waiting -= 1;
                if waiter.waiting == 0 {
                    self.settle(next, draws);
                }
            }
        }
    }
}
