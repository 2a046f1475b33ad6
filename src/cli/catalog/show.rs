//! `portolan catalog show`.

use serde_json::json;

use super::list::accelerators_of;
use super::{Answer, MONEY, row};
use crate::catalog::{Catalog, Destination, Machine, Offer, Pricing, Provider, Region, Tariff};
use crate::diag::suggest;
use crate::quantity::Bytes;

/// A region or a machine type.
///
/// # Errors
/// Says that there is no such thing, and what is spelt nearly so.
pub fn show(catalog: &Catalog, name: &str, gpu: Option<&str>) -> Result<Answer, String> {
    let region = name
        .split_once('.')
        .and_then(|(cloud, region)| catalog.region(Provider::parse(cloud)?, region));
    if let Some(found) = region {
        return Ok(show_region(catalog, found, gpu));
    }
    if let Some(found) = Provider::ALL
        .into_iter()
        .find_map(|cloud| catalog.machine(cloud, name))
    {
        return Ok(show_machine(catalog, found));
    }
    let all = || Provider::ALL.into_iter();
    let regions = all()
        .flat_map(|cloud| catalog.regions(cloud))
        .map(|region| format!("{}.{}", region.provider, region.name));
    let machines = all()
        .flat_map(|cloud| catalog.machines(cloud))
        .map(|machine| machine.name.clone());
    let known: Vec<String> = regions.chain(machines).collect();
    let near = suggest::did_you_mean(name, known.iter().map(String::as_str));
    let near = near.map(|near| format!("; {near}")).unwrap_or_default();
    Err(format!(
        "the catalogue has no region and no machine type `{name}`{near}"
    ))
}

fn show_region(catalog: &Catalog, region: &Region, gpu: Option<&str>) -> Answer {
    let all = catalog.offers(region.provider, &region.name);
    let wanted = |offer: &Offer<'_>| {
        let own = offer.machine.accelerator.as_ref();
        gpu.is_none_or(|model| own.is_some_and(|own| own.model == model))
    };
    let offers: Vec<Offer<'_>> = all.into_iter().filter(wanted).collect();
    let carbon = region.carbon.as_ref();
    let carbon = carbon.map(|carbon| format!("  {:.0} gCO2e/kWh ({})", carbon.per_kwh.0, carbon.basis));
    let tariff = catalog.tariff(region, Destination::Internet);
    let head = vec![
        format!(
            "{}.{}  {}, {}{}",
            region.provider,
            region.name,
            region.city,
            region.country.name(),
            carbon.unwrap_or_default()
        ),
        format!("egress to the internet: {}", tiers(&tariff)),
    ];
    let mut rows = vec![row([
        "machine",
        "cores",
        "memory",
        "accelerators",
        "pricing",
        MONEY,
        "taken away",
        "basis",
    ])];
    rows.extend(offers.iter().map(|offer| {
        let machine = offer.machine;
        let facts = vec![
            machine.name.clone(),
            machine.cores.to_string(),
            machine.memory.to_string(),
            accelerators_of(machine),
        ];
        [facts, price(offer)].concat()
    }));
    let value = json!({"version": 1, "region": region, "egress": tariff, "offers": offers});
    Answer {
        head,
        rows,
        right: &[1, 2, 5, 6],
        value,
    }
}

fn show_machine(catalog: &Catalog, machine: &Machine) -> Answer {
    let mut rows = vec![row(["region", "city", "pricing", MONEY, "taken away", "basis"])];
    let mut values = Vec::new();
    for region in catalog.regions(machine.provider) {
        let offers = catalog.offers(machine.provider, &region.name);
        for offer in offers.iter().filter(|offer| offer.machine.name == machine.name) {
            let place = vec![
                format!("{}.{}", region.provider, region.name),
                region.city.clone(),
            ];
            rows.push([place, price(offer)].concat());
            values.push(json!({
                "region": region.name,
                "pricing": offer.pricing,
                "price": offer.price,
                "interruption": offer.interruption,
            }));
        }
    }
    let accelerators = accelerators_of(machine);
    let with = if accelerators.is_empty() {
        String::new()
    } else {
        format!("  {accelerators}")
    };
    let head = vec![format!(
        "{}  {}  {} cores  {}{with}  {}",
        machine.name, machine.provider, machine.cores, machine.memory, machine.architecture
    )];
    let value = json!({"version": 1, "machine": machine, "offers": values});
    Answer {
        head,
        rows,
        right: &[3, 4],
        value,
    }
}

/// Pricing, money, interruptions and how they are known.
fn price(offer: &Offer<'_>) -> Vec<String> {
    let taken = offer.interruption.filter(|_| offer.pricing == Pricing::Spot);
    vec![
        offer.pricing.to_string(),
        format!("{:.4}", offer.price.hourly.in_usd()),
        taken
            .map(|often| format!("{}/month", often.monthly))
            .unwrap_or_default(),
        offer.price.basis.to_string(),
    ]
}

/// `0.09 USD/GB, from 10000 GB 0.085 USD/GB`
fn tiers(tariff: &Tariff) -> String {
    let tier = |tier: &crate::catalog::Tier| {
        let from = match tier.from {
            Bytes::ZERO => String::new(),
            from => format!("from {} GB ", from.in_gb()),
        };
        format!("{from}{} USD/GB", tier.per_gb.in_usd())
    };
    let tiers: Vec<String> = tariff.tiers.iter().map(tier).collect();
    let basis = tariff
        .basis
        .map(|basis| format!(" a month ({basis})"))
        .unwrap_or_default();
    if tiers.is_empty() {
        "free".to_owned()
    } else {
        tiers.join(", ") + &basis
    }
}
