//! Prices of what couples tasks, and the point of the dual that they make.

use super::net::Net;
use super::paths::Path;
use super::sweep::Messages;

/// One point of the dual. All are at least 0.
#[derive(Clone, Debug)]
pub(super) struct Multipliers {
    /// By row, of one unit of it; 0 where the row is a knapsack.
    pub row: Vec<f64>,
    /// By use, of taking it in the knapsack's copy.
    pub copy: Vec<f64>,
    /// By path, of one unit of its time.
    pub path: Vec<f64>,
    /// By due, of owing a fee that is not paid.
    pub due: Vec<f64>,
}

/// The relaxed solution, averaged over steps: how large a share of a task each candidate has.
#[derive(Clone, Debug)]
pub(super) struct Average {
    /// By candidate.
    pub share: Vec<f64>,
    /// By use, in the knapsack's copy.
    pub copy: Vec<f64>,
    /// By edge, its delay.
    pub delay: Vec<f64>,
    /// By fee, whether it is paid.
    pub paid: Vec<f64>,
    /// False before the first step.
    pub begun: bool,
}

/// Where the ascent stands: prices, messages and the average of what they lead to.
#[derive(Clone, Debug)]
pub(super) struct Dual {
    pub at: Multipliers,
    /// By row, whether it is solved as a knapsack.
    pub exact: Vec<bool>,
    pub paths: Vec<Path>,
    pub messages: Messages,
    pub average: Average,
}

impl Dual {
    pub(super) fn new(net: &Net) -> Dual {
        Dual {
            at: Multipliers {
                row: vec![0.0; net.rows.len()],
                copy: vec![0.0; net.row.len()],
                path: Vec::new(),
                due: net
                    .fee
                    .iter()
                    .map(|fee| net.fees[*fee] / owing(net, *fee))
                    .collect(),
            },
            // In a linear row, the number of nodes of a pool jumps between its ends.
            exact: net.rows.iter().map(|row| row.pool.is_some()).collect(),
            paths: Vec::new(),
            messages: Messages::new(net),
            average: Average {
                share: vec![0.0; net.cost.len()],
                copy: vec![0.0; net.row.len()],
                delay: vec![0.0; net.edges.len()],
                paid: vec![0.0; net.fees.len()],
                begun: false,
            },
        }
    }

    /// Makes knapsacks of rows that have a price. The bound stays as it is, and can only rise from there.
    pub(super) fn sharpen(&mut self, net: &Net, least: f64) {
        for row in 0..net.rows.len() {
            if self.exact[row] || net.rows[row].capacity.is_none() || self.at.row[row] <= least {
                continue;
            }
            self.exact[row] = true;
            for position in net.users.0.of(row) {
                let item = net.users.1[position];
                self.at.copy[item] = self.at.row[row] * net.amount[item];
                self.average.copy[item] = self.average.share[net.user[item]];
            }
            self.at.row[row] = 0.0;
        }
    }

    /// True if nothing has a price: then a sweep alone is the whole step.
    pub(super) fn free(&self) -> bool {
        self.at.row.is_empty() && self.paths.is_empty() && self.at.due.is_empty()
    }
}

/// How many may owe a fee.
fn owing(net: &Net, fee: usize) -> f64 {
    net.debtors.0.count(fee).max(1) as f64
}
