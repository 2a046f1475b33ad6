//! Data sets: what `data` declares and `writes` adds.

use super::overlay::overlays;
use super::{Context, site, text, work};
use crate::catalog::Provider;
use crate::diag::{Code, Diagnostic};
use crate::graph::model::*;
use crate::graph::outline::{DataOutline, Outline};
use crate::graph::reference::Scope;
use crate::graph::residency::Inherited;
use crate::graph::site::SiteRef;
use crate::quantity::{Bytes, Percent};
use crate::source::Spanned;
use crate::syntax::{Node, Value};

/// Reads one data set. Sizes said by a `data` node win over those of its writers.
pub(in crate::graph) fn data_set(
    outline: &Outline<'_>,
    name: &str,
    data: &DataOutline<'_>,
    pipeline: PipelineId,
    context: &mut Context<'_, '_>,
) -> DataSet {
    let declared = data.declared;
    let nodes: Vec<&Node> = declared
        .into_iter()
        .chain(data.writers.iter().map(|(_, node)| *node))
        .collect();
    let part = |part: &str| nodes.iter().find_map(|node| node.child(part));
    let size = declared.and_then(|node| node.child("size"));
    let writes: Vec<&Node> = data.writers.iter().map(|(_, node)| *node).collect();
    let written = |property: &str| {
        writes
            .iter()
            .find_map(|node| node.integer(property))
            .map(|n| n.value)
    };
    let locations = locations(outline, declared, &writes, context);
    let keep = part("keep");
    DataSet {
        pipeline,
        name: Spanned::new(name.to_owned(), data.span()),
        was: declared.and_then(|node| node.text("was")).map(|was| was.value),
        description: declared
            .and_then(|node| node.child("description")?.argument_text(0))
            .map(|text| text.value),
        store: store(declared, &writes, &locations),
        at: locations,
        writers: data
            .writers
            .iter()
            .filter_map(|(index, _)| outline.steps.get(*index))
            .map(|step| step.id)
            .collect(),
        size: size
            .and_then(argument_bytes)
            .or_else(|| writes.iter().find_map(|node| node.bytes("size"))),
        rows: size
            .and_then(|size| size.integer("rows"))
            .map(|rows| rows.value)
            .or_else(|| written("rows")),
        columns: size
            .and_then(|size| size.integer("columns"))
            .map(|n| n.value)
            .or_else(|| written("columns")),
        growth: size
            .or(writes.first().copied())
            .and_then(|node| node.percent("growth"))
            .map_or(Percent(0.0), |g| g.value),
        format: declared
            .and_then(|node| node.child("format")?.argument_text(0))
            .or_else(|| writes.iter().find_map(|node| node.text("format")))
            .map(|format| format.value),
        partitions: part("partitions").and_then(partitions),
        keep: keep
            .and_then(|keep| keep.argument_duration(0))
            .map(|age| age.value),
        versions: keep.and_then(|keep| keep.integer("versions")).map(|n| n.value),
        traffic: declared.and_then(|node| work::traffic(node.child("traffic")?, outline, context.out)),
        // Half a list of places would rule out what the whole one allows.
        residency: part("residency")
            .filter(|node| !node.damaged)
            .map(|node| Spanned::new(site::places(node), node.whole)),
        sensitivity: part("sensitivity").and_then(sensitivity),
        inherited: Inherited::default(),
        overlays: overlays(declared.into_iter().flat_map(|node| node.all("overlay")), context),
        span: data.span(),
    }
}

fn argument_bytes(node: &Node) -> Option<Spanned<Bytes>> {
    let found = node.argument_quantity(0)?;
    match found.value {
        crate::quantity::Quantity::Bytes(bytes) => Some(Spanned::new(bytes, found.span)),
        _ => None,
    }
}

