//! Situations in which a condition holds, and in which it does not: values for each KPI it mentions.

use std::collections::BTreeMap;

use super::condition::constant;
use super::expect;
use super::kpi::Kpi;
use super::rule::Case;
use super::series::{Level, Series};
use crate::graph::Subject;
use crate::lower::Lowering;
use crate::place::SiteId;
use crate::quantity::Seconds;
use crate::syntax::condition::{Aggregate, Comparison, Expr, Sign};

/// Values by KPI, with the subject of each.
type Values<'e> = BTreeMap<String, (&'e Subject, f64)>;

/// Minutes of a unit test; a longer `for` is added.
const MINUTES: u64 = 30;

/// A situation each way, for a rule at `site` that waits for `lasting`; `None` if one KPI would need two values at once,
/// or the condition is no plain comparison.
pub fn case(input: &Lowering<'_>, site: SiteId, condition: &Expr<Subject>, lasting: Seconds) -> Option<Case> {
    let minutes = MINUTES + (lasting.0 / 60.0).ceil() as u64;
    let sample = |holds| sample(input, site, condition, holds, minutes);
    let at = Seconds((minutes * 60) as f64);
    Some(Case::new(at, (sample(true)?, 1.0), sample(false)?))
}

fn sample(
    input: &Lowering<'_>,
    site: SiteId,
    condition: &Expr<Subject>,
    holds: bool,
    minutes: u64,
) -> Option<Vec<Series>> {
    let mut values = Values::new();
    solve(input, condition, holds, &mut values)?;
    let at = Seconds((minutes * 60) as f64);
    let mut all = Vec::new();
    for (subject, value) in values.into_values() {
        let kpi = Kpi::of(input, subject).ok()?;
        let level = [Level::new(value, minutes + 1)];
        if kpi.site == site {
            all.extend(kpi.sample(&level, at)?);
        } else {
            // Recorded elsewhere, and received from there.
            all.push(Series::gauge(kpi.selector(input.graph()), &level));
        }
    }
    Some(all)
}

/// Finds values that make every comparison come out so that `expr` is as wanted. All parts of an `or` become true, all of
/// an `and` false: more than is needed, and it never contradicts itself where the parts are about different things.
fn solve<'e>(
    input: &Lowering<'_>,
    expr: &'e Expr<Subject>,
    holds: bool,
    values: &mut Values<'e>,
) -> Option<()> {
    match expr {
        Expr::Or(parts) | Expr::And(parts) => parts
            .iter()
            .try_for_each(|part| solve(input, part, holds, values)),
        Expr::Not(inner) => solve(input, inner, !holds, values),
        Expr::Any(inner) | Expr::All(inner) => solve(input, inner, holds, values),
        Expr::Compare(how, left, right) => match (subject(left), fresh(right)) {
            (Some(subject), Some(bound)) => give(input, subject, beside(*how, bound, holds), values),
            _ => give(
                input,
                subject(right)?,
                beside(mirrored(*how), fresh(left)?, holds),
                values,
            ),
        },
        Expr::In(value, choices) => {
            let numbers: Vec<f64> = choices
                .iter()
                .filter_map(|choice| constant(choice).ok())
                .collect();
            let first = numbers.first().copied()?;
            let other = numbers.iter().copied().fold(first, f64::max) + 1.0;
            give(input, subject(value)?, if holds { first } else { other }, values)
        }
        Expr::Reference(flag) => give(input, &flag.value, if holds { 1.0 } else { 0.0 }, values),
        Expr::Sum(..) | Expr::Product(..) | Expr::Aggregate(..) | Expr::Previous(..) | Expr::Literal(_) => {
            None
        }
    }
}

fn give<'e>(input: &Lowering<'_>, subject: &'e Subject, value: f64, values: &mut Values<'e>) -> Option<()> {
    let name = Kpi::of(input, subject).ok()?.name;
    match values.insert(name, (subject, value)) {
        Some((_, before)) if before != value => None,
        Some(_) | None => Some(()),
    }
}

/// The one subject whose value an expression has, when a fan-out has one item.
fn subject(expr: &Expr<Subject>) -> Option<&Subject> {
    match expr {
        Expr::Reference(subject) => Some(&subject.value),
        Expr::Aggregate(how, subject) if *how != Aggregate::Count => Some(&subject.value),
        _ => None,
    }
}

/// The value of an expression before any run: `previous` is what was written for that case.
fn fresh(expr: &Expr<Subject>) -> Option<f64> {
    match expr {
        Expr::Literal(literal) => constant(&literal.value).ok(),
        Expr::Previous(_, default) => constant(default).ok(),
        Expr::Sum(left, Sign::Plus, right) => Some(fresh(left)? + fresh(right)?),
        Expr::Sum(left, Sign::Minus, right) => Some(fresh(left)? - fresh(right)?),
        Expr::Product(value, factor) => Some(fresh(value)? * factor),
        _ => None,
    }
}

/// A value clearly on the side of `bound` where the comparison comes out as wanted.
fn beside(how: Comparison, bound: f64, holds: bool) -> f64 {
    let (below, above) = (expect::beside(bound, -1.0), expect::beside(bound, 1.0));
    let (yes, no) = match how {
        Comparison::Less | Comparison::AtMost => (below, above),
        Comparison::Greater | Comparison::AtLeast => (above, below),
        Comparison::Equal => (bound, above),
        Comparison::NotEqual => (above, bound),
    };
    if holds { yes } else { no }
}

fn mirrored(how: Comparison) -> Comparison {
    match how {
        Comparison::Less => Comparison::Greater,
        Comparison::AtMost => Comparison::AtLeast,
        Comparison::Greater => Comparison::Less,
        Comparison::AtLeast => Comparison::AtMost,
        Comparison::Equal | Comparison::NotEqual => how,
    }
}
