//! Node groups of EKS.

use serde::Serialize;

use crate::catalog::Pricing;
use crate::lower::names::{self, Service};
use crate::lower::terraform::pool::Nodes;
use crate::lower::terraform::stack::Stack;
use crate::render::hcl::Expression;

/// One managed node group.
#[derive(Serialize)]
pub struct NodeGroup {
    address: String,
    name: String,
    summary: String,
    machine: String,
    ami_type: &'static str,
    capacity_type: &'static str,
    min: u64,
    max: u64,
    disk: u64,
    labels: Expression,
    taints: Vec<Taint>,
    subnets: Expression,
    reservation: Option<String>,
    /// Capacity bought for a span of time (EC2 Capacity Blocks), which a launch template has to ask for.
    block: bool,
    together: bool,
    /// True if it needs a launch template that no other group can share.
    own_template: bool,
}

#[derive(Serialize)]
struct Taint {
    key: String,
    value: String,
    effect: &'static str,
}

impl NodeGroup {
    /// The node group of a pool.
    pub fn of(stack: &Stack<'_>, nodes: Nodes<'_>) -> NodeGroup {
        let (min, max) = nodes.pool.bounds;
        let reservation = nodes.reservation.map(|it| it.id.value.clone());
        let block = nodes
            .reservation
            .is_some_and(|it| it.from.is_some() && it.until.is_some());
        NodeGroup {
            name: names::name(Service::Eks, &[&nodes.pool.name]),
            machine: nodes.pool.machine.clone(),
            ami_type: ami_type(&nodes),
            capacity_type: capacity_type(nodes.pool.pricing, block),
            min,
            max: max.max(1),
            disk: nodes.disk,
            labels: Expression::map(&nodes.labels),
            taints: nodes.taints.into_iter().map(Taint::of).collect(),
            subnets: subnets(
                stack,
                nodes.reservation.and_then(|it| it.zone.as_deref()),
                nodes.together,
            ),
            own_template: reservation.is_some() || nodes.together,
            reservation,
            block,
            together: nodes.together,
            address: nodes.address,
            summary: nodes.summary,
        }
    }
}

impl Taint {
    fn of((key, value, effect): (String, String, String)) -> Taint {
        let effect = match effect.as_str() {
            "PreferNoSchedule" => "PREFER_NO_SCHEDULE",
            "NoExecute" => "NO_EXECUTE",
            _ => "NO_SCHEDULE",
        };
        Taint { key, value, effect }
    }
}

/// Amazon Linux with the driver that the accelerator needs.
fn ami_type(nodes: &Nodes<'_>) -> &'static str {
    let arm = nodes.pool.arch == "arm64";
    match &nodes.pool.accelerator {
        None if arm => "AL2023_ARM_64_STANDARD",
        None => "AL2023_x86_64_STANDARD",
        Some((model, _)) if model.starts_with("Trainium") || model.starts_with("Inferentia") => {
            "AL2023_x86_64_NEURON"
        }
        Some(_) if arm => "AL2023_ARM_64_NVIDIA",
        Some(_) => "AL2023_x86_64_NVIDIA",
    }
}

fn capacity_type(pricing: Pricing, block: bool) -> &'static str {
    match pricing {
        Pricing::Spot => "SPOT",
        Pricing::Reserved if block => "CAPACITY_BLOCK",
        Pricing::OnDemand | Pricing::Reserved => "ON_DEMAND",
    }
}

/// Reserved capacity is in one zone, and so are machines that stand close together; all others may be anywhere.
fn subnets(stack: &Stack<'_>, zone: Option<&str>, together: bool) -> Expression {
    let made = |key: &str| Expression::reference(&format!("aws_subnet.private[\"{key}\"].id"));
    match zone.filter(|_| stack.creates_network()) {
        Some(zone) if plain(zone) => Expression::list([made(zone)]),
        None if together && stack.creates_network() => Expression::list([made("a")]),
        Some(_) | None => Expression::reference("local.subnet_ids"),
    }
}

/// A zone is the user's text and becomes a key here.
fn plain(zone: &str) -> bool {
    zone.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}
