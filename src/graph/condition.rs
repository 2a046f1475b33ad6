//! Conditions: references resolved, both sides of one type.

use super::item;
use super::model::{Binding, Condition, ValueType};
use super::reference::Scope;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{Span, Spanned};
use crate::syntax::Path;
use crate::syntax::condition::{Comparison, Expr, Literal};

/// What a part of a condition is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Boolean,
    Number,
    Text,
    Date,
    Duration,
    Bytes,
    Rate,
    Percent,
    List,
}

impl Kind {
    fn noun(self) -> &'static str {
        match self {
            Kind::Boolean => "a boolean",
            Kind::Number => "a number",
            Kind::Text => "a text",
            Kind::Date => "a date",
            Kind::Duration => "a duration",
            Kind::Bytes => "a size",
            Kind::Rate => "a rate",
            Kind::Percent => "a percentage",
            Kind::List => "a list",
        }
    }

    fn ordered(self) -> bool {
        !matches!(self, Kind::Boolean | Kind::Text | Kind::List)
    }

    fn summable(self) -> bool {
        self.ordered() && self != Kind::Date
    }
}

impl From<ValueType> for Kind {
    fn from(ty: ValueType) -> Kind {
        match ty {
            ValueType::Boolean => Kind::Boolean,
            ValueType::Integer | ValueType::Number => Kind::Number,
            ValueType::String => Kind::Text,
            ValueType::Duration => Kind::Duration,
            ValueType::Bytes => Kind::Bytes,
            ValueType::Date => Kind::Date,
            ValueType::List => Kind::List,
        }
    }
}

/// Resolves and types a condition; reports every mistake in it.
pub(super) fn resolve(
    scope: Scope<'_, '_>,
    condition: &Spanned<Expr<Path>>,
    out: &mut Diagnostics,
) -> Option<Spanned<Condition>> {
    let mut resolver = Resolver {
        scope,
        whole: condition.span,
        one_item: false,
        out,
    };
    let (expression, kind) = resolver.expr(&condition.value)?;
    if kind != Kind::Boolean {
        let message = format!("this is {}, not a condition", kind.noun());
        out.push(Diagnostic::new(
            Code::ConditionType,
            condition.span,
            kind.noun(),
            message,
        ));
        return None;
    }
    Some(Spanned::new(expression, condition.span))
}

type Typed = Option<(Condition, Kind)>;

struct Resolver<'r, 'o, 'd> {
    scope: Scope<'o, 'd>,
    whole: Span,
    /// Inside `any(…)` and `all(…)` an output of a fan-out is one item.
    one_item: bool,
    out: &'r mut Diagnostics,
}

