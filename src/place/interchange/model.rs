//! Instance -> engine::Model.

use std::collections::BTreeMap;

use super::windows::{Windows, maximal, windows};
use super::{Attribute, Budget, Candidate, Instance, Task};
use crate::place::engine::{self, Lane, Model, Row};

/// A model, and by task and candidate of the model the position of the candidate in the instance.
pub(super) struct Translated {
    pub model: Model,
    pub origin: Vec<Vec<usize>>,
}

/// Translates a sound instance.
pub(super) fn model(instance: &Instance<'_>) -> Translated {
    let names = Names::new(instance);
    let mut model = Model {
        clouds: names.sites.keys().map(|(cloud, _)| names.cloud(cloud)).collect(),
        lanes: lanes(instance, &names),
        edges: edges(instance),
        ..Model::default()
    };
    let windows = windows(instance);
    let quotas = Quotas::new(instance, &names, &windows, &mut model.rows);
    let budgets = Budgets::new(instance, &mut model.rows);
    let pools = pools(instance, &windows, &mut model);
    let mut origin = Vec::new();
    for (position, task) in instance.tasks.iter().enumerate() {
        let allowed = task.candidates.iter().enumerate();
        let allowed: Vec<(usize, &Candidate<'_>)> = allowed
            .filter(|(_, candidate)| !banned(task, candidate))
            .collect();
        let candidate = |(_, candidate): &(usize, &Candidate<'_>)| {
            let mut uses = quotas.uses(task, candidate, &names);
            uses.extend(budgets.uses(position, candidate));
            uses.extend(pool_uses(instance, &pools, task, candidate));
            engine::Candidate {
                site: names.site(candidate),
                cost: candidate.cost_usd,
                times: instance.deadline_s.iter().map(|_| candidate.time_s).collect(),
                uses,
            }
        };
        model.tasks.push(engine::Task {
            candidates: allowed.iter().map(candidate).collect(),
            dues: Vec::new(),
        });
        origin.push(allowed.into_iter().map(|(position, _)| position).collect());
    }
    if let Some(within) = instance.deadline_s {
        model.deadlines.push(engine::Deadline {
            ends: (0..instance.tasks.len()).collect(),
            within,
        });
    }
    Translated { model, origin }
}

fn banned(task: &Task<'_>, candidate: &Candidate<'_>) -> bool {
    task.ban.iter().any(|place| covers(place, candidate))
}

/// True if a place, `cloud` or `cloud/region`, has the candidate in it.
fn covers(place: &str, candidate: &Candidate<'_>) -> bool {
    match place.split_once('/') {
        Some((cloud, region)) => cloud == candidate.cloud && region == candidate.region,
        None => place == candidate.cloud,
    }
}

/// Numbers of what the instance names.
struct Names<'i> {
    sites: BTreeMap<(&'i str, &'i str), usize>,
    clouds: BTreeMap<&'i str, usize>,
}

impl<'i> Names<'i> {
    fn new(instance: &'i Instance<'_>) -> Names<'i> {
        let all = instance.tasks.iter().flat_map(|task| &task.candidates);
        let mut sites: BTreeMap<(&str, &str), usize> = all
            .map(|candidate| ((candidate.cloud.as_ref(), candidate.region.as_ref()), 0))
            .collect();
        sites
            .values_mut()
            .enumerate()
            .for_each(|(position, site)| *site = position);
        let mut clouds: BTreeMap<&str, usize> = sites.keys().map(|(cloud, _)| (*cloud, 0)).collect();
        clouds
            .values_mut()
            .enumerate()
            .for_each(|(position, cloud)| *cloud = position);
        Names { sites, clouds }
    }

    fn site(&self, candidate: &Candidate<'_>) -> usize {
        let key = (candidate.cloud.as_ref(), candidate.region.as_ref());
        self.sites.get(&key).copied().unwrap_or_default()
    }

    fn cloud(&self, cloud: &str) -> usize {
        self.clouds.get(cloud).copied().unwrap_or_default()
    }

    fn place(&self, place: &str) -> Option<usize> {
        self.sites.get(&place.split_once('/')?).copied()
    }
}

fn lanes(instance: &Instance<'_>, names: &Names<'_>) -> Vec<Vec<Lane>> {
    let sites = names.sites.len();
    let mut lanes = vec![vec![Lane::default(); sites]; sites];
    let mut each = |pair: &str, set: &dyn Fn(&mut Lane)| {
        let ends = pair.split_once("->");
        let ends = ends.and_then(|(from, to)| Some((names.place(from)?, names.place(to)?)));
        let Some((from, to)) = ends.filter(|(from, to)| from != to) else {
            return;
        };
        lanes
            .iter_mut()
            .skip(from)
            .take(1)
            .flat_map(|row| row.iter_mut().skip(to).take(1))
            .for_each(set);
    };
    for (pair, price) in &instance.egress_usd_per_gb {
        each(pair, &|lane| lane.price = *price);
    }
    // Without a deadline nobody waits, and prices alone may have a simpler form.
    for (pair, delay) in instance
        .egress_s_per_gb
        .iter()
        .filter(|_| instance.deadline_s.is_some())
    {
        each(pair, &|lane| lane.delay = *delay);
    }
    lanes
}

