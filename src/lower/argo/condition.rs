//! Conditions in expr-lang, the expression language inside Argo's `{{= }}`.
//!
//! An output of a fan-out is a JSON list in which the items that were skipped are empty texts. Values of outputs are
//! texts, so every reference is converted to the type that was checked. The result is `true` or `false`, which is all
//! that Argo's own `when` language ever sees.

mod text;

pub use text::references;

use super::scope::Scope;
use crate::graph::{Binding, Condition, ValueType};
use crate::source::{Span, Spanned};
use crate::syntax::condition::{Aggregate, Comparison, Expr, Literal, Sign};

/// What cannot be said to Argo.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unsayable {
    /// Where.
    pub span: Span,
    /// What, in a few words.
    pub what: &'static str,
}

/// `condition` as a boolean expression.
///
/// # Errors
/// A part that has no counterpart yet.
pub fn expression(scope: &Scope<'_>, condition: &Condition) -> Result<String, Unsayable> {
    let mut writer = Writer {
        scope,
        guards: Vec::new(),
        item: None,
    };
    let said = writer.boolean(condition)?;
    // `min`, `max` and `mean` of nothing make the whole condition false.
    let guards = writer.guards.iter();
    let guards: String = guards.map(|list| format!("len({list}) > 0 and ")).collect();
    Ok(guards + &said)
}

type Said = Result<String, Unsayable>;

struct Writer<'a> {
    scope: &'a Scope<'a>,
    /// Lists that must not be empty.
    guards: Vec<String>,
    /// How the current item of a quantifier is written.
    item: Option<Item>,
}

/// The current item of a quantifier.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Item {
    /// The quantifier goes over the list itself.
    Value,
    /// It goes over positions, because several lists are read.
    Position,
}

