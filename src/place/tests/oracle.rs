//! Random instances small enough to try every plan.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::place::evaluate::{Evaluation, evaluate};
use crate::place::explain::irreducible;
use crate::place::formulate;
use crate::place::instance::{
    Choice, Flow, Instance, Lane, P95, Rule, RuleKind, Scope, SiteTerms, Source, Task, Time,
};
use crate::place::solve::{Aim, Failure, Limits, solve};

/// All combinations of choices.
fn every(instance: &Instance) -> Vec<Vec<usize>> {
    instance.tasks.iter().fold(vec![Vec::new()], |plans, task| {
        let extend =
            |plan: Vec<usize>| (0..task.choices.len()).map(move |pick| [plan.clone(), vec![pick]].concat());
        plans.into_iter().flat_map(extend).collect()
    })
}

/// The least value of `of` over plans that keep all rules, preferences first.
fn best(instance: &Instance, of: impl Fn(&Evaluation) -> f64) -> Option<(f64, f64)> {
    let plans = every(instance)
        .into_iter()
        .map(|picks| evaluate(instance, &picks));
    let values = plans
        .filter(|plan| plan.feasible(instance))
        .map(|plan| (plan.missed(instance), of(&plan)));
    values.min_by(|a, b| {
        if (a.0 - b.0).abs() > 1e-6 {
            a.0.total_cmp(&b.0)
        } else {
            a.1.total_cmp(&b.1)
        }
    })
}

const SITES: usize = 3;
const TASKS: usize = 4;

fn choice() -> impl Strategy<Value = Choice> {
    (0..SITES, 1u32..60, 1u32..20, 0u32..6, 0usize..8).prop_map(|(site, cost, time, amount, barred)| Choice {
        site,
        cost: f64::from(cost),
        cost_p95: f64::from(cost) * 1.25,
        time: Time {
            p50: f64::from(time) * 0.5,
            p95: f64::from(time),
        },
        carbon: f64::from(60 - cost),
        carbon_full: f64::from(60 - cost) * 1.5,
        uses: vec![(1, f64::from(amount))],
        barred: if barred == 0 { vec![0] } else { Vec::new() },
    })
}

fn rule(kind: RuleKind, soft: bool) -> Rule {
    Rule {
        weight: soft.then_some(1.0),
        kind,
    }
}

prop_compose! {
    fn rules()(
        limit in 3u32..14, within in 8u32..40, budget in 40u32..220, carbon in 40u32..200,
        soft in prop::array::uniform6(any::<bool>()), deviations in 0.0f64..2.5, scope in any::<bool>(),
        alternatives in any::<bool>(),
    ) -> Vec<Rule> {
        let scope = if scope { Scope::Site } else { Scope::Cloud };
        let tasks: Vec<usize> = (0..TASKS).collect();
        let windows = vec![vec![0, 1], vec![1, 2, 3]];
        let either = if alternatives { vec![vec![1, 2]] } else { Vec::new() };
        vec![
            rule(RuleKind::Bar, soft[0]),
            rule(RuleKind::Capacity { limit: f64::from(limit), windows }, soft[0]),
            rule(RuleKind::Deadline { tasks: tasks.clone(), within: f64::from(within), deviations }, soft[1]),
            rule(RuleKind::Deadline { tasks: vec![1], within: f64::from(within) * 0.7, deviations: P95 }, soft[2]),
            rule(RuleKind::Budget { tasks: tasks.clone(), either: either.clone(), limit: f64::from(budget) }, soft[3]),
            rule(RuleKind::Carbon { tasks, either, limit: f64::from(carbon) }, soft[4]),
            rule(RuleKind::Together { tasks: (0, 1), scope }, soft[5]),
            rule(RuleKind::Apart { tasks: (2, 3), scope }, soft[5]),
        ]
    }
}

