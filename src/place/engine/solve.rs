//! The parts put together: reduce, bound, fix, and search what is left.

use super::answer::{Answer, Failure, Limits, Proof};
use super::ascent::{Domain, Effort, End, ascend, enough};
use super::blocks::blocks;
use super::branch::{Reach, branch};
use super::dive::{Boldness, dive};
use super::model::Model;
use super::neighbourhood::{Rounds, improve_around};
use super::net::Net;
use super::order::order;
use super::plan::Plan;
use super::propagate::propagate;
use super::reduce::reduce;
use super::restrict::restrict;
use super::search::{Incumbent, improve};
use super::work::Work;

/// The best plan of a model whose positions are all sound.
///
/// # Errors
/// There is no plan, or none was found within the limits.
pub fn solve(model: &Model, limits: &Limits<'_>) -> Result<Answer, Failure> {
    let order = order(model).ok_or(Failure::Infeasible(Proof::Cycle))?;
    let net = reduce(model, &order);
    if let Some(task) = (0..net.tasks()).find(|task| net.choices(*task).is_empty()) {
        return Err(Failure::Infeasible(Proof::Task(net.home[task])));
    }
    let mut alive = vec![true; net.cost.len()];
    if !propagate(&net, &mut alive) {
        return Err(Failure::Infeasible(Proof::Propagation));
    }
    let root = restrict(&net, &alive).ok_or(Failure::Infeasible(Proof::Propagation))?;
    let mut search = Search {
        work: Work {
            done: 0,
            nodes: 0,
            most: limits.most.min(root.net.never),
            limit: limits.work.saturating_add(SWEEPS * net.cost.len() as u64),
            interrupted: limits.interrupted,
        },
        gap: limits.gap,
        best: None,
        left: 0,
    };
    let bound = search.root(&root.net);
    match search.best {
        None if bound >= root.net.never => Err(Failure::Infeasible(Proof::Bound)),
        None => Err(Failure::Undecided(bound)),
        Some(best) => {
            let mut pick = vec![0; net.tasks()];
            for (task, candidate) in root.widen(&best.pick).into_iter().enumerate() {
                pick[net.home[task]] = net.origin[candidate];
            }
            Ok(Answer {
                pick,
                cost: best.cost,
                bound: bound.min(best.cost),
                nodes: search.work.nodes,
                work: search.work.done,
                left: (net.cost.len(), search.left),
            })
        }
    }
}

struct Search<'l> {
    work: Work<'l>,
    gap: f64,
    best: Option<Incumbent>,
    /// Candidates after fixing.
    left: usize,
}

/// Looks at each candidate that every problem is allowed.
const SWEEPS: u64 = 400;

/// So many tasks are not left to branching alone, even if nothing but transfers couples them.
const MANY: usize = 1000;

/// Tasks of a long plan that are improved together.
const STRETCH: usize = 250;

/// Steps between one look at what follows from what was fixed and the next.
const SEGMENT: usize = 100;

