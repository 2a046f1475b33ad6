//! The part of a net that is still open: without dead candidates, without tasks that have only one left, without rows
//! that can no longer be filled.

use std::ops::Range;
use std::rc::Rc;

use super::ascent::Domain;
use super::builder::Builder;
use super::model::Edge;
use super::net::{Limit, Net, Nodes};
use super::prices::{Average, Dual, Multipliers};
use super::sweep::Messages;

/// A part, and by new position the old one of all that it keeps.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub net: Net,
    pub candidates: Vec<usize>,
    labels: Vec<usize>,
    uses: Vec<usize>,
    dues: Vec<usize>,
    edges: Vec<usize>,
    rows: Vec<usize>,
    /// By old task, the candidate of those that are settled.
    settled: Vec<Option<usize>>,
}

/// The open part of `net`. Every task has a living candidate. `None` if the settled tasks use more than there is.
pub(super) fn restrict(net: &Net, alive: &[bool]) -> Option<Part> {
    let settled = settled(net, alive);
    let rows = Rows::new(net, alive, &settled)?;
    let mut part = Part {
        net: net.clone(),
        candidates: Vec::new(),
        labels: Vec::new(),
        uses: Vec::new(),
        dues: Vec::new(),
        edges: Vec::new(),
        rows: (0..net.rows.len())
            .filter(|row| rows.position[*row].is_some())
            .collect(),
        settled,
    };
    let mut builder = Builder::new(Rc::clone(&net.transfer), net.clocks.len());
    let mut constant = net.constant;
    let fees = fees(net, &part.settled);
    constant += net.fees.iter().sum::<f64>() - fees.iter().sum::<f64>();
    let mut home = net.settled.clone();
    let mut position = Vec::new();
    let mut next = 0;
    for task in 0..net.tasks() {
        position.push(next);
        if let Some(candidate) = part.settled[task] {
            home.push((net.home[task], net.origin[candidate]));
            constant += net.cost[candidate];
            continue;
        }
        next += 1;
        part.add(net, task, alive, (&rows, &fees), &mut builder);
    }
    let mut edges = Vec::new();
    for (edge, ends) in net.edges.iter().enumerate() {
        match (part.settled[ends.from], part.settled[ends.to]) {
            (Some(from), Some(to)) => constant += net.price(edge, net.place(from), net.place(to)),
            (None, None) => {
                let (from, to) = (position[ends.from], position[ends.to]);
                edges.push(Edge { from, to, ..*ends });
                part.edges.push(edge);
            }
            (Some(_), None) | (None, Some(_)) => {}
        }
    }
    let clocks = net.clocks.clone();
    let fees = (fees, net.never);
    part.net = builder.finish(edges, (rows.limits, rows.pools), clocks, fees, (home, constant));
    Some(part)
}

/// Tasks that have one living candidate. Under a deadline they stay, since ways lead through them.
fn settled(net: &Net, alive: &[bool]) -> Vec<Option<usize>> {
    let only = |task: usize| {
        let mut living = net.choices(task).filter(|candidate| alive[*candidate]);
        let first = living.next();
        first.filter(|_| living.next().is_none() && net.clocks.is_empty())
    };
    (0..net.tasks()).map(only).collect()
}

impl Part {
    fn add(
        &mut self,
        net: &Net,
        task: usize,
        alive: &[bool],
        (rows, fees): (&Rows, &[f64]),
        builder: &mut Builder,
    ) {
        for label in net.labels.of(task) {
            let site = net.site[label];
            let first = self.candidates.len();
            let moved = self.transfers(net, task, site);
            for candidate in net.candidates.of(label).filter(|candidate| alive[*candidate]) {
                let times = net.times.iter().map(|times| times[candidate]);
                let kept: Vec<usize> = net
                    .uses
                    .of(candidate)
                    .filter(|item| rows.position[net.row[*item]].is_some())
                    .collect();
                let row = |item: &usize| rows.position[net.row[*item]].unwrap_or(0);
                let uses = kept
                    .iter()
                    .map(|item| (row(item), net.amount[*item], net.whole[*item]));
                let place = (site, net.origin[candidate]);
                builder.candidate(place, net.cost[candidate] + moved, times, uses);
                self.candidates.push(candidate);
                self.uses.extend(kept);
            }
            if self.candidates.len() > first {
                self.labels.push(label);
                for due in net.dues.of(label).filter(|due| fees[net.fee[*due]] > 0.0) {
                    builder.due(net.fee[due]);
                    self.dues.push(due);
                }
            }
        }
        builder.task(net.home[task]);
    }

    /// What a task pays for transfers from and to settled ones.
    fn transfers(&self, net: &Net, task: usize, site: usize) -> f64 {
        let enter = net.entering(task).iter().filter_map(|edge| {
            let from = self.settled[net.edges[*edge].from]?;
            Some(net.price(*edge, net.place(from), site))
        });
        let leave = net.leaving(task).iter().filter_map(|edge| {
            let to = self.settled[net.edges[*edge].to]?;
            Some(net.price(*edge, site, net.place(to)))
        });
        enter.sum::<f64>() + leave.sum::<f64>()
    }

