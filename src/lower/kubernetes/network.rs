//! Who may talk to whom: nobody, and then what steps need.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer,
    NetworkPolicyPort, NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::Value;

use super::object::document;
use super::serving;
use super::tenant::Tenant;
use crate::catalog::Provider;
use crate::graph::{Step, Store};
use crate::lower::{names, pod, storage};

/// All rules of a tenant.
pub(super) fn objects(tenant: &Tenant<'_>) -> Vec<Value> {
    let mut all = vec![
        policy(
            tenant,
            "default-deny",
            tenant.pods(),
            Some(Vec::new()),
            Some(Vec::new()),
        ),
        policy(
            tenant,
            "name-service",
            tenant.pods(),
            None,
            Some(vec![name_service()]),
        ),
        policy(tenant, "services", tenant.pods(), None, Some(services(tenant))),
    ];
    for step in tenant.steps() {
        all.extend(serves(tenant, step));
        all.extend(stores(tenant, step));
        all.extend(workers(tenant, step));
    }
    all.into_iter().map(document).collect()
}

fn policy(
    tenant: &Tenant<'_>,
    name: &str,
    pods: LabelSelector,
    ingress: Option<Vec<NetworkPolicyIngressRule>>,
    egress: Option<Vec<NetworkPolicyEgressRule>>,
) -> NetworkPolicy {
    let types = [
        ingress.as_ref().map(|_| "Ingress"),
        egress.as_ref().map(|_| "Egress"),
    ];
    NetworkPolicy {
        metadata: tenant.metadata(name),
        spec: Some(NetworkPolicySpec {
            egress: egress.filter(|rules| !rules.is_empty()),
            ingress: ingress.filter(|rules| !rules.is_empty()),
            pod_selector: Some(pods),
            policy_types: Some(types.into_iter().flatten().map(str::to_owned).collect()),
        }),
    }
}

/// The cluster's own name service, whichever way it is run (a node-local cache has a link-local address).
fn name_service() -> NetworkPolicyEgressRule {
    let labels = |key: &str, value: &str| LabelSelector {
        match_expressions: None,
        match_labels: Some(BTreeMap::from([(key.to_owned(), value.to_owned())])),
    };
    let service = NetworkPolicyPeer {
        ip_block: None,
        namespace_selector: Some(labels("kubernetes.io/metadata.name", "kube-system")),
        pod_selector: Some(labels("k8s-app", "kube-dns")),
    };
    NetworkPolicyEgressRule {
        ports: Some(vec![port(53, "UDP"), port(53, "TCP")]),
        to: Some(vec![service, block("169.254.20.10/32")]),
    }
}

/// Object storage, registries, the API server and the identity service. A NetworkPolicy knows addresses, not names,
/// and the addresses of these services change: what is bounded is the port.
fn services(tenant: &Tenant<'_>) -> Vec<NetworkPolicyEgressRule> {
    let place = &tenant.input.plan[tenant.site];
    let anywhere = vec![block("0.0.0.0/0"), block("::/0")];
    // Outside managed clusters the API server has its own port.
    let ports: &[u16] = if place.on_premises { &[443, 6443] } else { &[443] };
    let mut rules = vec![NetworkPolicyEgressRule {
        ports: Some(ports.iter().map(|number| port(*number, "TCP")).collect()),
        to: Some(anywhere),
    }];
    let identity: &[(&str, u16)] = match &place.region {
        // EKS Pod Identity agent.
        Some((Provider::Aws, _)) => &[("169.254.170.23/32", 80)],
        // GKE metadata server, and where Dataplane V2 redirects it.
        Some((Provider::Gcp, _)) => &[("169.254.169.254/32", 80), ("169.254.169.252/32", 988)],
        // Microsoft Entra is asked over HTTPS.
        Some((Provider::Azure, _)) | None => &[],
    };
    rules.extend(identity.iter().map(|(address, number)| NetworkPolicyEgressRule {
        ports: Some(vec![port(*number, "TCP")]),
        to: Some(vec![block(address)]),
    }));
    rules
}

