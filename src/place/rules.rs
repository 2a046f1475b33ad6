//! Which of the user's lines forbid which offers: residency, `only`, `never`, the hub, latency.

mod origin;

use super::change::{Changes, Pattern};
use super::instance::{Rule, RuleKind};
use super::offers::Offer;
use super::promises;
use super::sites::Ground;
use crate::graph::Restriction;
use crate::graph::model::{Graph, Narrowing, Platform, Promise, Step};
use crate::profile::model::ProfiledGraph;
pub use origin::{Family, Origin, Phrase, origin};

/// All rules with their origins, in order.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// What they say.
    pub rules: Vec<Rule>,
    /// Where they come from, one for each.
    pub origins: Vec<Origin>,
}

impl Rules {
    /// Adds one and tells its position.
    pub fn add(&mut self, kind: RuleKind, weight: Option<f64>, origin: Origin) -> usize {
        self.rules.push(Rule { weight, kind });
        self.origins.push(origin);
        self.rules.len() - 1
    }
}

/// A line that forbids some offers to some steps.
#[derive(Debug)]
pub struct Bar<'g> {
    /// Position of its rule.
    pub rule: usize,
    says: Says<'g>,
}

#[derive(Debug)]
enum Says<'g> {
    Residency(&'g Restriction),
    /// For one step.
    Only(usize, &'g Narrowing),
    /// For one step or all, in the sites at these positions.
    Never(Option<usize>, &'g Narrowing, Vec<usize>),
    /// Steps that run last are at the hub.
    Hub(usize),
    Latency(usize, &'g Promise),
    /// For all steps: what a change takes away.
    Lost(&'g Pattern),
}

/// All lines that forbid offers, each with its rule.
pub fn bars<'g>(
    profiled: &ProfiledGraph<'g>,
    platform: &'g Platform,
    changes: &'g Changes,
    sites: &[Ground<'_>],
    hub: Option<usize>,
    rules: &mut Rules,
) -> Vec<Bar<'g>> {
    let graph = profiled.graph;
    let mut found: Vec<(Says<'g>, Option<f64>, Origin)> = residency(graph);
    for step in &graph.steps {
        found.extend(narrowings(step));
        found.extend(latencies(step));
    }
    found.extend(platform_nevers(platform, sites));
    if let (Some(hub), Some(said)) = (hub, &platform.hub) {
        let origin = origin(said.span, format!("hub {}", said.value), Family::Narrowing);
        found.push((Says::Hub(hub), None, origin));
    }
    found.extend(changes.losses().map(|(change, pattern)| {
        let origin = origin(change.span, change.text.clone(), Family::Narrowing);
        (Says::Lost(pattern), None, origin)
    }));
    found
        .into_iter()
        .map(|(says, weight, origin)| Bar {
            rule: rules.add(RuleKind::Bar, weight, origin),
            says,
        })
        .collect()
}

fn residency(graph: &Graph) -> Vec<(Says<'_>, Option<f64>, Origin)> {
    let mut lines: Vec<&Restriction> = Vec::new();
    for line in graph.steps.iter().flat_map(|step| &step.inherited.residency) {
        if !lines
            .iter()
            .any(|known| known.span == line.span && known.origin == line.origin)
        {
            lines.push(line);
        }
    }
    lines
        .into_iter()
        .map(|line| {
            let places: Vec<&str> = line.places.iter().map(|place| place.code()).collect();
            let text = format!(
                "{} and what derives from it stay in {}",
                line.origin,
                places.join(", ")
            );
            (
                Says::Residency(line),
                None,
                origin(line.span, text, Family::Residency),
            )
        })
        .collect()
}

fn narrowings(step: &Step) -> Vec<(Says<'_>, Option<f64>, Origin)> {
    let at = step.id.0 as usize;
    let said = |word: &str, narrowing: &Narrowing| {
        let text = format!("{}: {}", step.name.value, describe(word, narrowing));
        origin(narrowing.span, text, Family::Narrowing)
    };
    let only = step
        .only
        .iter()
        .map(|line| (Says::Only(at, line), None, said("only", line)));
    let never = step
        .never
        .iter()
        .map(|line| (Says::Never(Some(at), line, Vec::new()), None, said("never", line)));
    only.chain(never).collect()
}

/// `only lab pricing=spot`
pub fn describe(word: &str, narrowing: &Narrowing) -> String {
    let area = |area: &crate::graph::Area| match area {
        crate::graph::Area::Site(site) => site.to_string(),
        crate::graph::Area::Place(place) => place.to_string(),
    };
    let mut words = vec![word.to_owned()];
    words.extend(narrowing.areas.iter().map(|place| area(&place.value)));
    words.extend(narrowing.pricing.map(|pricing| format!("pricing={pricing}")));
    words.extend(
        narrowing
            .machine
            .iter()
            .map(|machine| format!("machine={machine}")),
    );
    words.join(" ")
}

fn platform_nevers<'g>(platform: &'g Platform, sites: &[Ground<'_>]) -> Vec<(Says<'g>, Option<f64>, Origin)> {
    let inside = |here: &dyn Fn(&Ground<'_>) -> bool| -> Vec<usize> {
        let all = sites.iter().enumerate().filter(|(_, site)| here(site));
        all.map(|(at, _)| at).collect()
    };
    let mut found = Vec::new();
    let mut add = |lines: &'g [Narrowing], sites: Vec<usize>, of: String| {
        for line in lines {
            let text = format!("{of}: {}", describe("never", line));
            let origin = origin(line.span, text, Family::Narrowing);
            found.push((Says::Never(None, line, sites.clone()), None, origin));
        }
    };
    add(&platform.never, inside(&|_| true), platform.name.value.clone());
    for cloud in &platform.clouds {
        let in_cloud = |site: &Ground<'_>| site.provider() == Some(cloud.provider);
        add(&cloud.never, inside(&in_cloud), cloud.provider.to_string());
        for region in &cloud.regions {
            let here = |site: &Ground<'_>| {
                let own = |at: super::sites::CloudRegion<'_>| at.region.name.value == region.name.value;
                in_cloud(site) && site.region.is_some_and(own)
            };
            add(
                &region.never,
                inside(&here),
                format!("{}.{}", cloud.provider, region.name.value),
            );
        }
    }
    found
}

fn latencies(step: &Step) -> Vec<(Says<'_>, Option<f64>, Origin)> {
    let at = step.id.0 as usize;
    let promised = step
        .promises
        .iter()
        .filter(|promise| promises::is_latency(promise));
    let bar = |promise| {
        let text = format!("{}: {}", step.name.value, promises::describe(promise));
        let origin = Origin {
            phrase: Phrase::Latency(promise.span),
            ..origin(promise.span, text, Family::Promise)
        };
        (Says::Latency(at, promise), promise.weight, origin)
    };
    promised.map(bar).collect()
}

/// True if `narrowing` is about this offer.
fn matches(narrowing: &Narrowing, site: &Ground<'_>, offer: &Offer) -> bool {
    let areas = &narrowing.areas;
    let here = areas.is_empty()
        || areas
            .iter()
            .any(|area| site.is_within(&area.value, offer.nodes()));
    here && narrowing.pricing.is_none_or(|pricing| pricing == offer.pricing)
        && narrowing
            .machine
            .as_ref()
            .is_none_or(|machine| *machine == offer.machine)
}

impl Bar<'_> {
    /// True if this line forbids `step` everything at `site`, whatever the machine.
    pub fn closes(
        &self,
        profiled: &ProfiledGraph<'_>,
        step: &Step,
        sites: &[Ground<'_>],
        site: usize,
    ) -> bool {
        let at = step.id.0 as usize;
        let Some(ground) = sites.get(site) else {
            return true;
        };
        match &self.says {
            Says::Residency(line) => {
                let own = step.inherited.residency.iter();
                let mut own = own.filter(|known| known.span == line.span && known.origin == line.origin);
                own.next().is_some() && !ground.lies_in(&line.places)
            }
            Says::Hub(hub) => step.finally && site != *hub,
            Says::Latency(of, promise) => {
                *of == at && !promises::latency_holds(promise, &profiled[step.id], ground, sites)
            }
            Says::Lost(pattern) => pattern.is_site(ground),
            Says::Only(..) | Says::Never(..) => false,
        }
    }

    /// True if this line forbids `step` this offer for what it is, or where.
    pub fn forbids(&self, step: &Step, sites: &[Ground<'_>], offer: &Offer) -> bool {
        let at = step.id.0 as usize;
        let Some(site) = sites.get(offer.site) else {
            return true;
        };
        match &self.says {
            Says::Only(of, line) => *of == at && !matches(line, site, offer),
            Says::Never(Some(of), line, _) => *of == at && matches(line, site, offer),
            Says::Never(None, line, here) => here.contains(&offer.site) && matches(line, site, offer),
            // What closes a site is told by `closes`, once for all of it.
            Says::Lost(pattern) => !pattern.is_site(site) && pattern.is_offer(site, offer),
            Says::Residency(_) | Says::Hub(_) | Says::Latency(..) => false,
        }
    }
}
