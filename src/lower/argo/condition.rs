//! Conditions in expr-lang, the expression language inside Argo's `{{= }}`.
//!
//! An output of a fan-out is a JSON list in which the items that were skipped are empty texts. Values of outputs are
//! texts, so every reference is converted to the type that was checked. The result is `true` or `false`, which is all
//! that Argo's own `when` language ever sees.

mod text;

pub use text::{references, remembered};

use super::memory;
use super::scope::Scope;
use crate::graph::{Binding, Condition, Step, ValueType};
use crate::source::Spanned;
use crate::syntax::condition::{Aggregate, Comparison, Expr, Literal, Sign};

/// What decides whether `step` runs, all of which must hold: its own condition, and that none of the steps it is the
/// alternative to may run. A step may run if all that decides about it holds, so alternatives form chains.
pub fn of_step(scope: &Scope<'_>, step: &Step) -> Vec<String> {
    let own = step.when.iter().map(|when| expression(scope, &when.value));
    let others = step.otherwise.iter();
    let others = others.map(|other| {
        let parts = of_step(scope, &scope.graph[other.value]);
        format!("not ({})", all_of(&parts))
    });
    own.chain(others).collect()
}

/// `parts`, all of which must hold.
pub fn all_of(parts: &[String]) -> String {
    match parts {
        [] => "true".to_owned(),
        [only] => only.clone(),
        parts => {
            let parts: Vec<String> = parts.iter().map(|part| format!("({part})")).collect();
            parts.join(" and ")
        }
    }
}

