//! Graph, platform and catalogue -> instance: what could be, in numbers.

use super::capacity::{Meters, meters};
use super::fit::{Fit, Misfit, fit};
use super::frontier::frontier;
use super::instance::{Choice, Flow, Instance, Source, Task};
use super::locked::Placements;
use super::offers::{Offer, offers};
use super::overlap::Overlaps;
use super::promises;
use super::rules::{Bar, Origin, Rules, bars};
use super::sites::{Ground, lanes, sites, terms};
use super::storage;
use crate::catalog::{Catalog, Pricing};
use crate::graph::SiteRef;
use crate::graph::model::{DataId, Goal, Graph, Platform, Read, Step};
use crate::profile::model::{Profile, ProfiledGraph};
use crate::quantity::Bytes;

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
    /// How the step runs on it.
    pub fit: Fit,
    /// USD per month of what it stores there.
    pub storage: f64,
    /// USD per month of publishing what it writes to places of their own.
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

/// The problem of placing `profiled` on `platform`.
pub fn assemble<'g, 'a>(
    profiled: &'g ProfiledGraph<'g>,
    platform: &'g Platform,
    catalog: &'a Catalog,
    locked: Option<&Placements>,
) -> Problem<'g, 'a>
where
    'g: 'a,
{
    let graph = profiled.graph;
    let sites = sites(platform, catalog);
    let offers: Vec<Offer> = sites
        .iter()
        .enumerate()
        .flat_map(|(at, site)| self::offers(at, site, catalog))
        .collect();
    let hub = platform
        .hub
        .as_ref()
        .and_then(|hub| sites.iter().position(|site| site.is_in(&hub.value)));
    let mut rules = Rules::default();
    let bars = bars(profiled, platform, &sites, hub, &mut rules);
    let meters = meters(platform, &sites, &offers, &mut rules);
    promises::rules(profiled, &mut rules);
    super::proximity::rules(graph, &mut rules);
    let market = Market {
        profiled,
        catalog,
        sites: &sites,
        offers: &offers,
        bars: &bars,
        meters: &meters,
        locked,
    };
    let relevant = Relevant::of(profiled, platform);
    let (mut tasks, mut candidates, mut looks) = (Vec::new(), Vec::new(), Vec::new());
    for step in &graph.steps {
        let (choices, own, look) = market.choices(step, &relevant);
        tasks.push(Task { choices });
        candidates.push(own);
        looks.push(look);
    }
    meters.fill(&tasks, &Overlaps::of(graph), &mut rules);
    let instance = Instance {
        sites: terms(&sites, hub, catalog),
        tasks,
        flows: flows(profiled, &sites),
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
            .any(|promise| matches!(promise.kind, crate::graph::model::PromiseKind::Carbon { .. }));
        Relevant {
            time: platform.objective.contains(&Goal::Makespan) || all.any(promises::is_about_time),
            carbon: platform.objective.contains(&Goal::Carbon) || carbon,
        }
    }
}

struct Market<'m, 'g> {
    profiled: &'g ProfiledGraph<'g>,
    catalog: &'m Catalog,
    sites: &'m [Ground<'m>],
    offers: &'m [Offer],
    bars: &'m [Bar<'g>],
    meters: &'m Meters<'m>,
    locked: Option<&'m Placements>,
}

impl Market<'_, '_> {
    /// Every offer on which the step can run, barred or not, but those that another beats in every respect.
    fn choices(&self, step: &Step, relevant: &Relevant) -> (Vec<Choice>, Vec<Candidate>, Look) {
        let profile = &self.profiled[step.id];
        let mut look = Look {
            fitting: 0,
            misses: vec![None; self.sites.len()],
        };
        let mut fits = vec![false; self.sites.len()];
        let mut pairs = Vec::new();
        for (at, offer) in self.offers.iter().enumerate() {
            let provider = self.sites.get(offer.site).and_then(Ground::provider);
            if suits(step, offer) {
                match fit(step, profile, offer, self.catalog, provider) {
                    Ok(fit) => {
                        look.fitting += 1;
                        fits.iter_mut()
                            .skip(offer.site)
                            .take(1)
                            .for_each(|fits| *fits = true);
                        pairs.push(self.pair(step, at, offer, fit));
                    }
                    Err(misfit) => {
                        let nearest = look.misses.iter_mut().skip(offer.site).take(1);
                        nearest.for_each(|nearest| *nearest = nearest.clone().max(Some(misfit.clone())));
                    }
                }
            }
        }
        for (miss, fits) in look.misses.iter_mut().zip(fits) {
            miss.take_if(|_| fits);
        }
        let was = self
            .locked
            .and_then(|locked| locked.get(self.profiled.graph, step));
        let keep = |candidate: &Candidate| {
            let offer = self.offers.get(candidate.offer);
            offer.zip(was).is_some_and(|(offer, was)| {
                let site = self
                    .sites
                    .get(offer.site)
                    .is_some_and(|site| site.name == was.site);
                site && offer.machine == was.machine && offer.pricing == was.pricing
            })
        };
        let (choices, candidates) = frontier(pairs, relevant, self.offers, keep).into_iter().unzip();
        (choices, candidates, look)
    }

