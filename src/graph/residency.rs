//! Residency and sensitivity, inferred through derived data.

use std::collections::BTreeSet;

use serde::Serialize;

use super::data::Sensitivity;
use crate::catalog::Place;
use crate::source::Span;

/// Where something may be and how sensitive it is, with the lines that say so.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Inherited {
    /// Each entry is one `residency` line that applies: a place must be inside every one of them.
    pub residency: Vec<Restriction>,
    /// Levels that apply; empty means nothing was said.
    pub sensitivity: BTreeSet<Sensitivity>,
}

/// One `residency` line.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Restriction {
    /// The places it allows.
    pub places: Vec<Place>,
    /// The data set that it was written for.
    pub origin: String,
    /// Where it was written.
    #[serde(skip)]
    pub span: Span,
}

/// What one output does not inherit: its `declassify` lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Lifted {
    /// Where it may be.
    pub residency: bool,
    /// How sensitive it is.
    pub sensitivity: bool,
}

impl Inherited {
    /// Takes over what `from` has, but for what is lifted.
    pub fn join(&mut self, from: &Inherited, lifted: Lifted) {
        if !lifted.residency {
            for rule in &from.residency {
                if !self.residency.contains(rule) {
                    self.residency.push(rule.clone());
                }
            }
            self.residency
                .sort_by(|a, b| (&a.origin, &a.places, a.span).cmp(&(&b.origin, &b.places, b.span)));
        }
        if !lifted.sensitivity {
            self.sensitivity.extend(&from.sensitivity);
        }
    }

    /// True if data may be in the country with this ISO 3166 code.
    pub fn allows(&self, country: &str) -> bool {
        self.forbidding(country).is_none()
    }

    /// The first line that keeps data out of `country`.
    pub fn forbidding(&self, country: &str) -> Option<&Restriction> {
        self.residency
            .iter()
            .find(|rule| !rule.places.iter().any(|place| place.contains(country)))
    }
}
