//! `parameter`: an input of a run, its type and its bounds.

use super::step::scalars;
use super::typed::{noun, number, ordered};
use super::{Context, parameter_type};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::model::{Parameter, ValueType};
use crate::source::Spanned;
use crate::syntax::Node;

pub(super) fn parameter(node: &Node, context: &mut Context<'_, '_>) -> Option<Parameter> {
    let (ty, list) = parameter_type(node);
    let name = node.argument_text(0)?;
    let what = format!("`{}`", name.value);
    let values = node.arguments.iter().skip(1);
    let numbers: Vec<Spanned<f64>> = values
        .filter_map(|value| Some(Spanned::new(number(value, ty, &what, context.out)?, value.span)))
        .collect();
    let (min, max) = (
        bound(node, "min", ty, context.out),
        bound(node, "max", ty, context.out),
    );
    if !crossed(min, max, context.out) {
        for value in &numbers {
            outside(*value, min, max, &name.value, context.out);
        }
    }
    Some(Parameter {
        name,
        ty,
        list,
        default: scalars(node, 1, context),
        min: min.map(|min| min.value),
        max: max.map(|max| max.value),
    })
}

fn bound(node: &Node, name: &str, ty: ValueType, out: &mut Diagnostics) -> Option<Spanned<f64>> {
    let value = node.property(name)?;
    if ordered(ty) {
        return Some(Spanned::new(
            number(value, ty, &format!("`{name}=`"), out)?,
            value.span,
        ));
    }
    let message = format!("`{name}=` bounds nothing: this parameter is {}", noun(ty));
    let found = Diagnostic::new(
        Code::ValueType,
        value.span,
        "a bound for what has no order",
        message,
    );
    out.push(found.help(format!(
        "remove `{name}=`, or say what the value is, such as `type=duration`"
    )));
    None
}

fn crossed(min: Option<Spanned<f64>>, max: Option<Spanned<f64>>, out: &mut Diagnostics) -> bool {
    let (Some(min), Some(max)) = (min, max) else {
        return false;
    };
    let crossed = min.value > max.value;
    if crossed {
        let found = Diagnostic::new(Code::ValueBounds, min.span, "above `max`", "`min` is above `max`");
        out.push(
            found
                .and(max.span, "`max` is here")
                .help("swap them, or leave one out"),
        );
    }
    crossed
}

/// Reports a default that a run could not be started with.
fn outside(
    value: Spanned<f64>,
    min: Option<Spanned<f64>>,
    max: Option<Spanned<f64>>,
    name: &str,
    out: &mut Diagnostics,
) {
    let below = min.filter(|min| value.value < min.value);
    let above = max.filter(|max| value.value > max.value);
    let (word, bound) = match (below, above) {
        (Some(min), _) => ("below `min`", min),
        (None, Some(max)) => ("above `max`", max),
        (None, None) => return,
    };
    let message = format!("the default of `{name}` is outside its own bounds");
    let found = Diagnostic::new(Code::ParameterDefault, value.span, word, message);
    out.push(
        found
            .and(bound.span, "this bound")
            .help("change the default, or the bound"),
    );
}
