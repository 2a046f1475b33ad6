//! What one cloud site consists of, before any provider's words for it.

use std::collections::BTreeMap;

use super::address::Address;
use crate::catalog::Provider;
use crate::graph::{Adopted, Cloud, Cluster, Graph, PipelineId, Platform, Region, Step, StepId};
use crate::lower::names::{self, Service};
use crate::lower::{Lowering, image, site, storage};
use crate::place::{Site, SiteId};

/// One site of the plan that lies in a cloud, and what the platform says about it.
pub struct Stack<'a> {
    /// What everything is made from.
    pub input: Lowering<'a>,
    /// Which site.
    pub id: SiteId,
    /// The site.
    pub site: &'a Site,
    /// Its cloud.
    pub provider: Provider,
    /// Its region, in the cloud's own words.
    pub region: &'a str,
    /// The platform.
    pub platform: &'a Platform,
    /// The account it is in.
    pub cloud: &'a Cloud,
    /// The `cluster` node, if there is one.
    pub cluster: Option<&'a Cluster>,
    /// The `region` node.
    pub place: Option<&'a Region>,
}

impl<'a> Stack<'a> {
    /// The stack of a site; `None` outside clouds, where nothing is made.
    pub fn of(input: Lowering<'a>, id: SiteId) -> Option<Stack<'a>> {
        let graph: &'a Graph = input.graph();
        let plan = input.plan;
        let site: &'a Site = &plan[id];
        let (provider, region) = site.region.as_ref()?;
        Some(Stack {
            input,
            id,
            site,
            provider: *provider,
            region,
            platform: graph.platform.as_ref()?,
            cloud: site::cloud(graph, site)?,
            cluster: site::cluster(graph, site),
            place: site::region(graph, site),
        })
    }

    /// The graph.
    pub fn graph(&self) -> &'a Graph {
        self.input.graph()
    }

    /// A name for what all pipelines of the site share.
    pub fn name(&self, service: Service, role: &str) -> String {
        names::name(service, &[&self.platform.prefix, &self.site.cluster, role])
    }

    /// A name for what belongs to one pipeline.
    pub fn name_of(&self, service: Service, pipeline: &str, thing: &str) -> String {
        names::name(service, &[&self.platform.prefix, pipeline, thing])
    }

    /// The name of a service account's identity.
    pub fn identity(&self, service: Service, namespace: &str, account: &str) -> String {
        names::identity(service, &self.site.cluster, namespace, account)
    }

    /// On everything created: what the user wrote, and who made it.
    pub fn tags(&self) -> BTreeMap<String, String> {
        let mut tags = self.platform.tags.clone();
        tags.extend(self.cloud.tags.clone());
        tags.insert("managed-by".to_owned(), names::LABEL.to_owned());
        tags.insert("portolan-stack".to_owned(), self.name(Service::Kubernetes, ""));
        tags
    }

    /// Besides [`Stack::tags`], on what belongs to a pipeline.
    pub fn tags_of(&self, pipeline: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("portolan-pipeline".to_owned(), names::label_value(pipeline))])
    }

    /// The cluster to use instead of making one.
    pub fn existing_cluster(&self) -> Option<&'a str> {
        self.cluster?.existing.as_deref()
    }

    /// The network to use instead of making one.
    pub fn existing_network(&self) -> Option<&'a str> {
        self.adopted()
            .find_map(|it| Some(it.network.as_ref()?.value.as_str()))
    }

    /// The subnets of that network to use.
    pub fn existing_subnets(&self) -> Vec<&'a str> {
        let network = self.adopted().find(|it| it.network.is_some());
        let subnets = network.map(|it| it.subnets.as_slice()).unwrap_or_default();
        subnets.iter().map(|subnet| subnet.value.as_str()).collect()
    }

    /// The encryption key to use instead of making one.
    pub fn existing_key(&self) -> Option<&'a str> {
        self.adopted()
            .find_map(|it| Some(it.key.as_ref()?.value.as_str()))
    }

    /// What exists and is used here: the cluster's own first, then the region's and the platform's.
    fn adopted(&self) -> impl Iterator<Item = &'a Adopted> {
        let cluster = self.cluster.map(|cluster| &cluster.adopted);
        let region = self.place.map(|place| &place.adopted);
        [cluster, region, Some(&self.platform.adopted)]
            .into_iter()
            .flatten()
    }

    /// True if the network is made here; an existing cluster has one.
    pub fn creates_network(&self) -> bool {
        self.existing_network().is_none() && self.existing_cluster().is_none()
    }

    /// The bucket of the site's runs, and whether it is made here.
    pub fn bucket(&self) -> Option<(Address, bool)> {
        let bucket = storage::bucket(&self.input, self.id)?;
        let made = bucket.made_by == Some(self.id);
        Some((Address::parse(&bucket.root)?, made))
    }

    /// Address of that bucket as programs know it.
    pub fn bucket_root(&self) -> String {
        storage::bucket(&self.input, self.id)
            .map(|bucket| bucket.root)
            .unwrap_or_default()
    }

    /// Address range of the site's network: one of 192, by its name, so that most pairs of sites could be peered.
    pub fn cidr(&self) -> String {
        let digits = names::short_hash(&self.name(Service::Kubernetes, ""));
        let number = u32::from_str_radix(&digits, 16).unwrap_or_default();
        format!("10.{}.0.0/16", 32 + number % 192)
    }

    /// Steps that run here.
    pub fn steps(&self) -> impl Iterator<Item = &'a Step> {
        let here = self.id;
        let plan = self.input.plan;
        self.graph()
            .steps
            .iter()
            .filter(move |step| plan[step.id].site == here)
    }

    /// Pipelines of which a step runs here, or that are started from here.
    pub fn pipelines(&self) -> Vec<PipelineId> {
        let here = |pipeline: &PipelineId| {
            let hub = self.input.plan.hubs.get(pipeline.0 as usize);
            hub == Some(&self.id) || self.steps().any(|step| step.pipeline == *pipeline)
        };
        self.graph()
            .pipelines
            .iter()
            .map(|pipeline| pipeline.id)
            .filter(here)
            .collect()
    }

    /// True if the runs of `pipeline` start here.
    pub fn is_hub_of(&self, pipeline: PipelineId) -> bool {
        self.input.plan.hubs.get(pipeline.0 as usize) == Some(&self.id)
    }

    /// Steps whose images are built, and kept in the registry that this site makes.
    pub fn built_here(&self) -> Vec<StepId> {
        let graph = self.graph();
        let adopted = self.platform.registry.is_some()
            || self.place.is_some_and(|place| place.adopted.registry.is_some())
            || self
                .cluster
                .is_some_and(|cluster| cluster.adopted.registry.is_some());
        if adopted {
            return Vec::new();
        }
        let own = image::registry(&self.input, self.id);
        let built = |step: &&Step| {
            let built = matches!(step.program, crate::graph::Program::Build(_));
            built && image::registry(&self.input, self.input.plan[step.id].site) == own
        };
        graph.steps.iter().filter(built).map(|step| step.id).collect()
    }
}
