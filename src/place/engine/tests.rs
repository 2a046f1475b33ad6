//! The engine against an evaluator and an exhaustive search that share nothing with it but the model.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

use super::{Bias, Candidate, Deadline, Edge, Failure, Lane, Limits, Model, Pool, Row, Task, solve};

/// What a plan costs, or `None` if it breaks a row, a pool or a deadline: straight from the definition.
fn cost(model: &Model, pick: &[usize]) -> Option<f64> {
    let chosen: Vec<&Candidate> = model
        .tasks
        .iter()
        .zip(pick)
        .map(|(task, pick)| &task.candidates[*pick])
        .collect();
    let mut cost: f64 = chosen.iter().map(|candidate| candidate.cost).sum();
    let lane = |edge: &Edge| {
        let (from, to) = (chosen[edge.from].site, chosen[edge.to].site);
        if from == to {
            Lane::default()
        } else {
            model.lanes[from][to]
        }
    };
    let part = |edge: &Edge| {
        let split = edge.split.and_then(|split| model.splits.get(split));
        split.map_or(1.0, |split| split[chosen[edge.to].site])
    };
    cost += model
        .edges
        .iter()
        .map(|edge| part(edge) * edge.paid * lane(edge).price)
        .sum::<f64>();
    let apart = |edge: &Edge| {
        let (from, to) = (chosen[edge.from].site, chosen[edge.to].site);
        match (from == to, model.clouds[from] == model.clouds[to]) {
            (true, _) => edge.bias.site,
            (false, true) => edge.bias.cloud,
            (false, false) => edge.bias.away,
        }
    };
    cost += model.edges.iter().map(apart).sum::<f64>();
    if cost == f64::INFINITY {
        return None;
    }
    for (fee, money) in model.fees.iter().enumerate() {
        let owes = |(task, candidate): (&Task, &&Candidate)| task.dues.contains(&(candidate.site, fee));
        if model.tasks.iter().zip(&chosen).any(owes) {
            cost += money;
        }
    }
    let mut nodes = vec![0.0_f64; model.pools.len()];
    for (row, terms) in model.rows.iter().enumerate() {
        let uses = chosen.iter().flat_map(|candidate| &candidate.uses);
        let used: f64 = uses.filter(|(of, _)| *of == row).map(|(_, amount)| amount).sum();
        match terms {
            Row::Limit(limit) if used > limit + 1e-9 => return None,
            Row::Limit(_) => {}
            Row::Pool(pool) => nodes[*pool] = nodes[*pool].max(used.ceil()),
        }
    }
    for (pool, nodes) in model.pools.iter().zip(nodes) {
        if nodes > pool.limit as f64 {
            return None;
        }
        cost += pool.price * nodes;
    }
    for (at, deadline) in model.deadlines.iter().enumerate() {
        let end = |task| end(model, &chosen, &lane, at, task);
        if deadline
            .ends
            .iter()
            .any(|task| end(*task) > deadline.within + 1e-9)
        {
            return None;
        }
    }
    Some(cost)
}

/// When a task ends, by walking back through all that it waits for.
fn end(
    model: &Model,
    chosen: &[&Candidate],
    lane: &impl Fn(&Edge) -> Lane,
    deadline: usize,
    task: usize,
) -> f64 {
    let entering = model.edges.iter().filter(|edge| edge.to == task && !edge.stale);
    let arrival =
        |edge: &Edge| end(model, chosen, lane, deadline, edge.from) + edge.awaited * lane(edge).delay;
    let start = entering.map(arrival).fold(0.0, f64::max);
    start + chosen[task].times.get(deadline).copied().unwrap_or(0.0)
}

/// The best plan by trying all.
fn exhaustive(model: &Model) -> Option<f64> {
    let mut pick = vec![0; model.tasks.len()];
    let mut best: Option<f64> = None;
    loop {
        if let Some(cost) = cost(model, &pick) {
            best = Some(best.map_or(cost, |best: f64| best.min(cost)));
        }
        let Some(task) = (0..pick.len()).find(|task| pick[*task] + 1 < model.tasks[*task].candidates.len())
        else {
            return best;
        };
        pick[..task].iter_mut().for_each(|pick| *pick = 0);
        pick[task] += 1;
    }
}

