//! A condition as situations: comparisons are ranges of a value, or of a sum of values.

use super::linear::{Linear, Term};
use super::value::{form, is_single};
use super::{Range, Situations, Thing};
use crate::graph::model::{Binding, Condition, EachId, Graph, Items, PipelineId, StepId, ValueType};
use crate::syntax::condition::{Aggregate, Comparison, Expr, Literal, Sign};

/// Reads conditions of one pipeline.
#[derive(Clone, Copy)]
pub(in crate::graph) struct Conditions<'g> {
    pub graph: &'g Graph,
    pub pipeline: PipelineId,
}

impl<'g> Conditions<'g> {
    /// When the whole condition is true, or when it is false. One that meets an empty list where it needs a least,
    /// greatest or mean item is false.
    pub fn whole(self, condition: &Condition, holds: bool) -> Situations {
        let mut lists = Vec::new();
        non_empty(condition, &mut lists);
        let filled = lists.iter().map(|list| self.filled(list, holds));
        let own = self.part(condition, holds);
        if holds {
            filled.fold(own, |all, list| all.and(&list))
        } else {
            filled.fold(own, Situations::or)
        }
    }

    /// When a part of a condition is true, or when it is false.
    pub fn part(self, expr: &Condition, holds: bool) -> Situations {
        match expr {
            Expr::Or(parts) if holds => self.any(parts, holds),
            Expr::And(parts) if !holds => self.any(parts, holds),
            Expr::Or(parts) | Expr::And(parts) => parts
                .iter()
                .fold(Situations::all(), |all, part| all.and(&self.part(part, holds))),
            Expr::Not(inner) => self.part(inner, !holds),
            Expr::Compare(op, left, right) => self.compared(*op, left, right, holds),
            Expr::In(of, values) => self
                .one_of(of, values, holds)
                .unwrap_or_else(|| unread(expr, holds)),
            Expr::Reference(flag) => self.word(&flag.value, [holds.to_string()], true),
            Expr::Literal(literal) => match (&literal.value, holds) {
                (Literal::Boolean(true), true) | (Literal::Boolean(false), false) => Situations::all(),
                _ => Situations::none(),
            },
            Expr::Any(_)
            | Expr::All(_)
            | Expr::Sum(..)
            | Expr::Product(..)
            | Expr::Aggregate(..)
            | Expr::Previous(..) => unread(expr, holds),
        }
    }

    fn any(self, parts: &[Condition], holds: bool) -> Situations {
        let parts = parts.iter().map(|part| self.part(part, holds));
        parts.fold(Situations::none(), Situations::or)
    }

    fn compared(self, op: Comparison, left: &Condition, right: &Condition, holds: bool) -> Situations {
        let op = if holds { op } else { op.opposite() };
        if let Some(words) = self
            .equal(op, left, right)
            .or_else(|| self.equal(op, right, left))
        {
            return words;
        }
        let (Some(left_sum), Some(right_sum)) = (self.linear(left), self.linear(right)) else {
            // `not a == b` is `a != b`: one thing, told apart by whether it holds.
            let unnegated = Expr::Compare(op.unnegated(), Box::new(left.clone()), Box::new(right.clone()));
            return unread(&unnegated, op == op.unnegated());
        };
        left_sum.minus(right_sum).compared(op)
    }

    /// `text == 'word'` and `flag == true`.
    fn equal(self, op: Comparison, of: &Condition, value: &Condition) -> Option<Situations> {
        let (Expr::Reference(of), Expr::Literal(value)) = (of, value) else {
            return None;
        };
        let equal = match op {
            Comparison::Equal => true,
            Comparison::NotEqual => false,
            Comparison::Less | Comparison::AtMost | Comparison::Greater | Comparison::AtLeast => return None,
        };
        match &value.value {
            Literal::Text(_) if self.type_of(&of.value) == Some(ValueType::Date) => None,
            Literal::Text(text) => Some(self.word(&of.value, [text.clone()], equal)),
            Literal::Boolean(flag) => Some(self.word(&of.value, [(*flag == equal).to_string()], true)),
            _ => None,
        }
    }

    fn one_of(self, of: &Condition, values: &[Literal], holds: bool) -> Option<Situations> {
        let texts: Option<Vec<String>> = values
            .iter()
            .map(|value| match value {
                Literal::Text(text) => Some(text.clone()),
                _ => None,
            })
            .collect();
        if let (Expr::Reference(of), Some(texts)) = (of, texts) {
            return Some(self.word(&of.value, texts, holds));
        }
        let op = if holds {
            Comparison::Equal
        } else {
            Comparison::NotEqual
        };
        let mut found = if holds {
            Situations::none()
        } else {
            Situations::all()
        };
        for value in values {
            let one = self
                .linear(of)?
                .minus(Linear::constant(number(value)?))
                .compared(op);
            found = if holds { found.or(one) } else { found.and(&one) };
        }
        Some(found)
    }

