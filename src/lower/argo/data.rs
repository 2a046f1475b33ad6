//! Where a step finds what it reads and puts what it writes: addresses with Argo's placeholders in them.
//!
//! What a run writes lies in the bucket of the site that writes it, under the run's key; a reader at another site finds
//! a copy in its own bucket under the same key, because the consumer's side pulls it once. So within a run the address
//! of a data set depends on the site alone, whichever of several writers ran.

use super::choice::Choice;
use super::items::{RUNG, items};
use super::memory;
use super::scope::encoded;
use super::types::{Archive, Artifact, Azure, Gcs, S3};
use super::wants::{braced, textual};
use crate::catalog::Provider;
use crate::graph::{Binding, DataId, EachId, Graph, Location, Piece, Read, Step, Text, Write};
use crate::lower::storage;
use crate::lower::{Lowering, pod};
use crate::place::SiteId;

/// The run's identifier, as every template can say it.
pub const RUN: &str = "{{workflow.parameters.run}}";

/// What stands for the run of a version that does not exist: nothing lies there.
pub const NONE: &str = "none";

/// The input parameter that names the run that wrote `data` last.
pub fn version_name(graph: &Graph, data: DataId) -> String {
    let set = &graph[data];
    format!("version_{}_{}", graph[set.pipeline].name.value, set.name.value)
}

/// The run whose version of its data a step reads: this one, or the one that wrote it last.
fn run_of(graph: &Graph, step: &Step, read: &Read) -> String {
    match memory::versioned(graph, step, read) {
        true => format!("{{{{inputs.parameters.{}}}}}", version_name(graph, read.data)),
        false => RUN.to_owned(),
    }
}

/// Data that another site has and this one needs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Pull {
    /// What.
    pub data: DataId,
    /// The steps that may have written it at that address; empty: it was there before the run.
    pub writers: Vec<crate::graph::StepId>,
    /// True for what an earlier run wrote, if there was one: its identifier is a hole in the addresses.
    pub versioned: bool,
    /// From where.
    pub from: String,
    /// To where.
    pub to: String,
}

/// The address of all items and partitions of an input.
pub fn whole(input: &Lowering<'_>, step: &Step, read: &Read) -> String {
    let site = input.plan[step.id].site;
    match pull(input, step, read).first() {
        Some(pull) => pull.to.clone(),
        None => address(input, site, read.data, &run_of(input.graph(), step, read)),
    }
}

/// The address of an input.
pub fn read(input: &Lowering<'_>, step: &Step, read: &Read) -> String {
    let base = whole(input, step, read);
    if let Some(choice) = Choice::of(input.graph(), read) {
        return format!("{base}/{{{{inputs.parameters.{}}}}}", choice.name(input.graph()));
    }
    let part = read.part_of.iter().copied();
    let shared = shared_items(input, step, read.data);
    let items: Vec<EachId> = shared.into_iter().chain(part).collect();
    base + &suffix(input, &items)
}

/// The address of an output.
pub fn write(input: &Lowering<'_>, step: &Step, write: &Write) -> String {
    let site = input.plan[step.id].site;
    address(input, site, write.data, RUN) + &suffix(input, &step.each)
}

/// The folder in which a step keeps its checkpoints.
pub fn checkpoint(input: &Lowering<'_>, step: &Step) -> String {
    let root = root(input, input.plan[step.id].site);
    let prefix = storage::pipeline_prefix(input.graph(), step.pipeline);
    let name = &step.name.value;
    format!(
        "{root}/{prefix}{RUN}/_checkpoints/{name}{}",
        suffix(input, &step.each)
    )
}

/// The address of what `run` wrote of a data set, as `site` says it, without items.
pub fn address(input: &Lowering<'_>, site: SiteId, data: DataId, run: &str) -> String {
    let set = &input.graph()[data];
    let place = &input.plan[site];
    let here = |location: &&Location| {
        let name = location.site.value.to_string();
        name == place.name || name == place.cluster
    };
    let location = set.at.iter().find(here).or_else(|| set.at.first());
    match location.and_then(|location| location.uri.as_ref()) {
        Some(uri) => text(&uri.value),
        None => format!("{}/{}", root(input, site), storage::key(input.graph(), data, run)),
    }
}

/// What must be brought to the site of `step` before it can do this `read`.
pub fn pull(input: &Lowering<'_>, step: &Step, read: &Read) -> Vec<Pull> {
    let (graph, plan, data) = (input.graph(), input.plan, read.data);
    let site = plan[step.id].site;
    let versioned = memory::versioned(graph, step, read);
    let run = run_of(graph, step, read);
    let to = format!("{}/{}", root(input, site), storage::key(graph, data, &run));
    let set = &graph[data];
    if !set.at.is_empty() {
        let planned = plan
            .moves
            .iter()
            .any(|moved| moved.data == data && moved.to == site && moved.readers.contains(&step.id));
        let from = address(input, site, data, &run);
        let copied = planned && copyable(&from) && from != to;
        let writers = set.writers.clone();
        return copied
            .then_some(Pull {
                data,
                writers,
                versioned,
                from,
                to,
            })
            .into_iter()
            .collect();
    }
    let mut pulls: Vec<Pull> = Vec::new();
    for writer in &set.writers {
        let from = address(input, plan[*writer].site, data, &run);
        match pulls.iter_mut().find(|pull| pull.from == from) {
            // Which of them wrote it is the earlier run's affair.
            Some(_) if versioned => {}
            Some(pull) => pull.writers.push(*writer),
            None if from != to => pulls.push(Pull {
                data,
                writers: if versioned { Vec::new() } else { vec![*writer] },
                versioned,
                from,
                to: to.clone(),
            }),
            None => {}
        }
    }
    pulls
}

