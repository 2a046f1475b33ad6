//! Places that a residency rules out.

use super::Rules;
use crate::catalog::Country;
use crate::diag::{Code, Diagnostic};
use crate::graph::country_of;
use crate::graph::infer::follows;
use crate::graph::lineage::{Trait, chain};
use crate::graph::model::{DataSet, Step, ValueType};
use crate::graph::residency::Restriction;
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
                let mut found = Diagnostic::new(Code::ResidencySite, site.span, label, message);
                found = found.and(
                    rule.span,
                    if rule.origin == data.name.value {
                        "this rules it out".to_owned()
                    } else {
                        format!("`{}` stays here, and what derives from it", rule.origin)
                    },
                );
                let writers = data
                    .writers
                    .iter()
                    .map(|writer| chain(self.graph, *writer, Trait::Residency(rule)));
                for hop in writers.filter(|chain| !chain.is_empty()).take(1).flatten() {
                    found = found.and(hop.span, follows(self.graph, &hop, &rule.origin));
                }
                self.out
                    .push(found.help("take a site in one of these places, or a wider `residency`"));
            }
        }
    }

    /// A step that may run only where what it reads may not be.
    pub(super) fn only(&mut self, step: &Step) {
        for only in step.only.iter().filter(|only| !only.areas.is_empty()) {
            let mut areas = only.areas.iter().map(|area| self.ruled_out(step, &area.value));
            let Some(Some((rule, why))) = areas.next() else {
                continue;
            };
            // One place that is left is enough.
            if !areas.all(|area| area.is_some()) {
                continue;
            }
            let message = format!("`{}` may not run where `only` wants it: {why}", step.name.value);
            let mut found = Diagnostic::new(Code::ResidencySite, only.span, "only there", message).and(
                rule.span,
                format!("`{}` stays here, and what derives from it", rule.origin),
            );
            for hop in chain(self.graph, step.id, Trait::Residency(rule)) {
                found = found.and(hop.span, follows(self.graph, &hop, &rule.origin));
            }
            self.out
                .push(found.help("widen `only`, or let a step before it `declassify residency`"));
        }
    }

    /// A hub through which texts would pass that may not be there.
    pub(super) fn hub(&mut self) {
        let platform = self.graph.platform.as_ref();
        let Some(hub) = platform.and_then(|platform| platform.hub.as_ref()) else {
            return;
        };
        let Some(country) = country_of(self.catalog, platform, &hub.value) else {
            return;
        };
        // Numbers and booleans are free; of texts, the hub hands on what a step emits.
        let hands_on = |step: &&Step| {
            let mut emits = step.emits.iter();
            emits.any(|emit| matches!(emit.ty, ValueType::String | ValueType::List) && !emit.lifts.residency)
        };
        let mut steps = self.graph.steps.iter().filter(hands_on);
        let Some((step, rule)) = steps.find_map(|step| Some((step, step.inherited.forbidding(&country)?)))
        else {
            return;
        };
        let message = format!(
            "the hub is in `{country}`, and what `{}` emits may not be there",
            step.name.value
        );
        let mut found = Diagnostic::new(Code::ResidencySite, hub.span, format!("in `{country}`"), message)
            .and(
                rule.span,
                format!("`{}` stays here, and texts that derive from it", rule.origin),
            );
        for hop in chain(self.graph, step.id, Trait::Residency(rule)) {
            found = found.and(hop.span, follows(self.graph, &hop, &rule.origin));
        }
        self.out.push(found.help(format!(
            "take a hub in one of these places, or let `{}` `declassify residency` of what it emits",
            step.name.value
        )));
    }

    /// `with` and `apart` of a step and itself, or of one other step.
    pub(super) fn proximity(&mut self, step: &Step) {
        let own = step
            .with
            .iter()
            .chain(&step.apart)
            .find(|near| near.step.value == step.id);
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
                let message = format!(
                    "`{}` cannot be both together with `{other}` and apart from it",
                    step.name.value
                );
                let found = Diagnostic::new(Code::PlaceTogether, apart.step.span, "and apart", message);
                let found = found.and(with.step.span, "together");
                self.out
                    .push(found.help("remove one of them, or let `apart` be of a smaller `level=`"));
            }
        }
    }

    /// Why nothing in `area` may hold what the step reads, if that is so.
    fn ruled_out<'s>(&self, step: &'s Step, area: &Area) -> Option<(&'s Restriction, String)> {
        match area {
            Area::Site(site) => {
                let country = country_of(self.catalog, self.graph.platform.as_ref(), site)?;
                let rule = step.inherited.forbidding(&country)?;
                Some((rule, format!("`{site}` is in `{country}`")))
            }
            Area::Place(place) => {
                let rule = step.inherited.residency.iter().find(|rule| {
                    !Country::all().any(|country| {
                        place.contains(country.code())
                            && rule.places.iter().any(|allowed| allowed.contains(country.code()))
                    })
                })?;
                Some((rule, format!("`{}` has no place in common with it", place.code())))
            }
        }
    }
}
