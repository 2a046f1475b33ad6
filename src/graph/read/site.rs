//! `aws.eu-west-1`, `lab`, `lab.dgx`: names of places, against the platform where there is one.

use super::Context;
use crate::catalog::{Pricing, Provider};
use crate::diag::{Code, Diagnostic, suggest};
use crate::graph::model::{Cluster, Narrowing, Needs, Platform};
use crate::graph::site::{Area, SiteRef};
use crate::quantity::Cores;
use crate::source::Spanned;
use crate::syntax::{Node, Value};

/// The site called `name`; reports what the platform does not have.
pub(in crate::graph) fn site(
    name: &Spanned<String>,
    context: &mut Context<'_, '_>,
) -> Option<Spanned<SiteRef>> {
    let parts: Vec<&str> = name.value.split('.').collect();
    // The line that declares it may have been left out.
    let unsure = context.lost.may_explain(&name.value);
    let found = match parts.as_slice() {
        [one] => Provider::parse(one)
            .map(SiteRef::Cloud)
            .or_else(|| cluster(one, None, context)),
        [first, second] => match Provider::parse(first) {
            Some(provider) => {
                return region(provider, second, name, context).map(|site| Spanned::new(site, name.span));
            }
            None => nodes(first, second, context),
        },
        [first, second, third] => match Provider::parse(first) {
            Some(provider) => match region(provider, second, name, context)? {
                SiteRef::Region(provider, region) => cluster(third, Some((provider, region)), context),
                SiteRef::Cloud(_) | SiteRef::Cluster { .. } | SiteRef::Nodes { .. } => None,
            },
            None => None,
        },
        _ => None,
    };
    if let Some(SiteRef::Cloud(provider)) = &found
        && let Some(platform) = context.platform
        && !platform.clouds.iter().any(|cloud| cloud.provider == *provider)
        && !unsure
    {
        let message = format!("the platform does not use `{provider}`");
        context.out.push(
            Diagnostic::new(Code::DataSite, name.span, "not in the platform", message)
                .and(platform.name.span, "the platform"),
        );
        return None;
    }
    if found.is_none() && !unsure {
        context.out.push(unknown(name, context.platform));
    }
    found.map(|site| Spanned::new(site, name.span))
}

fn region(
    provider: Provider,
    region: &str,
    name: &Spanned<String>,
    context: &mut Context<'_, '_>,
) -> Option<SiteRef> {
    if context.catalog.region(provider, region).is_none() {
        let regions: Vec<&str> = context
            .catalog
            .regions(provider)
            .map(|region| region.name.as_str())
            .collect();
        let message = format!("{provider} has no region `{region}`");
        let near = suggest::nearest(region, regions);
        let typed = name.span.part(provider.word().len() + 1, region.len());
        let exact = (name.span.length() == name.value.len()).then_some(typed);
        context.out.push(
            Diagnostic::new(Code::PlatformRegion, name.span, "no such region", message)
                .did_you_mean_at(exact, near),
        );
        return None;
    }
    if let Some(platform) = context.platform {
        let cloud = platform.clouds.iter().find(|cloud| cloud.provider == provider);
        let known = cloud.is_some_and(|cloud| cloud.regions.iter().any(|known| known.name.value == region));
        if !known && context.lost.may_explain(&name.value) {
            return None;
        }
        if !known {
            let message = format!("`{}` is not in the platform", name.value);
            context.out.push(
                Diagnostic::new(Code::DataSite, name.span, "not one of its sites", message)
                    .and(platform.name.span, "the platform")
                    .help(format!("add `region {region}` to its `cloud {provider}`")),
            );
            return None;
        }
    }
    Some(SiteRef::Region(provider, region.to_owned()))
}

fn cluster(name: &str, region: Option<(Provider, String)>, context: &Context<'_, '_>) -> Option<SiteRef> {
    let site = SiteRef::Cluster {
        region: region.clone(),
        cluster: name.to_owned(),
    };
    let Some(platform) = context.platform else {
        return crate::syntax::is_name(name).then_some(site);
    };
    let known = |clusters: &[Cluster]| clusters.iter().any(|cluster| cluster.name.value == name);
    let regions = platform
        .clouds
        .iter()
        .flat_map(|cloud| cloud.regions.iter().map(move |found| (cloud.provider, found)));
    let inside = regions.into_iter().find(|(_, found)| known(&found.clusters));
    match (&region, inside) {
        (None, _) if known(&platform.clusters) => Some(site),
        // A cluster's own name is enough where it is the only one of it.
        (None, Some((provider, found))) => Some(SiteRef::Cluster {
            region: Some((provider, found.name.value.clone())),
            cluster: name.to_owned(),
        }),
        (Some((provider, region)), Some((p, found))) if *provider == p && found.name.value == *region => {
            Some(site)
        }
        _ => None,
    }
}

fn nodes(cluster: &str, nodes: &str, context: &Context<'_, '_>) -> Option<SiteRef> {
    let site = SiteRef::Nodes {
        cluster: cluster.to_owned(),
        nodes: nodes.to_owned(),
    };
    let Some(platform) = context.platform else {
        return crate::syntax::is_name(cluster).then_some(site);
    };
    let inside = platform
        .clouds
        .iter()
        .flat_map(|cloud| &cloud.regions)
        .flat_map(|region| &region.clusters);
    let found = platform
        .clusters
        .iter()
        .chain(inside)
        .find(|found| found.name.value == cluster)?;
    found
        .nodes
        .iter()
        .any(|group| group.name.value == nodes)
        .then_some(site)
}