impl Resolver<'_, '_, '_> {
    fn expr(&mut self, expr: &Expr<Path>) -> Typed {
        match expr {
            Expr::Or(parts) => Some((Expr::Or(self.booleans(parts)?), Kind::Boolean)),
            Expr::And(parts) => Some((Expr::And(self.booleans(parts)?), Kind::Boolean)),
            Expr::Not(inner) => Some((Expr::Not(Box::new(self.boolean(inner)?)), Kind::Boolean)),
            Expr::Any(inner) => self
                .quantified(inner)
                .map(|inner| (Expr::Any(inner), Kind::Boolean)),
            Expr::All(inner) => self
                .quantified(inner)
                .map(|inner| (Expr::All(inner), Kind::Boolean)),
            Expr::Compare(op, left, right) => self.compare(*op, left, right),
            Expr::In(of, values) => self.membership(of, values),
            Expr::Sum(left, sign, right) => {
                let (left, right) = (self.expr(left), self.expr(right));
                let ((left, kind), (right, other)) = (left?, right?);
                self.same(kind, other, &right)?;
                if !kind.summable() {
                    return self.mistake(format!("{} cannot be added", kind.noun()), span_of(&left));
                }
                Some((Expr::Sum(Box::new(left), *sign, Box::new(right)), kind))
            }
            Expr::Product(inner, factor) => {
                let (inner, kind) = self.expr(inner)?;
                if !kind.summable() {
                    return self.mistake(format!("{} cannot be multiplied", kind.noun()), span_of(&inner));
                }
                Some((Expr::Product(Box::new(inner), *factor), kind))
            }
            Expr::Aggregate(aggregate, path) => self.aggregate(*aggregate, path),
            Expr::Previous(inner, default) => {
                let (inner, kind) = self.expr(inner)?;
                let other = literal_kind(default);
                self.same(kind, other, &inner)?;
                Some((Expr::Previous(Box::new(inner), default.clone()), kind))
            }
            Expr::Reference(path) => self.reference(path),
            Expr::Literal(literal) => Some((Expr::Literal(literal.clone()), literal_kind(&literal.value))),
        }
    }

    fn booleans(&mut self, parts: &[Expr<Path>]) -> Option<Vec<Condition>> {
        let typed: Vec<Option<Condition>> = parts.iter().map(|part| self.boolean(part)).collect();
        typed.into_iter().collect()
    }

    fn boolean(&mut self, expr: &Expr<Path>) -> Option<Condition> {
        let (condition, kind) = self.expr(expr)?;
        if kind != Kind::Boolean {
            let span = span_of(&condition);
            self.mistake(format!("this is {}, not a condition", kind.noun()), span)?;
        }
        Some(condition)
    }

    fn quantified(&mut self, inner: &Expr<Path>) -> Option<Box<Condition>> {
        let before = std::mem::replace(&mut self.one_item, true);
        let inner = self.boolean(inner);
        self.one_item = before;
        inner.map(Box::new)
    }

    fn compare(&mut self, op: Comparison, left: &Expr<Path>, right: &Expr<Path>) -> Typed {
        let (left, right) = (self.expr(left), self.expr(right));
        let ((left, kind), (right, other)) = (left?, right?);
        self.same(kind, other, &right)?;
        let equality = matches!(op, Comparison::Equal | Comparison::NotEqual);
        if !equality && !kind.ordered() {
            return self.mistake(
                format!(
                    "{} has no order: `{}` needs numbers, quantities or dates",
                    kind.noun(),
                    op.symbol()
                ),
                span_of(&left),
            );
        }
        Some((Expr::Compare(op, Box::new(left), Box::new(right)), Kind::Boolean))
    }

    fn membership(&mut self, of: &Expr<Path>, values: &[Literal]) -> Typed {
        let (of, kind) = self.expr(of)?;
        for value in values {
            self.same(kind, literal_kind(value), &of)?;
        }
        Some((Expr::In(Box::new(of), values.to_vec()), Kind::Boolean))
    }

    /// Texts in quotes may be dates: `'2027-01-01'`.
    fn same(&mut self, kind: Kind, other: Kind, at: &Condition) -> Option<()> {
        let dates = matches!((kind, other), (Kind::Date, Kind::Text) | (Kind::Text, Kind::Date));
        if kind == other || dates {
            return Some(());
        }
        self.mistake(
            format!("{} is compared with {}", kind.noun(), other.noun()),
            span_of(at),
        )?;
        None
    }

    fn mistake(&mut self, message: String, span: Option<Span>) -> Typed {
        let span = span.unwrap_or(self.whole);
        self.out.push(Diagnostic::new(
            Code::ConditionType,
            span,
            "of another type",
            message,
        ));
        None
    }

    fn aggregate(&mut self, aggregate: crate::syntax::condition::Aggregate, path: &Spanned<Path>) -> Typed {
        let binding = self.scope.resolve(path, self.out)?;
        let Binding::Output { ty, list, .. } = &binding else {
            let message = format!("`{}` takes an output of a fan-out", aggregate.word());
            self.out.push(Diagnostic::new(
                Code::EachAggregate,
                path.span,
                "not an output",
                message,
            ));
            return None;
        };
        let count = aggregate.word() == "count";
        if !*list && *ty != ValueType::List {
            // The line that makes it a fan-out may have been left out.
            if self.scope.unsure(&path.value) {
                return None;
            }
            let message = format!("`{}` has one value", path.value);
            self.out.push(
                Diagnostic::new(Code::EachAggregate, path.span, "one value", message).help(format!(
                    "write `{}` without `{}(…)`",
                    path.value,
                    aggregate.word()
                )),
            );
            return None;
        }
        let kind = Kind::from(*ty);
        if !count && !kind.summable() {
            let message = format!(
                "`{}` needs numbers or quantities, and `{}` is {}",
                aggregate.word(),
                path.value,
                kind.noun()
            );
            self.out.push(Diagnostic::new(
                Code::ConditionType,
                path.span,
                kind.noun(),
                message,
            ));
            return None;
        }
        Some((
            Expr::Aggregate(aggregate, Spanned::new(binding, path.span)),
            if count { Kind::Number } else { kind },
        ))
    }

    fn reference(&mut self, path: &Spanned<Path>) -> Typed {
        if let Some(found) = metric(self.scope, path) {
            self.out.push(found);
            return None;
        }
        let binding = self.scope.resolve(path, self.out)?;
        let kind = match &binding {
            Binding::Output { ty, list, .. } => {
                if *list && !self.one_item {
                    let name = &path.value;
                    let message =
                        format!("`{name}` has one value per item of the fan-out, where one belongs");
                    self.out.push(
                        Diagnostic::new(Code::EachAggregate, path.span, "a list", message)
                            .help(format!("write `min({name})` or `all({name} …)`")),
                    );
                    return None;
                }
                Kind::from(*ty)
            }
            Binding::Parameter { list: true, .. } => Kind::List,
            Binding::Parameter { ty, .. } => Kind::from(*ty),
            Binding::Item { each, field } => {
                Kind::from(item::value_type_of(self.scope, *each, field.as_deref()))
            }
            Binding::Run(super::model::RunField::Date) => Kind::Date,
            Binding::Run(_) | Binding::DataUri(_) | Binding::DataPath(_) => Kind::Text,
        };
        Some((Expr::Reference(Spanned::new(binding, path.span)), kind))
    }
}

