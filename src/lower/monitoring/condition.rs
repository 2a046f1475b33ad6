//! `alert … when=`: a condition of the language over KPIs, as PromQL that answers with a series exactly when it is true.

use super::cluster;
use super::kpi::Kpi;
use super::promql::{duration, number};
use super::rule::Case;
use super::situation;
use crate::graph::{PipelineId, Subject};
use crate::lower::Lowering;
use crate::place::SiteId;
use crate::quantity::Seconds;
use crate::syntax::condition::{Aggregate, Comparison, Expr, Literal, Sign};

/// Where a value is looked at: outside a fan-out, or item by item within `any` and `all`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Whole,
    Item,
}

/// A condition as PromQL, and the KPIs it looks at.
pub struct Lowered {
    /// PromQL without labels in its answer.
    pub expr: String,
    /// In the order of first mention.
    pub kpis: Vec<Kpi>,
    /// The cluster that sees all of them.
    pub site: SiteId,
    /// Situations for its unit test, where some can be told.
    pub case: Option<Case>,
}

/// PromQL of `condition`, of an alert that waits for `lasting`; `Err` says what cannot be measured.
pub fn lower(
    input: &Lowering<'_>,
    pipeline: PipelineId,
    condition: &Expr<Subject>,
    lasting: Seconds,
) -> Result<Lowered, &'static str> {
    let mut lowerer = Lowerer {
        input,
        kpis: Vec::new(),
    };
    let expr = lowerer.truth(condition, Scope::Whole)?;
    let kpis = lowerer.kpis;
    let mut sites: Vec<SiteId> = kpis.iter().map(|kpi| kpi.site).collect();
    sites.dedup();
    let site = match sites.as_slice() {
        [site] => *site,
        _ => cluster::hub(input, pipeline),
    };
    let case = situation::case(input, site, condition, lasting);
    Ok(Lowered {
        expr,
        kpis,
        site,
        case,
    })
}

struct Lowerer<'a> {
    input: &'a Lowering<'a>,
    kpis: Vec<Kpi>,
}

impl Lowerer<'_> {
    /// Answers with a series when `expr` is true, and with none when it is false or unknown.
    fn truth(&mut self, expr: &Expr<Subject>, scope: Scope) -> Result<String, &'static str> {
        match expr {
            Expr::Or(parts) => self.join(parts, " or ", scope),
            Expr::And(parts) => self.join(parts, " and ", scope),
            Expr::Not(inner) => self.truth(&negated(inner), scope),
            Expr::Any(inner) => Ok(format!("max({})", self.truth(inner, Scope::Item)?)),
            Expr::All(inner) => self.all(inner),
            Expr::Compare(how, left, right) => {
                if is_constant(left) && is_constant(right) {
                    return Err("a comparison of constants never changes");
                }
                let (left, right) = (self.value(left, scope)?, self.value(right, scope)?);
                Ok(format!("({left} {} {right})", how.symbol()))
            }
            Expr::In(value, choices) => {
                let equal = |choice: &Literal| {
                    Expr::Compare(
                        Comparison::Equal,
                        value.clone(),
                        Box::new(literal(choice.clone())),
                    )
                };
                let choices: Vec<_> = choices.iter().map(equal).collect();
                self.join(&choices, " or ", scope)
            }
            Expr::Reference(_) => Ok(format!("({} == 1)", self.value(expr, scope)?)),
            Expr::Literal(_) => Err("a constant never changes"),
            Expr::Sum(..) | Expr::Product(..) | Expr::Aggregate(..) | Expr::Previous(..) => {
                Err("a number is neither true nor false")
            }
        }
    }

    fn join(&mut self, parts: &[Expr<Subject>], word: &str, scope: Scope) -> Result<String, &'static str> {
        let parts: Result<Vec<_>, _> = parts.iter().map(|part| self.truth(part, scope)).collect();
        Ok(format!("({})", parts?.join(word)))
    }

    /// No item for which it is false, and at least one that is measured: an alert must not fire because nothing is known.
    fn all(&mut self, inner: &Expr<Subject>) -> Result<String, &'static str> {
        let known = first_reference(inner).ok_or("a constant never changes")?;
        let index = self.kpi(known)?;
        let values = self.selector(index, false);
        let against = self.truth(&negated(inner), Scope::Item)?;
        Ok(format!("(max({values}) unless on () max({against}))"))
    }

    fn value(&mut self, expr: &Expr<Subject>, scope: Scope) -> Result<String, &'static str> {
        match expr {
            Expr::Reference(subject) => {
                let index = self.kpi(&subject.value)?;
                Ok(self.read(index, scope, false))
            }
            Expr::Aggregate(how, subject) => {
                let index = self.kpi(&subject.value)?;
                Ok(aggregated(*how, &self.selector(index, false)))
            }
            Expr::Previous(inner, default) => self.previous(inner, default, scope),
            Expr::Sum(left, sign, right) => {
                let sign = match sign {
                    Sign::Plus => '+',
                    Sign::Minus => '-',
                };
                Ok(format!(
                    "({} {sign} {})",
                    self.value(left, scope)?,
                    self.value(right, scope)?
                ))
            }
            Expr::Product(value, factor) => {
                Ok(format!("({} * {})", self.value(value, scope)?, number(*factor)))
            }
            Expr::Literal(value) => constant(&value.value).map(number),
            Expr::Or(_)
            | Expr::And(_)
            | Expr::Not(_)
            | Expr::Any(_)
            | Expr::All(_)
            | Expr::Compare(..)
            | Expr::In(..) => Err("a truth value is not a number"),
        }
    }

    fn previous(
        &mut self,
        inner: &Expr<Subject>,
        default: &Literal,
        scope: Scope,
    ) -> Result<String, &'static str> {
        let default = number(constant(default)?);
        let before = match inner {
            Expr::Reference(subject) => {
                let index = self.kpi(&subject.value)?;
                self.read(index, scope, true)
            }
            Expr::Aggregate(how, subject) => {
                let index = self.kpi(&subject.value)?;
                aggregated(*how, &self.selector(index, true))
            }
            _ => return Err("only a value or an aggregate has a previous one"),
        };
        Ok(format!("({before} or vector({default}))"))
    }

    /// One value, or one for each item; what is outside the fan-out is the same for all items.
    fn read(&self, index: usize, scope: Scope, previous: bool) -> String {
        let selector = self.selector(index, previous);
        let fans_out = self.kpis.get(index).is_some_and(|kpi| self.fans_out(kpi));
        match scope {
            Scope::Whole => format!("max({selector})"),
            Scope::Item if fans_out => format!("max by (item) ({selector})"),
            Scope::Item => format!("scalar(max({selector}))"),
        }
    }

    fn fans_out(&self, kpi: &Kpi) -> bool {
        !self.input.graph()[kpi.step].each.is_empty()
    }

    fn selector(&self, index: usize, previous: bool) -> String {
        let Some(kpi) = self.kpis.get(index) else {
            return String::new();
        };
        let now = kpi.selector(self.input.graph());
        if !previous {
            return now;
        }
        let interval = kpi.interval.max(Seconds(300.0));
        format!(
            "last_over_time({now}[{}] offset {})",
            duration(interval.times(2.0)),
            duration(interval)
        )
    }

    fn kpi(&mut self, subject: &Subject) -> Result<usize, &'static str> {
        let kpi = Kpi::of(self.input, subject)?;
        let known = self.kpis.iter().position(|other| other.name == kpi.name);
        Ok(known.unwrap_or_else(|| {
            self.kpis.push(kpi);
            self.kpis.len() - 1
        }))
    }
}