prop_compose! {
    fn instance()(
        tasks in prop::collection::vec(prop::collection::vec(choice(), 1..5), TASKS),
        prices in prop::array::uniform9(0u32..9),
        sizes in prop::array::uniform4(0u32..6),
        shares in prop::array::uniform4(prop::sample::select(vec![0.25, 0.5, 1.0])),
        standing in prop::array::uniform3(0u32..12),
        copies in prop::collection::btree_set(0..SITES, 1..3),
        rules in rules(),
        kept in prop::collection::vec(prop::bool::weighted(0.5), 8),
    ) -> Instance {
        let flow = |data, from, to: usize| Flow { data, from, to, gb: f64::from(sizes[data]), runs: 2.0, share: shares[data], waits: to != 2 };
        let lane = |price: u32| Lane { usd: f64::from(price), hours: f64::from(price % 4) * 0.5 };
        let off = |(mut rule, kept): (Rule, bool)| {
            if !kept { rule.weight = Some(1e-3); }
            rule
        };
        Instance {
            sites: (0..SITES)
                .map(|at| SiteTerms { standing: f64::from(standing[at]), cloud: at / 2, used: at == 2 })
                .collect(),
            tasks: tasks.into_iter().map(|choices| Task { choices }).collect(),
            flows: vec![
                flow(0, Source::Copies(copies.into_iter().collect()), 0),
                flow(1, Source::Task(0), 1),
                flow(1, Source::Task(0), 2),
                flow(2, Source::Task(1), 3),
                flow(3, Source::Task(2), 3),
            ],
            order: vec![(0, 2)],
            lanes: prices.chunks(3).map(|row| row.iter().map(|price| lane(*price)).collect()).collect(),
            rules: rules.into_iter().zip(kept).map(off).collect(),
            pipelines: vec![vec![0, 1, 2], vec![3]],
        }
    }
}

fn solved(instance: &Instance, aims: &[Aim]) -> Result<Evaluation, Failure> {
    let active = vec![true; instance.rules.len()];
    let scope = formulate::Scope {
        active: &active,
        makespan: aims.contains(&Aim::Makespan),
        relaxed: None,
    };
    let answer = solve(instance, scope, aims, &Limits::default())?;
    assert!(answer.proven);
    Ok(evaluate(instance, &answer.picks))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn the_solver_finds_what_trying_everything_finds(instance in instance()) {
        for (aim, of) in [
            (Aim::Cost, (|plan| plan.cost) as fn(&Evaluation) -> f64),
            (Aim::Makespan, |plan| plan.makespan),
            (Aim::Carbon, |plan| plan.carbon),
        ] {
            match (solved(&instance, &[Aim::Preferences, aim]), best(&instance, of)) {
                (Ok(plan), Some((missed, value))) => {
                    prop_assert!(plan.feasible(&instance), "{:?}", plan);
                    prop_assert!((plan.missed(&instance) - missed).abs() < 1e-5, "{} {}", plan.missed(&instance), missed);
                    prop_assert!((of(&plan) - value).abs() < 1e-3, "{} instead of {}", of(&plan), value);
                }
                (Err(Failure::Infeasible), None) => {}
                (solver, oracle) => prop_assert!(false, "{solver:?} {oracle:?}"),
            }
        }
    }
}

