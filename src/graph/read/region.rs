//! Clouds, regions, clusters and node groups.

use super::adopted::adopted;
use super::overlay::overlays;
use super::site::{accelerator, machine, micro_usd, narrowing};
use super::{Context, free_properties};
use crate::catalog::{Place, Pricing, Provider};
use crate::diag::{Code, Diagnostic, suggest};
use crate::graph::model::*;
use crate::graph::outline::duplicate;
use crate::quantity::{Cores, MicroUsd, Quantity};
use crate::source::Spanned;
use crate::syntax::{Node, Value};

/// Clouds and their regions, without what names sites or machines.
pub(super) fn quota_free_clouds(platform: &Node, context: &mut Context<'_, '_>) -> Vec<Cloud> {
    let mut clouds: Vec<Cloud> = Vec::new();
    for node in platform.all("cloud") {
        let Some(word) = node.argument_text(0) else {
            continue;
        };
        let Some(provider) = Provider::parse(&word.value) else {
            continue;
        };
        if let Some(first) = clouds.iter().find(|cloud| cloud.provider == provider) {
            context.out.push(duplicate(
                &word,
                "a second account",
                first.span,
                "a cloud of this platform",
            ));
            continue;
        }
        let mut cloud = Cloud {
            provider,
            identity: free_properties(node, context.sources),
            discounts: node.all("discount").filter_map(discount).collect(),
            quotas: Vec::new(),
            never: Vec::new(),
            tags: node
                .child("tags")
                .map(|tags| free_properties(tags, context.sources))
                .unwrap_or_default(),
            regions: Vec::new(),
            overlays: overlays(node.all("overlay"), context),
            span: node.span,
        };
        for region in node.all("region") {
            regions(region, &mut cloud, context);
        }
        cloud.regions.sort_by(|a, b| a.name.value.cmp(&b.name.value));
        clouds.push(cloud);
    }
    clouds
}

fn discount(node: &Node) -> Option<Discount> {
    let Quantity::Percent(share) = node.argument_quantity(0)?.value else {
        return None;
    };
    let pricing = node.text("pricing").and_then(|word| Pricing::parse(&word.value));
    Some(Discount {
        share,
        machine: node.text("machine").map(|prefix| prefix.value),
        pricing,
    })
}

/// One `region` node names one or several regions; its children are about all of them.
fn regions(node: &Node, cloud: &mut Cloud, context: &mut Context<'_, '_>) {
    one_region_each(node, context);
    let adopted = adopted(node, Some(cloud.provider), context);
    let mut told = false;
    for name in (0..node.arguments.len()).filter_map(|index| node.argument_text(index)) {
        if context.catalog.region(cloud.provider, &name.value).is_none() {
            let known = context
                .catalog
                .regions(cloud.provider)
                .map(|region| region.name.as_str());
            let near = suggest::nearest(&name.value, known);
            let message = format!("{} has no region `{}`", cloud.provider, name.value);
            context.out.push(
                Diagnostic::new(Code::PlatformRegion, name.span, "not in the catalogue", message)
                    .did_you_mean(near),
            );
            continue;
        }
        if let Some(first) = cloud
            .regions
            .iter()
            .find(|region| region.name.value == name.value)
        {
            // One message for a line that stands twice.
            if !told {
                let found = duplicate(&name, "named again", first.name.span, "a region of this cloud");
                context.out.push(found);
                told = true;
            }
            continue;
        }
        let inside = (cloud.provider, name.value.clone());
        let mut clusters: Vec<Cluster> = node
            .all("cluster")
            .filter_map(|node| cluster(node, Some(&inside), context))
            .collect();
        clusters.sort_by(|a, b| a.name.value.cmp(&b.name.value));
        cloud.regions.push(Region {
            jurisdiction: node.property("jurisdiction").and_then(place),
            quotas: Vec::new(),
            reservations: node
                .all("reservation")
                .filter_map(|node| reservation(node, context))
                .collect(),
            never: Vec::new(),
            clusters,
            adopted: adopted.clone(),
            overlays: overlays(node.all("overlay"), context),
            managed: node
                .all("managed")
                .filter_map(|node| node.argument_text(0))
                .collect(),
            name,
        });
    }
}

