//! Where a container can write, and the files it is given.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    ConfigMap, ConfigMapVolumeSource, EmptyDirVolumeSource, EphemeralVolumeSource, KeyToPath,
    PersistentVolumeClaimSpec, PersistentVolumeClaimTemplate, PersistentVolumeClaimVolumeSource,
    SecretVolumeSource, Volume, VolumeMount, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{EMITS, StepPod, labels, memory};
use crate::graph::{DataId, Step};
use crate::lower::names::{self, Service};
use crate::lower::{Lowering, own_store, site};
use crate::quantity::Bytes;

/// Where a `script` is mounted.
pub(super) const SCRIPT: &str = "/portolan/script";

/// Up to this size scratch space is on the node's own disk, which pods share; above, a disk is made for the pod.
const NODE_DISK: Bytes = Bytes(20 << 30);

/// One mount and its volume.
struct Mounted {
    volume: Volume,
    mount: VolumeMount,
}

pub(super) fn mounts(pod: &StepPod<'_>) -> Vec<VolumeMount> {
    all(pod).into_iter().map(|mounted| mounted.mount).collect()
}

pub(super) fn volumes(pod: &StepPod<'_>) -> Vec<Volume> {
    let mut volumes: Vec<Volume> = Vec::new();
    for mounted in all(pod) {
        // Several files of one ConfigMap, or a secret in two places, share a volume.
        if volumes.iter().all(|known| known.name != mounted.volume.name) {
            volumes.push(mounted.volume);
        }
    }
    volumes
}

fn all(pod: &StepPod<'_>) -> Vec<Mounted> {
    let step = pod.step;
    let mut all = Vec::new();
    for volume in &step.volumes {
        let name = format!("volume-{}", volume.name.value);
        let made = if volume.memory {
            in_memory(name, volume.size)
        } else {
            scratch(pod, name, volume.size)
        };
        all.push(mounted(made, &volume.mount.value));
    }
    all.extend(data(pod));
    all.extend(step.secrets.iter().map(|secret| {
        let name = names::name(Service::Kubernetes, &["secret", &secret.name.value]);
        read_only(mounted(
            secret_volume(name, &secret.name.value),
            &secret.mount.value,
        ))
    }));
    all.extend(files(pod));
    all.extend(built_in(pod, &all));
    all
}

/// Inputs and outputs that the program finds at a path.
fn data(pod: &StepPod<'_>) -> Vec<Mounted> {
    let graph = pod.input.graph();
    let reads = pod.step.reads.iter().map(|read| (read.data, &read.mount));
    let writes = pod.step.writes.iter().map(|write| (write.data, &write.mount));
    let mut all: Vec<Mounted> = Vec::new();
    for (data, mount) in reads.chain(writes) {
        let name = format!("data-{}", graph[data].name.value);
        if let Some(folder) = own_store::folder(pod.input, pod.step, data) {
            let shared = shared(pod, name, data, &folder);
            if all.iter().all(|known| known.mount != shared.mount) {
                all.push(shared);
            }
            continue;
        }
        let Some(mount) = mount else { continue };
        all.push(mounted(scratch(pod, name, size(pod.input, data)), &mount.value));
    }
    all
}

/// The part of a shared file system that belongs to this run and, in a fan-out, to this item.
fn shared(pod: &StepPod<'_>, name: String, data: DataId, folder: &str) -> Mounted {
    let graph = pod.input.graph();
    let writers = graph[data].writers.first().map(|writer| &graph[*writer].each);
    let items = writers.into_iter().flatten().zip(&pod.step.each);
    let items = items.take_while(|(written, own)| written == own);
    let items =
        items.map(|(_, each)| format!("/$(EACH_{})", names::environment(&graph[*each].variable.value)));
    let claim = PersistentVolumeClaimVolumeSource {
        claim_name: own_store::claim(pod.input, data),
        read_only: None,
    };
    let volume = Volume {
        name,
        persistent_volume_claim: Some(claim),
        ..Volume::default()
    };
    let mut mounted = mounted(volume, folder);
    mounted.mount.sub_path_expr = Some(format!("$(RUN_ID){}", items.collect::<String>()));
    let only_read = !own_store::writes(pod.step, data);
    mounted.mount.read_only = only_read.then_some(true);
    mounted
}

/// A tenth above the prediction is for the file system itself.
fn size(input: &Lowering<'_>, data: DataId) -> Bytes {
    let sizes = &input.plan.profiled.data;
    let predicted = sizes.get(data.0 as usize).map(|size| size.p95);
    predicted.unwrap_or_default().times(1.1).max(Bytes(1 << 20))
}

/// Folders that every program, or every one of its kind, counts on.
fn built_in(pod: &StepPod<'_>, theirs: &[Mounted]) -> Vec<Mounted> {
    let profile = &pod.input.plan.profiled[pod.step.id];
    let mut ours = Vec::new();
    if !pod.step.emits.is_empty() {
        ours.push(mounted(empty("emits".to_owned(), Bytes(64 << 20)), EMITS));
    }
    if profile.accelerators.is_some() {
        // Loaders of training data and multi-process servers share batches here; the default of 64 MiB stops them.
        let half = profile.memory.p95.times(0.5);
        ours.push(mounted(in_memory("shm".to_owned(), half), "/dev/shm"));
    }
    let disk = unclaimed(pod, profile.disk.p95);
    ours.push(mounted(scratch(pod, "tmp".to_owned(), disk), "/tmp"));
    let taken = |path: &str| theirs.iter().any(|known| known.mount.mount_path == path);
    ours.retain(|mounted| !taken(&mounted.mount.mount_path));
    ours
}