fn unknown(name: &Spanned<String>, platform: Option<&Platform>) -> Diagnostic {
    let mut known: Vec<String> = Provider::ALL
        .iter()
        .map(|provider| provider.word().to_owned())
        .collect();
    if let Some(platform) = platform {
        for cluster in &platform.clusters {
            known.push(cluster.name.value.clone());
            known.extend(
                cluster
                    .nodes
                    .iter()
                    .map(|nodes| format!("{}.{}", cluster.name.value, nodes.name.value)),
            );
        }
        for cloud in &platform.clouds {
            known.extend(
                cloud
                    .regions
                    .iter()
                    .map(|region| format!("{}.{}", cloud.provider, region.name.value)),
            );
        }
    }
    let near = suggest::nearest(&name.value, known.iter().map(String::as_str));
    Diagnostic::new(
        Code::DataSite,
        name.span,
        "no such site",
        format!("there is no site `{}`", name.value),
    )
    .did_you_mean(near)
}

/// `only` and `never`.
pub(super) fn narrowing(node: &Node, context: &mut Context<'_, '_>) -> Narrowing {
    let mut areas = Vec::new();
    for index in 0..node.arguments.len() {
        areas.extend(node.argument_text(index).and_then(|name| area(&name, context)));
    }
    let pricing = node.text("pricing").and_then(|word| Pricing::parse(&word.value));
    let machine = node.text("machine").map(|word| word.value);
    Narrowing {
        areas,
        pricing,
        machine,
        span: node.whole,
    }
}

/// A site or a place.
pub(super) fn area(name: &Spanned<String>, context: &mut Context<'_, '_>) -> Option<Spanned<Area>> {
    if let Some(place) = crate::catalog::Place::parse(&name.value) {
        return Some(Spanned::new(Area::Place(place), name.span));
    }
    site(name, context).map(|site| site.map(Area::Site))
}

/// `needs`, `at-least`, `at-most`.
pub(super) fn needs(node: Option<&Node>, context: &mut Context<'_, '_>) -> Needs {
    let Some(node) = node else { return Needs::default() };
    let gpu = node.text("gpu");
    if let Some(gpu) = &gpu {
        accelerator(gpu, context);
    }
    if let Some(machine) = node.text("machine") {
        self::machine(&machine, context);
    }
    Needs {
        cores: node.number("cores").map(|cores| cores.map(Cores::from)),
        memory: node.bytes("memory"),
        disk: node.bytes("disk"),
        gpu,
        gpus: node.integer("gpus"),
        nodes: node.integer("nodes"),
        arch: node.text("arch"),
        machine: node.text("machine"),
        run_time: node.duration("run-time"),
        sites: node.integer("sites"),
    }
}

/// Reports an accelerator that nobody sells and no cluster has.
pub(super) fn accelerator(name: &Spanned<String>, context: &mut Context<'_, '_>) {
    let mut known = context.catalog.accelerators();
    if let Some(platform) = context.platform {
        let inside = platform
            .clouds
            .iter()
            .flat_map(|cloud| &cloud.regions)
            .flat_map(|region| &region.clusters);
        let groups = platform
            .clusters
            .iter()
            .chain(inside)
            .flat_map(|cluster| &cluster.nodes);
        known.extend(
            groups
                .filter_map(|group| group.gpu.as_ref())
                .map(|gpu| gpu.value.as_str()),
        );
    }
    if !known.contains(name.value.as_str()) {
        let near = suggest::nearest(&name.value, known.iter().copied());
        let message = format!("no accelerator is called `{}`", name.value);
        context.out.push(
            Diagnostic::new(Code::NeedsGpu, name.span, "not in the catalogue", message).did_you_mean(near),
        );
    }
}

/// Reports a machine type (or prefix of one) that nobody sells.
pub(super) fn machine(name: &Spanned<String>, context: &mut Context<'_, '_>) {
    let all = || {
        Provider::ALL
            .into_iter()
            .flat_map(|provider| context.catalog.machines(provider))
    };
    if !all().any(|machine| machine.name.starts_with(&name.value)) {
        let near = suggest::nearest(&name.value, all().map(|machine| machine.name.as_str()));
        let message = format!("no machine type is called `{}`", name.value);
        context.out.push(
            Diagnostic::new(Code::NeedsMachine, name.span, "not in the catalogue", message)
                .did_you_mean(near),
        );
    }
}

/// The first argument as money per hour, and the like.
pub(super) fn micro_usd(node: &Node, name: &str) -> Option<crate::quantity::MicroUsd> {
    match node.quantity(name)?.value {
        crate::quantity::Quantity::Money { amount, .. } => Some(amount),
        _ => None,
    }
}

/// All arguments that are places.
pub(super) fn places(node: &Node) -> Vec<crate::catalog::Place> {
    let place = |value: &Spanned<Value>| match &value.value {
        Value::Place(place) => Some(*place),
        _ => None,
    };
    node.arguments.iter().filter_map(place).collect()
}