fn locations(
    outline: &Outline<'_>,
    declared: Option<&Node>,
    writes: &[&Node],
    context: &mut Context<'_, '_>,
) -> Vec<Location> {
    let mut found = Vec::new();
    let scope = Scope { outline, step: None };
    for at in declared.into_iter().flat_map(|node| node.all("at")) {
        let Some(site) = at.argument_text(0).and_then(|name| site::site(&name, context)) else {
            continue;
        };
        let uri = at
            .property("uri")
            .map(|uri| Spanned::new(text(uri, scope, context), uri.span));
        if let Some(uri) = &uri {
            host_is_literal(uri, context);
            scheme_fits(&site, uri, context);
        }
        found.push(Location { site, uri });
    }
    for at in writes.iter().filter_map(|node| node.text("at")) {
        // The writer reports an unknown site; here it is only taken over.
        let mut quiet = crate::diag::Diagnostics::new();
        let mut silent = Context {
            out: &mut quiet,
            ..*context
        };
        found.extend(site::site(&at, &mut silent).map(|site| Location { site, uri: None }));
    }
    found
}

/// Parameters may fill in a path, never the bucket or host: access rights are decided at compile time.
fn host_is_literal(uri: &Spanned<Text>, context: &mut Context<'_, '_>) {
    let Some(Piece::Literal(first)) = uri.value.0.first() else {
        return not_literal(uri, context);
    };
    let complete = uri.value.as_literal().is_some();
    let rest = first.split_once("://").map_or("", |(_, rest)| rest);
    if !complete && !rest.contains('/') {
        not_literal(uri, context);
    }
}

/// A bucket of one cloud cannot be at a site of another.
fn scheme_fits(site: &Spanned<SiteRef>, uri: &Spanned<Text>, context: &mut Context<'_, '_>) {
    let Some(Piece::Literal(first)) = uri.value.0.first() else {
        return;
    };
    let scheme = first.split(':').next().unwrap_or_default();
    let own = match scheme {
        "s3" => Provider::Aws,
        "gs" => Provider::Gcp,
        "abfs" | "abfss" | "azurerm" => Provider::Azure,
        _ => return,
    };
    let (SiteRef::Cloud(provider)
    | SiteRef::Region(provider, _)
    | SiteRef::Cluster {
        region: Some((provider, _)),
        ..
    }) = &site.value
    else {
        return;
    };
    if *provider != own {
        let message = format!(
            "`{scheme}://` is an address of {own}, and `{}` is in {provider}",
            site.value
        );
        let found = Diagnostic::new(Code::ValueUri, uri.span, format!("of {own}"), message);
        context.out.push(
            found
                .and(site.span, format!("in {provider}"))
                .help("name the site where the data is"),
        );
    }
}

fn not_literal(uri: &Spanned<Text>, context: &mut Context<'_, '_>) {
    let message = "the bucket or host of a `uri` is written out";
    context.out.push(
        Diagnostic::new(
            Code::FormatPlace,
            uri.span,
            "a reference in the bucket or host",
            message,
        )
        .help("references may stand after the first `/` of the path"),
    );
}

fn store(declared: Option<&Node>, writes: &[&Node], locations: &[Location]) -> Store {
    let nodes = declared.into_iter().chain(writes.iter().copied());
    let word = nodes.into_iter().find_map(|node| node.text("store"));
    if let Some(word) = word {
        return Store::ALL
            .into_iter()
            .find(|store| store.word() == word.value)
            .unwrap_or(Store::Bucket);
    }
    let uri = locations
        .iter()
        .find_map(|location| match location.uri.as_ref()?.value.0.first()? {
            Piece::Literal(text) => Some(text.as_str()),
            Piece::Reference(_) => None,
        });
    match uri.and_then(|uri| uri.split(':').next()) {
        Some("jdbc" | "postgresql") => Store::Sql,
        Some("kafka") => Store::Stream,
        Some("redis") => Store::Cache,
        Some("nfs" | "file") => Store::Disk,
        _ => Store::Bucket,
    }
}

fn partitions(node: &Node) -> Option<Partitions> {
    if let Some(by) = node.text("by") {
        return Some(Partitions::By(by.value));
    }
    match node.arguments.first()?.value {
        Value::Integer(count) => Some(Partitions::Count(u64::try_from(count).unwrap_or(0))),
        _ => None,
    }
}

fn sensitivity(node: &Node) -> Option<Spanned<Sensitivity>> {
    let word = node.argument_text(0)?;
    let level = Sensitivity::ALL
        .into_iter()
        .find(|level| level.word() == word.value)?;
    Some(Spanned::new(level, node.whole))
}
