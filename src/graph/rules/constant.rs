//! Conditions that are always true or always false, and steps that never run for it.

use super::Rules;
use crate::diag::{Code, Diagnostic};
use crate::graph::model::{Condition, Step};
use crate::graph::situation::{Conditions, Situations};
use crate::source::{Span, Spanned};
use crate::syntax::condition::Expr;

impl Rules<'_, '_> {
    /// Warns of the smallest parts of a condition that are always the same.
    pub(super) fn constant(&mut self, step: &Step) {
        let Some(when) = &step.when else { return };
        let conditions = Conditions {
            graph: self.graph,
            pipeline: step.pipeline,
        };
        let judge = Judge { conditions, when };
        for found in judge.constants(&when.value, when.span) {
            self.out.push(found);
        }
    }

    /// Warns of a step whose alternatives leave it no situation in which it runs.
    pub(super) fn left_nothing(&mut self, step: &Step) {
        let others = || step.otherwise.iter();
        // An alternative that always runs is a mistake of its own.
        let told = others().any(|other| self.runs.fails(other.value).is_never());
        if step.otherwise.is_empty() || told || !self.runs.holds(step.id).is_never() {
            return;
        }
        let names: Vec<String> = others()
            .map(|other| format!("`{}`", self.graph[other.value].name.value))
            .collect();
        let message = format!(
            "`{}` never runs: one of {} always does",
            step.name.value,
            names.join(" and ")
        );
        let span = others().next().map_or(step.span, |other| other.span);
        let mut found = Diagnostic::new(Code::ConditionConstant, span, "never of all these", message);
        for other in others() {
            if let Some(when) = &self.graph[other.value].when {
                found = found.and(
                    when.span,
                    format!("`{}` runs then", self.graph[other.value].name.value),
                );
            }
        }
        self.out
            .push(found.help("remove the step, or narrow one of these conditions"));
    }
}

/// Looks for what is constant in one condition.
struct Judge<'g> {
    conditions: Conditions<'g>,
    when: &'g Spanned<Condition>,
}

impl Judge<'_> {
    fn constants(&self, expr: &Condition, whole: Span) -> Vec<Diagnostic> {
        let inner: Vec<Diagnostic> = match expr {
            Expr::Or(parts) | Expr::And(parts) => parts
                .iter()
                .flat_map(|part| self.constants(part, extent(part, whole)))
                .collect(),
            Expr::Not(inner) | Expr::Any(inner) | Expr::All(inner) => {
                self.constants(inner, extent(inner, whole))
            }
            Expr::Compare(..)
            | Expr::In(..)
            | Expr::Sum(..)
            | Expr::Product(..)
            | Expr::Aggregate(..)
            | Expr::Previous(..)
            | Expr::Reference(_)
            | Expr::Literal(_) => Vec::new(),
        };
        if !inner.is_empty() {
            return inner;
        }
        let never = self.conditions.part(expr, true).is_never();
        let always = self.conditions.part(expr, false).is_never();
        // The least item of a list may not be there.
        let whole_condition = std::ptr::eq(expr, &self.when.value);
        let always = always && (!whole_condition || self.conditions.whole(expr, false).is_never());
        if never || always {
            vec![self.report(expr, whole, always)]
        } else {
            Vec::new()
        }
    }

    fn report(&self, expr: &Condition, whole: Span, always: bool) -> Diagnostic {
        if let Some((first, second)) = self.clash(expr, always) {
            let (message, word) = if always {
                ("this is always true: every value is one or the other", "and")
            } else {
                ("this is never true: no value is both", "or")
            };
            let found = Diagnostic::new(
                Code::ConditionConstant,
                extent(second, whole),
                "and this",
                message,
            );
            return found
                .and(extent(first, whole), "this")
                .help(format!("did you mean `{word}`? Otherwise remove one of them"));
        }
        let outcome = if always { "true" } else { "false" };
        if expr.references().is_empty() {
            let message = format!("this is always {outcome}");
            let found = Diagnostic::new(Code::ConditionConstant, whole, "depends on nothing", message);
            return found.help("compare an output or a parameter, or remove the line");
        }
        let message = format!("this is always {outcome}, whatever the run brings");
        let label = if always { "every value is" } else { "no value is" };
        Diagnostic::new(Code::ConditionConstant, whole, label, message)
            .help("look at the values that are possible here, or remove it")
    }

    /// Two parts that no value meets both of (of `and`), or every value one of (of `or`).
    fn clash<'e>(&self, expr: &'e Condition, always: bool) -> Option<(&'e Condition, &'e Condition)> {
        let parts = match (expr, always) {
            (Expr::And(parts), false) | (Expr::Or(parts), true) => parts,
            _ => return None,
        };
        let when = |part: &Condition| -> Situations { self.conditions.part(part, !always) };
        let pairs = parts
            .iter()
            .enumerate()
            .flat_map(|(at, one)| parts.iter().skip(at + 1).map(move |other| (one, other)));
        pairs
            .into_iter()
            .find(|(one, other)| when(one).and(&when(other)).is_never())
    }
}

/// From the first word of a part of a condition to its last, as far as it has places of its own.
fn extent(expr: &Condition, whole: Span) -> Span {
    let mut spans = Vec::new();
    places(expr, &mut spans);
    let start = spans.iter().map(|span| span.start).min();
    let end = spans.iter().map(|span| span.end).max();
    match (start, end) {
        (Some(start), Some(end)) => Span { start, end, ..whole },
        _ => whole,
    }
}

fn places(expr: &Condition, found: &mut Vec<Span>) {
    match expr {
        Expr::Or(parts) | Expr::And(parts) => parts.iter().for_each(|part| places(part, found)),
        Expr::Not(inner)
        | Expr::Any(inner)
        | Expr::All(inner)
        | Expr::Product(inner, _)
        | Expr::In(inner, _)
        | Expr::Previous(inner, _) => places(inner, found),
        Expr::Compare(_, left, right) | Expr::Sum(left, _, right) => {
            places(left, found);
            places(right, found);
        }
        Expr::Aggregate(_, path) | Expr::Reference(path) => found.push(path.span),
        Expr::Literal(literal) => found.push(literal.span),
    }
}
