//! The pods of the conductor: those that dispatch fragments to other clusters, and the one that sweeps up after a run.

use k8s_openapi::api::core::v1::{EnvVar, SecretVolumeSource, Volume, VolumeMount};

use crate::lower::argo::added::{RESULT, script};
use crate::lower::argo::chart::Chart;
use crate::lower::argo::stock::{OUT, Script};
use crate::lower::argo::types::{Artifact, Backoff, Parameter, RetryStrategy, Template, ValueFrom};
use crate::lower::argo::{data, mailbox};
use crate::lower::names::{self, CONDUCTOR};
use crate::lower::{pod, site, storage};

/// Name of the template that runs a fragment in another cluster.
pub const DISPATCH: &str = "dispatch";
/// Where an earlier result is put, if there is one.
const EARLIER: &str = "/portolan/in/result";
/// How often a fragment may be started in its cluster; its steps have attempts of their own.
const ATTEMPTS: u32 = 2;
/// Seconds without an answer after which contact is lost.
const LOST_AFTER: u32 = 900;

/// Submits a fragment to another cluster, or attaches to it where it was submitted before.
pub fn dispatch(hub: &Chart<'_>) -> Template {
    let inputs = ["context", "namespace", "template", "fragment", "parameters"];
    let input = |name: &str| format!("{{{{inputs.parameters.{name}}}}}");
    let mut env = vec![
        pod::variable("KUBECONFIG", "/portolan/spokes/config"),
        pod::variable("CONTEXT", input("context")),
        pod::variable("NAMESPACE", input("namespace")),
    ];
    env.extend(passed(hub));
    env.extend(limits());
    let mut template = script(hub, DISPATCH, Script::Dispatch, &inputs, env, CONDUCTOR);
    template.retry_strategy = Some(again());
    earlier(hub, &mut template);
    spokes(&mut template);
    template
}

/// What is to be run.
pub fn passed(hub: &Chart<'_>) -> [EnvVar; 5] {
    let input = |name: &str| format!("{{{{inputs.parameters.{name}}}}}");
    [
        pod::variable("TEMPLATE", input("template")),
        pod::variable("FRAGMENT", input("fragment")),
        pod::variable("PIPELINE", hub.pipeline.name.value.clone()),
        pod::variable("RUN", data::RUN),
        // The kubelet halves each `$`.
        pod::variable(
            "PARAMETERS",
            r#"{{=replace(inputs.parameters.parameters, "$", "$$")}}"#,
        ),
    ]
}

/// How often it is started, and when contact is lost.
pub fn limits() -> [EnvVar; 2] {
    [
        pod::variable("ATTEMPTS", ATTEMPTS.to_string()),
        pod::variable("LOST_AFTER", LOST_AFTER.to_string()),
    ]
}

/// 64 is final; 75 is lost contact: the next pod attaches.
pub fn again() -> RetryStrategy {
    RetryStrategy {
        limit: "20".to_owned(),
        retry_policy: "Always",
        expression: "lastRetry.status == 'Error' or asInt(lastRetry.exitCode) in [75, 137, 143]".to_owned(),
        backoff: Backoff {
            duration: "15s".to_owned(),
            factor: "2".to_owned(),
            cap: Some("5m".to_owned()),
        },
    }
}

/// Hands back a result, and keeps it where the same run finds it if it is started again.
pub fn earlier(hub: &Chart<'_>, template: &mut Template) {
    let path = format!("{OUT}/{RESULT}");
    let from = ValueFrom {
        path: Some(path.clone()),
        ..ValueFrom::default()
    };
    template.outputs.parameters = vec![Parameter::from(RESULT, from)];
    template.inputs.artifacts.extend(marker(hub, EARLIER));
    template.outputs.artifacts.extend(marker(hub, &path));
}

/// A run that is started again with the same identifier finds what was done before.
fn marker(hub: &Chart<'_>, path: &str) -> Option<Artifact> {
    let root = storage::bucket(hub.input, hub.site)?.root;
    let prefix = storage::pipeline_prefix(hub.graph(), hub.pipeline.id);
    let address = format!(
        "{root}/{prefix}{}/_fragments/{{{{inputs.parameters.fragment}}}}.json",
        data::RUN
    );
    let artifact = data::artifact(hub.input, hub.site, "result".to_owned(), path, &address)?;
    Some(Artifact {
        optional: true,
        ..artifact
    })
}

/// Mounts the kubeconfig with a context for each cluster. It is made by the people who run them, never generated.
fn spokes(template: &mut Template) {
    if let Some(mounts) = template
        .container
        .as_mut()
        .and_then(|container| container.volume_mounts.as_mut())
    {
        mounts.push(VolumeMount {
            mount_path: "/portolan/spokes".to_owned(),
            name: "spokes".to_owned(),
            read_only: Some(true),
            ..VolumeMount::default()
        });
    }
    template.volumes.push(Volume {
        name: "spokes".to_owned(),
        secret: Some(SecretVolumeSource {
            secret_name: Some(names::SPOKES.to_owned()),
            ..SecretVolumeSource::default()
        }),
        ..Volume::default()
    });
}

/// Stops children of a run that did not succeed; `None` if no other cluster is called.
pub fn sweep(hub: &Chart<'_>, name: &str, charts: &[Chart<'_>]) -> Option<Template> {
    let plan = hub.input.plan;
    let mut clusters: Vec<String> = charts
        .iter()
        .filter(|chart| chart.site != hub.site && !mailbox::is_used(hub, chart.site))
        .map(|chart| {
            format!(
                "{} {}",
                site::context(hub.graph(), &plan[chart.site]),
                chart.namespace()
            )
        })
        .collect();
    clusters.sort();
    clusters.dedup();
    if clusters.is_empty() {
        return None;
    }
    let env = vec![
        pod::variable("KUBECONFIG", "/portolan/spokes/config"),
        pod::variable("RUN", data::RUN),
        pod::variable("STATUS", "{{workflow.status}}"),
        pod::variable("CLUSTERS", clusters.join("\n")),
    ];
    let mut template = script(hub, name, Script::Sweep, &[], env, CONDUCTOR);
    spokes(&mut template);
    Some(template)
}
