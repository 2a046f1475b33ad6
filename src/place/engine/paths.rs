//! Ways through the graph, and how long they take.

use super::net::Net;

/// A way from a task that waits for nobody to one whose end counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Path {
    pub clock: usize,
    /// Last task first.
    pub tasks: Vec<usize>,
    pub edges: Vec<usize>,
}

/// By task, how long at least before it starts, and from its end until the last end that counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Schedule {
    pub head: Vec<f64>,
    /// Negative infinity where no end counts.
    pub tail: Vec<f64>,
}

impl Schedule {
    /// The longest ways before and after each task.
    pub(super) fn new(
        net: &Net,
        clock: usize,
        time: impl Fn(usize) -> f64,
        delay: impl Fn(usize) -> f64,
    ) -> Schedule {
        let tasks = net.tasks();
        let mut schedule = Schedule {
            head: vec![0.0; tasks],
            tail: vec![f64::NEG_INFINITY; tasks],
        };
        schedule.update(net, clock, time, delay);
        schedule
    }

    /// The same, in place.
    pub(super) fn update(
        &mut self,
        net: &Net,
        clock: usize,
        time: impl Fn(usize) -> f64,
        delay: impl Fn(usize) -> f64,
    ) {
        for task in 0..net.tasks() {
            let mut head = 0.0_f64;
            for edge in net.before(task) {
                let from = net.edges[*edge].from;
                head = head.max(self.head[from] + time(from) + delay(*edge));
            }
            self.head[task] = head;
        }
        for task in (0..net.tasks()).rev() {
            let mut tail = if net.clocks[clock].ends[task] {
                0.0
            } else {
                f64::NEG_INFINITY
            };
            for edge in net.after(task) {
                let to = net.edges[*edge].to;
                tail = tail.max(self.tail[to] + time(to) + delay(*edge));
            }
            self.tail[task] = tail;
        }
    }

    /// The longest way that counts.
    pub(super) fn length(&self, time: impl Fn(usize) -> f64) -> f64 {
        let ways = self.head.iter().zip(&self.tail).enumerate();
        ways.map(|(task, (head, tail))| head + time(task) + tail)
            .fold(0.0, f64::max)
    }

    /// The longest way that counts, as a path.
    pub(super) fn critical(
        &self,
        net: &Net,
        clock: usize,
        time: impl Fn(usize) -> f64,
        delay: impl Fn(usize) -> f64,
    ) -> Option<Path> {
        let ends = (0..net.tasks()).filter(|task| net.clocks[clock].ends[*task]);
        let end = |task: &usize| self.head[*task] + time(*task);
        let last = ends.max_by(|a, b| end(a).total_cmp(&end(b)).then(b.cmp(a)))?;
        let mut path = Path {
            clock,
            tasks: vec![last],
            edges: Vec::new(),
        };
        let mut task = last;
        loop {
            let arrival = |edge: &usize| {
                let from = net.edges[*edge].from;
                self.head[from] + time(from) + delay(*edge)
            };
            let Some(edge) = net
                .before(task)
                .max_by(|a, b| arrival(a).total_cmp(&arrival(b)).then(b.cmp(a)))
            else {
                return Some(path);
            };
            task = net.edges[*edge].from;
            path.tasks.push(task);
            path.edges.push(*edge);
        }
    }
}
