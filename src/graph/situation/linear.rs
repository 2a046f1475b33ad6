//! Sums of values: `a - b > 0.1` and `b + 0.1 < a` say the same.

use std::collections::BTreeMap;

use super::{Range, Situations, Thing};
use crate::graph::model::ValueType;
use crate::syntax::condition::Comparison;

/// A sum of values times numbers, and a number.
pub(super) struct Linear {
    terms: BTreeMap<String, Term>,
    constant: f64,
}

/// One value in a sum.
#[derive(Clone)]
pub(super) struct Term {
    times: f64,
    /// Takes only whole numbers.
    whole: bool,
    /// A number without a unit, of one reference.
    plain: bool,
    /// What it may be in any run.
    domain: Option<Range>,
}

impl Term {
    /// A number of this type; `None` if values of the type are no numbers.
    pub fn of(ty: ValueType, domain: Option<Range>) -> Option<Term> {
        let (whole, plain) = match ty {
            ValueType::Integer => (true, true),
            ValueType::Number => (false, true),
            ValueType::Duration | ValueType::Bytes | ValueType::Date => (ty != ValueType::Duration, false),
            ValueType::Boolean | ValueType::String | ValueType::List => return None,
        };
        let natural = matches!(ty, ValueType::Duration | ValueType::Bytes);
        Some(Term {
            times: 1.0,
            whole,
            plain,
            domain: domain.or_else(|| natural.then(|| Range::between(Some(0.0), None))),
        })
    }

    /// A value of which nothing is known.
    pub fn opaque() -> Term {
        Term {
            times: 1.0,
            whole: false,
            plain: false,
            domain: None,
        }
    }

    /// A number of items.
    pub fn count() -> Term {
        Term {
            times: 1.0,
            whole: true,
            plain: true,
            domain: Some(Range::between(Some(0.0), None)),
        }
    }

    /// The same of several references, so that no example can name it.
    pub fn of_several(self) -> Term {
        Term { plain: false, ..self }
    }

    /// The same, but it may lie between whole numbers.
    pub fn mean(self) -> Term {
        Term { whole: false, ..self }
    }
}

impl Linear {
    /// A number alone.
    pub fn constant(constant: f64) -> Linear {
        Linear {
            terms: BTreeMap::new(),
            constant,
        }
    }

    /// One value.
    pub fn of(name: String, term: Term) -> Linear {
        Linear {
            terms: BTreeMap::from([(name, term)]),
            constant: 0.0,
        }
    }

    /// Times a number.
    pub fn scaled(mut self, by: f64) -> Linear {
        self.terms.values_mut().for_each(|term| term.times *= by);
        self.terms.retain(|_, term| term.times != 0.0);
        self.constant *= by;
        self
    }

    /// The difference of both.
    pub fn minus(mut self, other: Linear) -> Linear {
        for (name, term) in other.scaled(-1.0).terms_and_constant(&mut self.constant) {
            match self.terms.get_mut(&name) {
                Some(own) => own.times += term.times,
                None => {
                    self.terms.insert(name, term);
                }
            }
        }
        self.terms.retain(|_, term| term.times != 0.0);
        self
    }

    fn terms_and_constant(self, constant: &mut f64) -> BTreeMap<String, Term> {
        *constant += self.constant;
        self.terms
    }

    /// When `sum OP 0`.
    pub fn compared(self, op: Comparison) -> Situations {
        let Some(first) = self.terms.values().next() else {
            return if op.holds(self.constant, 0.0) {
                Situations::all()
            } else {
                Situations::none()
            };
        };
        // With the first value taken once, both sides of a comparison come out the same however they are written.
        let by = first.times;
        let op = if by < 0.0 { op.mirrored() } else { op };
        let at = -self.constant / by;
        let whole = self
            .terms
            .values()
            .all(|term| term.whole && (term.times / by).fract() == 0.0);
        let mut range = Range::compared(op, at, whole);
        let single = self.terms.len() == 1;
        if let Some(domain) = first.domain.as_ref().filter(|_| single) {
            range = range.and(domain);
        }
        let names = self.terms.iter().map(|(name, term)| match term.times / by {
            1.0 => name.clone(),
            times => format!("{times} * {name}"),
        });
        let thing = Thing {
            name: names.collect::<Vec<_>>().join(" + ").into(),
            plain: single && first.plain,
        };
        Situations::where_in(thing, range)
    }
}
