//! What the platform says about a planned site.

use super::Lowering;
use super::names::{self, Service};
use crate::catalog::Provider;
use crate::graph::{Cloud, Cluster, Graph, Region, SiteRef, Transport};
use crate::place::{Site, SiteId};

/// The cloud a site is in.
pub fn cloud<'g>(graph: &'g Graph, site: &Site) -> Option<&'g Cloud> {
    let (provider, _) = site.region.as_ref()?;
    let clouds = &graph.platform.as_ref()?.clouds;
    clouds.iter().find(|cloud| cloud.provider == *provider)
}

/// The region a site is in.
pub fn region<'g>(graph: &'g Graph, site: &Site) -> Option<&'g Region> {
    let (_, name) = site.region.as_ref()?;
    let regions = &cloud(graph, site)?.regions;
    regions.iter().find(|region| region.name.value == *name)
}

/// The `cluster` node of a site; `None` if its cluster is implied.
pub fn cluster<'g>(graph: &'g Graph, site: &Site) -> Option<&'g Cluster> {
    let clusters = if site.region.is_some() {
        &region(graph, site)?.clusters
    } else {
        &graph.platform.as_ref()?.clusters
    };
    clusters.iter().find(|cluster| cluster.name.value == site.cluster)
}

/// True if `reference` names the planned site or what it is in.
pub fn is_at(reference: &SiteRef, place: &Site) -> bool {
    let in_region = |provider: &Provider, name: &str| {
        let region = place.region.as_ref();
        region.is_some_and(|(of, region)| of == provider && region == name)
    };
    match reference {
        SiteRef::Cloud(provider) => place.region.as_ref().is_some_and(|(of, _)| of == provider),
        SiteRef::Region(provider, name) => in_region(provider, name),
        SiteRef::Cluster { region, cluster } => place.region == *region && place.cluster == *cluster,
        SiteRef::Nodes { cluster, .. } => place.cluster == *cluster,
    }
}

/// True for a cluster that cannot be called: it looks into a mailbox for what it is asked.
pub fn calls_out_only(graph: &Graph, site: &Site) -> bool {
    cluster(graph, site).is_some_and(|cluster| cluster.transport == Transport::Mailbox)
}

/// The platform's prefix for names of what is made.
pub fn prefix(graph: &Graph) -> &str {
    let platform = graph.platform.as_ref();
    platform.map_or("", |platform| platform.prefix.as_str())
}

/// The storage class of scratch volumes; `None`: the cluster's default one.
pub fn storage_class(input: &Lowering<'_>, site: SiteId) -> Option<String> {
    let place = &input.plan[site];
    let chosen = cluster(input.graph(), place).and_then(|cluster| cluster.storage_class.clone());
    // No cloud's default class is encrypted with provisioned speed, and EKS has none: one is made.
    chosen.or_else(|| {
        place
            .region
            .as_ref()
            .map(|_| names::name(Service::Kubernetes, &[prefix(input.graph()), "scratch"]))
    })
}

/// The namespace of a pipeline's objects at a site.
pub fn namespace(input: &Lowering<'_>, pipeline: crate::graph::PipelineId, site: SiteId) -> String {
    let graph = input.graph();
    let chosen = chosen_namespace(input, site);
    names::namespace(prefix(graph), &graph[pipeline].name.value, chosen)
}

/// The namespace that all pipelines share at a site, if its cluster says one.
pub fn chosen_namespace<'a>(input: &Lowering<'a>, site: SiteId) -> Option<&'a str> {
    cluster(input.graph(), &input.plan[site])?.namespace.as_deref()
}

/// The context by which the hub's kubeconfig knows a site's cluster: as the platform says, else the cluster's name.
pub fn context<'g>(graph: &'g Graph, site: &'g Site) -> &'g str {
    let said = cluster(graph, site).and_then(|cluster| cluster.context.as_deref());
    said.unwrap_or(&site.cluster)
}