/// Reports what a node that names several regions cannot have in all of them: clusters of one name, a network, a key.
fn one_region_each(node: &Node, context: &mut Context<'_, '_>) {
    let Some(second) = node.argument_text(1) else {
        return;
    };
    let mut report = |span, what: &str, message: String| {
        let found = Diagnostic::new(Code::NameDuplicate, span, what, message);
        let found = found.and(second.span, "another region");
        context.out.push(found.help("write a `region` node for each"));
    };
    for name in node.all("cluster").filter_map(|cluster| cluster.argument_text(0)) {
        let message = format!(
            "each of these regions would have a cluster called `{}`",
            name.value
        );
        report(name.span, "one cluster", message);
    }
    for (word, what) in [("network", "one network"), ("key", "one key")] {
        for existing in node.all(word).filter_map(|node| node.text("existing")) {
            let message = format!(
                "a {word} lies in one region, and `{}` would be in each",
                existing.value
            );
            report(existing.span, what, message);
        }
    }
}

/// Quotas and bans of a cloud and its regions: they may name sites, which are known by now.
pub(super) fn cloud(node: &Node, provider: Provider, clouds: &mut [Cloud], context: &mut Context<'_, '_>) {
    let Some(cloud) = clouds
        .iter_mut()
        .find(|cloud| cloud.provider == provider && cloud.span == node.span)
    else {
        return;
    };
    cloud.quotas = node
        .all("quota")
        .filter_map(|node| quota(node, context))
        .collect();
    cloud.never = node.all("never").map(|node| narrowing(node, context)).collect();
    for region_node in node.all("region") {
        let quotas: Vec<Quota> = region_node
            .all("quota")
            .filter_map(|node| quota(node, context))
            .collect();
        let never: Vec<Narrowing> = region_node
            .all("never")
            .map(|node| narrowing(node, context))
            .collect();
        let names: Vec<String> = (0..region_node.arguments.len())
            .filter_map(|index| region_node.argument_text(index))
            .map(|n| n.value)
            .collect();
        for region in cloud
            .regions
            .iter_mut()
            .filter(|region| names.contains(&region.name.value))
        {
            region.quotas.extend(quotas.iter().cloned());
            region.never.extend(never.iter().cloned());
        }
    }
}

fn quota(node: &Node, context: &mut Context<'_, '_>) -> Option<Quota> {
    let gpu = node.text("gpu");
    if let Some(gpu) = &gpu {
        accelerator(gpu, context);
    }
    let pricing = Pricing::parse(&node.word("pricing")).unwrap_or(Pricing::OnDemand);
    let (of, limit) = match (node.integer("gpus"), node.number("cores")) {
        (Some(gpus), _) => (QuotaOf::Gpus(gpu.map(|gpu| gpu.value)), gpus.value as f64),
        (None, Some(cores)) => (QuotaOf::Cores, cores.value),
        (None, None) if node.damaged => return None,
        (None, None) => {
            let message = "this quota limits nothing";
            context.out.push(
                Diagnostic::new(
                    Code::SyntaxMissing,
                    node.span,
                    "no `gpus` and no `cores`",
                    message,
                )
                .help("add `gpus=16` or `cores=3000`"),
            );
            return None;
        }
    };
    Some(Quota {
        of,
        limit,
        pricing,
        span: node.whole,
    })
}

fn reservation(node: &Node, context: &mut Context<'_, '_>) -> Option<Reservation> {
    let machine_name = node.text("machine")?;
    machine(&machine_name, context);
    // Dates are written year first, so their texts are in their order.
    if let (Some(from), Some(until)) = (node.text("from"), node.text("until"))
        && from.value > until.value
    {
        let message = "it ends before it begins";
        let found = Diagnostic::new(Code::ValueBounds, until.span, "before `from`", message);
        context.out.push(
            found
                .and(from.span, "`from` is here")
                .help("swap them, or leave one out"),
        );
    }
    Some(Reservation {
        id: node.argument_text(0)?,
        machine: machine_name,
        count: node.integer("count")?.value,
        zone: node.text("zone").map(|zone| zone.value),
        from: node.text("from").map(|date| date.value),
        until: node.text("until").map(|date| date.value),
        price: micro_usd(node, "price").unwrap_or(MicroUsd::ZERO),
        span: node.whole,
    })
}

fn place(value: &Spanned<Value>) -> Option<Spanned<Place>> {
    match &value.value {
        Value::Place(place) => Some(Spanned::new(*place, value.span)),
        _ => None,
    }
}