impl Writer<'_> {
    fn boolean(&mut self, condition: &Condition) -> Said {
        match condition {
            Expr::Or(parts) => self.joined(parts, " or "),
            Expr::And(parts) => self.joined(parts, " and "),
            Expr::Not(inner) => Ok(format!("not ({})", self.boolean(inner)?)),
            Expr::Any(inner) => self.quantified("any", inner),
            Expr::All(inner) => self.quantified("all", inner),
            Expr::Compare(comparison, left, right) => self.compare(*comparison, left, right),
            Expr::In(operand, choices) => self.one_of(operand, choices),
            Expr::Reference(reference) => Ok(format!(r#"{} == "true""#, self.text(reference))),
            Expr::Literal(literal) => Ok(text::literal(&literal.value, false)),
            Expr::Sum(..) | Expr::Product(..) | Expr::Aggregate(..) | Expr::Previous(..) => {
                self.number(condition)
            }
        }
    }

    fn joined(&mut self, parts: &[Condition], word: &str) -> Said {
        let parts: Result<Vec<String>, Unsayable> = parts.iter().map(|part| self.boolean(part)).collect();
        Ok(format!("({})", parts?.join(word)))
    }

    fn compare(&mut self, comparison: Comparison, left: &Condition, right: &Condition) -> Said {
        let sign = comparison.symbol();
        let encoded = self.encoded(left) || self.encoded(right);
        let left = self.side(left, encoded)?;
        Ok(format!("{left} {sign} {}", self.side(right, encoded)?))
    }

    /// `in`, spelt out: lists of constants would be compared by type as well as by value.
    fn one_of(&mut self, operand: &Condition, choices: &[Literal]) -> Said {
        let encoded = self.encoded(operand);
        let operand = self.side(operand, encoded)?;
        let choices = choices.iter();
        let choices: Vec<String> = choices
            .map(|choice| format!("{operand} == {}", text::literal(choice, encoded)))
            .collect();
        Ok(format!("({})", choices.join(" or ")))
    }

    /// True for a text that is encoded, so that what it is compared with must be, too.
    fn encoded(&self, side: &Condition) -> bool {
        match side {
            Expr::Reference(reference) => {
                self.textual(reference) && self.scope.source(&reference.value).encoded
            }
            Expr::Or(_)
            | Expr::And(_)
            | Expr::Not(_)
            | Expr::Any(_)
            | Expr::All(_)
            | Expr::Compare(..)
            | Expr::In(..)
            | Expr::Sum(..)
            | Expr::Product(..)
            | Expr::Aggregate(..)
            | Expr::Previous(..)
            | Expr::Literal(_) => false,
        }
    }

    /// A side of a comparison; a text in the form that the other side has.
    fn side(&mut self, side: &Condition, encoded: bool) -> Said {
        match side {
            Expr::Reference(reference) if self.textual(reference) => {
                let raw = encoded && !self.scope.source(&reference.value).encoded;
                let said = self.text(reference);
                Ok(if raw { super::scope::encoded(&said) } else { said })
            }
            Expr::Literal(literal) => Ok(text::literal(&literal.value, encoded)),
            Expr::Reference(reference) if self.ty(reference) == ValueType::Boolean => {
                Ok(format!(r#"({} == "true")"#, self.text(reference)))
            }
            Expr::Or(_)
            | Expr::And(_)
            | Expr::Not(_)
            | Expr::Any(_)
            | Expr::All(_)
            | Expr::Compare(..)
            | Expr::In(..) => Ok(format!("({})", self.boolean(side)?)),
            Expr::Reference(_)
            | Expr::Sum(..)
            | Expr::Product(..)
            | Expr::Aggregate(..)
            | Expr::Previous(..) => self.number(side),
        }
    }

    fn number(&mut self, side: &Condition) -> Said {
        match side {
            Expr::Literal(literal) => Ok(text::literal(&literal.value, false)),
            Expr::Reference(reference) => {
                text::plain_number(reference)?;
                Ok(format!("float({})", self.text(reference)))
            }
            Expr::Sum(left, sign, right) => {
                let sign = match sign {
                    Sign::Plus => '+',
                    Sign::Minus => '-',
                };
                Ok(format!("({} {sign} {})", self.number(left)?, self.number(right)?))
            }
            Expr::Product(value, factor) => Ok(format!("{} * {factor}", self.number(value)?)),
            Expr::Aggregate(aggregate, reference) => Ok(self.aggregate(*aggregate, reference)),
            Expr::Previous(inner, _) => Err(Unsayable {
                span: text::span(inner),
                what: "nothing carries `previous` from one run to the next yet",
            }),
            Expr::Or(_)
            | Expr::And(_)
            | Expr::Not(_)
            | Expr::Any(_)
            | Expr::All(_)
            | Expr::Compare(..)
            | Expr::In(..) => self.boolean(side),
        }
    }

    fn aggregate(&mut self, aggregate: Aggregate, reference: &Spanned<Binding>) -> String {
        let present = self.present(reference);
        match aggregate {
            Aggregate::Count => return format!("len({present})"),
            Aggregate::Sum => {}
            Aggregate::Min | Aggregate::Max | Aggregate::Mean => {
                if !self.guards.contains(&present) {
                    self.guards.push(present.clone());
                }
            }
        }
        format!("{}(map({present}, float(#)))", aggregate.word())
    }

    /// `any` and `all`: over the items of one fan-out. Several of its outputs are read position by position.
    fn quantified(&mut self, word: &str, inner: &Condition) -> Said {
        let mut lists = Vec::new();
        text::lists(inner, &mut lists);
        let Some(first) = lists.first() else {
            return self.boolean(inner);
        };
        let alone = lists.iter().all(|other| other.value == first.value);
        self.item = Some(if alone { Item::Value } else { Item::Position });
        let body = self.boolean(inner);
        self.item = None;
        let body = body?;
        if alone {
            return Ok(format!("{word}({}, {body})", self.present(first)));
        }
        let list = self.list(first);
        let positions = format!(r#"filter(0..len({list}) - 1, {list}[#] != "")"#);
        Ok(format!("{word}({positions}, {body})"))
    }

    fn ty(&self, reference: &Spanned<Binding>) -> ValueType {
        text::type_of(self.scope.graph, &reference.value)
    }

    /// True for what is compared as a text.
    fn textual(&self, reference: &Spanned<Binding>) -> bool {
        matches!(
            self.ty(reference),
            ValueType::String | ValueType::Date | ValueType::List
        )
    }

    /// The value of a reference as a text.
    fn text(&self, reference: &Spanned<Binding>) -> String {
        match self.item {
            Some(Item::Value) if text::is_list(&reference.value) => "string(#)".to_owned(),
            Some(Item::Position) if text::is_list(&reference.value) => {
                format!("string({}[#])", self.list(reference))
            }
            Some(_) | None => self.scope.source(&reference.value).expression,
        }
    }

    /// The outputs of all items; empty texts for those that were skipped.
    fn list(&self, reference: &Spanned<Binding>) -> String {
        format!("fromJSON({})", self.scope.source(&reference.value).expression)
    }

    /// The outputs of the items that ran.
    fn present(&self, reference: &Spanned<Binding>) -> String {
        format!(r#"filter({}, # != "")"#, self.list(reference))
    }
}

#[cfg(test)]
mod tests;
