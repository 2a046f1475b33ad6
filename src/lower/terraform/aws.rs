//! A root for AWS: VPC, KMS key, EKS cluster and node groups, bucket, registry, data stores, identities.

mod iam;
mod policy;
mod pools;
mod stores;

use std::collections::BTreeMap;

use serde::Serialize;

use super::stack::Stack;
use super::store::{self, Expiry};
use super::waiver::{self, Waiver};
use super::{File, own, pool};
use crate::lower::names::Service;
use crate::render::hcl::Expression;

/// The files of a root, in the order in which a reader meets them.
const FILES: [&str; 13] = [
    "versions.tf",
    "providers.tf",
    "variables.tf",
    "locals.tf",
    "network.tf",
    "cluster.tf",
    "pools.tf",
    "data.tf",
    "vector.tf",
    "stream.tf",
    "disk.tf",
    "iam.tf",
    "outputs.tf",
];

/// The files of the root.
pub fn files(stack: &Stack<'_>) -> Vec<File> {
    let root = Root::of(stack);
    FILES
        .iter()
        .map(|name| File::of(stack, name, &format!("terraform/aws/{name}.hbs"), &root))
        .collect()
}

/// What the templates know.
#[derive(Serialize)]
struct Root {
    name: String,
    region: String,
    account: Option<String>,
    role: Option<String>,
    tags: Expression,
    cidr: String,
    cluster_name: String,
    creates_cluster: bool,
    creates_network: bool,
    creates_key: bool,
    creates_bucket: bool,
    makes_nodes: bool,
    finds_subnets: bool,
    existing_cluster: Option<String>,
    bucket: Option<String>,
    bucket_uri: String,
    locals: Locals,
    subnets: Vec<Subnet>,
    endpoint_subnets: Expression,
    roles: BTreeMap<&'static str, String>,
    waivers: BTreeMap<&'static str, Vec<Waiver>>,
    pools: Vec<pools::NodeGroup>,
    expiries: Vec<Expiry>,
    repositories: Vec<stores::Repository>,
    stores: stores::Stores,
    own: own::Own,
    /// Name of the endpoint of vector indexes.
    collection: String,
    /// One subnet in each zone.
    data_subnets: Expression,
    /// The cluster's folder.
    cluster: String,
    foreign_buckets: bool,
    workloads: Vec<iam::Role>,
    issuers: Vec<iam::Issuer>,
    visitors: Vec<iam::VisitorRole>,
}

/// Made or adopted, by one name.
#[derive(Serialize)]
struct Locals {
    cluster_name: Expression,
    vpc_id: Expression,
    subnet_ids: Expression,
    key_arn: Expression,
    bucket_arn: Expression,
}

/// A private subnet: its zone, and which part of the VPC's range it has.
#[derive(Serialize)]
struct Subnet {
    key: String,
    zone: Expression,
    bits: u32,
    number: usize,
}

impl Root {
    fn of(stack: &Stack<'_>) -> Root {
        let nodes = pool::pools(stack);
        let subnets = subnets(stack, &nodes);
        let own = own::Own::of(stack);
        let rights = iam::Rights::of(stack);
        let identity = |key: &str| stack.cloud.identity.get(key).cloned();
        let bucket = stack.bucket();
        let creates_cluster = stack.existing_cluster().is_none();
        Root {
            name: stack.name(Service::Kubernetes, ""),
            region: stack.region.to_owned(),
            account: identity("account"),
            role: identity("role"),
            tags: Expression::map(&stack.tags()),
            cidr: stack.cidr(),
            cluster_name: stack.name(Service::Eks, ""),
            creates_cluster,
            creates_network: stack.creates_network(),
            creates_key: stack.existing_key().is_none(),
            creates_bucket: bucket.as_ref().is_some_and(|(_, made)| *made),
            makes_nodes: creates_cluster || !nodes.is_empty(),
            finds_subnets: stack.existing_network().is_some() && stack.existing_subnets().is_empty(),
            existing_cluster: stack.existing_cluster().map(str::to_owned),
            bucket_uri: stack.bucket_root(),
            bucket: bucket.map(|(address, _)| address.bucket),
            locals: Locals::of(stack),
            data_subnets: data_subnets(stack, &subnets),
            endpoint_subnets: Expression::texts(subnets.iter().take(3).map(|subnet| &subnet.key)),
            subnets,
            roles: roles(stack),
            waivers: waiver::waivers(stack),
            pools: nodes
                .into_iter()
                .map(|nodes| pools::NodeGroup::of(stack, nodes))
                .collect(),
            expiries: store::expiries(stack),
            repositories: stores::repositories(stack),
            stores: stores::Stores::of(stack, &own),
            own,
            collection: stack.name(Service::Collection, ""),
            cluster: crate::render::hcl::comment(&stack.site.cluster),
            foreign_buckets: rights.foreign_buckets,
            workloads: rights.workloads,
            issuers: rights.issuers,
            visitors: rights.visitors,
        }
    }
}