fn agree(model: &Model) -> Result<(), TestCaseError> {
    let best = exhaustive(model);
    match (solve(model, &Limits::default()), best) {
        (Ok(answer), Some(best)) => {
            let tolerance = 2e-6 * best.abs() + 1e-9;
            let own = cost(model, &answer.pick);
            let Some(own) = own else {
                return Err(TestCaseError::fail("the plan breaks a rule"));
            };
            prop_assert!((own - answer.cost).abs() <= tolerance, "{own:?} {}", answer.cost);
            prop_assert!(
                answer.bound <= best + tolerance,
                "bound {} above {best}",
                answer.bound
            );
            prop_assert!(
                (answer.cost - best).abs() <= tolerance,
                "{} is not {best}",
                answer.cost
            );
        }
        (Err(Failure::Infeasible(_)), None) => {}
        (found, best) => prop_assert!(false, "{found:?} but {best:?}"),
    }
    Ok(())
}

prop_compose! {
    fn candidates(sites: usize, deadlines: usize, rows: usize)(
        site in 0..sites,
        cost in 0..40_u32,
        times in prop::collection::vec(1..9_u32, deadlines),
        uses in prop::collection::btree_map(0..rows.max(1), 0..9_u32, 0..=rows.min(3)),
        halves in any::<bool>(),
    ) -> Candidate {
        let share = if halves { 2.0 } else { 1.0 };
        Candidate {
            site,
            cost: f64::from(cost) / 4.0,
            times: times.into_iter().map(f64::from).collect(),
            uses: uses.into_iter().map(|(row, amount)| (row, f64::from(amount) / share)).collect(),
        }
    }
}

/// Small random models; `table` for prices without a pattern.
fn models(rows: usize, pools: usize, deadlines: usize) -> impl Strategy<Value = Model> {
    let sites = 5;
    let task = prop::collection::vec(candidates(sites, deadlines, rows), 1..5);
    let tasks = prop::collection::vec(task, 1..7);
    let prices = prop::collection::vec(prop::collection::vec((0..9_u32, 0..5_u32), sites), sites);
    let edges = prop::collection::vec((0..7_usize, 0..7_usize, 0..6_u32), 0..9);
    let limits = prop::collection::vec(3..20_u32, rows);
    let within = prop::collection::vec(8..40_u32, deadlines);
    let shape = (any::<bool>(), 0..4_u32);
    (tasks, prices, edges, limits, within, shape).prop_map(
        move |(tasks, prices, edges, limits, within, (table, price))| {
            let count = tasks.len();
            let lane = |from: usize, to: usize| {
                let clouds = [0, 0, 1, 1, 2];
                let column = if table {
                    to
                } else {
                    usize::from(clouds[from] == clouds[to])
                };
                let (price, delay) = prices[from][column];
                Lane {
                    price: f64::from(price) / 8.0,
                    delay: f64::from(delay) / 4.0,
                }
            };
            let edge = |(a, b, gb): (usize, usize, u32)| {
                let (a, b) = (a % count, b % count);
                let ends = if a < b { (b, a) } else { (a, b) };
                // Numbers run against the order of data, so that the order has to be found.
                (a != b).then(|| Edge {
                    from: ends.0,
                    to: ends.1,
                    paid: f64::from(gb),
                    awaited: f64::from(gb) / 2.0,
                    ..Edge::default()
                })
            };
            let row = |(at, limit): (usize, u32)| {
                if at < pools * 2 {
                    Row::Pool(at / 2)
                } else {
                    Row::Limit(f64::from(limit) / 1.5)
                }
            };
            Model {
                clouds: vec![0, 0, 1, 1, 2],
                lanes: (0..5)
                    .map(|from| (0..5).map(|to| lane(from, to)).collect())
                    .collect(),
                tasks: tasks
                    .into_iter()
                    .map(|candidates| Task {
                        candidates,
                        dues: Vec::new(),
                    })
                    .collect(),
                edges: edges.into_iter().filter_map(edge).collect(),
                rows: limits.into_iter().enumerate().map(row).collect(),
                pools: vec![
                    Pool {
                        price: f64::from(price),
                        limit: 9
                    };
                    pools
                ],
                deadlines: within
                    .into_iter()
                    .map(|within| Deadline {
                        ends: (0..count).step_by(2).collect(),
                        within: f64::from(within),
                    })
                    .collect(),
                fees: Vec::new(),
                splits: Vec::new(),
            }
        },
    )
}

