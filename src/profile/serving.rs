//! Always-on steps: what one replica needs, how much it serves, and how many there must be over a week.

use super::Known;
use super::family::{Family, Trees};
use super::history::Past;
use super::load;
use super::model::{Estimate, Load, Work};
use super::need::{BASE_MEMORY, MEMORY_SPREAD, Need};
use super::reading::Reading;
use super::tabular;
use super::tokens::{self, Reply};
use crate::graph::model::{Graph, LatencyOf, PromiseKind, Step, StepKind, Traffic};
use crate::quantity::{Bytes, Cores, PerSecond, Seconds};

/// Time of a request besides the model: reading, checking and writing a small JSON or tensor. An estimate (2026-11).
const OVERHEAD: f64 = 2e-3;

/// A request to a model of unknown family. A stated default.
const UNKNOWN_REQUEST: f64 = 20e-3;

/// An event of a stream: 10,000 a second and core. An estimate (2026-11).
const EVENT: f64 = 1e-4;

/// Cores of a replica: one works while the other takes requests and answers probes.
const REPLICA_CORES: f64 = 2.0;

/// Copies of a model that a replica holds: the file as read and the model in use.
const MODEL_COPIES: f64 = 2.0;

/// From creating a replica until it is ready, besides loading the model. An estimate (2026-11).
const READY: f64 = 60.0;

/// Bytes a second at which a model is fetched and loaded. An estimate (2026-11).
const LOADING: f64 = 200e6;

/// p95 over p50 of start-up and of a request's time. An estimate.
const TIME_SPREAD: f64 = 2.0;

/// Unless bounded, the autoscaler may go to so many times the predicted peak.
const HEADROOM: u64 = 2;

/// Months of declared growth that the upper bound allows for.
const MONTHS_OF_GROWTH: i32 = 12;

/// What one replica needs, and the load on all of them if it is known.
pub(super) fn need(
    known: &Known,
    step: &Step,
    inputs: &[Reading],
    past: Option<&Past>,
) -> (Need, Option<Load>) {
    let traffic = traffic(known.graph, step);
    let family = families(known.graph, step).into_iter().reduce(heavier);
    if let (Some(Family::Transformer(model)), Some(traffic)) = (&family, &traffic)
        && let Some((need, reply)) = tokens::need(known.catalog, step, model, traffic)
    {
        return (need, Some(load_of(step, traffic, &reply, past)));
    }
    let request = request(step, family.as_ref());
    let reply = Reply {
        time: request,
        slots: cores(step),
    };
    let need = on_processors(inputs, cores(step), &reply.time);
    (need, traffic.map(|traffic| load_of(step, &traffic, &reply, past)))
}

/// The step's own traffic; its share of an endpoint's (a shadow gets a copy of everything its share says); or, of a
/// stream processor, what flows through the streams it reads.
pub(super) fn traffic(graph: &Graph, step: &Step) -> Option<Traffic> {
    let of_endpoint = || {
        let endpoints = graph[step.pipeline].endpoints.iter();
        endpoints
            .flat_map(|endpoint| endpoint.routes.iter().map(move |route| (endpoint, route)))
            .find_map(|(endpoint, route)| {
                let mut traffic = endpoint.traffic.clone().filter(|_| route.step.value == step.id)?;
                let share = if route.share.0 > 0.0 || !route.shadow {
                    route.share.0
                } else {
                    1.0
                };
                traffic.peak = PerSecond(traffic.peak.0 * share);
                traffic.mean = traffic.mean.map(|mean| PerSecond(mean.0 * share));
                Some(traffic)
            })
    };
    let of_streams = || {
        step.reads
            .iter()
            .find_map(|read| graph[read.data].traffic.clone())
    };
    step.traffic.clone().or_else(of_endpoint).or_else(of_streams)
}

/// Families that may be served: the step's own, else of the steps that write what it reads.
fn families(graph: &Graph, step: &Step) -> Vec<Family> {
    if let Some(model) = &step.model {
        return vec![Family::of(model)];
    }
    let writers = step.reads.iter().flat_map(|read| &graph[read.data].writers);
    writers
        .filter_map(|writer| graph[*writer].model.as_ref())
        .map(Family::of)
        .collect()
}

/// Of alternatives, the one that takes longer to answer.
fn heavier(one: Family, other: Family) -> Family {
    let weight = |family: &Family| match family {
        Family::Transformer(model) => 1.0 + model.weights,
        Family::Trees(trees) => tabular::apply_trees(trees),
        Family::Linear { .. } | Family::Other { .. } => 0.0,
    };
    if weight(&other) > weight(&one) { other } else { one }
}

fn cores(step: &Step) -> f64 {
    step.needs
        .cores
        .as_ref()
        .map_or(REPLICA_CORES, |cores| cores.value.0)
}