impl Locals {
    fn of(stack: &Stack<'_>) -> Locals {
        let cluster = "data.aws_eks_cluster.main";
        let existing = stack.existing_cluster().is_some();
        let subnets = stack.existing_subnets();
        let vpc_id = match stack.existing_network() {
            Some(network) => Expression::text(network),
            None if existing => Expression::reference(&format!("{cluster}.vpc_config[0].vpc_id")),
            None => Expression::reference("aws_vpc.main.id"),
        };
        let subnet_ids = match stack.existing_network() {
            Some(_) if subnets.is_empty() => Expression::reference("sort(data.aws_subnets.private.ids)"),
            Some(_) => Expression::texts(subnets),
            None if existing => Expression::reference(&format!("sort({cluster}.vpc_config[0].subnet_ids)")),
            None => Expression::reference("[for subnet in aws_subnet.private : subnet.id]"),
        };
        let made = |address: &str, adopted: Option<&str>| match adopted {
            Some(text) => Expression::text(text),
            None => Expression::reference(address),
        };
        let bucket = stack.bucket().filter(|(_, made)| !made);
        Locals {
            cluster_name: made(
                if existing {
                    "data.aws_eks_cluster.main.name"
                } else {
                    "aws_eks_cluster.main.name"
                },
                None,
            ),
            vpc_id,
            subnet_ids,
            key_arn: made("aws_kms_key.main.arn", stack.existing_key()),
            bucket_arn: bucket.map_or(Expression::reference("aws_s3_bucket.main.arn"), |(address, _)| {
                Expression::suffixed("local.arn", &format!(":s3:::{}", address.bucket))
            }),
        }
    }
}

/// Where stores have their addresses: reservations may add a second subnet to a zone, and stores take one each.
fn data_subnets(stack: &Stack<'_>, subnets: &[Subnet]) -> Expression {
    let made = |subnet: &Subnet| Expression::reference(&format!("aws_subnet.private[\"{}\"].id", subnet.key));
    match stack.creates_network() {
        true => Expression::list(subnets.iter().take(3).map(made)),
        false => Expression::reference("local.subnet_ids"),
    }
}

/// Three zones (two where the region has no more), and those of reservations, which capacity is bound to.
fn subnets(stack: &Stack<'_>, nodes: &[pool::Nodes<'_>]) -> Vec<Subnet> {
    let region = stack.input.catalog.region(stack.provider, stack.region);
    let zones = region.and_then(|region| region.zones).unwrap_or(3).clamp(2, 3) as usize;
    let first = ["a", "b", "c"]
        .into_iter()
        .take(zones)
        .enumerate()
        .map(|(number, key)| Subnet {
            key: key.to_owned(),
            zone: Expression::reference(&format!("data.aws_availability_zones.available.names[{number}]")),
            bits: 2,
            number,
        });
    let reserved = nodes
        .iter()
        .filter_map(|nodes| nodes.reservation?.zone.as_deref());
    let reserved: std::collections::BTreeSet<&str> = reserved.collect();
    // The last quarter of the range, in sixteenths of the whole.
    let reserved = reserved.into_iter().zip(12..16).map(|(zone, number)| Subnet {
        key: zone.to_owned(),
        zone: Expression::text(zone),
        bits: 4,
        number,
    });
    first.chain(reserved).collect()
}

/// Names of the roles that the site itself needs.
fn roles(stack: &Stack<'_>) -> BTreeMap<&'static str, String> {
    [
        "autoscaler",
        "cluster",
        "disks",
        "flow",
        "monitoring",
        "network",
        "node",
    ]
    .into_iter()
    .map(|role| (role, stack.name(Service::IamRole, role)))
    .collect()
}