/// What is left of the predicted disk for `/tmp`, after the volumes that the author gave a path; at least 1 GiB.
fn unclaimed(pod: &StepPod<'_>, disk: Bytes) -> Bytes {
    let volumes = pod.step.volumes.iter().filter(|volume| !volume.memory);
    let claimed: Bytes = volumes.map(|volume| volume.size).sum();
    Bytes(disk.0.saturating_sub(claimed.0)).max(Bytes(1 << 30))
}

fn files(pod: &StepPod<'_>) -> Vec<Mounted> {
    let name = config_map_name(pod.input, pod.step);
    let file = |key: &str, path: &str| {
        let mut mounted = mounted(config_map_volume(pod, &name), path);
        mounted.mount.sub_path = Some(key.to_owned());
        read_only(mounted)
    };
    let keys = keys(pod.step).into_iter();
    keys.map(|(key, path, _)| file(&key, path)).collect()
}

/// Key, path in the container and text of each file and of the script.
fn keys(step: &Step) -> Vec<(String, &str, &str)> {
    let script = step.script.iter();
    let script = script.map(|script| ("script".to_owned(), SCRIPT, script.text.value.as_str()));
    let files = step.files.iter().enumerate().map(|(at, file)| {
        let base = file.path.value.rsplit('/').next().unwrap_or_default();
        // Keys take no other characters; the number keeps them apart.
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let base: String = base.chars().map(|c| if plain(c) { c } else { '_' }).collect();
        let text = file.text.as_deref().unwrap_or_default();
        (format!("{at}-{base}"), file.mount.value.as_str(), text)
    });
    script.chain(files).collect()
}

fn config_map_name(input: &Lowering<'_>, step: &Step) -> String {
    let site = input.plan[step.id].site;
    let pipeline = &input.graph()[step.pipeline].name.value;
    let chosen = site::chosen_namespace(input, site);
    let object = names::object(pipeline, &step.name.value, chosen);
    names::name(Service::Kubernetes, &[&object, "files"])
}

/// The ConfigMap with a step's script and files; `None` if it has neither.
pub fn config_map(input: &Lowering<'_>, step: &Step) -> Option<ConfigMap> {
    let data: BTreeMap<String, String> = keys(step)
        .into_iter()
        .map(|(key, _, text)| (key, text.to_owned()))
        .collect();
    (!data.is_empty()).then(|| ConfigMap {
        data: Some(data),
        metadata: ObjectMeta {
            labels: Some(labels(input, step)),
            name: Some(config_map_name(input, step)),
            namespace: Some(site::namespace(input, step.pipeline, input.plan[step.id].site)),
            ..ObjectMeta::default()
        },
        ..ConfigMap::default()
    })
}

fn config_map_volume(pod: &StepPod<'_>, name: &str) -> Volume {
    let items = keys(pod.step).into_iter().map(|(key, _, _)| KeyToPath {
        path: key.clone(),
        key,
        mode: None,
    });
    Volume {
        config_map: Some(ConfigMapVolumeSource {
            // Readable and executable by all: the files are not secret, and scripts may call each other.
            default_mode: Some(0o555),
            items: Some(items.collect()),
            name: name.to_owned(),
            optional: None,
        }),
        name: "files".to_owned(),
        ..Volume::default()
    }
}

fn secret_volume(name: String, secret: &str) -> Volume {
    Volume {
        name,
        secret: Some(SecretVolumeSource {
            default_mode: Some(0o440),
            secret_name: Some(secret.to_owned()),
            ..SecretVolumeSource::default()
        }),
        ..Volume::default()
    }
}

/// Scratch space that goes with the pod.
pub(super) fn scratch(pod: &StepPod<'_>, name: String, size: Bytes) -> Volume {
    if size <= NODE_DISK {
        return empty(name, size);
    }
    let class = site::storage_class(pod.input, pod.input.plan[pod.step.id].site);
    let request = BTreeMap::from([("storage".to_owned(), memory(size))]);
    let claim = PersistentVolumeClaimTemplate {
        metadata: Some(ObjectMeta {
            labels: Some(labels(pod.input, pod.step)),
            ..ObjectMeta::default()
        }),
        spec: PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
            resources: Some(VolumeResourceRequirements {
                limits: None,
                requests: Some(request),
            }),
            storage_class_name: class,
            ..PersistentVolumeClaimSpec::default()
        },
    };
    Volume {
        ephemeral: Some(EphemeralVolumeSource {
            volume_claim_template: Some(claim),
        }),
        name,
        ..Volume::default()
    }
}

fn empty(name: String, size: Bytes) -> Volume {
    Volume {
        empty_dir: Some(EmptyDirVolumeSource {
            medium: None,
            size_limit: Some(memory(size)),
        }),
        name,
        ..Volume::default()
    }
}

fn in_memory(name: String, size: Bytes) -> Volume {
    Volume {
        empty_dir: Some(EmptyDirVolumeSource {
            medium: Some("Memory".to_owned()),
            size_limit: Some(memory(size)),
        }),
        name,
        ..Volume::default()
    }
}

fn mounted(volume: Volume, path: &str) -> Mounted {
    Mounted {
        mount: VolumeMount {
            mount_path: path.to_owned(),
            name: volume.name.clone(),
            ..VolumeMount::default()
        },
        volume,
    }
}

fn read_only(mut mounted: Mounted) -> Mounted {
    mounted.mount.read_only = Some(true);
    mounted
}
