//! Whether a condition holds: yes, no, or nobody knows. Kleene's logic: what is unknown counts only if it decides.

use super::value::Value;
use crate::graph::{Binding, Condition};
use crate::syntax::condition::{Aggregate, Comparison, Expr, Literal, Sign};

/// What a reference stands for in a run.
#[derive(Clone, PartialEq, Debug)]
pub enum Found {
    /// One value.
    One(Value),
    /// One for each item that ran.
    Many(Vec<Value>),
    /// Its step was skipped: what uses it cannot hold.
    Missing,
}

/// Whether `condition` holds, given what its references stand for.
pub fn holds(condition: &Condition, lookup: &dyn Fn(&Binding) -> Found) -> Option<bool> {
    let reader = Reader { lookup, item: None };
    let lists = reader.lists(condition);
    if condition
        .references()
        .into_iter()
        .any(|of| lookup(of) == Found::Missing)
        || lists == Some(true)
    {
        return Some(false);
    }
    reader.truth(condition)
}

#[derive(Clone, Copy)]
struct Reader<'r> {
    lookup: &'r dyn Fn(&Binding) -> Found,
    /// Which item a quantifier looks at.
    item: Option<usize>,
}

impl Reader<'_> {
    fn truth(self, expr: &Condition) -> Option<bool> {
        match expr {
            Expr::Or(parts) => any(parts.iter().map(|part| self.truth(part))),
            Expr::And(parts) => any(parts.iter().map(|part| not(self.truth(part)))).map(|one| !one),
            Expr::Not(inner) => not(self.truth(inner)),
            Expr::Any(inner) => any(self.items(inner)),
            Expr::All(inner) => any(self.items(inner).map(not)).map(|one| !one),
            Expr::Compare(op, left, right) => compared(*op, &self.value(left), &self.value(right)),
            Expr::In(of, values) => {
                let of = self.value(of);
                any(values
                    .iter()
                    .map(|value| compared(Comparison::Equal, &of, &literal(value))))
            }
            Expr::Reference(_)
            | Expr::Literal(_)
            | Expr::Sum(..)
            | Expr::Product(..)
            | Expr::Aggregate(..)
            | Expr::Previous(..) => match self.value(expr) {
                Value::Boolean(value) => Some(value),
                Value::Number(_) | Value::Text(_) | Value::List(_) | Value::Unknown => None,
            },
        }
    }

    /// The truth of `inner` for each item of the lists in it.
    fn items(self, inner: &Condition) -> impl Iterator<Item = Option<bool>> {
        let length = |of: &Binding| match (self.lookup)(of) {
            Found::Many(values) => Some(values.len()),
            Found::One(Value::List(items)) => Some(items.len()),
            Found::One(_) | Found::Missing => None,
        };
        let count = inner
            .references()
            .into_iter()
            .filter_map(length)
            .max()
            .unwrap_or(0);
        let truths: Vec<Option<bool>> = (0..count)
            .map(|at| {
                Reader {
                    item: Some(at),
                    ..self
                }
                .truth(inner)
            })
            .collect();
        truths.into_iter()
    }

    fn value(self, expr: &Condition) -> Value {
        match expr {
            Expr::Literal(value) => literal(&value.value),
            Expr::Reference(of) => match ((self.lookup)(&of.value), self.item) {
                (Found::One(value), _) => value,
                (Found::Many(values), Some(at)) => values.into_iter().nth(at).unwrap_or(Value::Unknown),
                (Found::Many(_), None) | (Found::Missing, _) => Value::Unknown,
            },
            Expr::Aggregate(aggregate, of) => aggregated(*aggregate, (self.lookup)(&of.value)),
            Expr::Sum(left, sign, right) => match (self.value(left), self.value(right)) {
                (Value::Number(left), Value::Number(right)) => Value::Number(match sign {
                    Sign::Plus => left + right,
                    Sign::Minus => left - right,
                }),
                _ => Value::Unknown,
            },
            Expr::Product(inner, factor) => match self.value(inner) {
                Value::Number(number) => Value::Number(number * factor),
                Value::Boolean(_) | Value::Text(_) | Value::List(_) | Value::Unknown => Value::Unknown,
            },
            // A run that is played has no run before it.
            Expr::Previous(_, default) => literal(default),
            Expr::Or(_)
            | Expr::And(_)
            | Expr::Not(_)
            | Expr::Any(_)
            | Expr::All(_)
            | Expr::Compare(..)
            | Expr::In(..) => self.truth(expr).map_or(Value::Unknown, Value::Boolean),
        }
    }

    /// Whether a list whose least, greatest or mean item is needed is empty: then nothing holds.
    fn lists(self, expr: &Condition) -> Option<bool> {
        let two =
            |left: &Condition, right: &Condition| any([self.lists(left), self.lists(right)].into_iter());
        match expr {
            Expr::Or(parts) | Expr::And(parts) => any(parts.iter().map(|part| self.lists(part))),
            Expr::Not(inner) | Expr::Product(inner, _) | Expr::In(inner, _) => self.lists(inner),
            Expr::Compare(_, left, right) | Expr::Sum(left, _, right) => two(left, right),
            Expr::Aggregate(Aggregate::Min | Aggregate::Max | Aggregate::Mean, of) => {
                Some(count((self.lookup)(&of.value)) == Some(0))
            }
            Expr::Aggregate(Aggregate::Sum | Aggregate::Count, _)
            | Expr::Any(_)
            | Expr::All(_)
            | Expr::Previous(..)
            | Expr::Reference(_)
            | Expr::Literal(_) => Some(false),
        }
    }
}

