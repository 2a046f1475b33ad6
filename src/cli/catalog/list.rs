//! `portolan catalog list`.

use clap::ValueEnum;
use serde_json::json;

use super::{Answer, row};
use crate::catalog::{Catalog, Machine, Provider};

/// What can be listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Kind {
    /// Regions with their country and what their electricity emits.
    Regions,
    /// Machine types.
    Machines,
    /// Accelerator models.
    Accelerators,
}

/// Everything of a kind, of one cloud or of all.
pub fn list(catalog: &Catalog, kind: Kind, cloud: Option<Provider>) -> Answer {
    let clouds: Vec<Provider> = Provider::ALL
        .into_iter()
        .filter(|own| cloud.is_none_or(|only| only == *own))
        .collect();
    match kind {
        Kind::Regions => regions(catalog, &clouds),
        Kind::Machines => machines(catalog, &clouds),
        Kind::Accelerators => accelerators(catalog, &clouds),
    }
}

fn regions(catalog: &Catalog, clouds: &[Provider]) -> Answer {
    let regions: Vec<_> = clouds.iter().flat_map(|cloud| catalog.regions(*cloud)).collect();
    let mut rows = vec![row(["region", "city", "country", "zones", "gCO2e/kWh"])];
    rows.extend(regions.iter().map(|region| {
        let carbon = region
            .carbon
            .as_ref()
            .map(|carbon| format!("{:.0}", carbon.per_kwh.0));
        vec![
            format!("{}.{}", region.provider, region.name),
            region.city.clone(),
            region.country.code().to_owned(),
            region.zones.map(|zones| zones.to_string()).unwrap_or_default(),
            carbon.unwrap_or_default(),
        ]
    }));
    let value = json!({"version": 1, "regions": regions});
    Answer {
        head: Vec::new(),
        rows,
        right: &[3, 4],
        value,
    }
}

fn machines(catalog: &Catalog, clouds: &[Provider]) -> Answer {
    let machines: Vec<_> = clouds.iter().flat_map(|cloud| catalog.machines(*cloud)).collect();
    let mut rows = vec![row([
        "machine",
        "cloud",
        "cores",
        "memory",
        "accelerators",
        "arch",
    ])];
    rows.extend(machines.iter().map(|machine| {
        vec![
            machine.name.clone(),
            machine.provider.to_string(),
            machine.cores.to_string(),
            machine.memory.to_string(),
            accelerators_of(machine),
            machine.architecture.to_string(),
        ]
    }));
    let value = json!({"version": 1, "machines": machines});
    Answer {
        head: Vec::new(),
        rows,
        right: &[2, 3],
        value,
    }
}

/// `8 x H100`, or nothing.
pub fn accelerators_of(machine: &Machine) -> String {
    let own = machine.accelerator.as_ref();
    own.map(|own| format!("{} x {}", own.count, own.model))
        .unwrap_or_default()
}

fn accelerators(catalog: &Catalog, clouds: &[Provider]) -> Answer {
    let mut rows = vec![row([
        "model",
        "memory",
        "bandwidth",
        "16-bit TFLOPS",
        "machines",
        "largest",
    ])];
    let mut values = Vec::new();
    for model in catalog.accelerators() {
        let all = clouds.iter().flat_map(|cloud| catalog.machines(*cloud));
        let sold: Vec<&Machine> = all
            .filter(|machine| machine.accelerator.as_ref().is_some_and(|own| own.model == model))
            .collect();
        let facts = catalog.accelerator(model);
        let half = facts.and_then(|facts| facts.half());
        let largest = sold.iter().map(|machine| machine.accelerators()).max();
        rows.push(vec![
            model.to_owned(),
            facts.map(|facts| facts.memory.to_string()).unwrap_or_default(),
            facts
                .map(|facts| format!("{:.0} GB/s", facts.bandwidth.0 / 1e9))
                .unwrap_or_default(),
            half.map(|flops| format!("{:.0}", flops.0 / 1e12))
                .unwrap_or_default(),
            sold.len().to_string(),
            largest.map(|count| count.to_string()).unwrap_or_default(),
        ]);
        let names: Vec<&str> = sold.iter().map(|machine| machine.name.as_str()).collect();
        values.push(json!({"model": model, "facts": facts, "machines": names}));
    }
    let value = json!({"version": 1, "accelerators": values});
    Answer {
        head: Vec::new(),
        rows,
        right: &[1, 2, 3, 4, 5],
        value,
    }
}
