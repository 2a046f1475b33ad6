//! Which image runs a step, and where images that are built here are kept.

use super::names::{self, Service};
use super::{Lowering, docker, site};
use crate::catalog::Provider;
use crate::graph::{Graph, Program, Runtime, Step};
use crate::place::{Site, SiteId};

/// The image of a step, with its digest where that is known.
pub fn of(input: &Lowering<'_>, step: &Step) -> String {
    input.images.pinned(&reference(input, step))
}

/// The image of a step as it is looked up among the known digests.
pub fn reference(input: &Lowering<'_>, step: &Step) -> String {
    match &step.program {
        Program::Image(image) => image.value.clone(),
        Program::Stock(runtime) => stock(runtime.value).to_owned(),
        Program::Build(build) => {
            let registry = registry(input, input.plan[step.id].site);
            let pipeline = &input.graph()[step.pipeline].name.value;
            let tag = docker::tag(input, step, build);
            names::built_image(&registry, pipeline, &step.name.value, &tag)
        }
    }
}

/// The image of a stock runtime.
fn stock(runtime: Runtime) -> &'static str {
    match runtime {
        Runtime::Triton => "nvcr.io/nvidia/tritonserver:25.08-py3",
        Runtime::Vllm => "docker.io/vllm/vllm-openai:v0.11.0",
        Runtime::Torchserve => "docker.io/pytorch/torchserve:0.12.0-gpu",
        Runtime::Sklearn => "docker.io/kserve/sklearnserver:v0.15.2",
        Runtime::Xgboost => "docker.io/kserve/xgbserver:v0.15.2",
        // `graph` asks for an image or a build with `runtime custom`.
        Runtime::Custom => "",
    }
}

/// The registry that a site's nodes pull from: the platform's, the region's, or the one that its Terraform makes. A
/// site that has none uses that of the first site that has one, by name.
pub fn registry(input: &Lowering<'_>, id: SiteId) -> String {
    let own = own_registry(input.graph(), &input.plan[id]);
    let mut others = input.plan.sites.iter();
    own.or_else(|| others.find_map(|site| own_registry(input.graph(), site)))
        .unwrap_or_default()
}

fn own_registry(graph: &Graph, place: &Site) -> Option<String> {
    let platform = graph.platform.as_ref()?;
    let cluster = site::cluster(graph, place).and_then(|it| it.adopted.registry.as_ref());
    let region = site::region(graph, place).and_then(|it| it.adopted.registry.as_ref());
    if let Some(chosen) = cluster.or(region).or(platform.registry.as_ref()) {
        return Some(chosen.value.clone());
    }
    let identity = &site::cloud(graph, place)?.identity;
    let prefix = site::prefix(graph);
    let (provider, region) = place.region.as_ref()?;
    Some(match provider {
        Provider::Aws => {
            let account = identity.get("account")?;
            format!("{account}.dkr.ecr.{region}.amazonaws.com/{prefix}")
        }
        Provider::Gcp => {
            let project = identity.get("project")?;
            format!("{region}-docker.pkg.dev/{project}/{prefix}")
        }
        Provider::Azure => {
            let name = names::name(Service::AzureRegistry, &[prefix, &place.cluster]);
            format!("{name}.azurecr.io")
        }
    })
}
