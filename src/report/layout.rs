//! Where the boxes of a DAG stand: layers from left to right, few crossings, lines that are as straight as they can be.
//!
//! Sugiyama's method: Sugiyama, Tagawa, Toda, "Methods for Visual Understanding of Hierarchical System Structures",
//! IEEE Transactions on Systems, Man, and Cybernetics 11(2), 1981.
#![allow(
    clippy::indexing_slicing,
    reason = "a numeric kernel: slots are numbered here, and edges are checked when they enter"
)]

mod height;
mod order;

use std::collections::BTreeMap;

/// Where everything stands. Columns and heights count boxes: the box of column 2 and height 1.5 has two columns at its
/// left, and its middle is one and a half boxes below the middle of the highest.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Layout {
    /// By box.
    pub boxes: Vec<Point>,
    /// By edge, where its line passes through columns that it skips, from left to right.
    pub routes: Vec<Vec<Point>>,
    /// Columns.
    pub columns: usize,
    /// The greatest height.
    pub depth: f64,
}

/// A place in a [`Layout`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Point {
    /// Which column.
    pub column: usize,
    /// How far down.
    pub height: f64,
}

/// What takes room in columns, boxes first: then the lanes in which lines pass. Lines from one box share theirs.
struct Web {
    /// By slot, its column.
    column: Vec<usize>,
    /// By slot, those it is linked with one column to the left.
    left: Vec<Vec<usize>>,
    /// By slot, those it is linked with one column to the right.
    right: Vec<Vec<usize>>,
    /// By box and column, its lane there.
    lanes: BTreeMap<(usize, usize), usize>,
    /// So many of the slots are boxes.
    boxes: usize,
}

/// Lays out `boxes` boxes that are numbered in topological order: every edge leads to a greater number, and others are
/// left out of the picture.
pub fn layout(boxes: usize, edges: &[(usize, usize)]) -> Layout {
    let sound: Vec<(usize, usize)> = edges
        .iter()
        .copied()
        .filter(|(from, to)| from < to && *to < boxes)
        .collect();
    let web = Web::of(columns(boxes, &sound), &sound);
    let order = order::order(&web);
    let heights = height::heights(&web, &order);
    let point = |slot: usize| Point {
        column: web.column[slot],
        height: heights[slot],
    };
    let route = |(from, to): &(usize, usize)| -> Vec<Point> {
        if from >= to || *to >= boxes {
            return Vec::new();
        }
        let passed = web.column[*from] + 1..web.column[*to];
        passed.map(|column| point(web.lanes[&(*from, column)])).collect()
    };
    Layout {
        boxes: (0..boxes).map(point).collect(),
        routes: edges.iter().map(route).collect(),
        columns: order.len(),
        depth: heights.iter().copied().fold(0.0, f64::max),
    }
}

/// As far left as the edges allow; what waits for nothing stands beside what first needs it.
fn columns(boxes: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut column = vec![0; boxes];
    let mut sorted = edges.to_vec();
    sorted.sort_unstable();
    for (from, to) in &sorted {
        column[*to] = column[*to].max(column[*from] + 1);
    }
    let mut nearest: Vec<Option<usize>> = vec![None; boxes];
    let mut waits = vec![false; boxes];
    for (from, to) in edges {
        waits[*to] = true;
        nearest[*from] = Some(nearest[*from].map_or(column[*to], |known| known.min(column[*to])));
    }
    for ((column, nearest), waits) in column.iter_mut().zip(nearest).zip(waits) {
        if let (Some(nearest), false) = (nearest, waits) {
            *column = nearest - 1;
        }
    }
    column
}

impl Web {
    fn of(column: Vec<usize>, edges: &[(usize, usize)]) -> Web {
        let boxes = column.len();
        let mut web = Web {
            left: vec![Vec::new(); boxes],
            right: vec![Vec::new(); boxes],
            lanes: BTreeMap::new(),
            column,
            boxes,
        };
        for (from, to) in edges {
            let mut last = *from;
            for column in web.column[*from] + 1..web.column[*to] {
                let lane = web.lane(*from, column);
                web.link(last, lane);
                last = lane;
            }
            web.link(last, *to);
        }
        web
    }

    fn lane(&mut self, of: usize, column: usize) -> usize {
        let next = self.column.len();
        let lane = *self.lanes.entry((of, column)).or_insert(next);
        if lane == next {
            self.column.push(column);
            self.left.push(Vec::new());
            self.right.push(Vec::new());
        }
        lane
    }

    fn link(&mut self, from: usize, to: usize) {
        if !self.right[from].contains(&to) {
            self.right[from].push(to);
            self.left[to].push(from);
        }
    }

    fn is_box(&self, slot: usize) -> bool {
        slot < self.boxes
    }
}

#[cfg(test)]
#[allow(clippy::panic, reason = "a test that panics is a test that fails")]
mod tests;
