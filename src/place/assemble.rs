//! Graph, platform and catalogue -> instance: what could be, in numbers.

mod flows;
mod market;

use super::alternatives::Alternatives;
use super::capacity::meters;
use super::change::Changes;
use super::fit::{Fit, Misfit};
use super::instance::Instance;
use super::locked::Placements;
use super::offers::{Offer, offers};
use super::overlap::Overlaps;
use super::promises;
use super::rules::{Origin, Rules, bars};
use super::sites::{Ground, lanes, sites, terms};
use crate::catalog::Catalog;
use crate::graph::model::{Goal, Graph, Platform, PromiseKind, StepId};
use crate::profile::model::{Profile, ProfiledGraph};
use flows::{flows, homes, order, positions};
use market::Market;

/// A placement problem with what its numbers stand for.
#[derive(Debug)]
pub struct Problem<'g, 'a> {
    /// What is placed.
    pub profiled: &'g ProfiledGraph<'g>,
    /// Where it may be.
    pub platform: &'g Platform,
    /// Prices.
    pub catalog: &'a Catalog,
    /// Sites of the platform, by name.
    pub sites: Vec<Ground<'a>>,
    /// Everything they sell.
    pub offers: Vec<Offer>,
    /// By step and choice of the instance.
    pub candidates: Vec<Vec<Candidate>>,
    /// By step, what was looked at.
    pub looks: Vec<Look>,
    /// The numbers.
    pub instance: Instance,
    /// By rule of the instance, where it comes from.
    pub origins: Vec<Origin>,
    /// Position of the site that the platform names as hub.
    pub hub: Option<usize>,
}

/// One way to run a step.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Position of the offer.
    pub offer: usize,
    /// How the step runs on it, in the runs in which it does.
    pub fit: Fit,
    /// Share of runs in which it does.
    pub share: f64,
    /// USD per month of what it stores there, expected over all runs.
    pub storage: f64,
    /// USD per month of publishing what it writes to places of their own, expected over all runs.
    pub publishing: f64,
}

/// What was looked at for one step.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Offers that fit.
    pub fitting: u64,
    /// By site, the nearest miss where nothing fits.
    pub misses: Vec<Option<Misfit>>,
}

/// Offers that stay in the choice though others beat them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keep<'k> {
    /// Where steps were: moving has a price of its own.
    pub locked: Option<&'k Placements>,
    /// All that fits a step at one site, to be able to say what is wrong with it.
    pub entire: Option<(StepId, usize)>,
}

/// The problem of placing `profiled` on `platform`, as `changes` have it.
pub fn assemble<'g, 'a>(
    profiled: &'g ProfiledGraph<'g>,
    platform: &'g Platform,
    catalog: &'a Catalog,
    changes: &'a Changes,
    keep: Keep<'_>,
) -> Problem<'g, 'a>
where
    'g: 'a,
{
    let graph = profiled.graph;
    let sites = sites(platform, catalog);
    let sold = sites.iter().enumerate();
    let mut offers: Vec<Offer> = sold
        .flat_map(|(at, site)| self::offers(at, site, catalog))
        .collect();
    changes.reprice(&sites, &mut offers);
    let hub = platform.hub.as_ref();
    let is_hub = |site: &Ground<'_>| hub.is_some_and(|hub| site.is_in(&hub.value)) && !changes.lose(site);
    let hub = sites.iter().position(is_hub);
    let mut rules = Rules::default();
    let bars = bars(profiled, platform, changes, &sites, hub, &mut rules);
    let meters = meters(&changes.quotas(platform), &sites, &offers, &mut rules);
    let alternatives = Alternatives::of(graph);
    promises::rules(profiled, &alternatives, &mut rules);
    super::proximity::rules(graph, &mut rules);
    let market = Market {
        profiled,
        catalog,
        sites: &sites,
        offers: &offers,
        bars: &bars,
        meters: &meters,
        alternatives: &alternatives,
        keep,
    };
    let (tasks, candidates, looks) = market.all(&Relevant::of(profiled, platform));
    meters.fill(&tasks, &Overlaps::of(graph), &mut rules);
    let instance = Instance {
        sites: terms(&sites, hub, catalog),
        tasks,
        flows: flows(profiled, &sites, &alternatives, changes),
        order: order(graph),
        lanes: lanes(platform, &sites, catalog),
        rules: rules.rules,
        pipelines: ending(graph),
    };
    let mut problem = Problem {
        profiled,
        platform,
        catalog,
        sites,
        offers,
        candidates,
        looks,
        instance,
        origins: rules.origins,
        hub,
    };
    problem.publish();
    problem
}