prop_compose! {
    /// The same with fees, with tasks that want to be together or apart, and with readers that do not wait.
    fn joined(rows: usize, deadlines: usize)(
        mut model in models(rows, 0, deadlines),
        fees in prop::collection::vec(0..12_u32, 4),
        dues in prop::collection::vec((0..7_usize, 0..5_usize, 0..4_usize), 0..20),
        biases in prop::collection::vec((prop::array::uniform3(0..5_u32), any::<bool>()), 9),
        splits in prop::collection::vec(prop::collection::vec(0..3_u32, 5), 3),
        parts in prop::collection::vec(0..6_usize, 9),
    ) -> Model {
        model.fees = fees.into_iter().map(f64::from).collect();
        for (task, site, fee) in dues {
            let task = task % model.tasks.len();
            let dues = &mut model.tasks[task].dues;
            if !dues.contains(&(site, fee)) {
                dues.push((site, fee));
            }
        }
        model.splits = splits.iter().map(|split| split.iter().map(|part| f64::from(*part) / 2.0).collect()).collect();
        for (edge, part) in model.edges.iter_mut().zip(parts) {
            edge.split = (part < 3).then_some(part);
        }
        for (edge, (bias, stale)) in model.edges.iter_mut().zip(biases) {
            let money = |level: u32| if level == 4 { f64::INFINITY } else { f64::from(level) };
            let [site, cloud, away] = bias.map(money);
            (edge.bias, edge.stale) = (Bias { site, cloud, away }, stale);
        }
        model
    }
}

fn config() -> Config {
    Config {
        cases: 200,
        rng_seed: RngSeed::Fixed(20_240_607),
        failure_persistence: None,
        ..Config::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn transfers_alone(model in models(0, 0, 0)) {
        agree(&model)?;
    }

    #[test]
    fn rows(model in models(4, 0, 0)) {
        agree(&model)?;
    }

    #[test]
    fn pools_and_rows(model in models(5, 2, 0)) {
        agree(&model)?;
    }

    #[test]
    fn deadlines(model in models(0, 0, 2)) {
        agree(&model)?;
    }

    #[test]
    fn fees_and_ties(model in joined(0, 0)) {
        agree(&model)?;
    }

    #[test]
    fn fees_and_ties_with_rows_and_deadlines(model in joined(3, 2)) {
        agree(&model)?;
    }

    #[test]
    fn all_together(model in models(5, 1, 2)) {
        agree(&model)?;
    }
}

#[test]
fn nothing_to_place_costs_nothing() {
    let answer = solve(&Model::default(), &Limits::default());
    assert!(answer.is_ok_and(|answer| answer.cost == 0.0 && answer.pick.is_empty()));
}

#[test]
fn tasks_that_wait_for_each_other_have_no_plan() {
    let task = Task {
        candidates: vec![Candidate::default()],
        ..Task::default()
    };
    let edge = |from, to| Edge {
        from,
        to,
        ..Edge::default()
    };
    let model = Model {
        clouds: vec![0],
        tasks: vec![task.clone(), task],
        edges: vec![edge(0, 1), edge(1, 0)],
        ..Model::default()
    };
    assert!(matches!(
        solve(&model, &Limits::default()),
        Err(Failure::Infeasible(_))
    ));
}
