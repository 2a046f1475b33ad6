//! Model -> Net: what cannot be part of a plan, and what another candidate does as well, goes.
//!
//! - A candidate that alone uses more of a row than there is goes.
//! - A row that no choice can fill goes.
//! - Of two candidates of a task at one site, the one that costs, takes and uses at least as much goes. This is exact
//!   whatever the constraints are, since nothing else depends on the candidate.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::builder::{Builder, Use};
use super::model::{Bias, Candidate, Edge, Lane, Model, Row};
use super::net::{Clock, Limit, Net, Nodes, SLACK};
use super::transfer::Transfer;

/// Rows with more whole units than this are not solved as knapsacks.
const LARGEST: usize = 4000;

/// The net of a model whose tasks can run in this order.
pub(super) fn reduce(model: &Model, order: &[usize]) -> Net {
    let mut position = vec![0; order.len()];
    for (at, task) in order.iter().enumerate() {
        position[*task] = at;
    }
    let rows = Rows::new(model);
    let transfer = Rc::new(Transfer::new(&model.clouds, &model.lanes, &model.splits));
    let clocks = model.deadlines.len();
    let mut builder = Builder::new(transfer, clocks);
    for task in order {
        let mut site = None;
        for (origin, candidate) in undominated(&model.tasks[*task].candidates, &rows) {
            if site.is_some_and(|site| site != candidate.site) {
                due(model, *task, site, &mut builder);
            }
            site = Some(candidate.site);
            let times = (0..clocks).map(|clock| candidate.times.get(clock).copied().unwrap_or(0.0));
            let uses = rows.uses(candidate);
            builder.candidate((candidate.site, origin), candidate.cost, times, uses.into_iter());
        }
        due(model, *task, site, &mut builder);
        builder.task(*task);
    }
    let never = never(model);
    let edges = edges(model, &position, never);
    let depth = depth(&edges, order.len());
    let clock = |deadline: &super::model::Deadline| {
        let mut ends = vec![false; order.len()];
        for task in &deadline.ends {
            ends[position[*task]] = true;
        }
        let within = deadline.within;
        let unit = (within / depth as f64).max(f64::MIN_POSITIVE);
        Clock { within, unit, ends }
    };
    let clocks = model.deadlines.iter().map(clock).collect();
    let (limits, pools) = rows.finish(model);
    let fees = (model.fees.clone(), never);
    builder.finish(edges, (limits, pools), clocks, fees, (Vec::new(), 0.0))
}

/// What a task owes at a site; what costs nothing is not owed.
fn due(model: &Model, task: usize, site: Option<usize>, builder: &mut Builder) {
    for (at, fee) in &model.tasks[task].dues {
        if Some(*at) == site && model.fees[*fee] > 0.0 {
            builder.due(*fee);
        }
    }
}

/// More than twice what any plan costs.
fn never(model: &Model) -> f64 {
    let largest = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, f64::max);
    let tasks = model
        .tasks
        .iter()
        .map(|task| largest(&mut task.candidates.iter().map(|candidate| candidate.cost)));
    let price = largest(&mut model.lanes.iter().flatten().map(|lane: &Lane| lane.price));
    let finite = |bias: Bias| {
        let all = [bias.site, bias.cloud, bias.away];
        largest(&mut all.into_iter().filter(|money| money.is_finite()))
    };
    let edges = model
        .edges
        .iter()
        .map(|edge| edge.paid * price + finite(edge.bias));
    let pools = model.pools.iter().map(|pool| pool.price * pool.limit as f64);
    1.0 + 2.0
        * tasks
            .chain(edges)
            .chain(pools)
            .chain(model.fees.iter().copied())
            .sum::<f64>()
}

/// How many tasks are on the longest way.
fn depth(edges: &[Edge], tasks: usize) -> usize {
    let mut depth = vec![1; tasks];
    let mut order: Vec<&Edge> = edges.iter().collect();
    order.sort_by_key(|edge| edge.to);
    for edge in order.into_iter().filter(|edge| !edge.stale) {
        depth[edge.to] = depth[edge.to].max(depth[edge.from] + 1);
    }
    depth.into_iter().max().unwrap_or(1)
}

