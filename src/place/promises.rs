//! Promises as rules: deadlines, budgets, emissions, freshness, latency.

use super::alternatives::Alternatives;
use super::instance::{P95, RuleKind};
use super::rules::{Family, Origin, Phrase, Rules, origin};
use super::sites::Ground;
use crate::catalog::Place;
use crate::graph::model::{DeadlineBound, Graph, LatencyOf, Promise, PromiseKind};
use crate::graph::{Area, SiteRef};
use crate::profile::model::{Profile, ProfiledGraph};
use crate::quantity::{MONTH, Per, Seconds};

/// Standard deviations of the normal distribution at 99 %.
const P99: f64 = 2.326_347_874_040_841;

/// A rule for each promise and preference that depends on more than one step's site.
pub fn rules(profiled: &ProfiledGraph<'_>, alternatives: &Alternatives, rules: &mut Rules) {
    let graph = profiled.graph;
    for pipeline in &graph.pipelines {
        let steps: Vec<usize> = pipeline.steps.iter().map(|step| step.0 as usize).collect();
        for promise in &pipeline.promises {
            let runs = steps
                .first()
                .and_then(|step| profiled.steps.get(*step))
                .map_or(0.0, |profile| profile.runs_per_month);
            if let Some(kind) = kind(graph, promise, &steps, alternatives, runs) {
                rules.add(kind, promise.weight, origin_of(graph, promise, None, runs));
            }
        }
    }
    for step in &graph.steps {
        let at = step.id.0 as usize;
        let runs = profiled[step.id].runs_per_month;
        for promise in &step.promises {
            if let Some(kind) = kind(graph, promise, &[at], alternatives, runs) {
                rules.add(kind, promise.weight, origin_of(graph, promise, Some(at), runs));
            }
        }
    }
}

fn origin_of(graph: &Graph, promise: &Promise, step: Option<usize>, runs: f64) -> Origin {
    let name = step
        .and_then(|at| graph.steps.get(at))
        .map(|step| step.name.value.as_str());
    let text = match name {
        Some(name) => format!("{name}: {}", describe(promise)),
        None => describe(promise),
    };
    Origin {
        phrase: phrase(promise, runs),
        ..origin(promise.span, text, Family::Promise)
    }
}

/// How another bound of the promise would be written.
fn phrase(promise: &Promise, runs: f64) -> Phrase {
    match &promise.kind {
        PromiseKind::Deadline {
            within: DeadlineBound::After(_),
            ..
        } => Phrase::Duration {
            word: "deadline",
            before: Seconds::ZERO,
        },
        PromiseKind::Deadline {
            within: DeadlineBound::By { time, leaves },
            ..
        } => Phrase::Clock(Seconds(time.0 - leaves.0)),
        PromiseKind::Budget { per, .. } => Phrase::Money {
            per: *per,
            periods: per_month(*per, runs),
        },
        PromiseKind::Carbon { per, .. } => Phrase::Mass {
            per: *per,
            periods: per_month(*per, runs),
        },
        PromiseKind::Freshness(_) if runs > 0.0 => Phrase::Duration {
            word: "freshness",
            before: MONTH.times(1.0 / runs),
        },
        PromiseKind::Latency { .. } => Phrase::Latency(promise.span),
        PromiseKind::Freshness(_) | PromiseKind::Availability(_) => Phrase::None,
    }
}

/// How often a month has it.
fn per_month(per: Per, runs: f64) -> f64 {
    match per {
        Per::Run => runs.max(1.0),
        Per::Day => MONTH.in_hours() / 24.0,
        Per::Hour => MONTH.in_hours(),
        Per::Month | Per::Gb | Per::Request | Per::KWh => 1.0,
    }
}

fn kind(
    graph: &Graph,
    promise: &Promise,
    steps: &[usize],
    alternatives: &Alternatives,
    runs: f64,
) -> Option<RuleKind> {
    let ending = || -> Vec<usize> {
        let ends = |at: &&usize| graph.steps.get(**at).is_some_and(|step| !step.kind.always_on());
        steps.iter().filter(ends).copied().collect()
    };
    match &promise.kind {
        PromiseKind::Deadline { within, confidence } => Some(RuleKind::Deadline {
            tasks: ending(),
            within: within.seconds().in_hours(),
            deviations: deviations(confidence.0),
        }),
        PromiseKind::Freshness(bound) if runs > 0.0 => Some(RuleKind::Deadline {
            tasks: ending(),
            // The data is oldest just before the next run's version replaces it.
            within: bound.in_hours() - MONTH.in_hours() / runs,
            deviations: P95,
        }),
        PromiseKind::Budget { amount, per } => Some(RuleKind::Budget {
            tasks: steps.to_vec(),
            either: alternatives.among(steps),
            limit: amount.in_usd() * per_month(*per, runs),
        }),
        PromiseKind::Carbon { amount, per } => Some(RuleKind::Carbon {
            tasks: steps.to_vec(),
            either: alternatives.among(steps),
            limit: amount.0 / 1000.0 * per_month(*per, runs),
        }),
        PromiseKind::Freshness(_) | PromiseKind::Latency { .. } | PromiseKind::Availability(_) => None,
    }
}

/// Standard deviations above the mean that a share `confidence` of a normal distribution stays below; none below a
/// half. Abramowitz and Stegun, formula 26.2.23 (error under 4.5e-4).
pub fn deviations(confidence: f64) -> f64 {
    if (confidence - 0.95).abs() < 1e-12 {
        return P95;
    }
    let tail = (1.0 - confidence).clamp(1e-9, 0.5);
    let t = (-2.0 * tail.ln()).sqrt();
    let numerator = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let denominator = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    (t - numerator / denominator).max(0.0)
}