/// The fan-outs that writer and reader are both in: the reader gets its own item.
fn shared_items(input: &Lowering<'_>, step: &Step, data: DataId) -> Vec<EachId> {
    let graph = input.graph();
    let writer = graph[data].writers.first().map(|writer| &graph[*writer].each);
    let pairs = writer.into_iter().flatten().zip(&step.each);
    pairs.take_while(|(a, b)| a == b).map(|(a, _)| *a).collect()
}

/// `/item` for each fan-out.
pub fn suffix(input: &Lowering<'_>, eaches: &[EachId]) -> String {
    let graph = input.graph();
    let part = |each: &EachId| {
        let mut all = items(graph, *each);
        // What is tried again goes on where it was.
        let tried = graph[*each].early_stop.is_some();
        let rung = |item: &Binding| matches!(item, Binding::Item { field: Some(field), .. } if field == RUNG);
        all.retain(|item| !(tried && rung(item)));
        let whole = all
            .iter()
            .position(|item| matches!(item, Binding::Item { field: None, .. }));
        let parts = match whole {
            Some(_) => all.get(..1).unwrap_or_default(),
            None => all.as_slice(),
        };
        let named = parts
            .iter()
            .filter_map(|item| super::scope::input_name(graph, item));
        let said: Vec<String> = named
            .map(|name| format!("{{{{inputs.parameters.{name}}}}}"))
            .collect();
        format!("/{}", said.join("-"))
    };
    eaches.iter().map(part).collect()
}

fn root(input: &Lowering<'_>, site: SiteId) -> String {
    storage::bucket(input, site).map_or_else(String::new, |bucket| pod::inert(&bucket.root, true))
}

/// An author's address; parameters and the run are filled in when a run starts.
fn text(text: &Text) -> String {
    let pieces = text.0.iter();
    pieces
        .map(|piece| match piece {
            Piece::Literal(literal) => pod::inert(literal, true),
            Piece::Reference(binding) => global(binding),
        })
        .collect()
}

/// A parameter or a field of the run, which every template can see.
pub fn global(binding: &Binding) -> String {
    let graph = crate::graph::Graph::default();
    let scope = super::scope::Scope::new(&graph, &[]);
    let expression = scope.source(binding).expression;
    braced(&if textual(binding) {
        encoded(&expression)
    } else {
        expression
    })
}

/// True for addresses that `rclone` reads.
pub fn copyable(address: &str) -> bool {
    ["s3://", "gs://", "abfss://"]
        .iter()
        .any(|scheme| address.starts_with(scheme))
}

/// An address as an Argo artifact that is kept as it is, file by file; `None` if no artifact driver reads it.
pub fn artifact(
    input: &Lowering<'_>,
    site: SiteId,
    name: String,
    path: &str,
    address: &str,
) -> Option<Artifact> {
    let mut artifact = Artifact {
        name,
        path: path.to_owned(),
        archive: Some(Archive::default()),
        ..Artifact::default()
    };
    let (scheme, rest) = address.split_once("://")?;
    let (bucket, key) = rest.split_once('/')?;
    let (bucket, key) = (bucket.to_owned(), key.to_owned());
    match scheme {
        "s3" => artifact.s3 = Some(s3(input, site, bucket, key)?),
        "gs" => artifact.gcs = Some(Gcs { bucket, key }),
        "abfss" => {
            let (container, host) = bucket.split_once('@')?;
            artifact.azure = Some(Azure {
                endpoint: format!("https://{}", host.replace(".dfs.", ".blob.")),
                container: container.to_owned(),
                blob: key,
                use_sdk_creds: true,
            });
        }
        _ => return None,
    }
    Some(artifact)
}

/// A bucket with dots before the first slash is a host of one's own, and the bucket comes after it.
fn s3(input: &Lowering<'_>, site: SiteId, bucket: String, key: String) -> Option<S3> {
    if bucket.contains('.') {
        let (own, key) = key.split_once('/')?;
        return Some(S3 {
            endpoint: bucket,
            bucket: own.to_owned(),
            region: None,
            key: key.to_owned(),
            use_sdk_creds: true,
        });
    }
    let region = match &input.plan[site].region {
        Some((Provider::Aws, region)) => Some(region.clone()),
        Some((Provider::Azure | Provider::Gcp, _)) | None => None,
    };
    let endpoint = match &region {
        Some(region) => format!("s3.{region}.amazonaws.com"),
        None => "s3.amazonaws.com".to_owned(),
    };
    Some(S3 {
        endpoint,
        bucket,
        region,
        key,
        use_sdk_creds: true,
    })
}
