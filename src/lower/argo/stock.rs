//! Containers of the tasks that Portolan adds: stock images, small scripts from one ConfigMap, no image of ours.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    ConfigMap, ConfigMapVolumeSource, Container, EmptyDirVolumeSource, EnvVar, ResourceRequirements, Volume,
    VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::types::Template;
use crate::lower::names::{self, Service};
use crate::lower::{Lowering, pod};

/// A shell with `kubectl`.
const KUBECTL: &str = "docker.io/alpine/k8s:1.33.4";
/// A shell with `rclone`, which reads and writes the object storage of every cloud.
const RCLONE: &str = "docker.io/rclone/rclone:1.71.0";

/// Where the scripts are mounted.
const SCRIPTS: &str = "/portolan/scripts";
/// Where scripts write what they answer.
pub const OUT: &str = "/portolan/out";

/// A script that a task runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Script {
    /// What other scripts know of addresses.
    Remote,
    /// Copies a data set once, and says with a manifest that it is whole.
    Pull,
    /// Copies data sets to folders of a pod.
    Fetch,
    /// Rolls a new version out behind a service.
    Deploy,
    /// Fails unless a number is small enough, or an answer is yes.
    Check,
    /// Starts a fragment in another cluster, or joins one that was started, and waits for it.
    Dispatch,
    /// Stops what a run left behind.
    Sweep,
    /// Says what an earlier run left.
    Recall,
    /// Leaves something to later runs.
    Remember,
    /// Looks for what was made of the same inputs.
    Look,
    /// Keeps what was made, for the same inputs.
    Keep,
    /// Lists the partitions of a data set.
    Parts,
    /// Looks for a new version of data.
    Watch,
    /// Starts a run for a version of data.
    Start,
    /// Asks a cluster that only calls out for a fragment, and waits for it.
    Post,
    /// Fetches what was asked of a cluster.
    Receive,
    /// Starts what was asked for, and says how it stands.
    Collect,
    /// Tells clusters that only call out that a run is over.
    Stop,
}

impl Script {
    const ALL: [Script; 18] = [
        Script::Remote,
        Script::Pull,
        Script::Fetch,
        Script::Deploy,
        Script::Check,
        Script::Dispatch,
        Script::Sweep,
        Script::Recall,
        Script::Remember,
        Script::Look,
        Script::Keep,
        Script::Parts,
        Script::Watch,
        Script::Start,
        Script::Post,
        Script::Receive,
        Script::Collect,
        Script::Stop,
    ];

    /// Its file.
    fn file(self) -> &'static str {
        match self {
            Script::Remote => "remote.sh",
            Script::Pull => "pull.sh",
            Script::Fetch => "fetch.sh",
            Script::Deploy => "deploy.sh",
            Script::Check => "check.sh",
            Script::Dispatch => "dispatch.sh",
            Script::Sweep => "sweep.sh",
            Script::Recall => "recall.sh",
            Script::Remember => "remember.sh",
            Script::Look => "look.sh",
            Script::Keep => "keep.sh",
            Script::Parts => "parts.sh",
            Script::Watch => "watch.sh",
            Script::Start => "start.sh",
            Script::Post => "post.sh",
            Script::Receive => "receive.sh",
            Script::Collect => "collect.sh",
            Script::Stop => "stop.sh",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Script::Remote => include_str!("../../../targets/argo/remote.sh"),
            Script::Pull => include_str!("../../../targets/argo/pull.sh"),
            Script::Fetch => include_str!("../../../targets/argo/fetch.sh"),
            Script::Deploy => include_str!("../../../targets/argo/deploy.sh"),
            Script::Check => include_str!("../../../targets/argo/check.sh"),
            Script::Dispatch => include_str!("../../../targets/argo/dispatch.sh"),
            Script::Sweep => include_str!("../../../targets/argo/sweep.sh"),
            Script::Recall => include_str!("../../../targets/argo/recall.sh"),
            Script::Remember => include_str!("../../../targets/argo/remember.sh"),
            Script::Look => include_str!("../../../targets/argo/look.sh"),
            Script::Keep => include_str!("../../../targets/argo/keep.sh"),
            Script::Parts => include_str!("../../../targets/argo/parts.sh"),
            Script::Watch => include_str!("../../../targets/argo/watch.sh"),
            Script::Start => include_str!("../../../targets/argo/start.sh"),
            Script::Post => include_str!("../../../targets/argo/post.sh"),
            Script::Receive => include_str!("../../../targets/argo/receive.sh"),
            Script::Collect => include_str!("../../../targets/argo/collect.sh"),
            Script::Stop => include_str!("../../../targets/argo/stop.sh"),
        }
    }

    /// The image it needs.
    fn image(self) -> &'static str {
        match self {
            Script::Deploy | Script::Dispatch | Script::Sweep | Script::Start | Script::Collect => KUBECTL,
            Script::Remote
            | Script::Pull
            | Script::Fetch
            | Script::Check
            | Script::Recall
            | Script::Remember
            | Script::Look
            | Script::Keep
            | Script::Parts
            | Script::Watch
            | Script::Post
            | Script::Receive
            | Script::Stop => RCLONE,
        }
    }

    /// The script in `file`.
    fn named(file: &str) -> Option<Script> {
        Script::ALL.into_iter().find(|script| script.file() == file)
    }
}