/// No integer program, however small the instance.
const AT_SCALE: Limits = Limits {
    nodes: 1,
    gap: 1e-6,
    later: 1e-3,
    tolerance: 0.1,
    columns: 0,
};

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    /// The way of large instances, on small ones: plans keep all rules, bounds are bounds, and what it calls impossible
    /// is.
    #[test]
    fn what_is_proven_at_scale_is_true(instance in instance()) {
        for (aim, of) in [
            (Aim::Cost, (|plan| plan.cost) as fn(&Evaluation) -> f64),
            (Aim::Makespan, |plan| plan.makespan),
            (Aim::Carbon, |plan| plan.carbon),
        ] {
            let active = vec![true; instance.rules.len()];
            let scope = formulate::Scope { active: &active, makespan: false, relaxed: None };
            let all: f64 = instance.rules.iter().filter_map(|rule| rule.weight).sum();
            let least = best(&instance, of);
            match solve(&instance, scope, &[Aim::Preferences, aim], &AT_SCALE) {
                Ok(answer) => {
                    let plan = evaluate(&instance, &answer.picks);
                    prop_assert!(plan.feasible(&instance), "{plan:?}");
                    let Some((missed, value)) = least else { return Err(TestCaseError::fail("there is no plan")) };
                    prop_assert!(answer.bound[0] + all <= missed + 1e-6, "{} {missed}", answer.bound[0] + all);
                    prop_assert!(plan.missed(&instance) <= all + answer.reached[0] + 1e-6);
                    if (plan.missed(&instance) - missed).abs() < 1e-6 {
                        prop_assert!(answer.reached.len() < 2 || answer.bound[1] <= value + 1e-3, "{} {value}", answer.bound[1]);
                        prop_assert!(!answer.proven || of(&plan) <= value * (1.0 + 1e-3) + 1e-3, "{} {value}", of(&plan));
                    }
                }
                Err(Failure::Infeasible) => prop_assert!(least.is_none(), "{least:?}"),
                Err(Failure::Undecided) => {}
            }
        }
    }

    /// A later goal gives up no more of an earlier one than the tolerance.
    #[test]
    fn later_goals_at_scale_stay_within_the_tolerance(instance in instance(), later in 0..3_usize) {
        let active = vec![true; instance.rules.len()];
        let scope = formulate::Scope { active: &active, makespan: false, relaxed: None };
        let was: Vec<Vec<f64>> = instance.tasks.iter().map(|task| (0..task.choices.len()).map(|at| f64::from(u8::from(at == 0))).collect()).collect();
        let second = [Aim::Makespan, Aim::Carbon, Aim::Moves(was)][later].clone();
        if let Ok(answer) = solve(&instance, scope, &[Aim::Cost, second], &AT_SCALE) {
            let plan = evaluate(&instance, &answer.picks);
            prop_assert!(plan.feasible(&instance));
            prop_assert!(plan.cost <= answer.reached[0] * 1.1 + 1e-3, "{} {}", plan.cost, answer.reached[0]);
            prop_assert!(answer.bound[0] <= plan.cost + 1e-6);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    /// A second goal is as good as it can be among all plans within the tolerance of the first: no choice that such a
    /// plan takes was dropped.
    #[test]
    fn a_later_goal_loses_no_plan_within_the_tolerance(instance in instance()) {
        let limits = Limits { tolerance: 0.1, later: 1e-6, ..Limits::default() };
        let active = vec![true; instance.rules.len()];
        let scope = formulate::Scope { active: &active, makespan: true, relaxed: None };
        let answer = solve(&instance, scope, &[Aim::Excess, Aim::Cost, Aim::Makespan], &limits);
        let plans: Vec<Evaluation> = every(&instance).iter().map(|picks| evaluate(&instance, picks)).collect();
        let feasible = || plans.iter().filter(|plan| plan.feasible(&instance));
        let cheapest = feasible().map(|plan| plan.cost).fold(f64::INFINITY, f64::min);
        let near = feasible().filter(|plan| plan.cost <= cheapest * 1.1);
        let fastest = near.map(|plan| plan.makespan).fold(f64::INFINITY, f64::min);
        match answer {
            Ok(answer) => {
                let plan = evaluate(&instance, &answer.picks);
                prop_assert!(plan.cost <= cheapest * 1.1 + 1e-3);
                prop_assert!(plan.makespan <= fastest + 1e-3, "{} instead of {fastest}", plan.makespan);
            }
            Err(failure) => prop_assert!(failure == Failure::Infeasible && cheapest.is_infinite()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    /// Of a conflict, all together cannot hold, and all but any one can.
    #[test]
    fn conflicts_are_irreducible(instance in instance()) {
        let instance = Instance {
            rules: instance.rules.into_iter().map(|rule| Rule { weight: None, ..rule }).collect(),
            ..instance
        };
        let lines: Vec<Vec<usize>> = (0..instance.rules.len()).map(|rule| vec![rule]).collect();
        let keeps = |rules: &[usize]| {
            let holds = |plan: &Evaluation| rules.iter().all(|rule| plan.holds[*rule]);
            every(&instance).iter().any(|picks| holds(&evaluate(&instance, picks)))
        };
        let all: Vec<usize> = (0..instance.rules.len()).collect();
        for limits in [Limits::default(), AT_SCALE] {
            match irreducible(&instance, &lines, &[], &limits) {
                None => prop_assert!(keeps(&all) || limits == AT_SCALE),
                Some(conflict) => {
                    prop_assert!((conflict.certain || limits == AT_SCALE) && !keeps(&conflict.rules));
                    for out in conflict.rules.iter().filter(|_| conflict.certain) {
                        let others: Vec<usize> = conflict.rules.iter().copied().filter(|rule| rule != out).collect();
                        prop_assert!(keeps(&others), "{:?} without {out}", conflict.rules);
                    }
                }
            }
        }
    }
}
