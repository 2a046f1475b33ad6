//! Money: what steps cost so far, as recorded series, and the alerts of a budget.

use std::collections::BTreeMap;

use super::cluster::{hub, labels};
use super::humanize::Show;
use super::metrics::{BUSY, COST, COST_PER_HOUR};
use super::price;
use super::promise::About;
use super::promql::{equals, number, one_of, selector, with_matchers};
use super::rule::{Alert, Case, Record};
use super::series::{Level, Series};
use super::service::Service;
use crate::graph::{PipelineId, Promise, StepId};
use crate::lower::{Lowering, names};
use crate::place::SiteId;
use crate::quantity::{MicroUsd, Per, Seconds};

/// Days of a month of 730 hours, which prices use.
const MONTH_DAYS: f64 = 730.0 / 24.0;

/// What the steps of a pipeline cost at a site, as its cluster records it, without those that cost nothing that is known.
/// Steps of one price share a rule.
pub fn records(input: &Lowering<'_>, pipeline: PipelineId, site: SiteId) -> Vec<Record> {
    let graph = input.graph();
    let record = |name: &str, step: Option<StepId>, expr: String| {
        let mut labels = labels(input, pipeline, step, site, "cost");
        labels.remove("kind");
        Record {
            record: name.into(),
            expr,
            labels,
        }
    };
    let here = graph[pipeline]
        .steps
        .iter()
        .filter(|step| input.plan[**step].site == site);
    let mut records = Vec::new();
    let mut shared: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for step in here {
        if graph[*step].kind.always_on() {
            let price = price::of_replica_hour(input, *step);
            let up = Service::of(graph, *step).up();
            let expr = format!("sum({up}) * {}", number(price));
            records.extend((price > 0.0).then(|| record(COST_PER_HOUR, Some(*step), expr)));
        } else {
            let price = price::of_second(input, *step);
            if price > 0.0 {
                shared
                    .entry(price::text(price))
                    .or_default()
                    .push(&graph[*step].name.value);
            }
        }
    }
    let mut shared: Vec<(String, Vec<&str>)> = shared.into_iter().collect();
    shared.sort_by(|a, b| a.1.cmp(&b.1));
    for (price, steps) in shared {
        let of = vec![
            equals("pipeline", &graph[pipeline].name.value),
            one_of("step", &steps),
        ];
        let busy = with_matchers(&BUSY.exposed(), of);
        records.push(record(COST, None, format!("sum by (step) ({busy}) * {price}")));
    }
    records
}

/// The alerts of a budget: more is spent than allowed over its whole period; per month, also when a week has spent at twice
/// the rate.
pub fn alerts(
    input: &Lowering<'_>,
    about: About,
    promise: &Promise,
    amount: MicroUsd,
    per: Per,
) -> Result<Vec<(SiteId, Alert)>, &'static str> {
    let limits = limits(input, about, amount.in_usd(), per)?.into_iter();
    let site = hub(input, about.pipeline);
    Ok(limits
        .map(|limit| (site, alert(input, about, promise, limit)))
        .collect())
}

fn limits(input: &Lowering<'_>, about: About, usd: f64, per: Per) -> Result<Vec<Limit>, &'static str> {
    let (name, money) = (about.name(input), number(usd));
    let of_month = |days: f64| usd * days / MONTH_DAYS;
    let limit = |what, days, usd, summary| Limit {
        what,
        days,
        usd,
        summary,
    };
    Ok(match per {
        Per::Month => {
            let spent = format!("{name} costs more than {money} USD a month");
            let fast = format!("{name} costs twice {money} USD a month, for a week");
            vec![
                limit("per month", 30.0, of_month(30.0), spent),
                limit("burn", 7.0, 2.0 * of_month(7.0), fast),
            ]
        }
        Per::Day => {
            vec![limit(
                "per day",
                1.0,
                usd,
                format!("{name} costs more than {money} USD a day"),
            )]
        }
        Per::Run => {
            // Runs come at the pace of the schedule; a week of them has cost at most so much.
            let week = runs_per_month(input, about) * 7.0 / MONTH_DAYS;
            if week <= 0.0 {
                return Err("without a schedule, nothing tells how many runs were paid");
            }
            let dear = format!("runs of {name} cost more than {money} USD each");
            vec![limit("per run", 7.0, usd * week.max(1.0), dear)]
        }
        Per::Hour | Per::Gb | Per::Request | Per::KWh => return Err("a budget is per run, day or month"),
    })
}

/// So much in so many days.
struct Limit {
    what: &'static str,
    days: f64,
    usd: f64,
    summary: String,
}

fn runs_per_month(input: &Lowering<'_>, about: About) -> f64 {
    let mut profiles = input.plan.profiled.steps.iter();
    profiles
        .find(|profile| about_step(input, about, profile.step))
        .map_or(0.0, |profile| profile.runs_per_month)
}

fn about_step(input: &Lowering<'_>, about: About, step: StepId) -> bool {
    about
        .step
        .map_or(input.graph()[step].pipeline == about.pipeline, |own| own == step)
}

fn alert(input: &Lowering<'_>, about: About, promise: &Promise, limit: Limit) -> Alert {
    let graph = input.graph();
    let mut matchers = vec![("pipeline", graph[about.pipeline].name.value.as_str())];
    if let Some(step) = about.step {
        matchers.push(("step", &graph[step].name.value));
    }
    let (runs, hours) = (selector(COST, &matchers), selector(COST_PER_HOUR, &matchers));
    let standing = standing(input, about) * limit.days / MONTH_DAYS;
    let (window, length) = (format!("{}d", limit.days), number(limit.days * 24.0));
    let mut alert = about.alert(input, hub(input, about.pipeline), "budget", promise);
    alert.name += &names::alert(&[limit.what]);
    alert.severity = if promise.weight.is_none() {
        "ticket"
    } else {
        "info"
    };
    alert.expr = format!(
        "(sum(increase({runs}[{window}])) or vector(0))\n  \
         + (sum(avg_over_time({hours}[{window}])) or vector(0)) * {length}\n  \
         > {}",
        number((limit.usd - standing).max(0.0))
    );
    alert.summary = limit.summary.into();
    alert.value = Some(Show::Number);
    let series = sample_name(input, about);
    let spend = |hourly: f64| vec![Series::gauge(&series, &[Level::new(hourly, 31)])];
    // So much in an hour that the window's mean exceeds the limit; no money at all on a quiet day.
    alert.case = Some(Case::new(
        Seconds(1800.0),
        (spend(2.0 * limit.usd / (limit.days * 24.0)), 2.0 * limit.usd),
        spend(0.0),
    ));
    alert
}

fn sample_name(input: &Lowering<'_>, about: About) -> String {
    let graph = input.graph();
    let step = about.step.map_or("sample", |step| &graph[step].name.value);
    selector(
        COST_PER_HOUR,
        &[("pipeline", &graph[about.pipeline].name.value), ("step", step)],
    )
}

/// USD per month for what stands or lies there: storage and transfer, as planned. Of a step, nothing is known.
fn standing(input: &Lowering<'_>, about: About) -> f64 {
    if about.step.is_some() {
        return 0.0;
    }
    let planned = input
        .plan
        .cost
        .by_pipeline
        .iter()
        .find(|(pipeline, _)| *pipeline == about.pipeline);
    let machines = input
        .plan
        .assignments
        .iter()
        .filter(|plan| about_step(input, about, plan.step));
    let machines: MicroUsd = machines.map(|plan| plan.monthly).sum();
    planned.map_or(0.0, |(_, total)| (*total - machines).in_usd().max(0.0))
}
