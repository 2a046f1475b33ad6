//! Makes a [`Net`], task by task.

use std::rc::Rc;

use super::model::Edge;
use super::net::{Clock, Limit, Net, Nodes};
use super::ranges::Ranges;
use super::transfer::Transfer;

/// A net without edges and rows yet.
pub(super) struct Builder {
    net: Net,
}

/// One use of a row: row, amount in its units, amount in whole units.
pub(super) type Use = (usize, f64, usize);

impl Builder {
    pub(super) fn new(transfer: Rc<Transfer>, clocks: usize) -> Builder {
        Builder {
            net: Net {
                transfer,
                labels: Ranges::new(),
                site: Vec::new(),
                candidates: Ranges::new(),
                cost: Vec::new(),
                label: Vec::new(),
                task: Vec::new(),
                origin: Vec::new(),
                uses: Ranges::new(),
                row: Vec::new(),
                user: Vec::new(),
                amount: Vec::new(),
                whole: Vec::new(),
                times: vec![Vec::new(); clocks],
                clocks: Vec::new(),
                edges: Vec::new(),
                outgoing: (Ranges::new(), Vec::new()),
                incoming: (Ranges::new(), Vec::new()),
                to_head: Ranges::new(),
                to_tail: Ranges::new(),
                rows: Vec::new(),
                users: (Ranges::new(), Vec::new()),
                pools: Vec::new(),
                fees: Vec::new(),
                dues: Ranges::new(),
                fee: Vec::new(),
                debtor: Vec::new(),
                debtors: (Ranges::new(), Vec::new()),
                never: f64::INFINITY,
                home: Vec::new(),
                settled: Vec::new(),
                constant: 0.0,
            },
        }
    }

    /// Makes a fee due at the label of the last candidate.
    pub(super) fn due(&mut self, fee: usize) {
        self.net.fee.push(fee);
        self.net.debtor.push(self.net.site.len() - 1);
    }

    /// Adds a candidate to the current task. Candidates come in the order of sites.
    pub(super) fn candidate(
        &mut self,
        (site, origin): (usize, usize),
        cost: f64,
        times: impl Iterator<Item = f64>,
        uses: impl Iterator<Item = Use>,
    ) {
        let net = &mut self.net;
        let (task, candidate) = (net.home.len(), net.cost.len());
        let open = net.site.len() > net.labels.total() && net.site.last() == Some(&site);
        if !open {
            if !net.site.is_empty() {
                net.candidates.close(candidate);
                net.dues.close(net.fee.len());
            }
            net.site.push(site);
        }
        net.cost.push(cost);
        net.label.push(net.site.len() - 1);
        net.task.push(task);
        net.origin.push(origin);
        for (times, time) in net.times.iter_mut().zip(times) {
            times.push(time);
        }
        for (row, amount, whole) in uses {
            net.row.push(row);
            net.user.push(candidate);
            net.amount.push(amount);
            net.whole.push(whole);
        }
        net.uses.close(net.row.len());
    }

    /// Ends the current task.
    pub(super) fn task(&mut self, home: usize) {
        self.net.labels.close(self.net.site.len());
        self.net.home.push(home);
    }

    pub(super) fn finish(
        mut self,
        edges: Vec<Edge>,
        (rows, pools): (Vec<Limit>, Vec<Nodes>),
        clocks: Vec<Clock>,
        (fees, never): (Vec<f64>, f64),
        (settled, constant): (Vec<(usize, usize)>, f64),
    ) -> Net {
        let net = &mut self.net;
        if !net.site.is_empty() {
            net.candidates.close(net.cost.len());
            net.dues.close(net.fee.len());
        }
        let tasks = net.home.len();
        let ends = |end: fn(&Edge) -> usize| edges.iter().map(end).collect::<Vec<usize>>();
        net.outgoing = Ranges::grouped(&ends(|edge| edge.from), tasks);
        net.incoming = Ranges::grouped(&ends(|edge| edge.to), tasks);
        let (mut heads, mut tails) = (0, 0);
        for edge in &edges {
            heads += net.labels.count(edge.to);
            tails += net.labels.count(edge.from);
            net.to_head.close(heads);
            net.to_tail.close(tails);
        }
        net.users = Ranges::grouped(&net.row, rows.len());
        net.debtors = Ranges::grouped(&net.fee, fees.len());
        (net.fees, net.never) = (fees, never);
        (net.edges, net.rows, net.pools, net.clocks) = (edges, rows, pools, clocks);
        (net.settled, net.constant) = (settled, constant);
        self.net
    }
}
