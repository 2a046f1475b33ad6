//! An order in which tasks can run.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::model::Model;

/// All tasks, makers before readers, else in the order of the model (Kahn 1962). `None` if tasks wait for each other.
pub(super) fn order(model: &Model) -> Option<Vec<usize>> {
    let tasks = model.tasks.len();
    let mut waits = vec![0_usize; tasks];
    let mut readers = vec![Vec::new(); tasks];
    for edge in &model.edges {
        waits[edge.to] += 1;
        readers[edge.from].push(edge.to);
    }
    let free = (0..tasks).filter(|task| waits[*task] == 0);
    let mut ready: BinaryHeap<Reverse<usize>> = free.map(Reverse).collect();
    let mut order = Vec::with_capacity(tasks);
    while let Some(Reverse(task)) = ready.pop() {
        order.push(task);
        for reader in &readers[task] {
            waits[*reader] -= 1;
            if waits[*reader] == 0 {
                ready.push(Reverse(*reader));
            }
        }
    }
    (order.len() == tasks).then_some(order)
}