    /// The same point of the dual, for the part.
    pub(super) fn domain(&self, net: &Net, domain: &Domain) -> Domain {
        let dual = &domain.dual;
        let take = |values: &[f64], kept: &[usize]| kept.iter().map(|old| values[*old]).collect::<Vec<f64>>();
        Domain {
            alive: vec![true; self.candidates.len()],
            dual: Dual {
                at: Multipliers {
                    row: take(&dual.at.row, &self.rows),
                    copy: take(&dual.at.copy, &self.uses),
                    path: dual.at.path.clone(),
                    due: take(&dual.at.due, &self.dues),
                },
                exact: self.rows.iter().map(|row| dual.exact[*row]).collect(),
                paths: dual.paths.clone(),
                messages: self.messages(net, &dual.messages),
                average: Average {
                    share: take(&dual.average.share, &self.candidates),
                    copy: take(&dual.average.copy, &self.uses),
                    delay: take(&dual.average.delay, &self.edges),
                    paid: dual.average.paid.clone(),
                    begun: dual.average.begun,
                },
            },
            bound: domain.bound,
            stride: domain.stride,
        }
    }

    fn messages(&self, net: &Net, messages: &Messages) -> Messages {
        let mut kept = Messages::new(&self.net);
        for (edge, old) in self.edges.iter().enumerate() {
            let (ends, olds) = (self.net.edges[edge], net.edges[*old]);
            let copy =
                |from: &[f64], range: Range<usize>, labels: Range<usize>, first: usize, to: &mut [f64]| {
                    for (to, label) in to.iter_mut().zip(labels) {
                        *to = from[range.start + self.labels[label] - first];
                    }
                };
            let (head, tail) = (self.net.to_head.of(edge), self.net.to_tail.of(edge));
            let (heads, tails) = (self.net.labels.of(ends.to), self.net.labels.of(ends.from));
            let (first_head, first_tail) = (net.labels.start(olds.to), net.labels.start(olds.from));
            copy(
                &messages.to_head,
                net.to_head.of(*old),
                heads,
                first_head,
                &mut kept.to_head[head],
            );
            copy(
                &messages.to_tail,
                net.to_tail.of(*old),
                tails,
                first_tail,
                &mut kept.to_tail[tail],
            );
        }
        kept
    }

    /// A plan of the net as one of the part. `None` if it takes what the part does not have.
    pub(super) fn narrow(&self, net: &Net, pick: &[usize]) -> Option<Vec<usize>> {
        let mut position = vec![usize::MAX; net.cost.len()];
        for (new, old) in self.candidates.iter().enumerate() {
            position[*old] = new;
        }
        let open = pick
            .iter()
            .zip(&self.settled)
            .filter(|(_, settled)| settled.is_none());
        open.map(|(pick, _)| Some(position[*pick]).filter(|new| *new != usize::MAX))
            .collect()
    }

    /// A plan of the part as one of the net.
    pub(super) fn widen(&self, pick: &[usize]) -> Vec<usize> {
        let mut picks = pick.iter().map(|pick| self.candidates[*pick]);
        self.settled
            .iter()
            .filter_map(|settled| settled.or_else(|| picks.next()))
            .collect()
    }
}

/// Fees that settled tasks leave to be paid.
fn fees(net: &Net, settled: &[Option<usize>]) -> Vec<f64> {
    let mut fees = net.fees.clone();
    for due in settled
        .iter()
        .flatten()
        .flat_map(|candidate| net.owed(*candidate))
    {
        fees[net.fee[due]] = 0.0;
    }
    fees
}

/// What settled tasks leave of rows and pools.
struct Rows {
    /// By old row, its new position.
    position: Vec<Option<usize>>,
    limits: Vec<Limit>,
    pools: Vec<Nodes>,
}

impl Rows {
    fn new(net: &Net, alive: &[bool], settled: &[Option<usize>]) -> Option<Rows> {
        let mut rows = Rows {
            position: Vec::new(),
            limits: Vec::new(),
            pools: net.pools.clone(),
        };
        rows.pools.iter_mut().for_each(|pool| pool.rows.clear());
        let mut used = vec![(0.0, 0); net.rows.len()];
        for item in settled
            .iter()
            .flatten()
            .flat_map(|candidate| net.uses.of(*candidate))
        {
            used[net.row[item]].0 += net.amount[item];
            used[net.row[item]].1 += net.whole[item];
        }
        for (row, terms) in net.rows.iter().enumerate() {
            let (amount, whole) = used[row];
            let ceiling = net.ceiling(row) - amount;
            let capacity = match terms.capacity {
                Some(capacity) if terms.pool.is_none() => Some(capacity.checked_sub(whole)?),
                other => other,
            };
            if ceiling < -1e-7 {
                return None;
            }
            let limit = if terms.pool.is_some() {
                terms.limit + amount
            } else {
                terms.limit - amount
            };
            let most = most(net, row, alive, settled);
            let binds = if terms.pool.is_some() {
                most > 0.0
            } else {
                most > ceiling
            };
            rows.position.push(binds.then_some(rows.limits.len()));
            if let Some(pool) = terms.pool {
                let least = &mut rows.pools[pool].least;
                *least = (*least).max((limit - 1e-9).ceil() as usize);
                if binds {
                    rows.pools[pool].rows.push(rows.limits.len());
                }
            }
            if binds {
                rows.limits.push(Limit {
                    limit,
                    capacity,
                    ..*terms
                });
            }
        }
        Some(rows)
    }
}

/// The most that open tasks can use of a row.
fn most(net: &Net, row: usize, alive: &[bool], settled: &[Option<usize>]) -> f64 {
    let (mut sum, mut largest, mut current) = (0.0, 0.0_f64, usize::MAX);
    for position in net.users.0.of(row) {
        let item = net.users.1[position];
        let task = net.task[net.user[item]];
        if task != current {
            sum += largest;
            (largest, current) = (0.0, task);
        }
        if alive[net.user[item]] && settled[task].is_none() {
            largest = largest.max(net.amount[item]);
        }
    }
    sum + largest
}