/// True if it is about latency.
pub fn is_latency(promise: &Promise) -> bool {
    matches!(promise.kind, PromiseKind::Latency { .. })
}

/// Round trip between users and a site; `None` if one of the two has no known place.
pub fn round_trip(from: &Area, site: &Ground<'_>, sites: &[Ground<'_>]) -> Option<Seconds> {
    let there = site.coordinates?;
    match from {
        Area::Place(place) => Some(place.round_trip_to(there)),
        Area::Site(user) => {
            let homes = sites.iter().filter(|other| other.is_in(user));
            let trips = homes.filter_map(|home| Some(home.coordinates?.round_trip_to(there)));
            trips.reduce(Seconds::max)
        }
    }
}

/// The tightest of a latency promise's percentiles at a site: what is reached, and the bound.
pub fn latency(
    promise: &Promise,
    profile: &Profile,
    site: &Ground<'_>,
    sites: &[Ground<'_>],
) -> Option<(Seconds, Seconds)> {
    let all = percentiles(promise, profile, site, sites).into_iter();
    let pairs = all.map(|(_, reached, bound)| (reached, bound));
    pairs.max_by(|a, b| (a.0.0 - a.1.0).total_cmp(&(b.0.0 - b.1.0)))
}

/// Each percentile that a latency promise bounds, with what is reached at a site, and the bound; none if nothing is
/// known of the site or the load.
///
/// The time of a request is the profile's service time; the network adds one round trip. Of tokens, the network adds
/// to the first only, and what the machine takes for one is the profile's business: it sizes replicas by it.
pub fn percentiles(
    promise: &Promise,
    profile: &Profile,
    site: &Ground<'_>,
    sites: &[Ground<'_>],
) -> Vec<(&'static str, Seconds, Seconds)> {
    let PromiseKind::Latency {
        p50,
        p95,
        p99,
        from,
        of,
    } = &promise.kind
    else {
        return Vec::new();
    };
    let trip = match from {
        Some(from) => round_trip(from, site, sites),
        None => Some(Seconds::ZERO),
    };
    let (Some(trip), Some(load)) = (trip, &profile.load) else {
        return Vec::new();
    };
    let service = &load.service_time;
    let spread = (service.p95.0 - service.p50.0).max(0.0);
    let reached = |service: f64| match of {
        LatencyOf::Request => trip + Seconds(service),
        LatencyOf::FirstToken => trip,
        LatencyOf::Token => Seconds::ZERO,
    };
    let percentiles = [
        ("p50", p50, service.p50.0),
        ("p95", p95, service.p95.0),
        ("p99", p99, service.p50.0 + spread * P99 / P95),
    ];
    let named = percentiles
        .into_iter()
        .filter_map(|(name, bound, time)| Some((name, reached(time), (*bound)?)));
    named.collect()
}

/// True if the promise holds there, or nothing is known that speaks against it.
pub fn latency_holds(promise: &Promise, profile: &Profile, site: &Ground<'_>, sites: &[Ground<'_>]) -> bool {
    latency(promise, profile, site, sites).is_none_or(|(reached, bound)| reached <= bound)
}

/// `deadline 6h`, as the table of promises shows it.
pub fn describe(promise: &Promise) -> String {
    match &promise.kind {
        PromiseKind::Deadline {
            within: DeadlineBound::After(time),
            ..
        } => format!("deadline {time}"),
        PromiseKind::Deadline {
            within: DeadlineBound::By { time, .. },
            ..
        } => {
            let minutes = (time.0 / 60.0).round() as u64;
            format!("deadline by {:02}:{:02}", minutes / 60, minutes % 60)
        }
        PromiseKind::Budget { amount, per } => format!("budget {amount} USD/{}", word(*per)),
        PromiseKind::Latency {
            p50,
            p95,
            p99,
            from,
            of,
        } => {
            let bounds = [("p50", p50), ("p95", p95), ("p99", p99)];
            let bounds = bounds
                .iter()
                .filter_map(|(name, bound)| Some(format!("{name} {}", (*bound).as_ref()?)));
            let mut words: Vec<String> = bounds.collect();
            words.extend(match of {
                LatencyOf::Request => None,
                LatencyOf::FirstToken => Some("to the first token".to_owned()),
                LatencyOf::Token => Some("between tokens".to_owned()),
            });
            words.extend(from.as_ref().map(|from| format!("from {}", area(from))));
            words.join(" ")
        }
        PromiseKind::Availability(share) => format!("availability {share}"),
        PromiseKind::Freshness(bound) => format!("freshness {bound}"),
        PromiseKind::Carbon { amount, per } => format!("carbon {:.1} kg/{}", amount.0 / 1000.0, word(*per)),
    }
}

fn area(area: &Area) -> String {
    match area {
        Area::Site(site) => SiteRef::to_string(site),
        Area::Place(place) => Place::code(*place).to_owned(),
    }
}

/// The word of the language.
pub fn word(per: Per) -> &'static str {
    match per {
        Per::Hour => "hour",
        Per::Day => "day",
        Per::Month => "month",
        Per::Run => "run",
        Per::Gb => "GB",
        Per::Request => "request",
        Per::KWh => "kWh",
    }
}

/// True if it bounds an end.
pub fn is_about_time(promise: &Promise) -> bool {
    match promise.kind {
        PromiseKind::Deadline { .. } | PromiseKind::Freshness(_) => true,
        PromiseKind::Budget { .. }
        | PromiseKind::Latency { .. }
        | PromiseKind::Availability(_)
        | PromiseKind::Carbon { .. } => false,
    }
}