/// `train.duration` is known to monitoring, not to a run.
fn metric(scope: Scope<'_, '_>, path: &Spanned<Path>) -> Option<Diagnostic> {
    let [first, second] = path.value.0.as_slice() else {
        return None;
    };
    let known = super::read::METRICS.contains(&second.as_str());
    let step = scope.outline.step(first)?;
    let emitted = step
        .all("emits")
        .any(|emit| emit.argument_text(0).is_some_and(|name| name.value == *second));
    if !known || emitted {
        return None;
    }
    let message = format!(
        "`{}` is measured, not emitted: a run does not know it",
        path.value
    );
    Some(
        Diagnostic::new(Code::ConditionSubject, path.span, "a metric", message)
            .help("use it in `monitor`, in an `expect` or an `alert`; `when` knows outputs and parameters"),
    )
}

fn literal_kind(literal: &Literal) -> Kind {
    match literal {
        Literal::Number(_) => Kind::Number,
        Literal::Duration(_) => Kind::Duration,
        Literal::Bytes(_) => Kind::Bytes,
        Literal::Rate(_) => Kind::Rate,
        Literal::Percent(_) => Kind::Percent,
        Literal::Text(_) => Kind::Text,
        Literal::Boolean(_) => Kind::Boolean,
    }
}

/// A place in the expression, if it has one.
fn span_of(expr: &Condition) -> Option<Span> {
    match expr {
        Expr::Or(parts) | Expr::And(parts) => parts.first().and_then(span_of),
        Expr::Not(inner)
        | Expr::Any(inner)
        | Expr::All(inner)
        | Expr::Product(inner, _)
        | Expr::In(inner, _)
        | Expr::Previous(inner, _) => span_of(inner),
        Expr::Compare(_, left, _) | Expr::Sum(left, _, _) => span_of(left),
        Expr::Aggregate(_, path) | Expr::Reference(path) => Some(path.span),
        Expr::Literal(literal) => Some(literal.span),
    }
}