/// A server takes requests from the cluster's pods: its callers, the gateway, and whoever measures it.
fn serves(tenant: &Tenant<'_>, step: &Step) -> Option<NetworkPolicy> {
    let ports: BTreeSet<u16> = serving::ports(step)
        .into_iter()
        .map(|(_, number)| number)
        .collect();
    let everybody = NetworkPolicyPeer {
        ip_block: None,
        namespace_selector: Some(LabelSelector::default()),
        pod_selector: None,
    };
    let rule = NetworkPolicyIngressRule {
        from: Some(vec![everybody]),
        ports: Some(ports.iter().map(|number| port(*number, "TCP")).collect()),
    };
    let name = format!("{}-requests", tenant.object(step));
    (!ports.is_empty()).then(|| policy(tenant, &name, pods_of(tenant, step), Some(vec![rule]), None))
}

/// Data stores that do not speak HTTPS, on their own ports.
fn stores(tenant: &Tenant<'_>, step: &Step) -> Option<NetworkPolicy> {
    let graph = tenant.input.graph();
    let reads = step.reads.iter().map(|read| read.data);
    let data = reads.chain(step.writes.iter().map(|write| write.data));
    let mut ports = BTreeSet::new();
    for id in data {
        ports.extend(store_ports(graph[id].store).iter().copied());
        let uri = storage::uri(&tenant.input, id, tenant.site);
        ports.extend(uri.as_ref().and_then(|uri| uri.0.first()).and_then(explicit_port));
    }
    let rule = NetworkPolicyEgressRule {
        ports: Some(ports.iter().map(|number| port(*number, "TCP")).collect()),
        to: Some(vec![block("0.0.0.0/0"), block("::/0")]),
    };
    let name = format!("{}-stores", tenant.object(step));
    (!ports.is_empty()).then(|| policy(tenant, &name, pods_of(tenant, step), None, Some(vec![rule])))
}

/// Ports of the stores that sites make or that data sets are usually in.
fn store_ports(store: Store) -> &'static [u16] {
    match store {
        // Their clients use HTTPS; a disk is mounted by the node.
        Store::Bucket | Store::Nosql | Store::Disk => &[],
        // Redshift; the others use HTTPS.
        Store::Warehouse => &[5439],
        // PostgreSQL, MySQL.
        Store::Sql => &[3306, 5432],
        // Valkey; with TLS on Azure.
        Store::Cache => &[6379, 10000],
        // pgvector; Qdrant, Milvus; private endpoints of Vertex AI. OpenSearch and AI Search use HTTPS.
        Store::Vector => &[5432, 6333, 6334, 10000, 19530],
        // Kafka: plain, TLS, SASL, and what managed services add.
        Store::Stream => &[9092, 9093, 9094, 9096, 9098],
    }
}

/// The port in `scheme://host:port/…`.
fn explicit_port(piece: &crate::graph::Piece) -> Option<u16> {
    let crate::graph::Piece::Literal(text) = piece else {
        return None;
    };
    let host = text.split_once("://")?.1.split('/').next()?;
    host.rsplit_once(':')?.1.parse().ok()
}

/// Machines that train together talk to each other on ports they choose.
fn workers(tenant: &Tenant<'_>, step: &Step) -> Option<NetworkPolicy> {
    if tenant.input.plan.profiled[step.id].nodes < 2 {
        return None;
    }
    let each_other = NetworkPolicyPeer {
        ip_block: None,
        namespace_selector: None,
        pod_selector: Some(pods_of(tenant, step)),
    };
    let ingress = NetworkPolicyIngressRule {
        from: Some(vec![each_other.clone()]),
        ports: None,
    };
    let egress = NetworkPolicyEgressRule {
        ports: None,
        to: Some(vec![each_other]),
    };
    let name = format!("{}-workers", tenant.object(step));
    Some(policy(
        tenant,
        &name,
        pods_of(tenant, step),
        Some(vec![ingress]),
        Some(vec![egress]),
    ))
}

fn pods_of(tenant: &Tenant<'_>, step: &Step) -> LabelSelector {
    let mut labels = pod::labels(&tenant.input, step);
    let about = [names::label("pipeline"), names::label("step")];
    labels.retain(|key, _| about.contains(key));
    LabelSelector {
        match_expressions: None,
        match_labels: Some(labels),
    }
}

fn port(number: u16, protocol: &str) -> NetworkPolicyPort {
    NetworkPolicyPort {
        end_port: None,
        port: Some(IntOrString::Int(number.into())),
        protocol: Some(protocol.to_owned()),
    }
}

fn block(cidr: &str) -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        ip_block: Some(IPBlock {
            cidr: cidr.to_owned(),
            except: None,
        }),
        namespace_selector: None,
        pod_selector: None,
    }
}
