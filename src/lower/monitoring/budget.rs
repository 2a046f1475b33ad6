//! Money: what steps cost so far, as recorded series, and the alerts of a budget.

use std::collections::BTreeMap;

use super::cluster::{hub, labels, site_of};
use super::humanize::Show;
use super::metrics::{BUSY, COST, COST_PER_HOUR};
use super::price;
use super::promise::About;
use super::promql::{number, selector};
use super::rule::{Alert, Case, Record};
use super::series::{Level, Series};
use super::service::Service;
use crate::graph::{Promise, StepId};
use crate::lower::{Lowering, names};
use crate::place::SiteId;
use crate::quantity::{MicroUsd, Per, Seconds};

/// Days of a month of 730 hours, which prices use.
const MONTH_DAYS: f64 = 730.0 / 24.0;

/// What a step costs, as its cluster records it; `None` if it costs nothing that is known.
pub fn record(input: &Lowering<'_>, step: StepId) -> Option<(SiteId, Record)> {
    let graph = input.graph();
    let node = &graph[step];
    let pipeline = &graph[node.pipeline].name.value;
    let (name, expr, price) = if node.kind.always_on() {
        let price = price::of_replica_hour(input, step);
        let up = Service::of(graph, step).up();
        (COST_PER_HOUR, format!("sum({up}) * {}", number(price)), price)
    } else {
        let price = price::of_second(input, step);
        let busy = selector(
            &BUSY.exposed(),
            &[("pipeline", pipeline), ("step", &node.name.value)],
        );
        (COST, format!("sum({busy}) * {}", number(price)), price)
    };
    let site = site_of(input, node.pipeline, &[step]);
    let mut set = labels(input, node.pipeline, Some(step), site, "cost");
    set.remove("kind");
    let record = Record {
        record: name.into(),
        expr,
        labels: set,
    };
    (price > 0.0).then_some((site, record))
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
    let usd = amount.in_usd();
    let site = hub(input, about.pipeline);
    let runs = input
        .plan
        .profiled
        .steps
        .iter()
        .find(|profile| about_step(input, about, profile.step));
    let per_day = |days: f64| usd / days;
    let made = match per {
        Per::Month => vec![
            alert(
                input,
                about,
                promise,
                ("exceeded", "30d", 30.0, per_day(MONTH_DAYS) * 30.0),
            ),
            alert(
                input,
                about,
                promise,
                ("burn", "7d", 7.0, 2.0 * per_day(MONTH_DAYS) * 7.0),
            ),
        ],
        Per::Day => vec![alert(input, about, promise, ("exceeded", "1d", 1.0, usd))],
        Per::Run => {
            // Runs come at the pace of the schedule, so a week of them has cost at most so much.
            let week = runs.map_or(0.0, |profile| profile.runs_per_month) * 7.0 / MONTH_DAYS;
            if week <= 0.0 {
                return Err("without a schedule, nothing tells how many runs were paid");
            }
            vec![alert(
                input,
                about,
                promise,
                ("exceeded", "7d", 7.0, usd * week.max(1.0)),
            )]
        }
        Per::Hour | Per::Gb | Per::Request | Per::KWh => return Err("a budget is per run, day or month"),
    };
    Ok(made.into_iter().map(|alert| (site, alert)).collect())
}

fn about_step(input: &Lowering<'_>, about: About, step: StepId) -> bool {
    about
        .step
        .map_or(input.graph()[step].pipeline == about.pipeline, |own| own == step)
}

fn alert(
    input: &Lowering<'_>,
    about: About,
    promise: &Promise,
    (what, window, days, limit): (&str, &str, f64, f64),
) -> Alert {
    let graph = input.graph();
    let mut matchers = vec![("pipeline", graph[about.pipeline].name.value.as_str())];
    if let Some(step) = about.step {
        matchers.push(("step", &graph[step].name.value));
    }
    let (runs, hours) = (selector(COST, &matchers), selector(COST_PER_HOUR, &matchers));
    let standing = standing(input, about) * days / MONTH_DAYS;
    let spent = format!(
        "(sum(increase({runs}[{window}])) or vector(0)) \
         + (sum(avg_over_time({hours}[{window}])) or vector(0)) * {}",
        number(days * 24.0)
    );
    let mut alert = about.alert(input, hub(input, about.pipeline), "budget", promise);
    alert.name += &names::alert(&[what]);
    alert.severity = if promise.weight.is_none() {
        "ticket"
    } else {
        "info"
    };
    alert.expr = format!("{spent} > {}", number((limit - standing).max(0.0)));
    let usd = limit.round();
    alert.summary = format!("{} has cost more than {usd} USD in {window}", about.name(input));
    alert.value = Some(Show::Number);
    let series = sample_name(input, about);
    let spend = |hourly: f64| {
        vec![Series::gauge(
            &series,
            &[Level {
                value: hourly,
                minutes: 31,
            }],
        )]
    };
    // So much in an hour that the window's mean exceeds the limit; no money at all on a quiet day.
    alert.case = Some(Case {
        firing: spend(2.0 * limit / (days * 24.0)),
        value: 2.0 * limit,
        labels: BTreeMap::new(),
        quiet: spend(0.0),
        at: Seconds(1800.0),
    });
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