fn edges(instance: &Instance<'_>) -> Vec<engine::Edge> {
    let tasks: BTreeMap<&str, usize> = instance
        .tasks
        .iter()
        .enumerate()
        .map(|(position, task)| (task.id.as_ref(), position))
        .collect();
    let edge = |edge: &super::Edge<'_>| {
        Some(engine::Edge {
            from: *tasks.get(edge.from.as_ref())?,
            to: *tasks.get(edge.to.as_ref())?,
            paid: edge.gb,
            awaited: edge.gb,
            ..engine::Edge::default()
        })
    };
    instance.edges.iter().filter_map(edge).collect()
}

/// Rows of quotas: one for each window that matters.
struct Quotas<'i> {
    /// By class and cloud, then class and site, the rows by window.
    clouds: BTreeMap<(&'i str, usize), Vec<BTreeMap<u32, usize>>>,
    sites: BTreeMap<(&'i str, usize), Vec<BTreeMap<u32, usize>>>,
}

impl<'i> Quotas<'i> {
    fn new(
        instance: &'i Instance<'_>,
        names: &Names<'_>,
        windows: &Windows,
        rows: &mut Vec<Row>,
    ) -> Quotas<'i> {
        let everywhere = maximal(windows, windows.keys().copied());
        let mut quotas = Quotas {
            clouds: BTreeMap::new(),
            sites: BTreeMap::new(),
        };
        for quota in &instance.quotas {
            let of = match &quota.windows {
                Some(own) => maximal(windows, own.iter().copied()),
                None => everywhere.clone(),
            };
            let mut row = |window: u32| {
                rows.push(Row::Limit(quota.limit));
                (window, rows.len() - 1)
            };
            let class = quota.class.as_ref();
            if let Some(site) = names.place(&quota.scope) {
                let of = of.into_iter().map(&mut row).collect();
                quotas.sites.entry((class, site)).or_default().push(of);
            } else if let Some(cloud) = names.clouds.get(quota.scope.as_ref()) {
                let of = of.into_iter().map(&mut row).collect();
                quotas.clouds.entry((class, *cloud)).or_default().push(of);
            }
        }
        quotas
    }

    fn uses(&self, task: &Task<'_>, candidate: &Candidate<'_>, names: &Names<'_>) -> Vec<(usize, f64)> {
        let mut uses = Vec::new();
        for (class, amount) in candidate.uses.iter().filter(|_| candidate.pool.is_none()) {
            let cloud = self.clouds.get(&(class.as_ref(), names.cloud(&candidate.cloud)));
            let site = self.sites.get(&(class.as_ref(), names.site(candidate)));
            for rows in cloud.into_iter().chain(site).flatten() {
                let rows = task.windows.iter().filter_map(|window| rows.get(window));
                uses.extend(rows.map(|row| (*row, *amount)));
            }
        }
        uses.sort_by_key(|(row, _)| *row);
        // A window that is named twice counts once.
        uses.dedup_by_key(|(row, _)| *row);
        uses
    }
}

/// Rows of budgets, and which tasks they are about.
struct Budgets<'i> {
    rows: Vec<(usize, &'i Budget<'i>, Vec<bool>)>,
}

impl<'i> Budgets<'i> {
    fn new(instance: &'i Instance<'i>, rows: &mut Vec<Row>) -> Budgets<'i> {
        let budget = |budget: &'i Budget<'i>| {
            rows.push(Row::Limit(budget.limit));
            let named = |task: &Task<'_>| budget.tasks.as_ref().is_none_or(|tasks| tasks.contains(&task.id));
            (rows.len() - 1, budget, instance.tasks.iter().map(named).collect())
        };
        Budgets {
            rows: instance.budgets.iter().map(budget).collect(),
        }
    }

    fn uses(&self, task: usize, candidate: &Candidate<'_>) -> impl Iterator<Item = (usize, f64)> {
        let named = self
            .rows
            .iter()
            .filter(move |(.., tasks)| tasks.get(task) == Some(&true));
        let amounts = (candidate.co2_kg, candidate.cost_usd);
        named.map(move |(row, budget, _)| match budget.attr {
            Attribute::Carbon => (*row, amounts.0),
            Attribute::Cost => (*row, amounts.1),
        })
    }
}

/// By pool, its rows by window.
fn pools(instance: &Instance<'_>, windows: &Windows, model: &mut Model) -> Vec<BTreeMap<u32, usize>> {
    let everywhere = maximal(windows, windows.keys().copied());
    let mut pools = Vec::new();
    for (position, pool) in instance.pools.iter().enumerate() {
        model.pools.push(engine::Pool {
            price: pool.price_usd,
            limit: pool.limit as usize,
        });
        let first = model.rows.len();
        model.rows.extend(everywhere.iter().map(|_| Row::Pool(position)));
        pools.push(everywhere.iter().copied().zip(first..).collect());
    }
    pools
}

fn pool_uses(
    instance: &Instance<'_>,
    pools: &[BTreeMap<u32, usize>],
    task: &Task<'_>,
    candidate: &Candidate<'_>,
) -> Vec<(usize, f64)> {
    let position = instance
        .pools
        .iter()
        .position(|pool| Some(&pool.id) == candidate.pool.as_ref());
    let Some((rows, pool)) = position.and_then(|at| pools.get(at).zip(instance.pools.get(at))) else {
        return Vec::new();
    };
    let amount = candidate.uses.get(&pool.class).copied().unwrap_or_default();
    let mut uses: Vec<(usize, f64)> = task
        .windows
        .iter()
        .filter_map(|window| Some((*rows.get(window)?, amount)))
        .collect();
    uses.sort_by_key(|(row, _)| *row);
    uses.dedup_by_key(|(row, _)| *row);
    uses
}
