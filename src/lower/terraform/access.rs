//! Who may read and write what: exactly the data that each step's lines name.

use std::collections::{BTreeMap, BTreeSet};

use super::address::Address;
use super::stack::Stack;
use crate::graph::{DataId, PipelineId, Step, Store, Write};
use crate::lower::argo::memory;
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
        workload
            .runs
            .insert(format!("step {pipeline} / {}", step.name.value));
        workload.pipelines.insert(pipeline.clone());
        for read in &step.reads {
            allow_read(stack, read.data, &mut workload.rights);
        }
        for write in &step.writes {
            allow_write(stack, write, &mut workload.rights);
        }
        if step.checkpoint.is_some() {
            allow_checkpoints(stack, step, &mut workload.rights);
        }
    }
    for pipeline in stack.pipelines() {
        let namespace = site::namespace(&stack.input, pipeline, stack.id);
        let hub = stack.is_hub_of(pipeline).then_some(names::CONDUCTOR);
        for account in [Some(names::EXECUTOR), hub].into_iter().flatten() {
            let workload = found.entry((namespace.clone(), account.to_owned())).or_default();
            let name = &stack.graph()[pipeline].name.value;
            let what = if account == names::EXECUTOR {
                "data of"
            } else {
                "start of"
            };
            workload.runs.insert(format!("{what} pipeline {name}"));
            workload.pipelines.insert(name.clone());
            allow_run_data(stack, pipeline, &mut workload.rights);
            let pulls = account == names::EXECUTOR;
            if pulls && stack.is_hub_of(pipeline) {
                allow_watch(stack, pipeline, &mut workload.rights);
            }
            for moved in stack
                .input
                .plan
                .moves
                .iter()
                .filter(|moved| pulls && moved.to == stack.id)
            {
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
    for moved in foreign_moves(stack) {
        for pipeline in readers(stack, moved) {
            let visitor = found.entry((moved.to, pipeline)).or_default();
            visitor
                .subjects
                .insert(subject(stack, moved.to, pipeline, names::EXECUTOR));
            visitor.rights.reads.extend(address(stack, moved.data, stack.id));
        }
    }
    for (there, pipeline) in mailboxes(stack) {
        let visitor = found.entry((there, pipeline)).or_default();
        visitor
            .subjects
            .insert(subject(stack, there, pipeline, names::CONDUCTOR));
        let Some((bucket, _)) = stack.bucket() else {
            continue;
        };
        let folder = bucket.below(&storage::mailbox_key(
            stack.graph(),
            pipeline,
            &plan[there].cluster,
        ));
        visitor.rights.reads.insert(folder.clone());
        visitor.rights.writes.insert(folder);
    }
    for step in &stack.graph().steps {
        let there = plan[step.id].site;
        let guest = there != stack.id
            && storage::bucket(&stack.input, there).is_some_and(|bucket| bucket.made_by == Some(stack.id));
        if guest {
            let visitor = found.entry((there, step.pipeline)).or_default();
            let (namespace, account) = account_of(stack, there, step);
            visitor
                .subjects
                .insert(format!("system:serviceaccount:{namespace}:{account}"));
            visitor
                .subjects
                .insert(subject(stack, there, step.pipeline, names::EXECUTOR));
            allow_run_data(stack, step.pipeline, &mut visitor.rights);
        }
    }
    found
}

/// Clusters that look into a mailbox here for what pipelines ask of them.
fn mailboxes(stack: &Stack<'_>) -> BTreeSet<(SiteId, PipelineId)> {
    let plan = stack.input.plan;
    let steps = stack.graph().steps.iter();
    let asked = steps.map(|step| (plan[step.id].site, step.pipeline));
    asked
        .filter(|(site, pipeline)| {
            let away = *site != stack.id && stack.is_hub_of(*pipeline);
            away && site::calls_out_only(stack.graph(), &plan[*site])
        })
        .collect()
}

/// Data that moves from here to where this cloud does not know pods. In its other regions it does: there, their own
/// site gives them the right.
pub fn foreign_moves<'a>(stack: &Stack<'a>) -> impl Iterator<Item = &'a Movement> {
    let from_here = stack
        .input
        .plan
        .moves
        .iter()
        .filter(|moved| moved.from == stack.id);
    from_here.filter(|moved| provider_of(stack, moved.to) != Some(stack.provider))
}

