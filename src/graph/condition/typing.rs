//! Both sides of a comparison are of one type, whatever the references in it stand for.

use super::kind::Kind;
use super::sides::{same, several};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::model::EachId;
use crate::source::{Span, Spanned};
use crate::syntax::Path;
use crate::syntax::condition::{Aggregate, Comparison, Expr, Literal};

/// What a reference stands for.
pub(in crate::graph) struct Meaning<R> {
    pub binding: R,
    /// Of one value.
    pub kind: Kind,
    /// Fan-outs that have a value for each item, seen from where the condition stands; empty: it is one value.
    pub items: Vec<EachId>,
    /// Emitted by a step: it can be aggregated, and has a value of the last run.
    pub output: bool,
    /// A line that may change all this was left out.
    pub unsure: bool,
}

/// Finds the meaning of references; reports what has none.
pub(in crate::graph) type Lookup<'l, R> =
    dyn FnMut(&Spanned<Path>, &mut Diagnostics) -> Option<Meaning<R>> + 'l;

/// A part of a condition with what it is and where it stands.
pub(super) struct Typed<R> {
    pub expr: Expr<R>,
    pub kind: Kind,
    pub span: Span,
}

/// Resolves and types a condition; reports every mistake in it.
pub(in crate::graph) fn typed<R>(
    condition: &Spanned<Expr<Path>>,
    lookup: &mut Lookup<'_, R>,
    out: &mut Diagnostics,
) -> Option<Expr<R>> {
    let typing = Typing {
        lookup,
        whole: condition.span,
        quantifier: None,
        out,
    };
    typing.all_of(condition)
}

/// The same, of a condition that is asked for each item of a fan-out.
pub(in crate::graph) fn typed_for_each_item<R>(
    condition: &Spanned<Expr<Path>>,
    lookup: &mut Lookup<'_, R>,
    out: &mut Diagnostics,
) -> Option<Expr<R>> {
    let typing = Typing {
        lookup,
        whole: condition.span,
        quantifier: Some(Vec::new()),
        out,
    };
    typing.all_of(condition)
}

struct Typing<'t, 'l, R> {
    lookup: &'t mut Lookup<'l, R>,
    whole: Span,
    /// Inside `any(…)` and `all(…)` an output of a fan-out is one item; these were met there.
    quantifier: Option<Vec<Spanned<Vec<EachId>>>>,
    out: &'t mut Diagnostics,
}

impl<R> Typing<'_, '_, R> {
    fn all_of(mut self, condition: &Spanned<Expr<Path>>) -> Option<Expr<R>> {
        self.boolean(&condition.value)
    }

    fn expr(&mut self, expr: &Expr<Path>) -> Option<Typed<R>> {
        Some(match expr {
            Expr::Or(parts) => truth(Expr::Or(self.booleans(parts)?), self.whole),
            Expr::And(parts) => truth(Expr::And(self.booleans(parts)?), self.whole),
            Expr::Not(inner) => truth(Expr::Not(Box::new(self.boolean(inner)?)), self.whole),
            Expr::Any(inner) => truth(Expr::Any(self.quantified("any", inner)?), self.whole),
            Expr::All(inner) => truth(Expr::All(self.quantified("all", inner)?), self.whole),
            Expr::Compare(op, left, right) => self.compare(*op, left, right)?,
            Expr::In(of, values) => self.membership(of, values)?,
            Expr::Sum(left, sign, right) => {
                let (left, right) = (self.expr(left), self.expr(right));
                let (left, right) = (left?, right?);
                same(&left, &right, self.out)?;
                self.summable(&left, "added")?;
                Typed {
                    kind: left.kind,
                    span: left.span,
                    expr: Expr::Sum(Box::new(left.expr), *sign, Box::new(right.expr)),
                }
            }
            Expr::Product(inner, factor) => {
                let inner = self.expr(inner)?;
                self.summable(&inner, "multiplied")?;
                Typed {
                    expr: Expr::Product(Box::new(inner.expr), *factor),
                    ..inner
                }
            }
            Expr::Aggregate(aggregate, path) => self.aggregate(*aggregate, path)?,
            Expr::Previous(inner, default) => self.previous(inner, default)?,
            Expr::Reference(path) => self.reference(path)?,
            Expr::Literal(literal) => Typed {
                expr: Expr::Literal(literal.clone()),
                kind: Kind::of_literal(&literal.value),
                span: literal.span,
            },
        })
    }

