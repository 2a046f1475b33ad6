//! Bringing what an always-on step reads to a folder of its pod, before it starts.

use k8s_openapi::api::core::v1::{Container, EnvVar, ResourceRequirements, Volume, VolumeMount};

use super::Served;
use super::release;
use super::runtime::MODELS;
use crate::diag::Diagnostics;
use crate::graph::{Binding, Piece, Read, RunField, Runtime, Store, Text};
use crate::lower::kubernetes::unsupported::warn;
use crate::lower::pod::{self, Answer, StepPod, container_security};
use crate::lower::{own_store, storage};
use crate::quantity::{Bytes, Cores};

/// Copies between object stores and disks; it takes the pod's own cloud identity.
const RCLONE: &str = "docker.io/rclone/rclone:1.71.0";

/// One data set and where it goes.
pub(super) struct Pull<'a> {
    read: &'a Read,
    /// Name of the data set.
    pub(super) name: &'a str,
    /// Folder in the container.
    pub(super) folder: String,
    /// True for a folder below [`MODELS`].
    shared: bool,
}

/// What is brought: what the author mounts and, for a stock runtime, everything it reads.
pub(super) fn pulls<'a>(served: &Served<'a>) -> Vec<Pull<'a>> {
    let graph = served.tenant.input.graph();
    let serving = served.step.serving.as_ref();
    let stock = serving.is_some_and(|serving| serving.runtime != Runtime::Custom);
    let reads = served
        .step
        .reads
        .iter()
        .filter(|read| graph[read.data].store != Store::Stream)
        .filter(|read| own_store::home(&served.tenant.input, read.data).is_none());
    reads
        .filter_map(|read| {
            let name = graph[read.data].name.value.as_str();
            let own = read.mount.as_ref().map(|mount| mount.value.clone());
            let shared = own.is_none();
            let folder = own.or_else(|| stock.then(|| format!("{MODELS}/{name}")))?;
            Some(Pull {
                read,
                name,
                folder,
                shared,
            })
        })
        .collect()
}

/// The volume of models, as large as what it will hold.
pub(super) fn volume(served: &Served<'_>, pod: &StepPod<'_>, pulls: &[Pull<'_>]) -> Option<Volume> {
    let sizes = &served.tenant.input.plan.profiled.data;
    let shared = pulls.iter().filter(|pull| pull.shared);
    let size: Bytes = shared
        .filter_map(|pull| sizes.get(pull.read.data.0 as usize))
        .map(|size| size.p95)
        .sum();
    let any = pulls.iter().any(|pull| pull.shared);
    // A tenth more for the file system itself.
    any.then(|| pod.scratch("models", size.times(1.1).max(Bytes(1 << 30))))
}

/// Where the program finds the models.
pub(super) fn mount(pulls: &[Pull<'_>], read_only: bool) -> Option<VolumeMount> {
    pulls.iter().any(|pull| pull.shared).then(|| VolumeMount {
        mount_path: MODELS.to_owned(),
        name: "models".to_owned(),
        read_only: Some(read_only),
        ..VolumeMount::default()
    })
}

/// One container for each data set. `mounts` are those of the program.
pub(super) fn containers(
    served: &Served<'_>,
    pulls: &[Pull<'_>],
    mounts: &[VolumeMount],
    out: &mut Diagnostics,
) -> Vec<Container> {
    let containers = pulls.iter().filter_map(|pull| {
        let Some(source) = source(served, pull) else {
            let what = format!("nothing is known here that copies `{}` to a disk", pull.name);
            warn(
                pull.read.span,
                what,
                "let the program read it from its address",
                out,
            );
            return None;
        };
        Some(container(served, pull, source, mounts))
    });
    containers.collect()
}

fn container(served: &Served<'_>, pull: &Pull<'_>, source: String, mounts: &[VolumeMount]) -> Container {
    let shared = mount(std::slice::from_ref(pull), false);
    let own = mounts
        .iter()
        .filter(|mount| mount.mount_path == pull.folder || mount.mount_path == "/tmp");
    let words = [
        "rclone",
        "copy",
        "--transfers=16",
        "--",
        &source,
        &pod::inert(&pull.folder, false),
    ];
    Container {
        name: format!("pull-{}", pull.name),
        image: Some(served.tenant.input.images.pinned(RCLONE)),
        command: Some(words.map(str::to_owned).to_vec()),
        env: Some(environment(served)),
        resources: Some(resources()),
        security_context: Some(container_security()),
        volume_mounts: Some(own.cloned().chain(shared).collect()),
        ..Container::default()
    }
}

/// What the source's address refers to.
fn environment(served: &Served<'_>) -> Vec<EnvVar> {
    let release = release::name(&served.tenant.input, served.step);
    let from = |name: &str, key: &str| EnvVar {
        name: name.to_owned(),
        value: None,
        value_from: match Answer::config_map_key(&release, key) {
            Answer::Source(source) => Some(*source),
            Answer::Text(_) => None,
        },
    };
    vec![
        pod::variable("HOME", "/tmp"),
        pod::variable("RCLONE_CONFIG", "/tmp/rclone.conf"),
        from("RUN_ID", "run-id"),
        from("RUN_DATE", "run-date"),
    ]
}

fn resources() -> ResourceRequirements {
    let memory = ("memory".to_owned(), pod::memory(Bytes(512 << 20)));
    let cpu = ("cpu".to_owned(), pod::cpu(Cores(0.5)));
    ResourceRequirements {
        claims: None,
        limits: Some([memory.clone()].into()),
        requests: Some([cpu, memory].into()),
    }
}

/// The address of a data set as rclone writes it: a remote made on the spot, and a path.
fn source(served: &Served<'_>, pull: &Pull<'_>) -> Option<String> {
    let uri = storage::uri(&served.tenant.input, pull.read.data, served.tenant.site)?;
    let address = said(&uri)?;
    let (scheme, rest) = address.split_once("://")?;
    Some(match scheme {
        // A bucket with dots before the first slash is a host of one's own, and the bucket comes after it.
        "s3" => match rest.split_once('/') {
            Some((host, rest)) if host.contains('.') => {
                format!(":s3,provider=Other,env_auth=true,endpoint=\"https://{host}\":{rest}")
            }
            Some(_) | None => format!(":s3,provider=AWS,env_auth=true:{rest}"),
        },
        "gs" => format!(":gcs,env_auth=true,bucket_policy_only=true:{rest}"),
        "abfss" | "abfs" => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let (container, host) = host.split_once('@')?;
            let account = host.split('.').next()?;
            format!(":azureblob,env_auth=true,account={account}:{container}/{path}")
        }
        _ => return None,
    })
}

/// `uri` with the run's own variables; `None` if it takes more than those.
pub(super) fn said(uri: &Text) -> Option<String> {
    let pieces = uri.0.iter().map(|piece| match piece {
        Piece::Literal(text) => Some(pod::inert(text, false)),
        Piece::Reference(Binding::Run(RunField::Id)) => Some("$(RUN_ID)".to_owned()),
        Piece::Reference(Binding::Run(RunField::Date)) => Some("$(RUN_DATE)".to_owned()),
        Piece::Reference(_) => None,
    });
    pieces.collect()
}
