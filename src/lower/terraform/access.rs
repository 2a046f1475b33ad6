//! Who may read and write what: exactly the data that each step's lines name.

use std::collections::{BTreeMap, BTreeSet};

use super::address::Address;
use super::stack::Stack;
use crate::graph::{DataId, DataSet, PipelineId, SiteRef, Step, Store};
use crate::lower::{names, site, storage};
use crate::place::{Movement, SiteId};
use crate::render::hcl;

/// Objects that may be read and written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rights {
    /// May be read.
    pub reads: BTreeSet<Address>,
    /// May be written.
    pub writes: BTreeSet<Address>,
    /// Data stores of this site; true: may be written.
    pub stores: BTreeMap<DataId, bool>,
}

/// Pods of one service account.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Workload {
    /// `pipeline cancer-risk / step train`, …: what runs as it.
    pub runs: BTreeSet<String>,
    /// Pipelines that it works for.
    pub pipelines: BTreeSet<String>,
    /// What it may do.
    pub rights: Rights,
}

/// Pods of a cluster that this cloud does not know, and trusts by the tokens that the cluster signs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Visitor {
    /// Service accounts, as `system:serviceaccount:NAMESPACE:NAME`.
    pub subjects: BTreeSet<String>,
    /// What they may do.
    pub rights: Rights,
}

impl Workload {
    /// What runs as it, for a comment.
    pub fn summary(&self) -> String {
        let runs: Vec<&str> = self.runs.iter().map(String::as_str).collect();
        hcl::comment(&runs.join(", "))
    }

    /// Tags of its identity: the pipeline, if there is only one.
    pub fn tags(&self, stack: &Stack<'_>) -> BTreeMap<String, String> {
        match self.pipelines.iter().collect::<Vec<_>>().as_slice() {
            [only] => stack.tags_of(only),
            _ => BTreeMap::new(),
        }
    }
}

impl Rights {
    /// What may be read but not written.
    pub fn only_read(&self) -> BTreeSet<Address> {
        self.reads.difference(&self.writes).cloned().collect()
    }
}

/// Everybody who works at the site, by namespace and service account.
pub fn workloads(stack: &Stack<'_>) -> BTreeMap<(String, String), Workload> {
    let mut found: BTreeMap<(String, String), Workload> = BTreeMap::new();
    for step in stack.steps() {
        let workload = found.entry(account_of(stack, stack.id, step)).or_default();
        let pipeline = &stack.graph()[step.pipeline].name.value;
        workload.runs.insert(format!("step {pipeline} / {}", step.name.value));
        workload.pipelines.insert(pipeline.clone());
        for read in &step.reads {
            allow_read(stack, read.data, &mut workload.rights);
        }
        for write in &step.writes {
            allow_write(stack, write.data, write.at.as_ref().map(|at| &at.value), &mut workload.rights);
        }
        if step.checkpoint.is_some() {
            allow_run_data(stack, step.pipeline, &mut workload.rights);
        }
    }
    for pipeline in stack.pipelines() {
        let namespace = site::namespace(&stack.input, pipeline, stack.id);
        let hub = stack.is_hub_of(pipeline).then_some(names::CONDUCTOR);
        for account in [Some(names::EXECUTOR), hub].into_iter().flatten() {
            let workload = found.entry((namespace.clone(), account.to_owned())).or_default();
            let name = &stack.graph()[pipeline].name.value;
            let what = if account == names::EXECUTOR { "data of" } else { "start of" };
            workload.runs.insert(format!("{what} pipeline {name}"));
            workload.pipelines.insert(name.clone());
            allow_run_data(stack, pipeline, &mut workload.rights);
            let pulls = account == names::EXECUTOR;
            for moved in stack.input.plan.moves.iter().filter(|moved| pulls && moved.to == stack.id) {
                allow_pull(stack, pipeline, moved, &mut workload.rights);
            }
        }
    }
    found
}

/// Pods of other clusters that work with data kept here, by their site and pipeline.
pub fn visitors(stack: &Stack<'_>) -> BTreeMap<(SiteId, PipelineId), Visitor> {
    let mut found: BTreeMap<(SiteId, PipelineId), Visitor> = BTreeMap::new();
    let plan = stack.input.plan;
    for moved in plan.moves.iter().filter(|moved| moved.from == stack.id) {
        if provider_of(stack, moved.to) == Some(stack.provider) {
            continue; // It is of this cloud, which knows its pods: their own site gives them the right.
        }
        for pipeline in readers(stack, moved) {
            let visitor = found.entry((moved.to, pipeline)).or_default();
            visitor.subjects.insert(subject(stack, moved.to, pipeline, names::EXECUTOR));
            allow_source(stack, stack.id, moved.data, &mut visitor.rights);
        }
    }
    for step in &stack.graph().steps {
        let there = plan[step.id].site;
        let guest = there != stack.id
            && storage::bucket(&stack.input, there).is_some_and(|bucket| bucket.made_by == Some(stack.id));
        if guest {
            let visitor = found.entry((there, step.pipeline)).or_default();
            let (namespace, account) = account_of(stack, there, step);
            visitor.subjects.insert(format!("system:serviceaccount:{namespace}:{account}"));
            visitor.subjects.insert(subject(stack, there, step.pipeline, names::EXECUTOR));
            allow_run_data(stack, step.pipeline, &mut visitor.rights);
        }
    }
    found
}

