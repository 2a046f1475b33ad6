//! Node pools of GKE.

use serde::Serialize;

use crate::catalog::Pricing;
use crate::lower::names::{self, Service};
use crate::lower::terraform::pool::Nodes;
use crate::lower::terraform::stack::Stack;
use crate::render::hcl::Expression;

/// One node pool.
#[derive(Serialize)]
pub struct NodePool {
    address: String,
    name: String,
    summary: String,
    cluster: Expression,
    machine: String,
    /// Google's name for the accelerator; absent for TPUs, which the machine type implies.
    accelerator: Option<&'static str>,
    accelerators: u64,
    disk_type: &'static str,
    disk: u64,
    min: u64,
    max: u64,
    spot: bool,
    labels: Expression,
    taints: Vec<Taint>,
    zones: Option<Expression>,
    reservation: Option<String>,
    together: bool,
}

#[derive(Serialize)]
struct Taint {
    key: String,
    value: String,
    effect: &'static str,
}

impl NodePool {
    /// The node pool of a pool.
    pub fn of(stack: &Stack<'_>, nodes: Nodes<'_>) -> NodePool {
        let (min, max) = nodes.pool.bounds;
        // The catalogue writes machines with attached accelerators as `n1-standard-16+T4x2`.
        let machine = nodes
            .pool
            .machine
            .split('+')
            .next()
            .unwrap_or_default()
            .to_owned();
        let (model, accelerators) = nodes.pool.accelerator.clone().unwrap_or_default();
        let cluster = match stack.existing_cluster() {
            Some(_) => "data.google_container_cluster.main.id",
            None => "google_container_cluster.main.id",
        };
        // GKE itself keeps pods that did not ask for accelerators off their nodes.
        let taints = nodes
            .taints
            .into_iter()
            .filter(|(key, _, _)| key != "nvidia.com/gpu");
        NodePool {
            name: names::name(Service::Gke, &[&nodes.pool.name]),
            cluster: Expression::reference(cluster),
            accelerator: accelerator(&model, &machine),
            accelerators,
            disk_type: disk_type(&machine),
            disk: nodes.disk,
            min,
            max: max.max(1),
            spot: nodes.pool.pricing == Pricing::Spot,
            labels: Expression::map(&nodes.labels),
            taints: taints.map(Taint::of).collect(),
            zones: nodes
                .reservation
                .and_then(|it| it.zone.as_ref())
                .map(|zone| Expression::texts([zone])),
            reservation: nodes.reservation.map(|it| it.id.value.clone()),
            together: nodes.together,
            machine,
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

/// Google's name for an accelerator model (Compute Engine documentation, "GPU machine types").
fn accelerator(model: &str, machine: &str) -> Option<&'static str> {
    Some(match model {
        "A100" => "nvidia-tesla-a100",
        "A100-80GB" => "nvidia-a100-80gb",
        "B200" => "nvidia-b200",
        "H100" if machine.starts_with("a3-megagpu") => "nvidia-h100-mega-80gb",
        "H100" => "nvidia-h100-80gb",
        "H200" => "nvidia-h200-141gb",
        "L4" => "nvidia-l4",
        "P100" => "nvidia-tesla-p100",
        "T4" => "nvidia-tesla-t4",
        "V100" => "nvidia-tesla-v100",
        _ => return None,
    })
}

/// Machine series of the newer generations boot from Hyperdisk only.
fn disk_type(machine: &str) -> &'static str {
    let hyperdisk = [
        "a3-ultragpu",
        "a4-",
        "a4x-",
        "c4-",
        "c4a-",
        "c4d-",
        "h4d-",
        "m4-",
        "n4-",
        "x4-",
    ];
    if hyperdisk.iter().any(|series| machine.starts_with(series)) {
        "hyperdisk-balanced"
    } else {
        "pd-balanced"
    }
}
