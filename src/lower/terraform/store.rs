//! Data sets of a site that are kept elsewhere than in its bucket, and how long its bucket keeps what.

use std::collections::BTreeMap;

use serde::Serialize;

use super::stack::Stack;
use crate::graph::{DataId, DataSet, Store};
use crate::lower::{own_store, storage};
use crate::quantity::{Bytes, Seconds};

/// Files of a run are kept so long unless a data set says more.
const RUN_FILES: Seconds = Seconds(30.0 * 86_400.0);

/// A data set that has a store of its own at the site.
pub struct Kept<'a> {
    /// Which.
    pub id: DataId,
    /// The data set.
    pub data: &'a DataSet,
    /// Its pipeline.
    pub pipeline: &'a str,
    /// Size of one version at p95.
    pub size: Bytes,
}

/// What steps write at the site into stores of kind `store`. What has an address exists already.
pub fn kept<'a>(stack: &Stack<'a>, store: Store) -> Vec<Kept<'a>> {
    let graph = stack.graph();
    let plan = stack.input.plan;
    let ids = (0..).map(DataId).zip(&graph.data);
    let here = |id: DataId| match own_store::is_own(store) {
        true => own_store::home(&stack.input, id) == Some(stack.id),
        false => plan.homes.get(id.0 as usize) == Some(&Some(stack.id)),
    };
    ids.filter(|(id, data)| {
        data.store == store && data.at.is_empty() && !data.writers.is_empty() && here(*id)
    })
    .map(|(id, data)| Kept {
        id,
        data,
        pipeline: &graph[data.pipeline].name.value,
        size: plan
            .profiled
            .data
            .get(id.0 as usize)
            .map(|size| size.p95)
            .unwrap_or_default(),
    })
    .collect()
}

/// The same, by pipeline, for stores that a pipeline's data sets share.
pub fn by_pipeline<'a>(kept: Vec<Kept<'a>>) -> BTreeMap<&'a str, Vec<Kept<'a>>> {
    let mut groups: BTreeMap<&str, Vec<Kept<'a>>> = BTreeMap::new();
    for one in kept {
        groups.entry(one.pipeline).or_default().push(one);
    }
    groups
}

/// `ehr-clean (800 GiB)`, … for comments.
pub fn summary(kept: &[Kept<'_>]) -> String {
    let one = |kept: &Kept<'_>| {
        let about = kept.data.description.as_ref().map(|text| format!(": {text}"));
        format!(
            "{} ({:.0} GiB){}",
            kept.data.name.value,
            kept.size.in_gib(),
            about.unwrap_or_default()
        )
    };
    let all: Vec<String> = kept.iter().map(one).collect();
    format!("Holds {}", all.join(", "))
}

/// How long the bucket keeps what lies under a prefix.
#[derive(Serialize)]
pub struct Expiry {
    /// The pipeline, and the data set if it is about one.
    pub id: String,
    /// Keys that begin so.
    pub prefix: String,
    /// Days after which they are deleted.
    pub days: u64,
}

/// Rules for each pipeline that uses the site's bucket: what runs leave goes after 30 days, and so do copies of data
/// sets that live elsewhere; a data set that lives here goes when it says so, and else stays.
pub fn expiries(stack: &Stack<'_>) -> Vec<Expiry> {
    let graph = stack.graph();
    let uses =
        |site| storage::bucket(&stack.input, site).is_some_and(|bucket| bucket.made_by == Some(stack.id));
    let used = graph.pipelines.iter().filter(|pipeline| {
        stack.is_hub_of(pipeline.id)
            || pipeline
                .steps
                .iter()
                .any(|step| uses(stack.input.plan[*step].site))
    });
    let days = |time: Seconds| (time.0 / 86_400.0).ceil() as u64;
    let mut rules = Vec::new();
    for pipeline in used {
        let prefix = storage::pipeline_prefix(graph, pipeline.id);
        rules.push(Expiry {
            id: pipeline.name.value.clone(),
            prefix,
            days: days(RUN_FILES),
        });
        for data in &pipeline.data {
            let set = &graph[*data];
            let copied = stack
                .input
                .plan
                .moves
                .iter()
                .any(|moved| moved.data == *data && uses(moved.to));
            let made = set
                .writers
                .iter()
                .any(|writer| uses(stack.input.plan[*writer].site));
            let kept = if made {
                set.keep
            } else {
                copied.then_some(RUN_FILES)
            };
            rules.extend(kept.map(|age| Expiry {
                id: format!("{}-{}", pipeline.name.value, set.name.value),
                prefix: storage::data_prefix(graph, *data),
                days: days(age),
            }));
        }
    }
    rules
}
