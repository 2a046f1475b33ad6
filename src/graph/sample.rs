//! Points of a search, drawn at compile time: the same every time.

use super::model::{Item, Scalar};
use crate::source::SourceMap;
use crate::syntax::{Node, Value};

/// Draws `count` points over the dimensions of `samples`.
///
/// The sequence is Roberts' R_d (2018), the additive recurrence with the generalised golden ratio: low discrepancy
/// in any dimension, without tables or seeds.
pub(super) fn draw(samples: &[&Node], count: u64, sources: &SourceMap) -> Vec<Item> {
    let steps = additive_steps(samples.len());
    let point = |index: u64| {
        let along = |step: &f64| (0.5 + step * (index + 1) as f64).fract();
        let fields = samples.iter().zip(&steps).filter_map(|(sample, step)| {
            let name = sample.argument_text(0)?.value;
            Some((name, value(sample, along(step), sources)))
        });
        Item {
            value: Scalar::Integer(i64::try_from(index).unwrap_or(i64::MAX)),
            fields: fields.collect(),
        }
    };
    (0..count).map(point).collect()
}

/// Powers of 1/φ_d, where φ_d is the positive root of x^(d+1) = x + 1.
fn additive_steps(dimensions: usize) -> Vec<f64> {
    let mut root: f64 = 2.0;
    for _ in 0..40 {
        root = (1.0 + root).powf(1.0 / (dimensions as f64 + 1.0));
    }
    (1..=dimensions)
        .map(|power| (1.0 / root).powi(i32::try_from(power).unwrap_or(i32::MAX)) % 1.0)
        .collect()
}

fn value(sample: &Node, share: f64, sources: &SourceMap) -> Scalar {
    let values: Vec<Scalar> = sample
        .arguments
        .iter()
        .skip(1)
        .map(|value| super::read::scalar(&value.value, sources, value.span))
        .collect();
    if !values.is_empty() {
        let index = ((share * values.len() as f64) as usize).min(values.len() - 1);
        return values.into_iter().nth(index).unwrap_or(Scalar::Integer(0));
    }
    let bound = |name: &str| sample.number(name).map(|bound| bound.value);
    let (min, max) = (bound("min").unwrap_or(0.0), bound("max").unwrap_or(1.0));
    let drawn = if sample.word("scale") == "log" && min > 0.0 {
        (min.ln() + share * (max.ln() - min.ln())).exp()
    } else {
        min + share * (max - min)
    };
    let whole = sample.word("type") == "integer"
        || matches!(
            (
                sample.property("min").map(|v| &v.value),
                sample.property("max").map(|v| &v.value)
            ),
            (Some(Value::Integer(_)), Some(Value::Integer(_)))
        );
    if whole {
        Scalar::Integer(drawn.round() as i64)
    } else {
        Scalar::Number(significant(drawn))
    }
}

/// Six significant digits: enough for a search, and the same text on every machine.
fn significant(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}
