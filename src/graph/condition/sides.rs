//! The two sides of a comparison, a sum or a list.

use super::kind::Kind;
use super::typing::Typed;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::Spanned;
use crate::syntax::Path;
use crate::syntax::condition::{Expr, Literal};

/// Both sides are of one type. A text that is a date can be compared with dates.
pub(super) fn same<R>(left: &Typed<R>, right: &Typed<R>, out: &mut Diagnostics) -> Option<()> {
    let dates = match (left.kind, right.kind) {
        (Kind::Date, Kind::Text) => is_date(&right.expr),
        (Kind::Text, Kind::Date) => is_date(&left.expr),
        _ => false,
    };
    if left.kind == right.kind || dates {
        return Some(());
    }
    // What is written out can be written otherwise.
    let (fixed, other) = match left.expr {
        Expr::Literal(_) => (left, right),
        _ => (right, left),
    };
    let message = format!("{} is compared with {}", left.kind.noun(), right.kind.noun());
    let mut found = Diagnostic::new(Code::ConditionType, fixed.span, fixed.kind.noun(), message);
    if other.span != fixed.span {
        found = found.and(other.span, other.kind.noun());
    }
    if matches!(fixed.expr, Expr::Literal(_)) {
        found = found.help(format!(
            "write {}, such as `{}`",
            other.kind.noun(),
            other.kind.example()
        ));
    }
    out.push(found);
    None
}

/// An output of a fan-out where one value belongs.
pub(super) fn several(path: &Spanned<Path>, kind: Kind) -> Diagnostic {
    let name = &path.value;
    let message = format!("`{name}` has one value per item of the fan-out, where one belongs");
    let help = match kind {
        Kind::Boolean => format!("write `all({name})` or `any({name})`"),
        Kind::Number | Kind::Duration | Kind::Bytes | Kind::Rate | Kind::Percent => {
            format!("write `min({name})` or `all({name} …)`")
        }
        Kind::Text | Kind::Date | Kind::List => format!("write `all({name} == …)` or `any({name} == …)`"),
    };
    let found = Diagnostic::new(Code::EachAggregate, path.span, "a list", message).help(help);
    match kind {
        Kind::Boolean => found.fix(path.span, format!("all({name})")),
        Kind::Number | Kind::Duration | Kind::Bytes | Kind::Rate | Kind::Percent => {
            found.fix(path.span, format!("min({name})"))
        }
        Kind::Text | Kind::Date | Kind::List => found,
    }
}

/// True of a text that is a calendar date.
fn is_date<R>(expr: &Expr<R>) -> bool {
    let Expr::Literal(Spanned {
        value: Literal::Text(text),
        ..
    }) = expr
    else {
        return false;
    };
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}
