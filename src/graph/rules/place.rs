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

    /// `with` and `apart` of a step and itself, or of one other step.
    pub(super) fn proximity(&mut self, step: &Step) {
        let own = step.with.iter().chain(&step.apart).find(|near| near.step.value == step.id);
        if let Some(own) = own {
            let message = format!("`{}` is always where it is itself", step.name.value);
            let found = Diagnostic::new(Code::PlaceTogether, own.step.span, "the step itself", message);
            self.out.push(found.help("name another step, or remove the line"));
            return;
        }
        for with in &step.with {
            // Apart at a wider level than together: no two places are both.
            let apart = step
                .apart
                .iter()
                .find(|apart| apart.step.value == with.step.value && apart.level >= with.level);
            if let Some(apart) = apart {
                let other = &self.graph[with.step.value].name.value;
                let message = format!("`{}` cannot be both together with `{other}` and apart from it", step.name.value);
                let found = Diagnostic::new(Code::PlaceTogether, apart.step.span, "and apart", message);
                let found = found.and(with.step.span, "together");
                self.out.push(found.help("remove one of them, or let `apart` be of a smaller `level=`"));
            }
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