/// Edges in the new order; of several between two tasks the payments add up, and the longest is waited for.
fn edges(model: &Model, position: &[usize], never: f64) -> Vec<Edge> {
    let mut merged: BTreeMap<(usize, usize, Option<usize>), Edge> = BTreeMap::new();
    for edge in &model.edges {
        let (from, to) = (position[edge.from], position[edge.to]);
        let merged = merged.entry((from, to, edge.split)).or_insert(Edge {
            from,
            to,
            stale: true,
            split: edge.split,
            ..Edge::default()
        });
        merged.paid += edge.paid;
        merged.stale &= edge.stale;
        if !edge.stale {
            merged.awaited = merged.awaited.max(edge.awaited);
        }
        let sum = |a: f64, b: f64| (a + b).min(never);
        merged.bias = Bias {
            site: sum(merged.bias.site, edge.bias.site),
            cloud: sum(merged.bias.cloud, edge.bias.cloud),
            away: sum(merged.bias.away, edge.bias.away),
        };
    }
    merged.into_values().collect()
}

/// Candidates by site, without those that are dominated.
fn undominated<'m>(candidates: &'m [Candidate], rows: &Rows) -> Vec<(usize, &'m Candidate)> {
    let mut order: Vec<(usize, &Candidate)> = candidates.iter().enumerate().collect();
    order.retain(|(_, candidate)| rows.hold(candidate));
    order.sort_by(|(_, a), (_, b)| a.site.cmp(&b.site).then(a.cost.total_cmp(&b.cost)));
    let mut kept: Vec<(usize, &Candidate)> = Vec::new();
    for (origin, candidate) in order {
        let rivals = kept
            .iter()
            .rev()
            .take_while(|(_, rival)| rival.site == candidate.site);
        if !rivals
            .into_iter()
            .any(|(_, rival)| as_good(rival, candidate, rows))
        {
            kept.push((origin, candidate));
        }
    }
    kept
}

fn as_good(rival: &Candidate, candidate: &Candidate, rows: &Rows) -> bool {
    let time = |candidate: &Candidate, clock: usize| candidate.times.get(clock).copied().unwrap_or(0.0);
    let clocks = rival.times.len().max(candidate.times.len());
    let amount = |row: usize| {
        candidate
            .uses
            .iter()
            .find(|(other, _)| *other == row)
            .map_or(0.0, |(_, amount)| *amount)
    };
    rival.cost <= candidate.cost
        && (0..clocks).all(|clock| time(rival, clock) <= time(candidate, clock))
        && rival
            .uses
            .iter()
            .all(|(row, used)| !rows.binds[*row] || *used <= amount(*row))
}

/// The rows of the model, and what becomes of them.
struct Rows {
    /// By row: what no sum may exceed.
    ceiling: Vec<f64>,
    /// By row: whether some choice fills it.
    binds: Vec<bool>,
    /// By row: its position among those that bind.
    position: Vec<usize>,
    /// By row: its unit.
    unit: Vec<f64>,
    /// By row: how its amounts become whole.
    scale: Vec<Option<f64>>,
}

