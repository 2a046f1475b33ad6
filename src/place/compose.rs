//! Picks -> plan: the decision in the words of the platform, with all its figures.

use std::collections::{BTreeMap, BTreeSet};

use super::assemble::{Candidate, Problem};
use super::evaluate::Evaluation;
use super::model::{Assignment, Cost, ItemRun, Movement, Plan, Site, SiteId, Solution};
use super::pools::{Pools, pools};
use super::{outcomes, reasons};
use crate::graph::model::{DataId, PipelineId, StepId};
use crate::quantity::{Bytes, Grams, MicroUsd, Seconds};

/// The plan that `picks` (a choice for each step) make.
pub fn compose<'g>(
    problem: &Problem<'g, '_>,
    picks: &[usize],
    evaluation: &Evaluation,
    solution: Solution,
) -> Plan<'g> {
    let chosen: Vec<&Candidate> = problem
        .candidates
        .iter()
        .zip(picks)
        .filter_map(|(candidates, pick)| candidates.get(*pick))
        .collect();
    let hubs = hubs(problem, &chosen);
    let running: BTreeSet<usize> = chosen
        .iter()
        .map(|candidate| site_of(problem, candidate))
        .chain(hubs.iter().copied())
        .collect();
    let sources = evaluation.transfers.keys().map(|(_, from, _)| *from);
    let used: Vec<usize> = running
        .iter()
        .copied()
        .chain(sources)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let id = |site: usize| SiteId(used.binary_search(&site).unwrap_or(0) as u32);
    let pools = pools(problem, &chosen, id);
    Plan {
        profiled: problem.profiled,
        sites: used
            .iter()
            .filter_map(|site| plan_site(problem, *site, running.contains(site)))
            .collect(),
        assignments: assignments(problem, picks, &chosen, evaluation, &pools, id),
        moves: moves(problem, &chosen, evaluation, id),
        homes: homes(problem, &chosen)
            .into_iter()
            .map(|home| home.filter(|home| used.contains(home)).map(id))
            .collect(),
        hubs: hubs.iter().map(|hub| id(*hub)).collect(),
        promises: outcomes::outcomes(problem, &chosen, evaluation),
        cost: cost(problem, &chosen, evaluation, pools.saved),
        pools: pools.pools,
        solution,
    }
}

/// Position of the candidate's site in the problem.
pub fn site_of(problem: &Problem<'_, '_>, candidate: &Candidate) -> usize {
    problem.offers.get(candidate.offer).map_or(0, |offer| offer.site)
}

fn plan_site(problem: &Problem<'_, '_>, at: usize, runs: bool) -> Option<Site> {
    let site = problem.sites.get(at)?;
    Some(Site {
        name: site.name.clone(),
        region: site
            .region
            .map(|at| (at.cloud.provider, at.region.name.value.clone())),
        cluster: site.cluster_name.clone(),
        country: site.country().to_owned(),
        on_premises: site.region.is_none(),
        runs,
    })
}

/// The site that starts each pipeline's runs: the platform's hub, else where its last step runs, else where most of
/// its machine hours are.
fn hubs(problem: &Problem<'_, '_>, chosen: &[&Candidate]) -> Vec<usize> {
    let graph = problem.profiled.graph;
    let candidate = |step: &StepId| chosen.get(step.0 as usize).copied();
    let busiest = |steps: &[StepId]| {
        let mut hours: BTreeMap<usize, f64> = BTreeMap::new();
        for candidate in steps.iter().filter_map(candidate) {
            *hours.entry(site_of(problem, candidate)).or_default() += candidate.fit.hours;
        }
        // The first of equals: `max_by` would take the last.
        hours
            .into_iter()
            .rev()
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(site, _)| site)
    };
    let hub = |pipeline: &crate::graph::model::Pipeline| {
        let last = pipeline.steps.iter().find(|step| graph[**step].finally);
        let last = last
            .and_then(candidate)
            .map(|candidate| site_of(problem, candidate));
        problem
            .hub
            .or(last)
            .or_else(|| busiest(&pipeline.steps))
            .unwrap_or(0)
    };
    graph.pipelines.iter().map(hub).collect()
}

/// Where each data set is: its first copy, else beside the first step that writes it.
fn homes(problem: &Problem<'_, '_>, chosen: &[&Candidate]) -> Vec<Option<usize>> {
    let home = |data: &crate::graph::model::DataSet| {
        let copy = data
            .at
            .iter()
            .find_map(|at| problem.sites.iter().position(|site| site.is_in(&at.site.value)));
        let writer = data
            .writers
            .first()
            .and_then(|writer| chosen.get(writer.0 as usize));
        copy.or_else(|| writer.map(|candidate| site_of(problem, candidate)))
    };
    problem.profiled.graph.data.iter().map(home).collect()
}

fn hours(hours: f64) -> Seconds {
    Seconds(hours * 3600.0)
}

