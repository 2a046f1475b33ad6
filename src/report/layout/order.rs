//! Which slot stands above which in each column, so that few lines cross: barycentres, swept to and fro.
#![allow(clippy::indexing_slicing, reason = "a numeric kernel over the slots of a web")]

use super::Web;

/// Sweeps in each direction; later ones hardly ever improve (the best order seen is kept).
const SWEEPS: usize = 12;

/// The slots of each column, from above.
pub fn order(web: &Web) -> Vec<Vec<usize>> {
    let count = web.column.iter().max().map_or(0, |last| last + 1);
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (slot, column) in web.column.iter().enumerate() {
        columns[*column].push(slot);
    }
    let mut rank = vec![0.0; web.column.len()];
    columns.iter().for_each(|column| number(column, &mut rank));
    let mut best = (crossings(web, &columns, &rank), columns.clone());
    for sweep in 0..SWEEPS {
        if sweep % 2 == 0 {
            columns
                .iter_mut()
                .for_each(|column| arrange(column, &web.left, &mut rank));
        } else {
            columns
                .iter_mut()
                .rev()
                .for_each(|column| arrange(column, &web.right, &mut rank));
        }
        let crossed = crossings(web, &columns, &rank);
        if crossed < best.0 {
            best = (crossed, columns.clone());
        }
        if best.0 == 0 {
            break;
        }
    }
    best.1
}

fn number(column: &[usize], rank: &mut [f64]) {
    for (place, slot) in column.iter().enumerate() {
        rank[*slot] = place as f64;
    }
}

/// Puts a column into the order of the means of its neighbours on one side; what has none keeps its place.
fn arrange(column: &mut [usize], neighbours: &[Vec<usize>], rank: &mut [f64]) {
    let mean = |slot: &usize| {
        let of = &neighbours[*slot];
        if of.is_empty() {
            rank[*slot]
        } else {
            of.iter().map(|other| rank[*other]).sum::<f64>() / of.len() as f64
        }
    };
    let mut means: Vec<(f64, usize)> = column.iter().map(|slot| (mean(slot), *slot)).collect();
    means.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (place, (_, slot)) in column.iter_mut().zip(means) {
        *place = slot;
    }
    number(column, rank);
}

/// Pairs of links between neighbouring columns that cross, if every column is in the order of `rank`.
fn crossings(web: &Web, columns: &[Vec<usize>], rank: &[f64]) -> usize {
    let mut count = 0;
    for column in columns {
        let mut ends: Vec<f64> = Vec::new();
        for slot in column {
            let mut own: Vec<f64> = web.right[*slot].iter().map(|to| rank[*to]).collect();
            own.sort_by(f64::total_cmp);
            // Those that came before and end below.
            count += own
                .iter()
                .map(|end| ends.len() - ends.partition_point(|other| other <= end))
                .sum::<usize>();
            for end in own {
                ends.insert(ends.partition_point(|other| *other <= end), end);
            }
        }
    }
    count
}