impl Rows {
    fn new(model: &Model) -> Rows {
        let ceiling = |row: &Row| match row {
            Row::Limit(limit) => limit + SLACK * limit.abs().max(1.0),
            Row::Pool(pool) => model.pools[*pool].limit as f64 + SLACK,
        };
        let ceiling: Vec<f64> = model.rows.iter().map(ceiling).collect();
        let mut most = vec![0.0; ceiling.len()];
        let mut amounts = vec![Vec::new(); ceiling.len()];
        for task in &model.tasks {
            let mut largest: BTreeMap<usize, f64> = BTreeMap::new();
            for (row, amount) in task.candidates.iter().flat_map(|candidate| &candidate.uses) {
                if *amount > 0.0 && *amount <= ceiling[*row] {
                    let largest = largest.entry(*row).or_insert(0.0);
                    *largest = largest.max(*amount);
                    amounts[*row].push(*amount);
                }
            }
            for (row, largest) in largest {
                most[row] += largest;
            }
        }
        let binds: Vec<bool> = (0..most.len())
            .map(|row| match model.rows[row] {
                Row::Limit(_) => most[row] > ceiling[row],
                Row::Pool(_) => most[row] > 0.0,
            })
            .collect();
        let position = binds.iter().scan(0, |next, binds| {
            let position = *next;
            *next += usize::from(*binds);
            Some(position)
        });
        let position = position.collect();
        let unit = model
            .rows
            .iter()
            .zip(&amounts)
            .map(|(row, amounts)| unit(row, amounts))
            .collect();
        let scale = model
            .rows
            .iter()
            .zip(&amounts)
            .map(|(row, amounts)| scale(row, amounts))
            .collect();
        Rows {
            ceiling,
            binds,
            position,
            unit,
            scale,
        }
    }

    fn hold(&self, candidate: &Candidate) -> bool {
        candidate
            .uses
            .iter()
            .all(|(row, amount)| *amount <= self.ceiling[*row])
    }

    fn uses(&self, candidate: &Candidate) -> Vec<Use> {
        let used = candidate
            .uses
            .iter()
            .filter(|(row, amount)| self.binds[*row] && *amount > 0.0);
        let mut uses: Vec<Use> = used
            .map(|(row, amount)| {
                let whole = (amount * self.scale[*row].unwrap_or(0.0) + SLACK).floor();
                (self.position[*row], amount / self.unit[*row], whole as usize)
            })
            .collect();
        uses.sort_by_key(|(row, ..)| *row);
        uses
    }

    fn finish(&self, model: &Model) -> (Vec<Limit>, Vec<Nodes>) {
        let mut pools: Vec<Nodes> = model
            .pools
            .iter()
            .map(|pool| Nodes {
                price: pool.price,
                limit: pool.limit,
                least: 0,
                rows: Vec::new(),
            })
            .collect();
        let mut limits = Vec::new();
        for (home, row) in model
            .rows
            .iter()
            .enumerate()
            .filter(|(home, _)| self.binds[*home])
        {
            let unit = self.unit[home];
            limits.push(match row {
                Row::Limit(limit) => {
                    let capacity = self.scale[home].map(|scale| (limit * scale + SLACK).floor() as usize);
                    let limit = limit / unit;
                    Limit {
                        limit,
                        capacity,
                        pool: None,
                    }
                }
                Row::Pool(pool) => {
                    pools[*pool].rows.push(limits.len());
                    let capacity = Some(model.pools[*pool].limit);
                    let pool = Some(*pool);
                    Limit {
                        limit: 0.0,
                        capacity,
                        pool,
                    }
                }
            });
        }
        (limits, pools)
    }
}

/// The mean use, so that all rows count tasks.
fn unit(row: &Row, amounts: &[f64]) -> f64 {
    match row {
        Row::Pool(_) => 1.0,
        Row::Limit(_) if amounts.is_empty() => 1.0,
        Row::Limit(_) => amounts.iter().sum::<f64>() / amounts.len() as f64,
    }
}

/// What turns amounts into whole numbers without loss, if anything simple does.
fn scale(row: &Row, amounts: &[f64]) -> Option<f64> {
    let Row::Limit(limit) = row else {
        return Some(1.0);
    };
    let whole = |amount: &f64| (amount - amount.round()).abs() < SLACK * amount.max(1.0);
    if !amounts.iter().all(whole) || *limit > 1e12 {
        return None;
    }
    let divisor = amounts.iter().fold(0, |divisor, amount| {
        common_divisor(amount.round() as u64, divisor)
    });
    let scale = 1.0 / divisor.max(1) as f64;
    (limit * scale <= LARGEST as f64).then_some(scale)
}

fn common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}
