//! Document -> Graph: names resolved, defaults filled in, a DAG.

mod attempt;
mod condition;
mod data;
mod fanout;
mod infer;
mod item;
mod lineage;
pub mod model;
mod monitor;
mod needs;
mod order;
mod outline;
mod platform;
mod program;
mod promise;
mod read;
mod reference;
mod residency;
mod rules;
mod sample;
mod schedule;
mod serving;
mod site;
mod situation;
mod step;
mod test;
mod value;

pub use lineage::{Hop, Source, Trait, chain};
pub use model::*;
pub use outline::reserved;
pub use residency::{Inherited, Lifted, Restriction};
pub use site::{Area, SiteRef};
pub use situation::inputs;

use std::collections::BTreeSet;

use crate::catalog::Catalog;
use crate::diag::Diagnostics;
use crate::source::SourceMap;
use crate::syntax::{Document, Files};
use outline::Outline;
use read::Context;

/// What the graph is built from besides the document.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// For places and texts in messages.
    pub sources: &'a SourceMap,
    /// For small files that are mounted, and price files.
    pub files: &'a dyn Files,
    /// For names of regions, machines and accelerators.
    pub catalog: &'a Catalog,
    /// Which platform, if there are several.
    pub platform: Option<&'a str>,
}

/// Builds the graph, and the catalogue with the platform's own prices. `None` if steps wait for each other.
pub fn build(
    document: &Document,
    around: Surroundings<'_>,
    out: &mut Diagnostics,
) -> Option<(Graph, Catalog)> {
    let mut outlines = outline::outlines(document, out);
    let ordered = order::order(&mut outlines, out);
    let Surroundings {
        sources,
        files,
        catalog,
        platform: chosen,
    } = around;
    let mut context = Context {
        outlines: &outlines,
        lost: &document.lost,
        platform: None,
        catalog,
        files,
        sources,
        out,
    };
    let platform = read::platform(document, chosen, &mut context);
    let catalog = match &platform {
        Some(platform) => read::priced(catalog, platform, context.out),
        None => catalog.clone(),
    };
    let mut context = Context {
        outlines: &outlines,
        lost: &document.lost,
        platform: platform.as_ref(),
        catalog: &catalog,
        files,
        sources,
        out,
    };
    let mut graph = read_all(&outlines, &mut context);
    let tests = document.nodes.iter().filter(|node| node.name() == "test");
    graph.tests = tests
        .filter_map(|node| read::test(node, &graph, &mut context))
        .collect();
    graph
        .tests
        .sort_by(|a, b| (a.pipeline, &a.name.value).cmp(&(b.pipeline, &b.name.value)));
    graph.platform = platform;
    infer::infer(&mut graph, &outlines, out);
    rules::check(&graph, &outlines, &catalog, out);
    // Steps that wait for each other have no order, so theirs is no graph; the rest of the file is checked all the same.
    ordered.then_some((graph, catalog))
}

fn read_all(outlines: &[Outline<'_>], context: &mut Context<'_, '_>) -> Graph {
    let mut graph = Graph::default();
    for (index, outline) in outlines.iter().enumerate() {
        let id = PipelineId(index as u32);
        let mut each: Vec<&outline::EachOutline<'_>> = outline.each.iter().collect();
        each.sort_by_key(|each| each.id);
        graph.each.extend(
            each.into_iter()
                .map(|each| read::fan_out(outline, each, id, context)),
        );
        graph.data.extend(
            outline
                .data
                .iter()
                .map(|(name, data)| read::data_set(outline, name, data, id, context)),
        );
        graph.steps.extend(
            outline
                .steps
                .iter()
                .map(|step| read::step(outline, step, id, context)),
        );
        graph.pipelines.push(read::pipeline(outline, id, context));
    }
    let waits: Vec<Vec<StepId>> = graph
        .steps
        .iter()
        .map(|step| predecessors(&graph, step))
        .collect();
    for (step, waits) in graph.steps.iter_mut().zip(waits) {
        step.predecessors = waits;
    }
    graph
}

/// Steps that must have ended before: by data, outputs, `after` and `otherwise`.
fn predecessors(graph: &Graph, step: &Step) -> Vec<StepId> {
    let mut found = BTreeSet::new();
    for read in step.reads.iter().filter(|read| read.orders) {
        found.extend(
            graph[read.data]
                .writers
                .iter()
                .copied()
                .filter(|writer| *writer != step.id),
        );
    }
    found.extend(step.after.iter().chain(&step.otherwise).map(|other| other.value));
    for binding in step.bindings() {
        match binding {
            Binding::Output { steps, .. } => found.extend(steps.iter().copied()),
            Binding::DataUri(data) | Binding::DataPath(data) => {
                found.extend(graph[*data].writers.iter().copied())
            }
            Binding::Parameter { .. } | Binding::Item { .. } | Binding::Run(_) => {}
        }
    }
    for each in &step.each {
        match &graph[*each].items {
            Items::Output { steps, .. } => found.extend(steps.iter().copied()),
            Items::Partitions { data, .. } => found.extend(graph[*data].writers.iter().copied()),
            Items::Known(_) | Items::Parameter { .. } => {}
        }
    }
    found.remove(&step.id);
    found.into_iter().collect()
}

/// Country of a site: of its region, or as its cluster says.
pub fn country_of(catalog: &Catalog, platform: Option<&Platform>, site: &SiteRef) -> Option<String> {
    let region = |provider, name: &str| {
        let cloud =
            platform.and_then(|platform| platform.clouds.iter().find(|cloud| cloud.provider == provider));
        let own = cloud.and_then(|cloud| cloud.regions.iter().find(|region| region.name.value == name));
        let chosen = own
            .and_then(|region| region.jurisdiction.as_ref())
            .map(|place| place.value.code().to_owned());
        chosen.or_else(|| {
            catalog
                .region(provider, name)
                .map(|region| region.country.code().to_owned())
        })
    };
    match site {
        SiteRef::Cloud(_) => None,
        SiteRef::Region(provider, name) => region(*provider, name),
        SiteRef::Cluster {
            region: Some((provider, name)),
            ..
        } => region(*provider, name),
        SiteRef::Cluster {
            region: None,
            cluster,
        }
        | SiteRef::Nodes { cluster, .. } => {
            let found = platform?
                .clusters
                .iter()
                .find(|known| known.name.value == *cluster)?;
            found
                .jurisdiction
                .as_ref()
                .map(|place| place.value.code().to_owned())
        }
    }
}
