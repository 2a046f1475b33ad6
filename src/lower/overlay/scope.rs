//! What an overlay is about: where it stands, and the site it is restricted to.

use serde_yaml::Value;

use crate::catalog::Provider;
use crate::graph::{Cluster, Overlay, PipelineId, Platform, SiteRef, Step};
use crate::lower::{Artifact, Lowering, artifact, names, site};

/// What one overlay may change.
pub(super) struct Scope<'a> {
    /// For messages: `step train`.
    pub(super) title: String,
    input: Lowering<'a>,
    owner: Owner<'a>,
    of: Option<&'a SiteRef>,
}

/// The node that an overlay stands in.
#[derive(Clone)]
enum Owner<'a> {
    /// Everything at the sites of the scope.
    Platform,
    /// All that belongs to a pipeline.
    Pipeline(PipelineId),
    /// All that belongs to a step.
    Step(&'a Step),
    /// Everything at one site, or in one cloud.
    Place(SiteRef),
}

/// All overlays with what they are about, in the order in which they are written.
pub(super) fn overlays<'a>(input: &Lowering<'a>) -> Vec<(&'a Overlay, Scope<'a>)> {
    let graph = input.graph();
    let mut found = Vec::new();
    let mut add = |overlays: &'a [Overlay], title: String, owner: Owner<'a>| {
        found.extend(overlays.iter().map(|overlay| {
            let scope = Scope {
                title: title.clone(),
                input: *input,
                owner: owner.clone(),
                of: overlay.of.as_ref().map(|of| &of.value),
            };
            (overlay, scope)
        }));
    };
    for pipeline in &graph.pipelines {
        let title = format!("pipeline {}", pipeline.name.value);
        add(&pipeline.overlays, title, Owner::Pipeline(pipeline.id));
    }
    for step in &graph.steps {
        add(
            &step.overlays,
            format!("step {}", step.name.value),
            Owner::Step(step),
        );
    }
    for data in &graph.data {
        // What holds data is shared by the steps of its pipeline.
        let title = format!("data {}", data.name.value);
        add(&data.overlays, title, Owner::Pipeline(data.pipeline));
    }
    if let Some(platform) = &graph.platform {
        add(&platform.overlays, "the platform".to_owned(), Owner::Platform);
        places(platform, &mut add);
    }
    found.sort_by_key(|(overlay, _)| (overlay.path.span.source, overlay.path.span.start));
    found
}

fn places<'a>(platform: &'a Platform, add: &mut impl FnMut(&'a [Overlay], String, Owner<'a>)) {
    let mut place = |overlays: &'a [Overlay], site: SiteRef| {
        add(overlays, site.to_string(), Owner::Place(site));
    };
    for cloud in &platform.clouds {
        place(&cloud.overlays, SiteRef::Cloud(cloud.provider));
        for region in &cloud.regions {
            let name = region.name.value.clone();
            place(&region.overlays, SiteRef::Region(cloud.provider, name.clone()));
            let inside = Some((cloud.provider, name));
            region
                .clusters
                .iter()
                .for_each(|it| cluster(it, inside.as_ref(), &mut place));
        }
    }
    platform
        .clusters
        .iter()
        .for_each(|it| cluster(it, None, &mut place));
}

fn cluster<'a>(
    cluster: &'a Cluster,
    region: Option<&(Provider, String)>,
    place: &mut impl FnMut(&'a [Overlay], SiteRef),
) {
    let name = &cluster.name.value;
    let site = SiteRef::Cluster {
        region: region.cloned(),
        cluster: name.clone(),
    };
    place(&cluster.overlays, site);
    for group in &cluster.nodes {
        let site = SiteRef::Nodes {
            cluster: name.clone(),
            nodes: group.name.value.clone(),
        };
        place(&group.overlays, site);
    }
}

impl Scope<'_> {
    /// The clusters whose folders it may change.
    pub(super) fn clusters(&self) -> Vec<&str> {
        let sites = self.input.plan.sites.iter().filter(|place| {
            let own = match &self.owner {
                Owner::Platform | Owner::Pipeline(_) | Owner::Step(_) => true,
                Owner::Place(reference) => site::is_at(reference, place),
            };
            own && self.of.is_none_or(|of| site::is_at(of, place))
        });
        sites.map(|place| place.cluster.as_str()).collect()
    }

    /// True if it may change `object` of `file`.
    pub(super) fn holds(&self, file: &Artifact, object: &Value) -> bool {
        let graph = self.input.graph();
        match &self.owner {
            Owner::Platform | Owner::Place(_) => true,
            Owner::Pipeline(id) => {
                let name = &graph[*id].name.value;
                let origin = format!("pipeline {name}");
                let nested = format!("{origin} / ");
                file.origin == origin
                    || file.origin.starts_with(&nested)
                    || is_labelled(object, "pipeline", name)
            }
            Owner::Step(step) => {
                let pipeline = &graph[step.pipeline].name.value;
                file.origin == artifact::origin(graph, step)
                    || (is_labelled(object, "pipeline", pipeline)
                        && is_labelled(object, "step", &step.name.value))
            }
        }
    }
}

/// True if the object, or a pod that it describes, has this label.
fn is_labelled(object: &Value, key: &str, value: &str) -> bool {
    match object {
        Value::Mapping(fields) => {
            let label = fields
                .get("labels")
                .and_then(|labels| labels.get(names::label(key)));
            label.and_then(Value::as_str) == Some(&names::label_value(value))
                || fields.values().any(|inner| is_labelled(inner, key, value))
        }
        Value::Sequence(items) => items.iter().any(|inner| is_labelled(inner, key, value)),
        Value::Tagged(tagged) => is_labelled(&tagged.value, key, value),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
