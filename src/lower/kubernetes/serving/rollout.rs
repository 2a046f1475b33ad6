//! New versions beside the old one: Argo Rollouts instead of a Deployment.
//!
//! A run that puts itself into service makes a new version. With `canary`, a growing share of the replicas is new; with
//! `blue-green`, all are made beside the old ones and take over at once. Both go back by themselves when an alert about
//! a promise of the step fires meanwhile: that is the measurement that people are called by, too.

use k8s_openapi::api::apps::v1::Deployment;
use serde_json::{Value, json};

use super::{Served, scaling, service};
use crate::graph::{Rollout, Serving};
use crate::lower::kubernetes::object::document;
use crate::lower::names::{self, Service as Named};
use crate::quantity::{Percent, Seconds};

/// How often promises are looked at while a new version comes.
const LOOK: &str = "1m";

/// For how long the old version of a blue-green rollout stays, so that going back takes no start.
const KEPT: u64 = 600;

/// For how long a blue-green rollout is watched after it has taken over.
const WATCHED: Seconds = Seconds(600.0);

/// The rollout and what it needs; `None` where versions are replaced pod by pod.
pub(super) fn objects(served: &Served<'_>, serving: &Serving, deployment: &Deployment) -> Option<Vec<Value>> {
    let strategy = strategy(served, &serving.rollout)?;
    let mut rollout = document(deployment);
    if let Some(fields) = rollout.as_object_mut() {
        fields.insert("apiVersion".to_owned(), json!("argoproj.io/v1alpha1"));
        fields.insert("kind".to_owned(), json!("Rollout"));
        if let Some(Value::Object(spec)) = fields.get_mut("spec") {
            spec.insert("strategy".to_owned(), strategy);
        }
    }
    let preview = matches!(serving.rollout, Rollout::BlueGreen).then(|| preview(served));
    let all = [Some(rollout), preview.flatten(), Some(analysis(served))];
    Some(all.into_iter().flatten().collect())
}

fn strategy(served: &Served<'_>, rollout: &Rollout) -> Option<Value> {
    let analysis = json!({"templates": [{"templateName": analysis_name(served)}]});
    match rollout {
        Rollout::Rolling => None,
        Rollout::Canary { start, step, every } => {
            let shares = shares(*start, *step);
            let pause = json!({"pause": {"duration": format!("{}s", every.0.ceil())}});
            let steps = shares
                .into_iter()
                .flat_map(|share| [json!({"setWeight": share}), pause.clone()]);
            Some(json!({"canary": {
                "analysis": analysis,
                "maxSurge": 1,
                "maxUnavailable": 0,
                "steps": steps.collect::<Vec<_>>(),
            }}))
        }
        Rollout::BlueGreen => Some(json!({"blueGreen": {
            "activeService": served.name,
            "postPromotionAnalysis": analysis,
            "previewService": preview_name(served),
            "scaleDownDelaySeconds": KEPT,
        }})),
    }
}

/// Growing shares in whole percent, below all of it.
fn shares(start: Percent, step: Percent) -> Vec<u64> {
    let percent = |share: Percent| ((share.0 * 100.0).round() as u64).clamp(1, 99);
    let (start, step) = (percent(start), percent(step));
    (0..)
        .map(|number| start + number * step)
        .take_while(|share| *share < 100)
        .collect()
}

/// How long a rollout takes, besides starting pods.
pub fn duration(rollout: &Rollout) -> Seconds {
    match rollout {
        Rollout::Rolling => Seconds::ZERO,
        Rollout::Canary { start, step, every } => Seconds(shares(*start, *step).len() as f64 * every.0),
        Rollout::BlueGreen => WATCHED,
    }
}

fn preview_name(served: &Served<'_>) -> String {
    names::name(Named::Kubernetes, &[&served.name, "preview"])
}

/// The address of the new version before it takes over.
fn preview(served: &Served<'_>) -> Option<Value> {
    let mut preview = service(served)?;
    preview.metadata.name = Some(preview_name(served));
    Some(document(preview))
}

fn analysis_name(served: &Served<'_>) -> String {
    names::name(Named::Kubernetes, &[&served.name, "promises"])
}

/// Fails as soon as an alert about a promise of the step fires.
fn analysis(served: &Served<'_>) -> Value {
    let graph = served.tenant.input.graph();
    let query = format!(
        "count(ALERTS{{alertstate=\"firing\",kind=~\"availability|latency\",pipeline=\"{}\",step=\"{}\"}}) or vector(0)",
        graph[served.step.pipeline].name.value, served.step.name.value
    );
    let blue_green = served.step.serving.as_ref();
    let blue_green = blue_green.is_some_and(|serving| matches!(serving.rollout, Rollout::BlueGreen));
    let mut metric = json!({
        "name": "broken-promises",
        "failureLimit": 0,
        "interval": LOOK,
        "successCondition": "result[0] == 0",
        "provider": {"prometheus": {"address": scaling::prometheus(graph), "query": query}},
    });
    // A canary is watched until it ends; after a switch somebody has to say when it is enough.
    if let Some(fields) = metric.as_object_mut().filter(|_| blue_green) {
        fields.insert("count".to_owned(), json!((WATCHED.0 / 60.0) as u64));
    }
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AnalysisTemplate",
        "metadata": document(k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta {
            name: Some(analysis_name(served)),
            ..served.metadata()
        }),
        "spec": {"metrics": [metric]},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_grow_and_end_below_all() {
        assert_eq!(shares(Percent(0.05), Percent(0.2)), [5, 25, 45, 65, 85]);
        assert_eq!(shares(Percent(1.0), Percent(0.2)), [99]);
        assert_eq!(shares(Percent(0.0), Percent(0.5)), [1, 51]);
    }
}