fn subject(stack: &Stack<'_>, site: SiteId, pipeline: PipelineId, account: &str) -> String {
    let namespace = site::namespace(&stack.input, pipeline, site);
    format!("system:serviceaccount:{namespace}:{account}")
}

fn account_of(stack: &Stack<'_>, id: SiteId, step: &Step) -> (String, String) {
    let place = &stack.input.plan[id];
    let cluster = site::cluster(stack.graph(), place);
    let chosen = cluster.and_then(|cluster| cluster.service_account.as_deref());
    let namespace = site::namespace(&stack.input, step.pipeline, id);
    (namespace, names::service_account(&step.name.value, chosen))
}

fn provider_of(stack: &Stack<'_>, id: SiteId) -> Option<crate::catalog::Provider> {
    stack.input.plan[id].region.as_ref().map(|(provider, _)| *provider)
}

fn readers(stack: &Stack<'_>, moved: &Movement) -> BTreeSet<PipelineId> {
    moved.readers.iter().map(|step| stack.graph()[*step].pipeline).collect()
}

/// All that one pipeline keeps in the site's bucket.
fn allow_run_data(stack: &Stack<'_>, pipeline: PipelineId, rights: &mut Rights) {
    if let Some((bucket, _)) = stack.bucket() {
        let all = bucket.below(&storage::pipeline_prefix(stack.graph(), pipeline));
        rights.reads.insert(all.clone());
        rights.writes.insert(all);
    }
}

/// What a step reads: where it is, or the copy that was pulled into the site's bucket.
fn allow_read(stack: &Stack<'_>, data: DataId, rights: &mut Rights) {
    let set = &stack.graph()[data];
    if let Some(address) = at(stack, set, None) {
        rights.reads.insert(address);
        return;
    }
    if stack.input.plan.homes.get(data.0 as usize) == Some(&Some(stack.id)) && set.store != Store::Bucket {
        rights.stores.entry(data).or_default();
    }
    rights.reads.extend(in_bucket(stack, stack.id, data));
}

fn allow_write(stack: &Stack<'_>, data: DataId, site: Option<&SiteRef>, rights: &mut Rights) {
    let set = &stack.graph()[data];
    let address = at(stack, set, site).or_else(|| in_bucket(stack, stack.id, data));
    // Whoever writes also lists what an earlier attempt left, and reads the manifest back.
    rights.reads.extend(address.clone());
    rights.writes.extend(address);
    if set.store != Store::Bucket && set.at.is_empty() {
        rights.stores.insert(data, true);
    }
}

fn allow_pull(stack: &Stack<'_>, pipeline: PipelineId, moved: &Movement, rights: &mut Rights) {
    let known = provider_of(stack, moved.from) == Some(stack.provider);
    if known && readers(stack, moved).contains(&pipeline) {
        allow_source(stack, moved.from, moved.data, rights);
    }
}

/// Where `data` is before it is pulled from `site`.
fn allow_source(stack: &Stack<'_>, site: SiteId, data: DataId, rights: &mut Rights) {
    let set = &stack.graph()[data];
    let region = stack.input.plan[site].region.as_ref();
    let published = set.at.iter().find(|location| match (&location.site.value, region) {
        (SiteRef::Region(provider, name), Some((there, region))) => provider == there && name == region,
        (SiteRef::Cluster { cluster, .. }, _) => *cluster == stack.input.plan[site].cluster,
        (SiteRef::Cloud(_) | SiteRef::Region(..) | SiteRef::Nodes { .. }, _) => false,
    });
    let published = published.and_then(|location| Address::of_text(&location.uri.as_ref()?.value));
    rights.reads.extend(published.or_else(|| in_bucket(stack, site, data)));
}

fn in_bucket(stack: &Stack<'_>, site: SiteId, data: DataId) -> Option<Address> {
    let root = storage::bucket(&stack.input, site)?.root;
    Some(Address::parse(&root)?.below(&storage::key(stack.graph(), data, "*")))
}

/// The address of `data` in this cloud: the one at `site` if that is asked for, else in this region, else anywhere,
/// unless it is pulled into the site's own bucket.
fn at(stack: &Stack<'_>, set: &DataSet, site: Option<&SiteRef>) -> Option<Address> {
    let here = |place: &SiteRef| match place {
        SiteRef::Region(provider, region) => (*provider, region.as_str()) == (stack.provider, stack.region),
        SiteRef::Cluster { cluster, .. } => *cluster == stack.site.cluster,
        SiteRef::Cloud(_) | SiteRef::Nodes { .. } => false,
    };
    let pulled = stack.input.plan.moves.iter().any(|moved| {
        let name = &stack.graph()[moved.data].name.value;
        moved.to == stack.id && stack.graph()[moved.data].pipeline == set.pipeline && *name == set.name.value
    });
    let rank = |place: &SiteRef| match site {
        Some(asked) => (place == asked).then_some(0),
        None if here(place) => Some(0),
        None => (!pulled).then_some(1),
    };
    let addresses = set.at.iter().filter_map(|location| {
        let address = Address::of_text(&location.uri.as_ref()?.value)?;
        let rank = rank(&location.site.value)?;
        (address.provider == stack.provider).then_some((rank, address))
    });
    addresses.min_by_key(|(rank, _)| *rank).map(|(_, address)| address)
}