impl Search<'_> {
    /// Bounds and fixes the whole problem, then searches what is left. The result is a proven bound.
    fn root(&mut self, net: &Net) -> f64 {
        if net.tasks() == 0 {
            // All was settled before; pools are paid for all the same.
            improve(&mut self.best, &Plan::new(net, Vec::new()));
            return self.enough();
        }
        let mut domain = Domain::new(net);
        let end = if net.coupled() {
            self.climb(net, &mut domain)
        } else {
            let effort = self.effort(400, 10);
            ascend(net, &mut domain, &mut self.best, effort, &mut self.work)
        };
        if end == End::Closed {
            return domain.bound.max(self.enough());
        }
        // What the best plan takes stays, even if it is fixed away as no better than the best plan.
        for pick in self.best.iter().flat_map(|best| &best.pick) {
            domain.alive[*pick] = true;
        }
        self.left = domain.alive.iter().filter(|alive| **alive).count();
        let Some(part) = restrict(net, &domain.alive) else {
            return f64::INFINITY;
        };
        let known = self.best.take();
        let narrow = |known: &Incumbent| {
            let pick = part.narrow(net, &known.pick)?;
            Some(Incumbent {
                cost: known.cost,
                pick,
            })
        };
        self.best = known.as_ref().and_then(narrow);
        let inner = part.domain(net, &domain);
        let bound = self.rest(&part.net, inner);
        let widen = |best: Incumbent| Incumbent {
            cost: best.cost,
            pick: part.widen(&best.pick),
        };
        self.best = self.best.take().map(widen);
        bound.max(domain.bound)
    }

    fn effort(&self, steps: usize, search: usize) -> Effort {
        Effort {
            steps,
            search,
            deep: false,
            gap: self.gap / 2.0,
        }
    }

    /// What a plan has to cost less than to count.
    fn enough(&self) -> f64 {
        enough(self.best.as_ref(), self.gap / 2.0, self.work.most)
    }

    /// The root's ascent where rows and deadlines have prices: first linear ones, then knapsacks.
    fn climb(&mut self, net: &Net, domain: &mut Domain) -> End {
        for segment in 0..8 {
            if segment >= 2 {
                domain.dual.sharpen(net, 1e-7);
                domain.stride = domain.stride.max(if segment == 2 { 0.5 } else { 0.1 });
            }
            let effort = Effort {
                deep: segment > 0,
                ..self.effort(SEGMENT, 20)
            };
            if ascend(net, domain, &mut self.best, effort, &mut self.work) == End::Closed
                || !propagate(net, &mut domain.alive)
            {
                return End::Closed;
            }
            if self.work.over() {
                break;
            }
        }
        End::Open
    }

    /// Searches what fixing has left.
    fn rest(&mut self, net: &Net, mut domain: Domain) -> f64 {
        if (net.coupled() || net.tasks() > MANY)
            && let Some(bound) = self.improve(net, &mut domain)
        {
            return bound;
        }
        let Some(mut best) = self.best.take() else {
            let reach = self.reach(1.0);
            return branch(net, domain, &mut self.best, reach, &mut self.work);
        };
        let blocks = blocks(net);
        let parts = blocks.len() as f64;
        let mut missing = 0.0;
        for block in blocks {
            let mut alive = vec![false; net.cost.len()];
            for task in block {
                net.choices(task)
                    .for_each(|candidate| alive[candidate] = domain.alive[candidate]);
            }
            best.pick.iter().for_each(|pick| alive[*pick] = true);
            let Some(part) = restrict(net, &alive) else {
                continue;
            };
            let mut inner = part.domain(net, &domain);
            if parts > 1.0 {
                inner.bound = f64::NEG_INFINITY;
            }
            let pick = part.narrow(net, &best.pick);
            let mut found = pick.map(|pick| Incumbent {
                cost: best.cost,
                pick,
            });
            let bound = branch(&part.net, inner, &mut found, self.reach(parts), &mut self.work);
            if let Some(found) = found {
                missing += (found.cost - bound).max(0.0);
                best.pick = part.widen(&found.pick);
                best.cost = found.cost;
            }
        }
        let bound = best.cost - missing;
        self.best = Some(best);
        bound.min(self.enough().max(bound))
    }

    fn reach(&self, parts: f64) -> Reach {
        Reach {
            nodes: usize::MAX,
            steps: 15,
            search: 4,
            gap: self.gap / 2.0 / parts,
        }
    }

    /// Improves a long plan a stretch of tasks at a time: what lies before and after it stays.
    fn stretches(&mut self, net: &Net, domain: &Domain, offset: usize) {
        let Some(mut best) = self.best.take() else {
            return;
        };
        let starts = (0..net.tasks() + offset).step_by(STRETCH);
        for start in starts.map(|start| start.saturating_sub(offset)) {
            let stretch = start..(start + STRETCH).min(net.tasks());
            let mut alive = vec![false; net.cost.len()];
            for task in stretch {
                net.choices(task)
                    .for_each(|candidate| alive[candidate] = domain.alive[candidate]);
            }
            best.pick.iter().for_each(|pick| alive[*pick] = true);
            let Some(part) = restrict(net, &alive) else {
                continue;
            };
            let mut inner = part.domain(net, domain);
            inner.bound = f64::NEG_INFINITY;
            let cost = best.cost;
            let mut found = part.narrow(net, &best.pick).map(|pick| Incumbent { cost, pick });
            let effort = Effort {
                gap: 1e-9,
                ..self.effort(60, 10)
            };
            ascend(&part.net, &mut inner, &mut found, effort, &mut self.work);
            if let Some(found) = &mut found {
                found.pick.iter().for_each(|pick| inner.alive[*pick] = true);
                let (count, size, nodes) = (80, 16, 30);
                improve_around(
                    &part.net,
                    &inner,
                    found,
                    Rounds { count, size, nodes },
                    &mut self.work,
                );
                best.pick = part.widen(&found.pick);
                best.cost = found.cost;
            }
        }
        self.best = Some(best);
    }

    /// Dives and neighbourhoods, between ascents. A bound if that closes the gap.
    fn improve(&mut self, net: &Net, domain: &mut Domain) -> Option<f64> {
        if !net.coupled() {
            self.stretches(net, domain, 0);
            self.stretches(net, domain, STRETCH / 2);
            let effort = self.effort(150, 0);
            let end = ascend(net, domain, &mut self.best, effort, &mut self.work);
            for pick in self.best.iter().flat_map(|best| &best.pick) {
                domain.alive[*pick] = true;
            }
            return (end == End::Closed).then(|| domain.bound.max(self.enough()));
        }
        if net.tasks() > STRETCH {
            self.stretches(net, domain, 0);
            self.stretches(net, domain, STRETCH / 2);
        }
        for cycle in 0..3 {
            let bold = [(0.08, 30), (0.04, 40), (0.15, 20)][cycle];
            let (part, steps) = bold;
            let bold = Boldness {
                part,
                steps,
                sure: 0.85,
            };
            dive(net, domain, &mut self.best, bold, &mut self.work);
            if let Some(best) = &mut self.best {
                best.pick.iter().for_each(|pick| domain.alive[*pick] = true);
                let rounds = Rounds {
                    count: (net.tasks() / 4).max(12),
                    size: (net.tasks() / 6).clamp(8, 24),
                    nodes: 30,
                };
                improve_around(net, domain, best, rounds, &mut self.work);
            }
            domain.stride = 0.3;
            let effort = self.effort(150, 30);
            if ascend(net, domain, &mut self.best, effort, &mut self.work) == End::Closed {
                return Some(domain.bound.max(self.enough()));
            }
        }
        for pick in self.best.iter().flat_map(|best| &best.pick) {
            domain.alive[*pick] = true;
        }
        None
    }
}