fn subject(stack: &Stack<'_>, site: SiteId, pipeline: PipelineId, account: &str) -> String {
    let namespace = site::namespace(&stack.input, pipeline, site);
    format!("system:serviceaccount:{namespace}:{account}")
}

pub(super) fn account_of(stack: &Stack<'_>, id: SiteId, step: &Step) -> (String, String) {
    let place = &stack.input.plan[id];
    let cluster = site::cluster(stack.graph(), place);
    let chosen = cluster.and_then(|cluster| cluster.service_account.as_deref());
    let namespace = site::namespace(&stack.input, step.pipeline, id);
    (namespace, names::service_account(&step.name.value, chosen))
}

fn provider_of(stack: &Stack<'_>, id: SiteId) -> Option<crate::catalog::Provider> {
    stack.input.plan[id]
        .region
        .as_ref()
        .map(|(provider, _)| *provider)
}

fn readers(stack: &Stack<'_>, moved: &Movement) -> BTreeSet<PipelineId> {
    moved
        .readers
        .iter()
        .map(|step| stack.graph()[*step].pipeline)
        .collect()
}

/// All that one pipeline keeps in the site's bucket.
fn allow_run_data(stack: &Stack<'_>, pipeline: PipelineId, rights: &mut Rights) {
    if let Some((bucket, _)) = stack.bucket() {
        let graph = stack.graph();
        for prefix in [
            storage::pipeline_prefix(graph, pipeline),
            storage::pipeline_data_prefix(graph, pipeline),
        ] {
            let all = bucket.below(&prefix);
            rights.reads.insert(all.clone());
            rights.writes.insert(all);
        }
    }
}

/// What starts runs, and what they need of the runs of other pipelines.
fn allow_watch(stack: &Stack<'_>, pipeline: PipelineId, rights: &mut Rights) {
    let graph = stack.graph();
    for trigger in &graph[pipeline].triggers {
        rights.reads.extend(address(stack, trigger.data, stack.id));
    }
    for other in memory::asked_of(graph, &graph[pipeline]) {
        if let Some(address) = memory::text_address(&stack.input, other) {
            let folder = address.rsplit_once('/').map(|(folder, _)| folder);
            rights.reads.extend(folder.and_then(Address::parse));
        }
    }
}

/// What a step reads, where it finds it.
fn allow_read(stack: &Stack<'_>, data: DataId, rights: &mut Rights) {
    rights.reads.extend(address(stack, data, stack.id));
    let set = &stack.graph()[data];
    let home = stack.input.plan.homes.get(data.0 as usize);
    if set.store != Store::Bucket && set.at.is_empty() && home == Some(&Some(stack.id)) {
        rights.stores.entry(data).or_default();
    }
}

fn allow_write(stack: &Stack<'_>, write: &Write, rights: &mut Rights) {
    let set = &stack.graph()[write.data];
    let asked = write
        .at
        .as_ref()
        .and_then(|at| set.at.iter().find(|it| it.site.value == at.value));
    let asked = asked.and_then(|location| Address::of_text(&location.uri.as_ref()?.value));
    let address = asked.or_else(|| address(stack, write.data, stack.id));
    // Whoever writes also lists what an earlier attempt left, and reads the manifest back.
    rights.reads.extend(address.clone());
    rights.writes.extend(address);
    if set.store != Store::Bucket && set.at.is_empty() {
        rights.stores.insert(write.data, true);
    }
}

/// The folders in which a step's attempts keep their checkpoints.
fn allow_checkpoints(stack: &Stack<'_>, step: &Step, rights: &mut Rights) {
    if let Some((bucket, _)) = stack.bucket() {
        let prefix = storage::pipeline_prefix(stack.graph(), step.pipeline);
        let folder = bucket.below(&format!("{prefix}*/_checkpoints/{}", step.name.value));
        rights.reads.insert(folder.clone());
        rights.writes.insert(folder);
    }
}

fn allow_pull(stack: &Stack<'_>, pipeline: PipelineId, moved: &Movement, rights: &mut Rights) {
    let known = provider_of(stack, moved.from) == Some(stack.provider);
    if known && readers(stack, moved).contains(&pipeline) {
        rights.reads.extend(address(stack, moved.data, moved.from));
    }
}

/// Where `data` is for those who work at `site`; whatever differs from run to run is a `*`.
fn address(stack: &Stack<'_>, data: DataId, site: SiteId) -> Option<Address> {
    Address::of_text(&storage::uri(&stack.input, data, site)?)
}