/// Time of one request or event on one core.
fn request(step: &Step, family: Option<&Family>) -> Estimate<Seconds> {
    if step.kind == StepKind::Streaming {
        return Estimate::guess(EVENT, TIME_SPREAD, "0.1 ms of one core an event").seconds();
    }
    let overhead = "2 ms for reading, checking and writing a request: our estimate";
    match family {
        Some(Family::Trees(trees)) => {
            let Trees {
                trees: count, depth, ..
            } = trees;
            let formula = format!("2 ms + {count} trees x {depth} levels x 5 ns");
            Estimate::analytic(
                OVERHEAD + tabular::apply_trees(trees),
                TIME_SPREAD,
                overhead,
                formula,
            )
            .seconds()
        }
        Some(Family::Linear { .. }) => {
            Estimate::analytic(OVERHEAD, TIME_SPREAD, overhead, "2 ms".to_string()).seconds()
        }
        Some(Family::Transformer(_) | Family::Other { .. }) | None => Estimate::guess(
            UNKNOWN_REQUEST,
            TIME_SPREAD,
            "20 ms of one core a request, as the model is not known",
        )
        .seconds(),
    }
}

fn on_processors(inputs: &[Reading], cores: f64, request: &Estimate<Seconds>) -> Need {
    // A stock server loads the models it reads; other inputs (a vector store, a stream) are asked over the network.
    let loaded: Bytes = inputs
        .iter()
        .filter(|input| input.is_model())
        .map(|input| input.bytes.p95)
        .sum();
    let memory = loaded.as_f64() * MODEL_COPIES + BASE_MEMORY.as_f64();
    Need {
        cores: Estimate {
            p50: Cores(cores),
            p95: Cores(cores),
            basis: request.basis.clone(),
        },
        memory: Estimate::analytic(
            memory,
            MEMORY_SPREAD,
            "models as read and in use, and 1 GiB",
            format!("{loaded} x {MODEL_COPIES} + {BASE_MEMORY}"),
        )
        .bytes(),
        accelerators: None,
        nodes: 1,
        work: start_up(loaded),
    }
}

/// Time until a replica that loads so much is ready.
pub(super) fn start_up(loaded: Bytes) -> Work {
    let formula = format!("60 s + {loaded} at 200 MB/s");
    let time = READY + loaded.as_f64() / LOADING;
    Work::Time(Estimate::analytic(time, TIME_SPREAD, "start of a replica: our estimate", formula).seconds())
}

/// The curve and, hour by hour, the replicas. Where past load is known it gives both, the replicas at its p95; the
/// declared peak goes on to set how far the autoscaler may go.
fn load_of(step: &Step, traffic: &Traffic, reply: &Reply, past: Option<&Past>) -> Load {
    let (curve, high) = match past.and_then(|past| past.week.clone()) {
        Some(week) => week,
        None => (load::curve(traffic), load::curve(traffic)),
    };
    let (least, most) = step
        .serving
        .as_ref()
        .map_or((1, None), |serving| (serving.scale.min, serving.scale.max));
    let least = least.max(promised_replicas(step));
    let within = |count: u64| count.max(least).min(most.unwrap_or(u64::MAX).max(least));
    let seconds = reply.time.p50.0;
    let replicas: Vec<u64> = high
        .iter()
        .map(|rate| within(load::replicas(*rate, seconds, reply.slots)))
        .collect();
    let growth = (1.0 + traffic.growth.0.max(0.0)).powi(MONTHS_OF_GROWTH);
    let peak = high.iter().copied().fold(traffic.peak, PerSecond::max);
    let peak = load::replicas(PerSecond(peak.0 * growth), seconds, reply.slots);
    Load {
        curve,
        timezone: traffic.timezone.clone(),
        per_replica: Estimate {
            p50: PerSecond(load::per_replica(reply.time.p50.0, reply.slots)),
            p95: PerSecond(load::per_replica(reply.time.p95.0, reply.slots)),
            basis: reply.time.basis.clone(),
        },
        replicas,
        bounds: (
            least,
            most.unwrap_or(peak.saturating_mul(HEADROOM)).max(least).max(1),
        ),
        service_time: reply.time.clone(),
    }
}

/// Fewest replicas that keep what `step` promises of its availability; none if it promises nothing.
fn promised_replicas(step: &Step) -> u64 {
    let promises = step.promises.iter().filter(|promise| promise.weight.is_none());
    let replicas = promises.filter_map(|promise| match &promise.kind {
        PromiseKind::Availability(share) => Some(load::replicas_for(*share)),
        PromiseKind::Latency { .. }
        | PromiseKind::Deadline { .. }
        | PromiseKind::Budget { .. }
        | PromiseKind::Freshness(_)
        | PromiseKind::Carbon { .. } => None,
    });
    replicas.max().unwrap_or(0)
}

/// The tightest time that `step` promises of this, at any percentile.
pub(super) fn promised(step: &Step, what: LatencyOf) -> Option<Seconds> {
    let promises = step.promises.iter().filter(|promise| promise.weight.is_none());
    let times = promises.filter_map(|promise| match &promise.kind {
        PromiseKind::Latency {
            p50, p95, p99, of, ..
        } if *of == what => [p50, p95, p99]
            .into_iter()
            .flatten()
            .copied()
            .reduce(Seconds::min),
        PromiseKind::Latency { .. }
        | PromiseKind::Deadline { .. }
        | PromiseKind::Budget { .. }
        | PromiseKind::Availability(_)
        | PromiseKind::Freshness(_)
        | PromiseKind::Carbon { .. } => None,
    });
    times.reduce(Seconds::min)
}