    /// When a text or flag is one of these words, or none of them.
    fn word(self, of: &Binding, words: impl IntoIterator<Item = String>, equal: bool) -> Situations {
        let range = Range::words_if(words, equal);
        let thing = Thing {
            name: self.name(of).into(),
            plain: is_single(of),
        };
        let range = self.domain(of).map_or(range.clone(), |domain| domain.and(&range));
        Situations::where_in(thing, range)
    }

    /// When a list has items, or none.
    fn filled(self, list: &Binding, holds: bool) -> Situations {
        let Binding::Output { steps, .. } = list else {
            return Situations::all();
        };
        let sure =
            |each: &EachId| matches!(&self.graph[*each].items, Items::Known(items) if !items.is_empty());
        let of = |step: &StepId| self.graph.steps.get(step.0 as usize);
        if steps.iter().filter_map(of).all(|step| step.each.iter().all(sure)) {
            return if holds {
                Situations::all()
            } else {
                Situations::none()
            };
        }
        let thing = Thing {
            name: format!("count({})", self.name(list)).into(),
            plain: true,
        };
        let op = if holds {
            Comparison::AtLeast
        } else {
            Comparison::Less
        };
        let range = Range::compared(op, 1.0, true).and(&Range::between(Some(0.0), None));
        Situations::where_in(thing, range)
    }

    fn linear(self, expr: &Condition) -> Option<Linear> {
        match expr {
            Expr::Literal(literal) => number(&literal.value).map(Linear::constant),
            Expr::Reference(of) => Some(Linear::of(self.name(&of.value), self.term(&of.value)?)),
            Expr::Aggregate(aggregate, of) => {
                let term = match aggregate {
                    Aggregate::Count => Term::count(),
                    Aggregate::Min | Aggregate::Max | Aggregate::Sum => self.term(&of.value)?,
                    Aggregate::Mean => self.term(&of.value)?.mean(),
                };
                let name = format!("{}({})", aggregate.word(), self.name(&of.value));
                Some(Linear::of(name, term))
            }
            Expr::Previous(..) => Some(Linear::of(form(expr), Term::opaque())),
            Expr::Sum(left, Sign::Plus, right) => {
                let right = self.linear(right)?.scaled(-1.0);
                Some(self.linear(left)?.minus(right))
            }
            Expr::Sum(left, Sign::Minus, right) => Some(self.linear(left)?.minus(self.linear(right)?)),
            Expr::Product(inner, factor) => Some(self.linear(inner)?.scaled(*factor)),
            Expr::Or(_)
            | Expr::And(_)
            | Expr::Not(_)
            | Expr::Any(_)
            | Expr::All(_)
            | Expr::Compare(..)
            | Expr::In(..) => None,
        }
    }
}

/// Lists whose least, greatest or mean item is needed.
fn non_empty<'c>(expr: &'c Condition, found: &mut Vec<&'c Binding>) {
    match expr {
        Expr::Or(parts) | Expr::And(parts) => parts.iter().for_each(|part| non_empty(part, found)),
        Expr::Not(inner) | Expr::Product(inner, _) | Expr::In(inner, _) => non_empty(inner, found),
        Expr::Compare(_, left, right) | Expr::Sum(left, _, right) => {
            non_empty(left, found);
            non_empty(right, found);
        }
        Expr::Aggregate(Aggregate::Min | Aggregate::Max | Aggregate::Mean, of) => found.push(&of.value),
        Expr::Aggregate(Aggregate::Sum | Aggregate::Count, _)
        | Expr::Any(_)
        | Expr::All(_)
        | Expr::Previous(..)
        | Expr::Reference(_)
        | Expr::Literal(_) => {}
    }
}

/// What is not looked into: it holds or it does not, and the same text does so at the same time.
fn unread(expr: &Condition, holds: bool) -> Situations {
    let thing = Thing {
        name: form(expr).into(),
        plain: false,
    };
    Situations::where_in(thing, Range::words([holds.to_string()]))
}

/// A literal in base units; a date as days.
fn number(literal: &Literal) -> Option<f64> {
    match literal {
        Literal::Number(x)
        | Literal::Duration(x)
        | Literal::Bytes(x)
        | Literal::Rate(x)
        | Literal::Percent(x) => Some(*x),
        Literal::Text(text) => date(text).map(f64::from),
        Literal::Boolean(_) => None,
    }
}

/// Days since 1970 of a calendar date.
fn date(text: &str) -> Option<i32> {
    let date: jiff::civil::Date = text.parse().ok()?;
    (date - jiff::civil::Date::constant(1970, 1, 1)).get_days().into()
}
