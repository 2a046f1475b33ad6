//! Sites: what they are, and how they are told apart in pictures.

use crate::catalog::{Catalog, Coordinates, Country};
use crate::place::{Plan, Site, SiteId};
use crate::quantity::MicroUsd;

/// Colours and patterns that the style has. More sites than that share them; their names are beside.
const MARKS: u32 = 8;

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// `aws.sa-east-1`
    pub name: String,
    /// Which colour and pattern.
    pub mark: u32,
    /// Where it is, as well as it is known: `São Paulo, Brazil`.
    pub place: String,
    /// Steps that run there.
    pub steps: usize,
    /// Pipelines whose runs it starts.
    pub hub_of: Vec<String>,
    /// Machines of its steps, per month, before what sharing saves.
    pub machines: String,
    /// Data that leaves it, per month.
    pub transfer: String,
}

/// Which colour and pattern a site has.
pub fn mark(site: SiteId) -> u32 {
    site.0 % MARKS
}

/// All of a plan.
pub fn rows(plan: &Plan<'_>, catalog: &Catalog) -> Vec<Row> {
    let graph = plan.profiled.graph;
    let machines = |id: SiteId| -> MicroUsd {
        let here = plan.assignments.iter().filter(|assignment| assignment.site == id);
        here.map(|assignment| assignment.monthly).sum()
    };
    let ids = || (0..plan.sites.len() as u32).map(SiteId);
    ids()
        .map(|id| {
            let leaving = plan
                .moves
                .iter()
                .filter(|moved| moved.from == id && moved.to != id);
            let hubs = graph
                .pipelines
                .iter()
                .zip(&plan.hubs)
                .filter(|(_, hub)| **hub == id);
            Row {
                name: plan[id].name.clone(),
                mark: mark(id),
                place: place(&plan[id], catalog),
                steps: plan
                    .assignments
                    .iter()
                    .filter(|assignment| assignment.site == id)
                    .count(),
                hub_of: hubs.map(|(pipeline, _)| pipeline.name.value.clone()).collect(),
                machines: machines(id).to_string(),
                transfer: leaving.map(|moved| moved.monthly).sum::<MicroUsd>().to_string(),
            }
        })
        .collect()
}

/// `part` of `whole`, of 100, in tenths.
pub fn share(part: MicroUsd, whole: MicroUsd) -> f64 {
    let share = part.in_usd() / whole.in_usd().max(1e-9);
    (share.clamp(0.0, 1.0) * 1000.0).round() / 10.0
}

fn place(site: &Site, catalog: &Catalog) -> String {
    let country = Country::parse(&site.country).map(Country::name);
    let city = site
        .region
        .as_ref()
        .and_then(|(provider, region)| catalog.region(*provider, region))
        .map(|region| region.city.as_str());
    match (city, country) {
        (Some(city), Some(country)) if city != country => format!("{city}, {country}"),
        (Some(place), _) | (None, Some(place)) => place.to_owned(),
        (None, None) if site.country.is_empty() => "not said".to_owned(),
        (None, None) => site.country.clone(),
    }
}

/// Where a site is drawn: its region's city, else the largest city of its country; none if it has neither.
pub fn coordinates(site: &Site, catalog: &Catalog) -> Option<Coordinates> {
    match &site.region {
        Some((provider, region)) => catalog.region(*provider, region).map(|region| region.coordinates),
        None => Country::parse(&site.country).map(Country::coordinates),
    }
}
