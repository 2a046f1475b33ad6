//! `platform` nodes.

use std::collections::BTreeMap;

use super::adopted::adopted;
use super::overlay::overlays;
use super::region::{cloud, cluster, quota_free_clouds};
use super::site::{micro_usd, narrowing, site};
use super::{Context, free_properties};
use crate::catalog::Provider;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::model::*;
use crate::graph::outline::duplicate;
use crate::quantity::Quantity;
use crate::source::Spanned;
use crate::syntax::{Document, Node, beside};

/// The platform of the document: the only one, or the one called `chosen`.
pub(in crate::graph) fn platform(
    document: &Document,
    chosen: Option<&str>,
    context: &mut Context<'_, '_>,
) -> Option<Platform> {
    let all: Vec<&Node> = document
        .nodes
        .iter()
        .filter(|node| node.rule.name == "platform")
        .collect();
    let named = |node: &&&Node| {
        chosen.is_none_or(|chosen| node.argument_text(0).is_some_and(|name| name.value == chosen))
    };
    let fitting: Vec<&Node> = all.iter().filter(named).copied().collect();
    match fitting.as_slice() {
        [] => {
            if let (Some(chosen), Some(first)) = (chosen, all.first()) {
                let message = format!("there is no platform `{chosen}`");
                context.out.push(Diagnostic::new(
                    Code::PlatformNone,
                    first.span,
                    "there is this one",
                    message,
                ));
            }
            None
        }
        [node] => read(node, context),
        [first, second, ..] => {
            let message = "there are several platforms and none is chosen";
            context.out.push(
                Diagnostic::new(Code::PlatformNone, second.span, "another one", message)
                    .and(first.span, "one here")
                    .help("choose one with `--platform NAME`"),
            );
            None
        }
    }
}

fn read(node: &Node, context: &mut Context<'_, '_>) -> Option<Platform> {
    let name = node.argument_text(0)?;
    let title = |child: &str| node.child(child).and_then(|child| child.argument_text(0));
    let mut clouds = quota_free_clouds(node, context);
    clouds.sort_by_key(|cloud| cloud.provider);
    let mut clusters: Vec<Cluster> = node
        .all("cluster")
        .filter_map(|node| cluster(node, None, context))
        .collect();
    clusters.sort_by(|a, b| a.name.value.cmp(&b.name.value));
    let mut platform = Platform {
        prefix: title("prefix").map_or_else(|| name.value.clone(), |prefix| prefix.value),
        objective: objective(node),
        tags: node
            .child("tags")
            .map(|tags| free_properties(tags, context.sources))
            .unwrap_or_default(),
        state: node.child("state").and_then(|state| {
            Some(State {
                uri: state.argument_text(0)?,
                region: state.text("region").map(|region| region.value),
            })
        }),
        hub: None,
        secrets: node.child("secrets").map(secrets).unwrap_or_default(),
        monitoring: node.child("monitoring").map(monitoring).unwrap_or_default(),
        receivers: receivers(node),
        waivers: node
            .all("waive")
            .filter_map(|waive| Some((waive.argument_text(0)?.value, waive.text("reason")?.value)))
            .collect(),
        never: Vec::new(),
        clouds,
        clusters,
        links: Vec::new(),
        registry: node.child("registry").and_then(address),
        adopted: adopted(node, None, context),
        catalogs: price_files(node, context),
        overlays: Vec::new(),
        span: node.span,
        name,
    };
    distinct(&platform, context.out);
    // What names sites is read against the sites.
    let inner = platform.clone();
    let mut context = Context {
        platform: Some(&inner),
        out: &mut *context.out,
        ..*context
    };
    for (cloud_node, provider) in node
        .all("cloud")
        .filter_map(|node| Some((node, Provider::parse(&node.argument_text(0)?.value)?)))
    {
        cloud(cloud_node, provider, &mut platform.clouds, &mut context);
    }
    platform.hub = title("hub").and_then(|hub| site(&hub, &mut context));
    platform.never = node
        .all("never")
        .map(|never| narrowing(never, &mut context))
        .collect();
    platform.overlays = overlays(node.all("overlay"), &mut context);
    platform.links = node
        .all("link")
        .filter_map(|link| self::link(link, &mut context))
        .collect();
    Some(platform)
}

/// Clusters, the node groups of each, and receivers have names of their own.
fn distinct(platform: &Platform, out: &mut Diagnostics) {
    let inside = platform
        .clouds
        .iter()
        .flat_map(|cloud| &cloud.regions)
        .flat_map(|region| &region.clusters);
    let clusters: Vec<&Cluster> = platform.clusters.iter().chain(inside).collect();
    distinct_names(clusters.iter().map(|cluster| &cluster.name), "a cluster", out);
    for cluster in clusters {
        distinct_names(
            cluster.nodes.iter().map(|nodes| &nodes.name),
            "a node group of this cluster",
            out,
        );
    }
    distinct_names(
        platform.receivers.iter().map(|receiver| &receiver.team),
        "a receiver",
        out,
    );
}

