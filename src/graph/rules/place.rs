//! Places that a residency rules out.

use super::Rules;
use crate::catalog::Country;
use crate::diag::{Code, Diagnostic};
use crate::graph::country_of;
use crate::graph::model::{DataSet, Step};
use crate::graph::site::Area;

impl Rules<'_, '_> {
    /// Data whose own residency forbids the place where it is.
    pub(super) fn residency_of(&mut self, data: &DataSet) {
        for location in &data.at {
            let site = &location.site;
            let Some(country) = country_of(self.catalog, self.graph.platform.as_ref(), &site.value) else {
                continue;
            };
            if let Some(rule) = data.inherited.forbidding(&country) {
                let message = format!(
                    "`{}` may not be at `{}`, which is in `{country}`",
                    data.name.value, site.value
                );
                let label = format!("in `{country}`");
                let found = Diagnostic::new(Code::ResidencySite, site.span, label, message)
                    .and(rule.span, "this rules it out");
                self.out
                    .push(found.help("take a site in one of these places, or a wider `residency`"));
            }
        }
    }

    /// A step that may run only where what it reads may not be.
    pub(super) fn only(&mut self, step: &Step) {
        for only in step.only.iter().filter(|only| !only.areas.is_empty()) {
            let mut areas = only.areas.iter().map(|area| self.ruled_out(step, &area.value));
            let Some(Some((span, why))) = areas.next() else {
                continue;
            };
            // One place that is left is enough.
            if !areas.all(|area| area.is_some()) {
                continue;
            }
            let message = format!("`{}` may not run where `only` wants it: {why}", step.name.value);
            let found = Diagnostic::new(Code::ResidencySite, only.span, "only there", message)
                .and(span, "what it reads stays here");
            self.out
                .push(found.help("widen `only`, or let a step before it `declassify residency`"));
        }
    }

    /// Why nothing in `area` may hold what the step reads, if that is so.
    fn ruled_out(&self, step: &Step, area: &Area) -> Option<(crate::source::Span, String)> {
        match area {
            Area::Site(site) => {
                let country = country_of(self.catalog, self.graph.platform.as_ref(), site)?;
                let rule = step.inherited.forbidding(&country)?;
                Some((rule.span, format!("`{site}` is in `{country}`")))
            }
            Area::Place(place) => {
                let rule = step.inherited.residency.iter().find(|rule| {
                    !Country::all().any(|country| {
                        place.contains(country.code())
                            && rule.places.iter().any(|allowed| allowed.contains(country.code()))
                    })
                })?;
                Some((
                    rule.span,
                    format!("`{}` has no place in common with it", place.code()),
                ))
            }
        }
    }
}
