//! Which windows matter.

use std::collections::{BTreeMap, BTreeSet};

use super::Instance;

/// By window, the positions of the tasks that may run in it.
pub(super) type Windows = BTreeMap<u32, BTreeSet<usize>>;

pub(super) fn windows(instance: &Instance<'_>) -> Windows {
    let mut windows = Windows::new();
    for (position, task) in instance.tasks.iter().enumerate() {
        for window in &task.windows {
            windows.entry(*window).or_default().insert(position);
        }
    }
    windows
}

/// Those of `considered` whose tasks are not all in another one of them: a limit there holds in the others too.
pub(super) fn maximal(windows: &Windows, considered: impl Iterator<Item = u32>) -> BTreeSet<u32> {
    let considered: Windows = considered
        .filter_map(|window| Some((window, windows.get(&window)?.clone())))
        .collect();
    let mut of: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for (window, tasks) in &considered {
        for task in tasks {
            of.entry(*task).or_default().push(*window);
        }
    }
    let covered = |window: &u32, tasks: &BTreeSet<usize>| {
        // Whatever covers it holds each of its tasks, so the one that is in the fewest windows tells.
        let rivals = tasks
            .iter()
            .filter_map(|task| of.get(task))
            .min_by_key(|rivals| rivals.len());
        rivals.into_iter().flatten().any(|rival| {
            let others = considered.get(rival);
            let wider = |others: &BTreeSet<usize>| others.len() > tasks.len() || rival < window;
            rival != window && others.is_some_and(|others| wider(others) && tasks.is_subset(others))
        })
    };
    considered
        .iter()
        .filter(|(window, tasks)| !covered(window, tasks))
        .map(|(window, _)| *window)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Windows, maximal};

    #[test]
    fn windows_within_others_go_and_of_equal_ones_the_first_stays() {
        let windows = Windows::from([
            (0, [1, 2].into()),
            (1, [1, 2, 3].into()),
            (2, [3, 4].into()),
            (3, [3, 4].into()),
        ]);
        assert_eq!(maximal(&windows, 0..9), [1, 2].into());
        assert_eq!(maximal(&windows, [0, 3].into_iter()), [0, 3].into());
    }
}