    fn booleans(&mut self, parts: &[Expr<Path>]) -> Option<Vec<Expr<R>>> {
        let typed: Vec<Option<Expr<R>>> = parts.iter().map(|part| self.boolean(part)).collect();
        typed.into_iter().collect()
    }

    fn boolean(&mut self, expr: &Expr<Path>) -> Option<Expr<R>> {
        let found = self.expr(expr)?;
        if found.kind == Kind::Boolean {
            return Some(found.expr);
        }
        let message = format!("this is {}, not a condition", found.kind.noun());
        let found = Diagnostic::new(Code::ConditionType, found.span, found.kind.noun(), message)
            .help(format!("compare it, such as `… == {}`", found.kind.example()));
        self.out.push(found);
        None
    }

    /// `any(…)` and `all(…)`, over the items of one fan-out.
    fn quantified(&mut self, word: &str, inner: &Expr<Path>) -> Option<Box<Expr<R>>> {
        let before = self.quantifier.replace(Vec::new());
        let inner = self.boolean(inner);
        let met = std::mem::replace(&mut self.quantifier, before).unwrap_or_default();
        let inner = inner?;
        let Some((first, others)) = met.split_first() else {
            let message = format!("nothing in this `{word}(…)` has several items");
            let found = Diagnostic::new(Code::EachAggregate, self.whole, "no output of a fan-out", message);
            self.out.push(found.help(format!("leave `{word}(…)` out")));
            return None;
        };
        if let Some(other) = others.iter().find(|other| other.value != first.value) {
            let message = format!("`{word}(…)` goes over the items of one fan-out, and these come from two");
            let found = Diagnostic::new(Code::EachAggregate, other.span, "from another one", message);
            let found = found.and(first.span, "from one fan-out");
            self.out
                .push(found.help(format!("write one `{word}(…)` for each of them, joined by `and`")));
            return None;
        }
        Some(Box::new(inner))
    }

    fn compare(&mut self, op: Comparison, left: &Expr<Path>, right: &Expr<Path>) -> Option<Typed<R>> {
        let (left, right) = (self.expr(left), self.expr(right));
        let (left, right) = (left?, right?);
        same(&left, &right, self.out)?;
        let equality = matches!(op, Comparison::Equal | Comparison::NotEqual);
        if left.kind == Kind::List || (!equality && !left.kind.ordered()) {
            let message = format!(
                "{} has no order, so nothing is `{}` to it",
                left.kind.noun(),
                op.symbol()
            );
            let found = Diagnostic::new(Code::ConditionType, left.span, left.kind.noun(), message);
            self.out.push(found.help(match left.kind {
                Kind::List => "ask how long it is: `count(…)`",
                _ => "texts and booleans are equal (`==`) or not (`!=`)",
            }));
            return None;
        }
        let compared = Expr::Compare(op, Box::new(left.expr), Box::new(right.expr));
        Some(truth(compared, self.whole))
    }

    fn membership(&mut self, of: &Expr<Path>, values: &[Literal]) -> Option<Typed<R>> {
        let of = self.expr(of)?;
        for value in values {
            let value = Typed {
                expr: Expr::Literal(Spanned::new(value.clone(), of.span)),
                kind: Kind::of_literal(value),
                span: of.span,
            };
            same(&of, &value, self.out)?;
        }
        let membership = Expr::In(Box::new(of.expr), values.to_vec());
        Some(truth(membership, self.whole))
    }