/// Which figures of a choice anything depends on: the others need not be good.
#[derive(Clone, Copy, Debug)]
pub struct Relevant {
    /// A deadline, or the makespan.
    pub time: bool,
    /// A bound on emissions, or the goal.
    pub carbon: bool,
}

impl Relevant {
    fn of(profiled: &ProfiledGraph<'_>, platform: &Platform) -> Relevant {
        let graph = profiled.graph;
        let of_pipelines = graph.pipelines.iter().flat_map(|pipeline| &pipeline.promises);
        let mut all = of_pipelines.chain(graph.steps.iter().flat_map(|step| &step.promises));
        let carbon = all
            .clone()
            .any(|promise| matches!(promise.kind, PromiseKind::Carbon { .. }));
        Relevant {
            time: platform.objective.contains(&Goal::Makespan) || all.any(promises::is_about_time),
            carbon: platform.objective.contains(&Goal::Carbon) || carbon,
        }
    }
}

fn ending(graph: &Graph) -> Vec<Vec<usize>> {
    let ending = |steps: &Vec<StepId>| {
        let ending = steps.iter().filter(|step| !graph[**step].kind.always_on());
        ending.map(|step| step.0 as usize).collect()
    };
    graph
        .pipelines
        .iter()
        .map(|pipeline| ending(&pipeline.steps))
        .collect()
}

impl Candidate {
    /// USD per month for machines, expected over all runs.
    pub fn machines(&self) -> f64 {
        self.fit.cost.0 * self.share
    }

    /// The same at p95.
    pub fn machines_p95(&self) -> f64 {
        self.fit.cost.1 * self.share
    }
}

impl Problem<'_, '_> {
    /// What the hub's site costs whether or not a step is there, in USD per month.
    pub fn standing_of_hub(&self) -> f64 {
        let hub = self.hub.and_then(|hub| self.instance.sites.get(hub));
        hub.map_or(0.0, |site| site.standing)
    }

    /// Adds, to each choice, the money of publishing what the step writes to places of its own.
    fn publish(&mut self) {
        let graph = self.profiled.graph;
        for step in &graph.steps {
            let profile: &Profile = &self.profiled[step.id];
            let mut sends: Vec<(Vec<usize>, f64)> = Vec::new();
            for write in &step.writes {
                let size = self
                    .profiled
                    .data
                    .get(write.data.0 as usize)
                    .map_or(0.0, |size| size.p95.in_gb());
                let mut homes = homes(graph, &self.sites, write.data);
                homes.extend(
                    write
                        .at
                        .iter()
                        .flat_map(|at| positions(&self.sites, &at.value))
                        .take(1),
                );
                homes.sort_unstable();
                homes.dedup();
                sends.push((homes, size * profile.runs_per_month.max(1.0)));
            }
            let lane = |from, to| self.instance.lane(from, to).usd;
            let fees: Vec<f64> = (0..self.sites.len())
                .map(|from| {
                    sends
                        .iter()
                        .map(|(homes, gb)| homes.iter().map(|to| lane(from, *to) * gb).sum::<f64>())
                        .sum()
                })
                .collect();
            let at = step.id.0 as usize;
            let (Some(task), Some(candidates)) =
                (self.instance.tasks.get_mut(at), self.candidates.get_mut(at))
            else {
                continue;
            };
            for (choice, candidate) in task.choices.iter_mut().zip(candidates) {
                let fee = fees.get(choice.site).copied().unwrap_or(0.0);
                candidate.publishing = fee * candidate.share;
                choice.cost += candidate.publishing;
                choice.cost_p95 += fee;
            }
        }
    }
}