/// `condition` as a boolean expression.
pub fn expression(scope: &Scope<'_>, condition: &Condition) -> String {
    let mut writer = Writer {
        scope,
        guards: Vec::new(),
        item: None,
    };
    let said = writer.boolean(condition);
    // `min`, `max` and `mean` of nothing make the whole condition false.
    let guards = writer.guards.iter();
    let guards: String = guards.map(|list| format!("len({list}) > 0 and ")).collect();
    guards + &said
}

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
    fn boolean(&mut self, condition: &Condition) -> String {
        match condition {
            Expr::Or(parts) => self.joined(parts, " or "),
            Expr::And(parts) => self.joined(parts, " and "),
            Expr::Not(inner) => format!("not ({})", self.boolean(inner)),
            Expr::Any(inner) => self.quantified("any", inner),
            Expr::All(inner) => self.quantified("all", inner),
            Expr::Compare(comparison, left, right) => self.compare(*comparison, left, right),
            Expr::In(operand, choices) => self.one_of(operand, choices),
            Expr::Reference(reference) => format!(r#"{} == "true""#, self.text(reference)),
            Expr::Literal(literal) => text::literal(&literal.value, false),
            Expr::Previous(inner, default) => self.previous(inner, default),
            Expr::Sum(..) | Expr::Product(..) | Expr::Aggregate(..) => self.number(condition),
        }
    }

    fn joined(&mut self, parts: &[Condition], word: &str) -> String {
        let parts: Vec<String> = parts.iter().map(|part| self.boolean(part)).collect();
        format!("({})", parts.join(word))
    }

    fn compare(&mut self, comparison: Comparison, left: &Condition, right: &Condition) -> String {
        let sign = comparison.symbol();
        let encoded = self.encoded(left) || self.encoded(right);
        let left = self.side(left, encoded);
        format!("{left} {sign} {}", self.side(right, encoded))
    }

    /// `in`, spelt out: lists of constants would be compared by type as well as by value.
    fn one_of(&mut self, operand: &Condition, choices: &[Literal]) -> String {
        let encoded = self.encoded(operand);
        let operand = self.side(operand, encoded);
        let choices = choices.iter();
        let choices: Vec<String> = choices
            .map(|choice| format!("{operand} == {}", text::literal(choice, encoded)))
            .collect();
        format!("({})", choices.join(" or "))
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
            | Expr::Literal(_) => false,
            // What is remembered of a run went through placeholders.
            Expr::Previous(inner, _) => match inner.as_ref() {
                Expr::Reference(reference) => self.textual(reference),
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
            },
        }
    }

    /// A side of a comparison; a text in the form that the other side has.
    fn side(&mut self, side: &Condition, encoded: bool) -> String {
        match side {
            Expr::Reference(reference) if self.textual(reference) => {
                let raw = encoded && !self.scope.source(&reference.value).encoded;
                let said = self.text(reference);
                if raw { super::scope::encoded(&said) } else { said }
            }
            Expr::Literal(literal) => text::literal(&literal.value, encoded),
            Expr::Reference(reference) if self.ty(reference) == ValueType::Boolean => {
                format!(r#"({} == "true")"#, self.text(reference))
            }
            Expr::Or(_)
            | Expr::And(_)
            | Expr::Not(_)
            | Expr::Any(_)
            | Expr::All(_)
            | Expr::Compare(..)
            | Expr::In(..) => format!("({})", self.boolean(side)),
            Expr::Reference(_)
            | Expr::Sum(..)
            | Expr::Product(..)
            | Expr::Aggregate(..)
            | Expr::Previous(..) => self.number(side),
        }
    }

    fn number(&mut self, side: &Condition) -> String {
        match side {
            Expr::Literal(literal) => text::literal(&literal.value, false),
            Expr::Reference(reference) => format!("float({})", self.text(reference)),
            Expr::Sum(left, sign, right) => {
                let sign = match sign {
                    Sign::Plus => '+',
                    Sign::Minus => '-',
                };
                format!("({} {sign} {})", self.number(left), self.number(right))
            }
            Expr::Product(value, factor) => format!("{} * {factor}", self.number(value)),
            Expr::Aggregate(aggregate, reference) => self.aggregate(*aggregate, reference),
            Expr::Previous(inner, default) => self.previous(inner, default),
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

    /// What a reference or an aggregate was in the last run that succeeded, or `default`.
    fn previous(&self, inner: &Condition, default: &Literal) -> String {
        let (aggregate, reference) = match inner {
            Expr::Reference(reference) => (None, reference),
            Expr::Aggregate(aggregate, reference) => (Some(*aggregate), reference),
            Expr::Or(_)
            | Expr::And(_)
            | Expr::Not(_)
            | Expr::Any(_)
            | Expr::All(_)
            | Expr::Compare(..)
            | Expr::In(..)
            | Expr::Sum(..)
            | Expr::Product(..)
            | Expr::Previous(..)
            | Expr::Literal(_) => return text::literal(default, false),
        };
        let Some(kept) = memory::kept(self.scope, &reference.value) else {
            return text::literal(default, false);
        };
        let textual = aggregate.is_none() && self.textual(reference);
        let default = text::literal(default, textual);
        let present = format!(r#"filter(fromJSON({kept} == "" ? "[]" : {kept}), # != "")"#);
        let value = match aggregate {
            None if textual => kept.clone(),
            None if self.ty(reference) == ValueType::Boolean => format!(r#"{kept} == "true""#),
            None => format!("float({kept})"),
            Some(Aggregate::Count) => format!("len({present})"),
            Some(Aggregate::Sum) => format!("sum(map({present}, float(#)))"),
            Some(aggregate @ (Aggregate::Min | Aggregate::Max | Aggregate::Mean)) => {
                let word = aggregate.word();
                return format!("(len({present}) > 0 ? {word}(map({present}, float(#))) : {default})");
            }
        };
        format!(r#"({kept} == "" ? {default} : {value})"#)
    }

    /// `any` and `all`: over the items of one fan-out. Several of its outputs are read position by position.
    fn quantified(&mut self, word: &str, inner: &Condition) -> String {
        let mut lists = Vec::new();
        text::lists(inner, &mut lists);
        let Some(first) = lists.first() else {
            return self.boolean(inner);
        };
        let alone = lists.iter().all(|other| other.value == first.value);
        self.item = Some(if alone { Item::Value } else { Item::Position });
        let body = self.boolean(inner);
        self.item = None;
        if alone {
            return format!("{word}({}, {body})", self.present(first));
        }
        let list = self.list(first);
        let positions = format!(r#"filter(0..len({list}) - 1, {list}[#] != "")"#);
        format!("{word}({positions}, {body})")
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