fn aggregated(how: Aggregate, selector: &str) -> String {
    match how {
        Aggregate::Min | Aggregate::Max => format!("{}({selector})", how.word()),
        Aggregate::Mean => format!("avg({selector})"),
        Aggregate::Sum | Aggregate::Count => format!("({}({selector}) or vector(0))", how.word()),
    }
}

/// The number that a literal is for metrics.
pub fn constant(literal: &Literal) -> Result<f64, &'static str> {
    match literal {
        Literal::Number(value)
        | Literal::Duration(value)
        | Literal::Bytes(value)
        | Literal::Rate(value)
        | Literal::Percent(value) => Ok(*value),
        Literal::Boolean(value) => Ok(f64::from(u8::from(*value))),
        Literal::Text(_) => Err("metrics are numbers, not texts"),
    }
}

fn literal(value: Literal) -> Expr<Subject> {
    Expr::Literal(crate::source::Spanned::new(value, crate::source::Span::default()))
}

fn is_constant(expr: &Expr<Subject>) -> bool {
    first_reference(expr).is_none()
}

fn first_reference(expr: &Expr<Subject>) -> Option<&Subject> {
    match expr {
        Expr::Or(parts) | Expr::And(parts) => parts.iter().find_map(first_reference),
        Expr::Not(inner) | Expr::Any(inner) | Expr::All(inner) => first_reference(inner),
        Expr::Compare(_, left, right) | Expr::Sum(left, _, right) => {
            first_reference(left).or_else(|| first_reference(right))
        }
        Expr::In(inner, _) | Expr::Product(inner, _) | Expr::Previous(inner, _) => first_reference(inner),
        Expr::Aggregate(_, subject) | Expr::Reference(subject) => Some(&subject.value),
        Expr::Literal(_) => None,
    }
}

/// What is true when `expr` is false, with `not` driven inwards: PromQL has no negation of its own.
fn negated(expr: &Expr<Subject>) -> Expr<Subject> {
    let all = |parts: &[Expr<Subject>]| parts.iter().map(negated).collect();
    match expr {
        Expr::Or(parts) => Expr::And(all(parts)),
        Expr::And(parts) => Expr::Or(all(parts)),
        Expr::Not(inner) => inner.as_ref().clone(),
        Expr::Any(inner) => Expr::All(Box::new(negated(inner))),
        Expr::All(inner) => Expr::Any(Box::new(negated(inner))),
        Expr::Compare(how, left, right) => Expr::Compare(opposite(*how), left.clone(), right.clone()),
        Expr::In(value, choices) => {
            let unequal = |choice: &Literal| {
                Expr::Compare(
                    Comparison::NotEqual,
                    value.clone(),
                    Box::new(literal(choice.clone())),
                )
            };
            Expr::And(choices.iter().map(unequal).collect())
        }
        Expr::Reference(_) => {
            let no = literal(Literal::Boolean(false));
            Expr::Compare(Comparison::Equal, Box::new(expr.clone()), Box::new(no))
        }
        Expr::Sum(..) | Expr::Product(..) | Expr::Aggregate(..) | Expr::Previous(..) | Expr::Literal(_) => {
            expr.clone()
        }
    }
}

fn opposite(how: Comparison) -> Comparison {
    match how {
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
        Comparison::Less => Comparison::AtLeast,
        Comparison::AtMost => Comparison::Greater,
        Comparison::Greater => Comparison::AtMost,
        Comparison::AtLeast => Comparison::Less,
    }
}
