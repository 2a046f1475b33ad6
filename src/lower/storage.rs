//! Where the data of runs lies: one bucket a site, shared by pipelines, and keys in it.

use super::{Lowering, names, site};
use crate::catalog::Provider;
use crate::graph::{Binding, DataId, Graph, Piece, PipelineId, RunField, Text};
use crate::place::{Site, SiteId};

/// The bucket that holds the data of a site's runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bucket {
    /// `s3://name`, `gs://name`, `abfss://container@account.dfs.core.windows.net`, without a slash at the end.
    pub root: String,
    /// Bucket or container name, as its provider knows it.
    pub name: String,
    /// Azure storage account.
    pub account: Option<String>,
    /// The site whose Terraform makes it; `None`: it exists.
    pub made_by: Option<SiteId>,
}

/// Container in an Azure storage account.
pub const CONTAINER: &str = "runs";

/// The bucket of `site`. A cluster outside any cloud that names none uses the bucket of the hub, or failing that of
/// the first cloud site of the plan.
pub fn bucket(input: &Lowering<'_>, site: SiteId) -> Option<Bucket> {
    let place = &input.plan[site];
    if let Some(address) = adopted(input.graph(), place) {
        let root = address.trim_end_matches('/').to_owned();
        let name = root.rsplit('/').next().unwrap_or(&root).to_owned();
        return Some(Bucket {
            root,
            name,
            account: None,
            made_by: None,
        });
    }
    let prefix = input
        .graph()
        .platform
        .as_ref()
        .map_or("", |platform| platform.prefix.as_str());
    let Some((provider, _)) = &place.region else {
        let other = fallback(input, site)?;
        return bucket(input, other);
    };
    let made_by = Some(site);
    let name = names::name(names::Service::Bucket, &[prefix, &place.cluster]);
    Some(match provider {
        Provider::Aws => Bucket {
            root: format!("s3://{name}"),
            name,
            account: None,
            made_by,
        },
        Provider::Gcp => Bucket {
            root: format!("gs://{name}"),
            name,
            account: None,
            made_by,
        },
        Provider::Azure => {
            let account = names::name(names::Service::StorageAccount, &[prefix, &place.cluster]);
            let root = format!("abfss://{CONTAINER}@{account}.dfs.core.windows.net");
            Bucket {
                root,
                name: CONTAINER.to_owned(),
                account: Some(account),
                made_by,
            }
        }
    })
}

fn fallback(input: &Lowering<'_>, site: SiteId) -> Option<SiteId> {
    let cloud = |id: &SiteId| *id != site && input.plan[*id].region.is_some() && input.plan[*id].runs;
    let sites = (0..input.plan.sites.len() as u32).map(SiteId);
    input
        .plan
        .hubs
        .iter()
        .copied()
        .find(cloud)
        .or_else(|| sites.into_iter().find(cloud))
}

/// The address of a bucket that the platform says exists, if it does.
fn adopted<'g>(graph: &'g Graph, site: &Site) -> Option<&'g str> {
    let platform = graph.platform.as_ref()?;
    let found = match &site.region {
        Some((provider, name)) => {
            let cloud = platform.clouds.iter().find(|cloud| cloud.provider == *provider)?;
            let region = cloud.regions.iter().find(|region| region.name.value == *name)?;
            let cluster = region
                .clusters
                .iter()
                .find(|cluster| cluster.name.value == site.cluster);
            cluster
                .and_then(|cluster| cluster.adopted.bucket.as_ref())
                .or(region.adopted.bucket.as_ref())
        }
        None => {
            let cluster = platform
                .clusters
                .iter()
                .find(|cluster| cluster.name.value == site.cluster)?;
            cluster.adopted.bucket.as_ref()
        }
    };
    let found = found.or(platform.adopted.bucket.as_ref());
    found.map(|address| address.value.as_str())
}

/// Key of what `data` is in one run, without a leading slash; `run` is the run's id or what stands for it.
pub fn key(graph: &Graph, data: DataId, run: &str) -> String {
    format!("{}{run}", data_prefix(graph, data))
}

/// All versions of a data set lie under this key: the name comes before the run, so that each data set can be kept as
/// long as it says.
pub fn data_prefix(graph: &Graph, data: DataId) -> String {
    let set = &graph[data];
    format!("data/{}/{}/", graph[set.pipeline].name.value, set.name.value)
}

/// Where a step at `site` finds or leaves `data`: where it lies there, else the copy in the site's bucket that this
/// run made or pulled, else where it lies elsewhere. `None` if there is no bucket to use.
pub fn uri(input: &Lowering<'_>, data: DataId, site: SiteId) -> Option<Text> {
    let set = &input.graph()[data];
    let here = set
        .at
        .iter()
        .find(|location| site::is_at(&location.site.value, &input.plan[site]));
    let pulled = input
        .plan
        .moves
        .iter()
        .any(|moved| moved.data == data && moved.to == site);
    let elsewhere = set.at.first().filter(|_| !pulled);
    if let Some(uri) = here.or(elsewhere).and_then(|location| location.uri.as_ref()) {
        return Some(uri.value.clone());
    }
    let root = bucket(input, site)?.root;
    let prefix = data_prefix(input.graph(), data);
    Some(Text(vec![
        Piece::Literal(format!("{root}/{prefix}")),
        Piece::Reference(Binding::Run(RunField::Id)),
    ]))
}

/// What runs of a pipeline leave besides data sets (results, checkpoints) lies under this key.
pub fn pipeline_prefix(graph: &Graph, pipeline: PipelineId) -> String {
    format!("runs/{}/", graph[pipeline].name.value)
}

/// All data sets of a pipeline lie under this key.
pub fn pipeline_data_prefix(graph: &Graph, pipeline: PipelineId) -> String {
    format!("data/{}/", graph[pipeline].name.value)
}

/// Key of what runs of a pipeline leave to later ones, in a folder of its own that others may be let into.
pub fn memory_key(graph: &Graph, pipeline: PipelineId) -> String {
    format!("{}_last/run.json", pipeline_prefix(graph, pipeline))
}

/// Key of the folder through which the hub of a pipeline talks to a cluster that only calls out.
pub fn mailbox_key(graph: &Graph, pipeline: PipelineId, cluster: &str) -> String {
    format!("{}_mailbox/{cluster}", pipeline_prefix(graph, pipeline))
}