fn any(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut found = Some(false);
    for part in parts {
        match part {
            Some(true) => return Some(true),
            Some(false) => {}
            None => found = None,
        }
    }
    found
}

fn not(truth: Option<bool>) -> Option<bool> {
    truth.map(|truth| !truth)
}

fn count(found: Found) -> Option<usize> {
    match found {
        Found::Many(values) => Some(values.len()),
        Found::One(Value::List(items)) => Some(items.len()),
        Found::One(_) => None,
        Found::Missing => Some(0),
    }
}

fn aggregated(aggregate: Aggregate, found: Found) -> Value {
    if aggregate == Aggregate::Count {
        return count(found).map_or(Value::Unknown, |count| Value::Number(count as f64));
    }
    let values = match found {
        Found::Many(values) => values,
        Found::One(Value::List(items)) => items.iter().map(super::value::item).collect(),
        Found::One(_) | Found::Missing => return Value::Unknown,
    };
    let numbers = values.iter().map(|value| match value {
        Value::Number(number) => Some(*number),
        Value::Boolean(_) | Value::Text(_) | Value::List(_) | Value::Unknown => None,
    });
    let Some(numbers) = numbers.collect::<Option<Vec<f64>>>() else {
        return Value::Unknown;
    };
    let sum: f64 = numbers.iter().sum();
    let found = match aggregate {
        Aggregate::Min => numbers.into_iter().reduce(f64::min),
        Aggregate::Max => numbers.into_iter().reduce(f64::max),
        Aggregate::Mean => (!numbers.is_empty()).then(|| sum / numbers.len() as f64),
        Aggregate::Sum => Some(sum),
        Aggregate::Count => Some(numbers.len() as f64),
    };
    found.map_or(Value::Unknown, Value::Number)
}

fn compared(op: Comparison, left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => Some(op.holds(*left, *right)),
        (Value::Boolean(left), Value::Boolean(right)) => {
            Some(op.holds(f64::from(u8::from(*left)), f64::from(u8::from(*right))))
        }
        // Dates are compared as they are written: year, month, day.
        (Value::Text(left), Value::Text(right)) => Some(match op {
            Comparison::Equal => left == right,
            Comparison::NotEqual => left != right,
            Comparison::Less => left < right,
            Comparison::AtMost => left <= right,
            Comparison::Greater => left > right,
            Comparison::AtLeast => left >= right,
        }),
        _ => None,
    }
}

fn literal(literal: &Literal) -> Value {
    match literal {
        Literal::Number(x)
        | Literal::Duration(x)
        | Literal::Bytes(x)
        | Literal::Rate(x)
        | Literal::Percent(x) => Value::Number(*x),
        Literal::Text(text) => Value::Text(text.clone()),
        Literal::Boolean(value) => Value::Boolean(*value),
    }
}
