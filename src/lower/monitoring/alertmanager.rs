//! `alertmanager.yaml` of the hub: a route for each team and severity, receivers as the platform says.
//!
//! Secrets are only ever named: files under `/etc/alertmanager/secrets/NAME/KEY`, where the Prometheus operator mounts
//! them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::inhibition::{self, Inhibition};
use super::receiver::{Integrations, Receiver, integrations};
use super::silence::{self, Interval};
use crate::graph::{Graph, Pipeline, Severity, Way};
use crate::lower::Lowering;

/// The file as Alertmanager reads it.
#[derive(Clone, Debug, Serialize)]
pub struct Config {
    #[serde(skip_serializing_if = "Option::is_none")]
    global: Option<Global>,
    route: Route,
    inhibit_rules: Vec<Inhibition>,
    receivers: Vec<Receiver>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    time_intervals: Vec<Named>,
}

/// Mail goes through the relay of the cluster, a service named `smtp`.
#[derive(Clone, Debug, Serialize)]
struct Global {
    smtp_smarthost: &'static str,
    smtp_from: &'static str,
}

#[derive(Clone, Debug, Default, Serialize)]
struct Route {
    receiver: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    matchers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    group_by: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_wait: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mute_time_intervals: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    routes: Vec<Route>,
}

#[derive(Clone, Debug, Serialize)]
struct Named {
    name: String,
    time_intervals: Vec<Interval>,
}

/// Longer than clusters are apart in evaluating their rules: a symptom that comes before its cause must not be sent yet.
const GROUP_WAIT: &str = "90s";

/// Where alerts go that nobody receives: they show in Alertmanager.
pub const NOBODY: &str = "nobody";

/// A silence that could be expressed: its name, pipeline and step.
struct Muted<'g> {
    name: String,
    pipeline: &'g str,
    step: Option<&'g str>,
}

/// The configuration for all teams of the platform; what cannot be expressed is told to `unsupported`.
pub fn config(
    input: &Lowering<'_>,
    mut unsupported: impl FnMut(crate::source::Span, &'static str),
) -> Config {
    let graph = input.graph();
    let (time_intervals, muted) = silences(graph, &mut unsupported);
    let (routes, reached): (Vec<Route>, Vec<Receiver>) = teams(graph, &muted).into_iter().unzip();
    let nobody = Receiver {
        name: NOBODY.into(),
        ways: Integrations::default(),
    };
    let receivers: Vec<Receiver> = std::iter::once(nobody).chain(reached).collect();
    let mails = receivers.iter().any(Receiver::mails);
    Config {
        global: mails.then_some(Global {
            smtp_smarthost: "smtp:25",
            smtp_from: "alertmanager@localhost",
        }),
        route: Route {
            receiver: NOBODY.into(),
            group_by: vec!["pipeline", "cluster", "severity"],
            group_wait: Some(GROUP_WAIT),
            routes,
            ..Route::default()
        },
        inhibit_rules: inhibition::rules(input),
        receivers,
        time_intervals,
    }
}

/// A route and a receiver for each team and severity.
fn teams(graph: &Graph, muted: &[Muted<'_>]) -> Vec<(Route, Receiver)> {
    let mut all = Vec::new();
    for team in graph.platform.iter().flat_map(|platform| &platform.receivers) {
        for severity in [Severity::Page, Severity::Ticket, Severity::Info] {
            let ways = ways(&team.ways, severity);
            if ways.is_empty() {
                continue;
            }
            let name = format!("{}/{}", team.team.value, severity.word());
            let matchers = [("owner", team.team.value.as_str()), ("severity", severity.word())];
            let route = Route {
                receiver: name.clone(),
                matchers: matchers
                    .iter()
                    .map(|(label, value)| matcher(label, value))
                    .collect(),
                routes: muting(muted, &name),
                ..Route::default()
            };
            let ways = integrations(&ways);
            all.push((route, Receiver { name, ways }));
        }
    }
    all
}

/// The ways of a severity. A team that named none for it gets it in the next louder way: rather too loud than lost; failing
/// that, in the loudest it has.
fn ways(all: &[Way], severity: Severity) -> Vec<&Way> {
    let of = |wanted: Severity| {
        all.iter()
            .filter(|way| way.severity == wanted)
            .collect::<Vec<_>>()
    };
    let louder = [Severity::Info, Severity::Ticket, Severity::Page]
        .into_iter()
        .filter(|other| *other <= severity);
    let quieter = [Severity::Ticket, Severity::Info]
        .into_iter()
        .filter(|other| *other > severity);
    louder
        .chain(quieter)
        .map(of)
        .find(|ways| !ways.is_empty())
        .unwrap_or_default()
}

fn silences<'g>(
    graph: &'g Graph,
    unsupported: &mut impl FnMut(crate::source::Span, &'static str),
) -> (Vec<Named>, Vec<Muted<'g>>) {
    let (mut named, mut muted) = (Vec::new(), Vec::new());
    for pipeline in &graph.pipelines {
        for (i, silence) in pipeline.monitor.silences.iter().enumerate() {
            match silence::intervals(&silence.cron.value, silence.lasting, timezone(pipeline)) {
                Ok(time_intervals) => {
                    let name = format!("{} {}: {}", pipeline.name.value, i + 1, silence.reason);
                    named.push(Named {
                        name: name.clone(),
                        time_intervals,
                    });
                    let step = silence.of.map(|step| graph[step].name.value.as_str());
                    muted.push(Muted {
                        name,
                        pipeline: &pipeline.name.value,
                        step,
                    });
                }
                Err(why) => unsupported(silence.cron.span, why),
            }
        }
    }
    (named, muted)
}

fn timezone(pipeline: &Pipeline) -> &str {
    pipeline
        .schedules
        .first()
        .map_or("UTC", |schedule| &schedule.timezone)
}

/// Routes that mute, the narrower first; they inherit the receiver's name.
fn muting(muted: &[Muted<'_>], receiver: &str) -> Vec<Route> {
    let scopes: BTreeSet<(&str, Option<&str>)> = muted.iter().map(|one| (one.pipeline, one.step)).collect();
    let mut routes: Vec<Route> = Vec::new();
    // `None` sorts before any step, and a route about a step must come before the one about its pipeline.
    for (pipeline, step) in scopes.into_iter().rev() {
        let mut matchers = vec![matcher("pipeline", pipeline)];
        matchers.extend(step.map(|step| matcher("step", step)));
        let applies = muted
            .iter()
            .filter(|one| one.pipeline == pipeline && (one.step.is_none() || one.step == step));
        routes.push(Route {
            receiver: receiver.to_owned(),
            matchers,
            mute_time_intervals: applies.map(|one| one.name.clone()).collect(),
            ..Route::default()
        });
    }
    routes
}

/// `label="value"` as Alertmanager's matchers read it.
fn matcher(label: &str, value: &str) -> String {
    let escaped = value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("{label}=\"{escaped}\"")
}

/// Teams of alerts that no receiver is for, with the first that names each.
pub fn unheard<'a>(
    graph: &Graph,
    owners: &BTreeMap<&'a str, crate::source::Span>,
) -> Vec<(&'a str, crate::source::Span)> {
    let known = |owner: &str| {
        let teams = graph.platform.iter().flat_map(|platform| &platform.receivers);
        teams
            .into_iter()
            .any(|team| team.team.value == owner && !team.ways.is_empty())
    };
    owners
        .iter()
        .filter(|(owner, _)| !known(owner))
        .map(|(owner, span)| (*owner, *span))
        .collect()
}