fn assignments(
    problem: &Problem<'_, '_>,
    picks: &[usize],
    chosen: &[&Candidate],
    evaluation: &Evaluation,
    pools: &Pools,
    id: impl Fn(usize) -> SiteId,
) -> Vec<Assignment> {
    let graph = problem.profiled.graph;
    let rows = graph
        .steps
        .iter()
        .zip(chosen)
        .zip(&evaluation.ends)
        .zip(&pools.of);
    rows.map(|(((step, candidate), ends), pool)| Assignment {
        step: step.id,
        site: id(site_of(problem, candidate)),
        pool: *pool,
        machines: candidate.fit.machines,
        item: item(candidate),
        duration: hours(candidate.fit.time.p50),
        duration_p95: hours(candidate.fit.time.p95),
        ends: hours(*ends),
        monthly: MicroUsd::usd(candidate.machines()),
        monthly_p95: MicroUsd::usd(candidate.machines_p95()),
        because: reasons::because(problem, step, picks),
        runner_up: reasons::runner_up(problem, step, picks, evaluation),
        considered: reasons::considered(problem, step),
    })
    .collect()
}

fn item(candidate: &Candidate) -> ItemRun {
    let fit = &candidate.fit;
    ItemRun {
        p50: hours(fit.item.p50),
        p95: hours(fit.item.p95),
        start: hours(fit.start),
        per_machine: fit.per_machine,
        hourly: MicroUsd::usd(fit.hourly),
        kept: MicroUsd::usd(candidate.storage + candidate.publishing),
    }
}

fn moves(
    problem: &Problem<'_, '_>,
    chosen: &[&Candidate],
    evaluation: &Evaluation,
    id: impl Fn(usize) -> SiteId,
) -> Vec<Movement> {
    let flows = &problem.instance.flows;
    let movement = |((data, from, to), usd): (&(usize, usize, usize), &f64)| {
        let here = |task: usize| {
            chosen
                .get(task)
                .is_some_and(|candidate| site_of(problem, candidate) == *to)
        };
        let reading: Vec<_> = flows
            .iter()
            .filter(|flow| flow.data == *data && here(flow.to))
            .collect();
        let gb = reading.iter().map(|flow| flow.gb).fold(0.0, f64::max);
        let mut readers: Vec<StepId> = reading.iter().map(|flow| StepId(flow.to as u32)).collect();
        readers.sort_unstable();
        readers.dedup();
        Movement {
            data: DataId(*data as u32),
            from: id(*from),
            to: id(*to),
            size: Bytes::round(gb * 1e9),
            time: hours(problem.instance.lane(*from, *to).hours * gb),
            monthly: MicroUsd::usd(*usd),
            readers,
        }
    };
    evaluation.transfers.iter().map(movement).collect()
}

fn cost(problem: &Problem<'_, '_>, chosen: &[&Candidate], evaluation: &Evaluation, shared: MicroUsd) -> Cost {
    let sum = |of: &dyn Fn(&Candidate) -> f64| {
        chosen
            .iter()
            .map(|candidate| MicroUsd::usd(of(candidate)))
            .sum::<MicroUsd>()
    };
    let machines = sum(&|candidate| candidate.machines()) - shared;
    let storage = sum(&|candidate| candidate.storage);
    let standing = MicroUsd::usd(evaluation.standing) + MicroUsd::usd(problem.standing_of_hub());
    let pulled: MicroUsd = evaluation.transfers.values().map(|usd| MicroUsd::usd(*usd)).sum();
    let transfer = pulled + sum(&|candidate| candidate.publishing);
    let total = machines + standing + storage + transfer;
    let spread = sum(&|candidate| candidate.machines_p95() - candidate.machines());
    Cost {
        machines,
        standing,
        storage,
        transfer,
        total,
        total_p95: total + spread,
        shared,
        carbon: Grams(evaluation.carbon * 1000.0),
        by_pipeline: by_pipeline(problem, chosen, evaluation, standing),
    }
}

/// What each pipeline's steps, storage and transfers cost, and an equal part of what stands.
fn by_pipeline(
    problem: &Problem<'_, '_>,
    chosen: &[&Candidate],
    evaluation: &Evaluation,
    standing: MicroUsd,
) -> Vec<(PipelineId, MicroUsd)> {
    let graph = problem.profiled.graph;
    let part = standing.times(1.0 / graph.pipelines.len().max(1) as f64);
    let own = |pipeline: &crate::graph::model::Pipeline| {
        let steps = pipeline
            .steps
            .iter()
            .filter_map(|step| chosen.get(step.0 as usize));
        let steps: f64 = steps
            .map(|candidate| candidate.machines() + candidate.storage + candidate.publishing)
            .sum();
        let pulled = evaluation.transfers.iter().filter(|((data, ..), _)| {
            graph
                .data
                .get(*data)
                .is_some_and(|data| data.pipeline == pipeline.id)
        });
        let pulled: f64 = pulled.map(|(_, usd)| usd).sum();
        (pipeline.id, MicroUsd::usd(steps + pulled) + part)
    };
    graph.pipelines.iter().map(own).collect()
}