/// A cluster, in a region or outside any cloud.
pub(super) fn cluster(
    node: &Node,
    region: Option<&(Provider, String)>,
    context: &mut Context<'_, '_>,
) -> Option<Cluster> {
    let name = node.argument_text(0)?;
    let text = |name: &str| node.text(name).map(|text| text.value);
    let jurisdiction = node.property("jurisdiction").and_then(place);
    if region.is_none() && jurisdiction.is_none() && !node.damaged {
        let message = format!("nothing says which country `{}` is in", name.value);
        context.out.push(
            Diagnostic::new(
                Code::ResidencyJurisdiction,
                name.span,
                "no `jurisdiction`",
                message,
            )
            .help("add `jurisdiction=` with a country, such as `jurisdiction=br`"),
        );
    }
    if region.is_none() && node.text("context").is_none() && !node.damaged {
        let message = format!("nothing says how to reach `{}`", name.value);
        context.out.push(
            Diagnostic::new(Code::SyntaxMissing, name.span, "no `context`", message)
                .help("add `context=` with the name of a context of your kubeconfig"),
        );
    }
    // Scripts are given it as a word of a line.
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':' | '@');
    if let Some(said) = node
        .text("context")
        .filter(|said| said.value.is_empty() || !said.value.chars().all(word))
    {
        let message = format!("`{}` is not the name of a context", said.value);
        let found = Diagnostic::new(Code::NameForm, said.span, "not one plain word", message);
        context.out.push(
            found.help("letters, digits and `. _ - / : @`, as `kubectl config get-contexts` lists them"),
        );
    }
    let mut nodes: Vec<NodeGroup> = node
        .all("nodes")
        .filter_map(|node| node_group(node, region.is_some(), context))
        .collect();
    nodes.sort_by(|a, b| a.name.value.cmp(&b.name.value));
    Some(Cluster {
        name,
        was: text("was"),
        existing: text("existing"),
        context: text("context"),
        namespace: text("namespace"),
        service_account: text("service-account"),
        jurisdiction,
        transport: if node.word("transport") == "mailbox" {
            Transport::Mailbox
        } else {
            Transport::Direct
        },
        storage_class: text("storage-class"),
        nodes,
        adopted: adopted(node, region.map(|(provider, _)| *provider), context),
        overlays: overlays(node.all("overlay"), context),
        span: node.whole,
    })
}

fn node_group(node: &Node, in_cloud: bool, context: &mut Context<'_, '_>) -> Option<NodeGroup> {
    let integer = |name: &str| node.integer(name).map(|n| n.value);
    let gpu = node.text("gpu");
    let machine_name = node.text("machine");
    if let Some(name) = &machine_name {
        machine(name, context);
    }
    let sized =
        machine_name.is_some() || (node.property("cores").is_some() && node.property("memory").is_some());
    if !sized && !node.damaged {
        let name = node.argument_text(0)?;
        let message = format!("nothing says how large a node of `{}` is", name.value);
        let help = if in_cloud {
            "add `machine=`"
        } else {
            "add `cores=` and `memory=`"
        };
        context
            .out
            .push(Diagnostic::new(Code::SyntaxMissing, name.span, "no size", message).help(help));
    }
    let carbon = match node.quantity("carbon").map(|found| found.value) {
        Some(Quantity::Carbon { amount, .. }) => Some(amount),
        _ => None,
    };
    let pair = |node: &Node| {
        Some((
            node.argument_text(0)?.value,
            node.argument_text(1).map(|v| v.value).unwrap_or_default(),
        ))
    };
    super::crossed(node, "min", "max", context.out);
    let count = integer("count");
    Some(NodeGroup {
        name: node.argument_text(0)?,
        was: node.text("was").map(|was| was.value),
        min: count.or_else(|| integer("min")).unwrap_or(0),
        max: count
            .or_else(|| integer("max"))
            .or_else(|| integer("min"))
            .unwrap_or(1),
        machine: machine_name,
        cores: node.number("cores").map(|cores| Cores::from(cores.value)),
        memory: node.bytes("memory").map(|memory| memory.value),
        disk: node.bytes("disk").map(|disk| disk.value),
        gpus: integer("gpus").unwrap_or(u64::from(gpu.is_some())),
        gpu,
        pricing: node
            .text("pricing")
            .and_then(|word| Pricing::parse(&word.value))
            .unwrap_or(Pricing::OnDemand),
        price: micro_usd(node, "price"),
        carbon,
        labels: node.all("label").filter_map(pair).collect(),
        overlays: overlays(node.all("overlay"), context),
        taints: node
            .all("taint")
            .filter_map(|taint| pair(taint).map(|(key, value)| (key, value, taint.word("effect"))))
            .collect(),
        span: node.whole,
    })
}
