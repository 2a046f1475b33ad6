//! Small instances: one integer program, through good_lp and microlp. Work is limited by branch-and-bound nodes.

use good_lp::solvers::microlp::{MicroLpProblem, microlp};
use good_lp::{Expression, ProblemVariables, SolverModel, Variable, variable};
use microlp::{Error, SolveOptions, SolveOutcome, TerminationReason};

use super::{Aim, Answer, Failure, Limits, allowance, matters};
use crate::place::evaluate::evaluate;
use crate::place::formulate::{Program, Row, Scope, Sense, Sum, formulate};
use crate::place::instance::Instance;
use crate::place::reduce::hopeless;

/// How often to start anew when the solver cannot factorise a matrix.
const ATTEMPTS: usize = 8;

/// Minimises `aims`, first to last, over the plans of `instance` that keep the rules of `scope`.
pub fn solve(
    instance: &Instance,
    scope: Scope<'_>,
    aims: &[Aim],
    limits: &Limits,
) -> Result<Answer, Failure> {
    let mut program = formulate(instance, scope).ok_or(Failure::Infeasible)?;
    let mut answer = Answer {
        picks: Vec::new(),
        reached: Vec::new(),
        bound: Vec::new(),
        proven: true,
        method: format!(
            "milp (microlp), {} columns, {} rows",
            program.columns.len(),
            program.rows.len()
        ),
    };
    let mut known: Option<Values> = None;
    for (at, aim) in aims.iter().enumerate() {
        let later = matters(aim) && aims.iter().take(at).any(matters);
        let gap = if later { limits.later } else { limits.gap };
        match pursue(instance, &mut program, aim, known.as_ref(), gap, limits) {
            Ok(found) => {
                answer.reached.push(found.value);
                answer.bound.push(found.bound);
                answer.proven &= found.proven;
                known = Some(found.values);
            }
            // An earlier aim has a plan: it stands, unproven in this respect.
            Err(_) if known.is_some() => {
                answer.proven = false;
                break;
            }
            Err(failure) => return Err(failure),
        }
    }
    answer.picks = picks(&program, known.as_deref().unwrap_or_default());
    Ok(answer)
}

/// Minimises one aim and binds the later ones to what it reached. `known` is a plan that keeps all earlier ones.
fn pursue(
    instance: &Instance,
    program: &mut Program,
    aim: &Aim,
    known: Option<&Values>,
    gap: f64,
    limits: &Limits,
) -> Result<Found, Failure> {
    let objective = expression(program, aim);
    if let Some(known) = known {
        if objective.is_empty() {
            return Ok(Found {
                values: known.clone(),
                value: 0.0,
                bound: 0.0,
                proven: true,
            });
        }
        if *aim == Aim::Cost {
            let cost = evaluate(instance, &picks(program, known)).cost;
            drop_hopeless(instance, program, cost + allowance(aim, cost, limits));
        }
    }
    program.presolve();
    let found = minimise(program, &objective, known, limits.nodes, gap)?;
    let bound = found.value + allowance(aim, found.value, limits);
    if *aim == Aim::Cost {
        drop_hopeless(instance, program, bound);
    }
    program.rows.push(Row {
        sum: objective,
        sense: Sense::AtMost,
        bound,
    });
    Ok(found)
}

/// Fixes at zero what no plan of at most `limit` takes.
fn drop_hopeless(instance: &Instance, program: &mut Program, limit: f64) {
    let allowed = |choices: &Vec<(usize, usize)>| choices.iter().map(|(choice, _)| *choice).collect();
    let allowed: Vec<Vec<usize>> = program.choices.iter().map(allowed).collect();
    // The program's cost has a little more than the instance's, to break ties.
    let hopeless = hopeless(instance, &allowed, limit + 1e-3);
    for (choices, hopeless) in program.choices.iter().zip(hopeless) {
        for (_, column) in choices.iter().filter(|(choice, _)| hopeless.contains(choice)) {
            program
                .columns
                .iter_mut()
                .skip(*column)
                .take(1)
                .for_each(|column| column.upper = 0.0);
        }
    }
}

