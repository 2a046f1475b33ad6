//! How far down each slot is: in the order of its column, as near to its neighbours as the others there allow.
//!
//! A column at a time, least squares: slots want to be where the mean of their neighbours is and must keep their
//! distance. With the distances taken off that is isotonic regression, which pooling adjacent violators solves exactly
//! (Ayer et al., "An Empirical Distribution Function for Sampling with Incomplete Information", 1955).
#![allow(clippy::indexing_slicing, reason = "a numeric kernel over the slots of a web")]

use super::Web;

/// Rounds over all columns, to and fro.
const ROUNDS: usize = 8;
/// Room that a lane takes, where a box takes 1.
const LANE: f64 = 0.4;
/// How much more a lane insists on going straight than a box does.
const STRAIGHT: f64 = 4.0;
/// How much everything is drawn to where it would stand if its column were centred: long graphs must not drift.
const CENTRE: f64 = 0.05;

/// The height of each slot; the least is 0.
pub fn heights(web: &Web, order: &[Vec<usize>]) -> Vec<f64> {
    let mut heights = vec![0.0; web.column.len()];
    for column in order {
        let mut below = column.iter().map(|slot| room(web, *slot)).sum::<f64>() / -2.0;
        for slot in column {
            heights[*slot] = below + room(web, *slot) / 2.0;
            below += room(web, *slot);
        }
    }
    let centred = heights.clone();
    for round in 0..ROUNDS {
        let forth = round % 2 == 0;
        let settle = |column: &Vec<usize>, heights: &mut Vec<f64>| {
            let near = |slot: usize| match (forth, round + 2 >= ROUNDS) {
                // The last rounds look both ways.
                (_, true) => (&web.left[slot], Some(&web.right[slot])),
                (true, false) => (&web.left[slot], None),
                (false, false) => (&web.right[slot], None),
            };
            let wishes: Vec<(f64, f64)> = column
                .iter()
                .map(|slot| wish(web, heights, near, *slot, &centred))
                .collect();
            place(web, column, &wishes, heights);
        };
        if forth {
            order.iter().for_each(|column| settle(column, &mut heights));
        } else {
            order.iter().rev().for_each(|column| settle(column, &mut heights));
        }
    }
    let least = heights.iter().copied().fold(f64::INFINITY, f64::min);
    heights.iter().map(|height| height - least).collect()
}

fn room(web: &Web, slot: usize) -> f64 {
    if web.is_box(slot) { 1.0 } else { LANE }
}

/// Where a slot would like to be, and how much it insists.
fn wish<'w>(
    web: &Web,
    heights: &[f64],
    near: impl Fn(usize) -> (&'w Vec<usize>, Option<&'w Vec<usize>>),
    slot: usize,
    centred: &[f64],
) -> (f64, f64) {
    let (one, other) = near(slot);
    let weight = |neighbour: usize| {
        if web.is_box(slot) || web.is_box(neighbour) {
            1.0
        } else {
            STRAIGHT
        }
    };
    let (mut sum, mut total) = (centred[slot] * CENTRE, CENTRE);
    for neighbour in one.iter().chain(other.into_iter().flatten()) {
        sum += heights[*neighbour] * weight(*neighbour);
        total += weight(*neighbour);
    }
    (sum / total, total)
}

/// Pools slots that would stand in each other's way, and puts every pool where its wishes balance.
fn place(web: &Web, column: &[usize], wishes: &[(f64, f64)], heights: &mut [f64]) {
    // Sum of weighted wishes, sum of weights, number of slots.
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    let mut offsets = Vec::new();
    let mut offset = 0.0;
    for (at, slot) in column.iter().enumerate() {
        if at > 0 {
            offset += (room(web, column[at - 1]) + room(web, *slot)) / 2.0;
        }
        offsets.push(offset);
        let (wish, weight) = wishes[at];
        let mut pool = ((wish - offset) * weight, weight, 1);
        while let Some(last) = pools.pop_if(|last| last.0 / last.1 > pool.0 / pool.1) {
            pool = (pool.0 + last.0, pool.1 + last.1, pool.2 + last.2);
        }
        pools.push(pool);
    }
    let mut slots = column.iter().zip(offsets);
    for (sum, weight, count) in pools {
        for (slot, offset) in slots.by_ref().take(count) {
            heights[*slot] = sum / weight + offset;
        }
    }
}