    fn pair(&self, step: &Step, at: usize, offer: &Offer, fit: Fit) -> (Choice, Candidate) {
        let profile = &self.profiled[step.id];
        let site = self.sites.get(offer.site);
        let storage = site.map(|site| storage::monthly(self.profiled.graph, profile, site, self.catalog));
        let storage = storage.unwrap_or_default().in_usd();
        let forbids = |bar: &&Bar<'_>| bar.forbids(self.profiled, step, self.sites, offer);
        let choice = Choice {
            site: offer.site,
            cost: fit.cost.0 + storage,
            cost_p95: fit.cost.1 + storage,
            time: fit.time,
            carbon: fit.carbon,
            uses: self.meters.uses(offer, &fit, self.sites),
            barred: self.bars.iter().filter(forbids).map(|bar| bar.rule).collect(),
        };
        (
            choice,
            Candidate {
                offer: at,
                fit,
                storage,
                publishing: 0.0,
            },
        )
    }
}

/// What is always on does not run on spot machines unless its author says so.
fn suits(step: &Step, offer: &Offer) -> bool {
    let asked = step.only.iter().any(|line| line.pricing == Some(Pricing::Spot));
    offer.pricing != Pricing::Spot || !step.kind.always_on() || asked
}

/// Positions of the sites that `site` names.
fn positions(sites: &[Ground<'_>], site: &SiteRef) -> Vec<usize> {
    let all = sites.iter().enumerate().filter(|(_, ground)| ground.is_in(site));
    all.map(|(at, _)| at).collect()
}

fn homes(graph: &Graph, sites: &[Ground<'_>], data: DataId) -> Vec<usize> {
    let mut all: Vec<usize> = graph[data]
        .at
        .iter()
        .flat_map(|at| positions(sites, &at.site.value))
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn flows(profiled: &ProfiledGraph<'_>, sites: &[Ground<'_>]) -> Vec<Flow> {
    let graph = profiled.graph;
    let mut flows = Vec::new();
    for step in &graph.steps {
        let runs = profiled[step.id].runs_per_month.max(1.0);
        for read in &step.reads {
            for (from, size) in sources(profiled, sites, read) {
                flows.push(Flow {
                    data: read.data.0 as usize,
                    from,
                    to: step.id.0 as usize,
                    gb: size.in_gb() * share(graph, read),
                    runs,
                    waits: read.orders,
                });
            }
        }
    }
    flows
}

/// Where what is read comes from, and the size of a whole version there.
fn sources(profiled: &ProfiledGraph<'_>, sites: &[Ground<'_>], read: &Read) -> Vec<(Source, Bytes)> {
    let graph = profiled.graph;
    let size = profiled
        .data
        .get(read.data.0 as usize)
        .map_or(Bytes::ZERO, |size| size.p95);
    let homes = homes(graph, sites, read.data);
    if !homes.is_empty() {
        return vec![(Source::Copies(homes), size)];
    }
    let writer = |id: &crate::graph::model::StepId| {
        let own = graph[*id].writes.iter().find(|write| write.data == read.data);
        // Alternatives may write versions of unlike size; in a fan-out, `size` is of one item.
        let own = own
            .and_then(|write| write.size.as_ref())
            .filter(|_| graph[*id].each.is_empty());
        (Source::Task(id.0 as usize), own.map_or(size, |own| own.value))
    };
    graph[read.data].writers.iter().map(writer).collect()
}

/// The share of a version that is read when only its newest partitions are.
fn share(graph: &Graph, read: &Read) -> f64 {
    const YEAR: f64 = 365.0 * 86_400.0;
    let span = graph[read.data].keep.map_or(YEAR, |keep| keep.0.max(1.0));
    read.last.map_or(1.0, |last| (last.0 / span).clamp(0.0, 1.0))
}

fn order(graph: &Graph) -> Vec<(usize, usize)> {
    let pairs = graph.steps.iter().flat_map(|step| {
        step.predecessors
            .iter()
            .map(|before| (before.0 as usize, step.id.0 as usize))
    });
    pairs.collect()
}

fn ending(graph: &Graph) -> Vec<Vec<usize>> {
    let ending = |steps: &Vec<crate::graph::model::StepId>| {
        let ending = steps.iter().filter(|step| !graph[**step].kind.always_on());
        ending.map(|step| step.0 as usize).collect()
    };
    graph
        .pipelines
        .iter()
        .map(|pipeline| ending(&pipeline.steps))
        .collect()
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
                candidate.publishing = fees.get(choice.site).copied().unwrap_or(0.0);
                choice.cost += candidate.publishing;
                choice.cost_p95 += candidate.publishing;
            }
        }
    }
}
