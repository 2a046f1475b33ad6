//! The values that something may have: intervals of numbers, or some words or all but some.

use std::collections::BTreeSet;

use crate::syntax::condition::Comparison;

/// A set of values of one thing.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::graph) enum Range {
    /// Numbers in base units: disjoint intervals, ascending.
    Numbers(Vec<Interval>),
    /// One of these; booleans are the words `true` and `false`.
    Words(BTreeSet<String>),
    /// Any word but these.
    OtherWords(BTreeSet<String>),
}

/// From one bound to another; a bound that is not finite does not belong to it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(in crate::graph) struct Interval {
    pub low: Bound,
    pub high: Bound,
}

/// An end of an interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(in crate::graph) struct Bound {
    pub at: f64,
    /// True if it belongs to the interval.
    pub included: bool,
}

const LOWEST: Bound = Bound {
    at: f64::NEG_INFINITY,
    included: false,
};
const HIGHEST: Bound = Bound {
    at: f64::INFINITY,
    included: false,
};

impl Range {
    /// The numbers of which `number OP at` holds; whole numbers only if `whole`.
    pub fn compared(op: Comparison, at: f64, whole: bool) -> Range {
        let end = |included| Bound { at, included };
        let from = |low| Interval { low, high: HIGHEST };
        let to = |high| Interval { low: LOWEST, high };
        let intervals = match op {
            Comparison::Equal => vec![Interval {
                low: end(true),
                high: end(true),
            }],
            Comparison::NotEqual => vec![to(end(false)), from(end(false))],
            Comparison::Less => vec![to(end(false))],
            Comparison::AtMost => vec![to(end(true))],
            Comparison::Greater => vec![from(end(false))],
            Comparison::AtLeast => vec![from(end(true))],
        };
        let rounded = intervals.into_iter().map(|i| if whole { i.rounded() } else { i });
        Range::Numbers(rounded.filter(|interval| !interval.is_empty()).collect())
    }

    /// The numbers between two bounds, where they are given.
    pub fn between(min: Option<f64>, max: Option<f64>) -> Range {
        let bound = |at| Bound { at, included: true };
        Range::Numbers(vec![Interval {
            low: min.map_or(LOWEST, bound),
            high: max.map_or(HIGHEST, bound),
        }])
    }

    /// These numbers.
    pub fn numbers(numbers: impl IntoIterator<Item = f64>) -> Range {
        let mut numbers: Vec<f64> = numbers.into_iter().collect();
        numbers.sort_by(f64::total_cmp);
        numbers.dedup();
        let point = |at| Bound { at, included: true };
        let alone = |at| Interval {
            low: point(at),
            high: point(at),
        };
        Range::Numbers(numbers.into_iter().map(alone).collect())
    }

    /// These words.
    pub fn words(words: impl IntoIterator<Item = impl Into<String>>) -> Range {
        Range::Words(words.into_iter().map(Into::into).collect())
    }

    /// These words, or all others.
    pub fn words_if(words: impl IntoIterator<Item = impl Into<String>>, holds: bool) -> Range {
        let words = words.into_iter().map(Into::into).collect();
        if holds {
            Range::Words(words)
        } else {
            Range::OtherWords(words)
        }
    }

    /// True if it holds no value at all.
    pub fn is_empty(&self) -> bool {
        match self {
            Range::Numbers(intervals) => intervals.is_empty(),
            Range::Words(words) => words.is_empty(),
            Range::OtherWords(_) => false,
        }
    }

    /// The values of both.
    pub fn and(&self, other: &Range) -> Range {
        match (self, other) {
            (Range::Numbers(these), Range::Numbers(those)) => {
                let pairs = these
                    .iter()
                    .flat_map(|one| those.iter().map(|other| one.and(*other)));
                Range::Numbers(pairs.filter(|interval| !interval.is_empty()).collect())
            }
            (Range::Words(these), Range::Words(those)) => {
                Range::Words(these.intersection(those).cloned().collect())
            }
            (Range::Words(these), Range::OtherWords(not)) | (Range::OtherWords(not), Range::Words(these)) => {
                Range::Words(these.difference(not).cloned().collect())
            }
            (Range::OtherWords(these), Range::OtherWords(those)) => {
                Range::OtherWords(these.union(those).cloned().collect())
            }
            // Of unlike types, which is reported where they are compared: nothing is known.
            (Range::Numbers(_), Range::Words(_) | Range::OtherWords(_))
            | (Range::Words(_) | Range::OtherWords(_), Range::Numbers(_)) => self.clone(),
        }
    }

    /// One of its values, for an example.
    pub fn example(&self) -> Option<String> {
        match self {
            Range::Numbers(intervals) => intervals.first().map(|interval| interval.example()),
            Range::Words(words) => words.first().map(|word| format!("`{word}`")),
            Range::OtherWords(not) => not.first().map(|word| format!("not `{word}`")),
        }
    }
}

impl Interval {
    fn is_empty(self) -> bool {
        let (low, high) = (self.low, self.high);
        low.at > high.at || (low.at == high.at && !(low.included && high.included))
    }

    fn and(self, other: Interval) -> Interval {
        let tighter = |one: Bound, other: Bound, one_is: bool| match one.at == other.at {
            true => Bound {
                at: one.at,
                included: one.included && other.included,
            },
            false if one_is => one,
            false => other,
        };
        Interval {
            low: tighter(self.low, other.low, self.low.at > other.low.at),
            high: tighter(self.high, other.high, self.high.at < other.high.at),
        }
    }

    /// The same whole numbers, between bounds that are whole and belong to it.
    fn rounded(self) -> Interval {
        let (low, high) = (self.low, self.high);
        let next = |bound: Bound, inner: f64, beyond: f64| {
            let at = if bound.included || bound.at.fract() != 0.0 {
                inner
            } else {
                beyond
            };
            Bound {
                at,
                included: bound.at.is_finite(),
            }
        };
        Interval {
            low: next(low, low.at.ceil(), low.at + 1.0),
            high: next(high, high.at.floor(), high.at - 1.0),
        }
    }

    fn example(self) -> String {
        let (low, high) = (self.low, self.high);
        let number = match (low.at.is_finite(), high.at.is_finite()) {
            (true, _) if low.included => low.at,
            (_, true) if high.included => high.at,
            (true, true) => f64::midpoint(low.at, high.at),
            (true, false) => low.at + 1.0,
            (false, true) => high.at - 1.0,
            (false, false) => 0.0,
        };
        number.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_leave_no_gap_between_their_bounds() {
        let above = Range::compared(Comparison::Greater, 5.0, true);
        let below = Range::compared(Comparison::Less, 6.0, true);
        assert!(above.and(&below).is_empty());
        let any = Range::compared(Comparison::Greater, 5.0, false);
        assert!(!any.and(&Range::compared(Comparison::Less, 6.0, false)).is_empty());
        assert!(Range::compared(Comparison::Equal, 5.5, true).is_empty());
    }

    #[test]
    fn an_end_that_both_share_must_belong_to_both() {
        let from = Range::compared(Comparison::AtLeast, 0.8, false);
        assert!(
            from.and(&Range::compared(Comparison::Less, 0.8, false))
                .is_empty()
        );
        let met = from.and(&Range::compared(Comparison::AtMost, 0.8, false));
        assert_eq!(met.example().as_deref(), Some("0.8"));
    }

    #[test]
    fn words_meet_unless_one_side_excludes_them() {
        let north = Range::words(["north"]);
        assert!(north.and(&Range::words_if(["north"], false)).is_empty());
        assert!(!north.and(&Range::words_if(["south"], false)).is_empty());
    }
}