fn distinct_names<'n>(names: impl Iterator<Item = &'n Spanned<String>>, noun: &str, out: &mut Diagnostics) {
    let mut names: Vec<&Spanned<String>> = names.collect();
    names.sort_by_key(|name| (&name.value, name.span));
    for pair in names.windows(2) {
        // A region line with several names repeats its clusters: those are one node of the file.
        if let [first, second] = pair
            && first.value == second.value
            && first.span != second.span
        {
            out.push(duplicate(second, noun, first.span, noun));
        }
    }
}

fn objective(node: &Node) -> Vec<Goal> {
    let Some(objective) = node.child("objective") else {
        return vec![Goal::Cost];
    };
    let words = (0..objective.arguments.len()).filter_map(|index| objective.argument_text(index));
    let goal = |word: &str| match word {
        "makespan" => Goal::Makespan,
        "carbon" => Goal::Carbon,
        _ => Goal::Cost,
    };
    words.map(|word| goal(&word.value)).collect()
}

fn secrets(node: &Node) -> Secrets {
    let text = |name: &str| node.text(name).map(|text| text.value);
    match node.argument_text(0).map(|kind| kind.value).as_deref() {
        Some("vault") => Secrets::Vault {
            url: text("url"),
            path: text("path"),
        },
        Some("external") => Secrets::External { store: text("store") },
        _ => Secrets::Kubernetes,
    }
}

fn monitoring(node: &Node) -> Monitoring {
    let text = |name: &str| node.text(name).map(|url| url.value);
    Monitoring {
        prometheus: text("prometheus"),
        alertmanager: text("alertmanager"),
        grafana: text("grafana"),
        runbooks: text("runbooks"),
    }
}

fn receivers(node: &Node) -> Vec<Receiver> {
    let way = |way: &Node| {
        let severity = match way.name() {
            "page" => Severity::Page,
            "ticket" => Severity::Ticket,
            "info" => Severity::Info,
            _ => return None,
        };
        let texts = way
            .properties
            .iter()
            .filter_map(|p| Some((p.name.value.clone(), p.value.value.as_text()?.to_owned())));
        let properties: BTreeMap<String, String> = texts.collect();
        Some(Way {
            severity,
            kind: way.argument_text(0)?.value,
            properties,
        })
    };
    let receiver = |node: &Node| {
        Some(Receiver {
            team: node.argument_text(0)?,
            ways: node.children.iter().filter_map(way).collect(),
        })
    };
    let mut receivers: Vec<Receiver> = node.all("receiver").filter_map(receiver).collect();
    receivers.sort_by(|a, b| a.team.value.cmp(&b.team.value));
    receivers
}

/// The address of something that exists: an argument, or `existing=`.
pub(super) fn address(node: &Node) -> Option<Spanned<String>> {
    node.argument_text(0).or_else(|| node.text("existing"))
}

fn price_files(node: &Node, context: &mut Context<'_, '_>) -> Vec<PriceFile> {
    let mut found = Vec::new();
    for path in node.all("catalog").filter_map(|node| node.argument_text(0)) {
        let target = beside(context.sources.path(path.span), &path.value);
        match context.files.read(&target) {
            Ok(text) => found.push(PriceFile { path, text }),
            Err(why) => {
                let message = format!("cannot read `{}`: {why}", path.value);
                context.out.push(Diagnostic::new(
                    Code::IncludeMissing,
                    path.span,
                    "this file",
                    message,
                ));
            }
        }
    }
    found
}

fn link(node: &Node, context: &mut Context<'_, '_>) -> Option<Link> {
    let mut end = |index: usize| node.argument_text(index).and_then(|name| site(&name, context));
    let (from, to) = (end(0), end(1));
    let bandwidth = match node.quantity("bandwidth").map(|found| found.value) {
        Some(Quantity::Bandwidth(rate)) => Some(rate),
        _ => None,
    };
    let latency = node.duration("latency").map(|time| time.value);
    Some(Link {
        ends: (from?, to?),
        bandwidth,
        latency,
        price: micro_usd(node, "price"),
        span: node.whole,
    })
}

/// Applies the platform's price files to the catalogue; mistakes name the file and row.
pub(in crate::graph) fn priced(
    catalog: &crate::catalog::Catalog,
    platform: &Platform,
    out: &mut Diagnostics,
) -> crate::catalog::Catalog {
    let mut catalog = catalog.clone();
    for file in &platform.catalogs {
        if let Err(errors) = catalog.overlay(&file.text) {
            for error in errors {
                let message = format!("{} line {}: {}", file.path.value, error.line, error.message);
                out.push(Diagnostic::new(
                    Code::CatalogRow,
                    file.path.span,
                    "in this price file",
                    message,
                ));
            }
        }
    }
    catalog
}