    fn summable(&mut self, of: &Typed<R>, done: &str) -> Option<()> {
        if of.kind.summable() {
            return Some(());
        }
        let message = format!("{} cannot be {done}", of.kind.noun());
        let found = Diagnostic::new(Code::ConditionType, of.span, of.kind.noun(), message);
        self.out
            .push(found.help("`+ - *` are for numbers and quantities"));
        None
    }

    fn aggregate(&mut self, aggregate: Aggregate, path: &Spanned<Path>) -> Option<Typed<R>> {
        let found = (self.lookup)(path, self.out)?;
        let (word, name) = (aggregate.word(), &path.value);
        let count = aggregate == Aggregate::Count;
        if !found.output || (found.items.is_empty() && found.kind != Kind::List) {
            // The line that makes it a fan-out may have been left out.
            if !found.unsure && found.kind == Kind::List {
                let message = format!("`{word}(…)` takes what a step emits, and `{name}` is no output");
                let mistake = Diagnostic::new(Code::EachAggregate, path.span, "not an output", message);
                self.out.push(
                    mistake.help("fan out over it with `each … from=`, and aggregate what comes of it"),
                );
            } else if !found.unsure {
                let message = format!("`{name}` has one value, so there is nothing to take the `{word}` of");
                let mistake = Diagnostic::new(Code::EachAggregate, path.span, "one value", message);
                self.out
                    .push(mistake.help(format!("write `{name}` without `{word}(…)`")));
            }
            return None;
        }
        if !count && !found.kind.summable() {
            let noun = found.kind.noun();
            let message = format!("`{word}` needs numbers or quantities, and `{name}` is {noun}");
            let mistake = Diagnostic::new(Code::ConditionType, path.span, noun, message);
            self.out.push(mistake.help(match found.kind {
                Kind::Boolean => format!("write `all({name})` or `any({name})`"),
                _ => format!("how many there are is `count({name})`"),
            }));
            return None;
        }
        Some(Typed {
            expr: Expr::Aggregate(aggregate, Spanned::new(found.binding, path.span)),
            kind: if count { Kind::Number } else { found.kind },
            span: path.span,
        })
    }

    /// Only what a step emits is kept from run to run.
    fn previous(&mut self, inner: &Expr<Path>, default: &Literal) -> Option<Typed<R>> {
        if let Expr::Reference(path) = inner
            && let Some(found) = (self.lookup)(path, &mut Diagnostics::new())
            && !found.output
        {
            let message = format!("`{}` is no output, so no last run left a value of it", path.value);
            let found = Diagnostic::new(Code::ConditionType, path.span, "not an output", message);
            self.out
                .push(found.help("`previous(…)` takes what a step emits, such as `previous(train.auc, 0)`"));
            return None;
        }
        let inner = self.expr(inner)?;
        let default_side = Typed {
            expr: Expr::Literal(Spanned::new(default.clone(), inner.span)),
            kind: Kind::of_literal(default),
            span: inner.span,
        };
        same(&inner, &default_side, self.out)?;
        Some(Typed {
            expr: Expr::Previous(Box::new(inner.expr), default.clone()),
            ..inner
        })
    }

    fn reference(&mut self, path: &Spanned<Path>) -> Option<Typed<R>> {
        let found = (self.lookup)(path, self.out)?;
        match &mut self.quantifier {
            _ if found.items.is_empty() => {}
            Some(met) => met.push(Spanned::new(found.items, path.span)),
            None => {
                self.out.push(several(path, found.kind));
                return None;
            }
        }
        Some(Typed {
            expr: Expr::Reference(Spanned::new(found.binding, path.span)),
            kind: found.kind,
            span: path.span,
        })
    }
}

fn truth<R>(expr: Expr<R>, span: Span) -> Typed<R> {
    Typed {
        expr,
        kind: Kind::Boolean,
        span,
    }
}