/// The container that runs `script` with `env`; it writes only to `/tmp` and [`OUT`].
pub fn container(input: &Lowering<'_>, script: Script, env: Vec<EnvVar>, memory: &str) -> Container {
    let quantity = |text: &str| Quantity(text.to_owned());
    let mount = |name: &str, path: &str, read_only: Option<bool>| VolumeMount {
        mount_path: path.to_owned(),
        name: name.to_owned(),
        read_only,
        ..VolumeMount::default()
    };
    let home = pod::variable("HOME", "/tmp");
    Container {
        name: pod::MAIN.to_owned(),
        image: Some(input.images.pinned(script.image())),
        command: Some(vec!["sh".to_owned(), format!("{SCRIPTS}/{}", script.file())]),
        env: Some(std::iter::once(home).chain(env).collect()),
        resources: Some(ResourceRequirements {
            claims: None,
            limits: Some(BTreeMap::from([("memory".to_owned(), quantity(memory))])),
            requests: Some(BTreeMap::from([
                ("cpu".to_owned(), quantity("50m")),
                ("memory".to_owned(), quantity(memory)),
            ])),
        }),
        security_context: Some(pod::container_security()),
        volume_mounts: Some(vec![
            mount("portolan-scripts", SCRIPTS, Some(true)),
            mount("portolan-out", OUT, None),
            mount("portolan-tmp", "/tmp", None),
        ]),
        ..Container::default()
    }
}

/// The volumes that [`container`] mounts; they belong to the whole workflow, and only pods that mount them have them.
pub fn volumes(pipeline: &str) -> Vec<Volume> {
    let empty = |name: &str| Volume {
        empty_dir: Some(EmptyDirVolumeSource {
            medium: None,
            size_limit: Some(Quantity("64Mi".to_owned())),
        }),
        name: name.to_owned(),
        ..Volume::default()
    };
    let scripts = Volume {
        config_map: Some(ConfigMapVolumeSource {
            default_mode: Some(0o555),
            name: config_map_name(pipeline),
            ..ConfigMapVolumeSource::default()
        }),
        name: "portolan-scripts".to_owned(),
        ..Volume::default()
    };
    vec![scripts, empty("portolan-out"), empty("portolan-tmp")]
}

fn config_map_name(pipeline: &str) -> String {
    names::name(Service::Kubernetes, &[pipeline, "scripts"])
}

/// The ConfigMap with the scripts that `templates` run; `None` if they run none.
pub fn config_map<'t>(
    pipeline: &str,
    namespace: &str,
    templates: impl Iterator<Item = &'t Template>,
) -> Option<ConfigMap> {
    let file = |path: &String| {
        path.strip_prefix(SCRIPTS)?
            .strip_prefix('/')
            .and_then(Script::named)
    };
    let containers =
        templates.flat_map(|template| template.container.iter().chain(&template.init_containers));
    let mut used: Vec<Script> = containers
        .flat_map(|container| container.command.iter().flatten())
        .filter_map(file)
        .collect();
    // Those that read addresses need it beside them.
    if used.iter().any(|script| script.text().contains("/remote.sh")) {
        used.push(Script::Remote);
    }
    let scripts: BTreeMap<String, String> = used
        .into_iter()
        .map(|script| (script.file().to_owned(), script.text().to_owned()))
        .collect();
    (!scripts.is_empty()).then(|| ConfigMap {
        data: Some(scripts),
        metadata: ObjectMeta {
            labels: Some(names::labels(Some(pipeline))),
            name: Some(config_map_name(pipeline)),
            namespace: Some(namespace.to_owned()),
            ..ObjectMeta::default()
        },
        ..ConfigMap::default()
    })
}