fn expression(program: &Program, aim: &Aim) -> Sum {
    match aim {
        Aim::Preferences => program.missed.clone(),
        Aim::Cost => program.cost.clone(),
        Aim::Makespan => program.makespan.clone(),
        Aim::Carbon => program.carbon.clone(),
        Aim::Excess => program.excess.clone(),
        Aim::Moves(staying) => {
            let tasks = program.choices.iter().zip(staying);
            let worth = |(choices, staying): (&Vec<(usize, usize)>, &Vec<f64>)| -> Sum {
                let worth = |(choice, column): &(usize, usize)| Some((*column, -staying.get(*choice)?));
                choices
                    .iter()
                    .filter_map(worth)
                    .filter(|(_, worth)| *worth != 0.0)
                    .collect()
            };
            tasks.flat_map(worth).collect()
        }
    }
}

/// What each column is, in their order.
type Values = Vec<(microlp::Variable, f64)>;

struct Found {
    values: Values,
    value: f64,
    bound: f64,
    proven: bool,
}

/// Solves with the known values as a start, then without them, then with the rows in other orders: what the solver
/// cannot factorise in one order (microlp 0.6 gives up on a singular matrix), it can in another.
fn minimise(
    program: &Program,
    objective: &Sum,
    known: Option<&Values>,
    nodes: u64,
    gap: f64,
) -> Result<Found, Failure> {
    for attempt in 0..ATTEMPTS {
        let known = known.filter(|_| attempt == 0).cloned();
        let mut rows: Vec<&Row> = program.rows.iter().collect();
        let turn = rows.len() * attempt.saturating_sub(1) / ATTEMPTS;
        rows.rotate_left(turn);
        let mut options = SolveOptions::default();
        options.node_limit = Some(nodes);
        options.mip_gap = gap;
        options.warm_start = known;
        match model(program, &rows, objective).as_inner().solve_with(options) {
            Ok(SolveOutcome::Solution(solution)) => return Ok(found(&solution)),
            Err(Error::Infeasible) => return Err(Failure::Infeasible),
            Ok(SolveOutcome::Interrupted(_)) => return Err(Failure::Undecided),
            Err(
                Error::Unbounded
                | Error::InvalidOptions(_)
                | Error::InvalidOperation(_)
                | Error::InternalError(_),
            ) => {}
        }
    }
    Err(Failure::Undecided)
}

fn found(solution: &microlp::Solution) -> Found {
    let value = solution.objective();
    let reason = solution.termination_reason();
    let bound = solution.stats().best_bound.unwrap_or(f64::NEG_INFINITY);
    Found {
        values: solution.iter().collect(),
        value,
        bound: bound.min(value),
        proven: matches!(
            reason,
            TerminationReason::ProvenOptimal | TerminationReason::MipGap
        ),
    }
}

/// The program as good_lp knows it.
fn model(program: &Program, rows: &[&Row], objective: &Sum) -> MicroLpProblem {
    let mut variables = ProblemVariables::new();
    let columns: Vec<Variable> = program
        .columns
        .iter()
        .map(|column| {
            let definition = variable().min(0.0).max(column.upper);
            variables.add(if column.integer {
                definition.integer()
            } else {
                definition
            })
        })
        .collect();
    let sum = |terms: &Sum| {
        let mut sum = Expression::with_capacity(terms.len());
        for (column, factor) in terms {
            if let Some(column) = columns.get(*column) {
                sum.add_mul(*factor, *column);
            }
        }
        sum
    };
    let mut model = variables.minimise(sum(objective)).using(microlp);
    for row in rows {
        model.add_constraint(match row.sense {
            Sense::Equal => sum(&row.sum).eq(row.bound),
            Sense::AtMost => sum(&row.sum).leq(row.bound),
        });
    }
    model
}

fn picks(program: &Program, values: &[(microlp::Variable, f64)]) -> Vec<usize> {
    let value = |column: &usize| values.get(*column).map_or(0.0, |(_, value)| *value);
    let pick = |choices: &Vec<(usize, usize)>| {
        let taken = choices.iter().find(|(_, column)| value(column) > 0.5);
        taken.or(choices.first()).map_or(0, |(choice, _)| *choice)
    };
    program.choices.iter().map(pick).collect()
}
