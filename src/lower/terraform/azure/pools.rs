//! Node pools of AKS.

use serde::Serialize;

use crate::catalog::Pricing;
use crate::lower::names::{self, Service};
use crate::lower::terraform::pool::Nodes;
use crate::render::hcl::Expression;

/// One node pool.
#[derive(Serialize)]
pub struct NodePool {
    address: String,
    name: String,
    summary: String,
    machine: String,
    os_sku: &'static str,
    gpu: bool,
    spot: bool,
    min: u64,
    max: u64,
    disk: u64,
    labels: Expression,
    taints: Expression,
    zones: Option<Expression>,
    reservation: Option<String>,
    together: bool,
}

/// AKS itself puts this label and this taint on spot nodes; left out, they would show as a difference.
const SPOT: &str = "kubernetes.azure.com/scalesetpriority";

impl NodePool {
    /// The node pool of a pool.
    pub fn of(nodes: Nodes<'_>) -> NodePool {
        let (min, max) = nodes.pool.bounds;
        let spot = nodes.pool.pricing == Pricing::Spot;
        let gpu = nodes.pool.accelerator.is_some();
        let (mut labels, mut taints) = (nodes.labels, nodes.taints);
        if spot {
            labels.insert(SPOT.to_owned(), "spot".to_owned());
            taints.push((SPOT.to_owned(), "spot".to_owned(), "NoSchedule".to_owned()));
        }
        let taints = taints
            .iter()
            .map(|(key, value, effect)| format!("{key}={value}:{effect}"));
        NodePool {
            name: names::name(Service::AksPool, &[&nodes.pool.name]),
            machine: nodes.pool.machine.clone(),
            os_sku: if gpu { "Ubuntu" } else { "AzureLinux" },
            gpu,
            spot,
            min,
            max: max.max(1),
            disk: nodes.disk,
            labels: Expression::map(&labels),
            taints: Expression::texts(taints),
            zones: nodes
                .reservation
                .and_then(|it| it.zone.as_ref())
                .map(|zone| Expression::texts([zone])),
            reservation: nodes.reservation.map(|it| it.id.value.clone()),
            together: nodes.together,
            address: nodes.address,
            summary: nodes.summary,
        }
    }
}
