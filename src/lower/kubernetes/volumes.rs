//! Shared file systems: a claim for each data set, and in clouds the volume that Terraform's file system is.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    CSIPersistentVolumeSource, PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec,
    PersistentVolumeSpec, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde_json::Value;

use super::object::{cluster_metadata, document};
use super::shared::Unknown;
use super::tenant::Tenant;
use crate::catalog::Provider;
use crate::graph::{DataId, Store};
use crate::lower::names::{self, Service};
use crate::lower::{own_store, pod, site};
use crate::quantity::Bytes;

const MODE: &str = "ReadWriteMany";

/// Data sets of a tenant that lie in a shared file system of their own.
pub(super) fn shared(tenant: &Tenant<'_>) -> Vec<DataId> {
    own(tenant, |store| store == Store::Disk)
}

fn own(tenant: &Tenant<'_>, of: fn(Store) -> bool) -> Vec<DataId> {
    let graph = tenant.input.graph();
    let pipelines = tenant.pipelines.iter();
    let data = pipelines.flat_map(|pipeline| &graph[*pipeline].data).copied();
    data.filter(|id| of(graph[*id].store) && own_store::home(&tenant.input, *id) == Some(tenant.site))
        .collect()
}

/// All volumes and claims of a tenant.
pub(super) fn objects(tenant: &Tenant<'_>) -> Vec<Value> {
    let mut all = Vec::new();
    for data in shared(tenant) {
        all.extend(volume(tenant, data).map(document));
        all.push(document(claim(tenant, data)));
    }
    all
}

/// Addresses that only Terraform knows, and where they belong.
pub(super) fn unknown(tenant: &Tenant<'_>, unknown: &mut Unknown) {
    let stores = own(tenant, own_store::is_own);
    let in_cloud = tenant.input.plan[tenant.site].region.is_some();
    if stores.is_empty() || !in_cloud {
        return;
    }
    unknown.stores.insert(tenant.namespace.clone());
    for data in shared(tenant) {
        let field = match tenant.input.plan[tenant.site].region {
            Some((Provider::Aws, _)) => "spec.csi.volumeHandle",
            Some((Provider::Gcp, _)) => "spec.csi.volumeAttributes.ip",
            // Accounts and shares of Azure are named by us.
            Some((Provider::Azure, _)) | None => continue,
        };
        let key = own_store::key(&tenant.input, data, None);
        let name = volume_name(tenant, data);
        unknown.volumes.push((key, tenant.namespace.clone(), name, field));
    }
}

fn volume_name(tenant: &Tenant<'_>, data: DataId) -> String {
    let claim = own_store::claim(&tenant.input, data);
    names::name(Service::Kubernetes, &[&tenant.namespace, &claim])
}

fn size(tenant: &Tenant<'_>, data: DataId) -> Quantity {
    let sizes = &tenant.input.plan.profiled.data;
    let predicted = sizes
        .get(data.0 as usize)
        .map(|size| size.p95)
        .unwrap_or_default();
    pod::memory(Bytes::gib(predicted.times(2.0).in_gib().ceil().max(1.0)))
}

fn volume(tenant: &Tenant<'_>, data: DataId) -> Option<PersistentVolume> {
    let (provider, region) = tenant.input.plan[tenant.site].region.as_ref()?;
    Some(PersistentVolume {
        metadata: cluster_metadata(&volume_name(tenant, data), tenant.labels()),
        spec: Some(PersistentVolumeSpec {
            access_modes: Some(vec![MODE.to_owned()]),
            capacity: Some(BTreeMap::from([("storage".to_owned(), size(tenant, data))])),
            csi: Some(source(tenant, data, *provider, region)),
            mount_options: (*provider == Provider::Aws).then(|| vec!["tls".to_owned()]),
            // The data outlives what is said here about it.
            persistent_volume_reclaim_policy: Some("Retain".to_owned()),
            storage_class_name: Some(String::new()),
            ..PersistentVolumeSpec::default()
        }),
        status: None,
    })
}

/// What the driver of each cloud wants to know; what is not known here yet, Kustomize fills in.
fn source(tenant: &Tenant<'_>, data: DataId, provider: Provider, region: &str) -> CSIPersistentVolumeSource {
    let graph = tenant.input.graph();
    let prefix = site::prefix(graph);
    let set = &graph[data];
    let pipeline = graph[set.pipeline].name.value.as_str();
    let thing = set.name.value.as_str();
    let (driver, handle, attributes): (_, _, Vec<(&str, String)>) = match provider {
        Provider::Aws => ("efs.csi.aws.com", "unknown".to_owned(), Vec::new()),
        Provider::Gcp => {
            let instance = names::name(Service::Kubernetes, &[prefix, pipeline, thing]);
            let attributes = vec![("ip", "unknown".to_owned()), ("volume", "data".to_owned())];
            let handle = format!("modeInstance/{region}/{instance}/data");
            ("filestore.csi.storage.gke.io", handle, attributes)
        }
        Provider::Azure => {
            let cluster = &tenant.input.plan[tenant.site].cluster;
            let account = names::name(Service::StorageAccount, &[prefix, pipeline, thing]);
            let attributes = vec![
                ("protocol", "nfs".to_owned()),
                (
                    "resourceGroup",
                    names::name(Service::AzureResource, &[prefix, cluster]),
                ),
                ("shareName", thing.to_owned()),
                ("storageAccount", account.clone()),
            ];
            ("file.csi.azure.com", format!("{account}-{thing}"), attributes)
        }
    };
    let attributes = attributes.into_iter().map(|(key, value)| (key.to_owned(), value));
    let attributes: BTreeMap<String, String> = attributes.collect();
    CSIPersistentVolumeSource {
        driver: driver.to_owned(),
        volume_handle: handle,
        volume_attributes: (!attributes.is_empty()).then_some(attributes),
        ..CSIPersistentVolumeSource::default()
    }
}

fn claim(tenant: &Tenant<'_>, data: DataId) -> PersistentVolumeClaim {
    let place = &tenant.input.plan[tenant.site];
    let chosen = site::cluster(tenant.input.graph(), place).and_then(|cluster| cluster.storage_class.clone());
    let in_cloud = place.region.is_some();
    PersistentVolumeClaim {
        metadata: tenant.metadata(&own_store::claim(&tenant.input, data)),
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec![MODE.to_owned()]),
            resources: Some(VolumeResourceRequirements {
                limits: None,
                requests: Some(BTreeMap::from([("storage".to_owned(), size(tenant, data))])),
            }),
            // An empty class means this volume and no other.
            storage_class_name: if in_cloud { Some(String::new()) } else { chosen },
            volume_name: in_cloud.then(|| volume_name(tenant, data)),
            ..PersistentVolumeClaimSpec::default()
        }),
        status: None,
    }
}
