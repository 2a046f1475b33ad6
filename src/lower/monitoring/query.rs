//! `alert … query=`: PromQL as its author wrote it. It is parsed to say early what is wrong with it, and to find a
//! situation for its unit test where its form allows that.

use std::collections::BTreeMap;

use promql_parser::label::MatchOp;
use promql_parser::parser::{self, Expr, VectorSelector, token};

use super::promql::{equals, with_matchers};
use super::rule::{Case, Pace};
use super::series::{Level, Series};
use crate::quantity::Seconds;

/// Minutes of a unit test; a longer `for` is added.
const MINUTES: u64 = 30;

/// A situation for `query`, if it compares one series, perhaps aggregated, with a number; `Err` is what is wrong with it.
pub fn case(query: &str, lasting: Seconds) -> Result<Option<Case>, String> {
    let expr = parser::parse(query)?;
    Ok(comparison(&expr, lasting))
}

fn comparison(expr: &Expr, lasting: Seconds) -> Option<Case> {
    let compare = match expr {
        Expr::Paren(inner) => return comparison(&inner.expr, lasting),
        Expr::Binary(compare) if !compare.return_bool() => compare,
        _ => return None,
    };
    let Expr::NumberLiteral(bound) = compare.rhs.as_ref() else {
        return None;
    };
    let (series, labels) = series(&compare.lhs)?;
    let apart = if bound.val == 0.0 {
        1.0
    } else {
        bound.val.abs() / 2.0
    };
    let (above, below) = (bound.val + apart, bound.val - apart);
    let (firing, quiet) = match compare.op.id() {
        token::T_GTR | token::T_GTE => (above, below),
        token::T_LSS | token::T_LTE => (below, above),
        _ => return None,
    };
    let minutes = MINUTES + (lasting.0 / 60.0).ceil() as u64;
    let sample = |value| vec![Series::gauge(&series, &[Level::new(value, minutes + 1)])];
    Some(Case {
        firing: sample(firing),
        value: firing,
        labels,
        quiet: sample(quiet),
        also_quiet: Vec::new(),
        at: Seconds((minutes * 60) as f64),
        pace: Pace::Minutes,
    })
}

/// The one series whose value an expression passes on, and the labels of the answer.
fn series(expr: &Expr) -> Option<(String, BTreeMap<String, String>)> {
    match expr {
        Expr::Paren(inner) => series(&inner.expr),
        Expr::VectorSelector(selector) => plain(selector),
        Expr::Aggregate(aggregate) if aggregate.modifier.is_none() => match aggregate.op.id() {
            token::T_MAX | token::T_MIN | token::T_SUM | token::T_AVG => {
                series(&aggregate.expr).map(|(name, _)| (name, BTreeMap::new()))
            }
            _ => None,
        },
        _ => None,
    }
}

/// A selector of one metric by equality only is itself a series.
fn plain(selector: &VectorSelector) -> Option<(String, BTreeMap<String, String>)> {
    let matchers = &selector.matchers;
    let exact = matchers
        .matchers
        .iter()
        .all(|matcher| matcher.op == MatchOp::Equal && !matcher.value.is_empty());
    if !exact || !matchers.or_matchers.is_empty() || selector.offset.is_some() || selector.at.is_some() {
        return None;
    }
    let pairs = matchers
        .matchers
        .iter()
        .map(|matcher| (matcher.name.clone(), matcher.value.clone()));
    let labels: BTreeMap<String, String> = pairs.collect();
    let quoted = labels.iter().map(|(name, value)| equals(name, value)).collect();
    Some((with_matchers(selector.name.as_deref()?, quoted), labels))
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics is a test that fails"
)]
mod tests {
    use super::*;

    #[test]
    fn simple_comparisons_get_a_case() {
        let case = case("max(vllm:gpu_cache_usage_perc) > 0.95", Seconds(600.0))
            .unwrap()
            .unwrap();
        assert_eq!(case.firing[0].series, "vllm:gpu_cache_usage_perc{}");
        assert!(case.value > 0.95);
        assert!(
            super::case("rate(x[5m]) > on (pod) y", Seconds::ZERO)
                .unwrap()
                .is_none()
        );
        assert!(super::case("max(", Seconds::ZERO).is_err());
    }
}
