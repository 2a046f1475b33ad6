//! What a container asks for: the upper end of its profile.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::StepPod;
use crate::quantity::{Bytes, Cores};

/// Cores as Kubernetes writes them, rounded up to ten thousandths: `4`, `1500m`.
pub fn cpu(cores: Cores) -> Quantity {
    // 1e-9 forgives what sums of decimal fractions lose.
    let thousandths = ((cores.0 * 100.0 - 1e-9).ceil().max(1.0) * 10.0) as u64;
    Quantity(if thousandths.is_multiple_of(1000) {
        (thousandths / 1000).to_string()
    } else {
        format!("{thousandths}m")
    })
}

/// Bytes as Kubernetes writes them, rounded up to MiB: `2Gi`, `1536Mi`.
pub fn memory(bytes: Bytes) -> Quantity {
    let mebibytes = bytes.0.div_ceil(1 << 20).max(1);
    Quantity(if mebibytes.is_multiple_of(1024) {
        format!("{}Gi", mebibytes / 1024)
    } else {
        format!("{mebibytes}Mi")
    })
}

/// The resource under which an accelerator's device plugin offers it.
pub fn accelerator(model: &str) -> &'static str {
    let model = model.to_ascii_lowercase();
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| model.starts_with(prefix));
    if starts(&["trainium", "inferentia"]) {
        "aws.amazon.com/neuron"
    } else if starts(&["tpu", "v5e", "v5p", "v6e"]) {
        "google.com/tpu"
    } else if starts(&["mi2", "mi3", "radeon"]) {
        "amd.com/gpu"
    } else if starts(&["gaudi"]) {
        "habana.ai/gaudi"
    } else {
        "nvidia.com/gpu"
    }
}

/// Requests always; memory's limit is its request, so that no neighbour is pushed out; cores have no limit, so that
/// idle ones are used. Accelerators are requested by their limit.
pub(super) fn of(pod: &StepPod<'_>) -> ResourceRequirements {
    let profile = &pod.input.plan.profiled[pod.step.id];
    let pool = super::pool(pod.input, pod.step);
    let bytes = memory(profile.memory.p95);
    let mut requests = BTreeMap::from([
        ("cpu".to_owned(), cpu(profile.cores.p95)),
        ("memory".to_owned(), bytes.clone()),
    ]);
    let mut limits = BTreeMap::from([("memory".to_owned(), bytes)]);
    if let Some(need) = &profile.accelerators {
        let model = pool.accelerator.as_ref().map(|(model, _)| model.as_str());
        let resource = accelerator(need.model.as_deref().or(model).unwrap_or_default());
        let count = Quantity(need.count.p95.max(1).to_string());
        requests.insert(resource.to_owned(), count.clone());
        limits.insert(resource.to_owned(), count);
    }
    ResourceRequirements {
        claims: None,
        limits: Some(limits),
        requests: Some(requests),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_round_up_to_what_kubernetes_writes() {
        assert_eq!(cpu(Cores(4.0)).0, "4");
        assert_eq!(cpu(Cores(1.5)).0, "1500m");
        assert_eq!(cpu(Cores(0.0001)).0, "10m");
        assert_eq!(cpu(Cores(0.1 + 0.2)).0, "300m");
        assert_eq!(memory(Bytes(2 << 30)).0, "2Gi");
        assert_eq!(memory(Bytes((1536 << 20) - 1)).0, "1536Mi");
    }
}
