use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;
use crate::catalog::{Catalog, Evidence, Offer, Pricing};
use crate::quantity::{Bytes, MicroUsd};

const OURS: &str = "cloud,region,instance_type,vcpus,memory_gib,accelerator_name,\
                    accelerator_count,gpu_memory_gib,price_usd_per_hour,spot_price_usd_per_hour,\
                    price_basis\n";
const SKYPILOT: &str = "InstanceType,vCPUs,MemoryGiB,AcceleratorName,AcceleratorCount,\
                        GpuInfo,Region,AvailabilityZone,Price,SpotPrice,Arch\n";

fn overlaid(text: &str) -> (Catalog, Applied) {
    let mut catalog = Catalog::built_in();
    let applied = catalog
        .overlay(text)
        .unwrap_or_else(|errors| unreachable!("{errors:?}"));
    (catalog, applied)
}

fn errors(text: &str) -> Vec<(u64, String)> {
    let mut catalog = Catalog::built_in();
    let before = catalog.digest();
    let errors = catalog.overlay(text).err().unwrap_or_default();
    assert_eq!(catalog.digest(), before, "a bad overlay changes nothing");
    errors
        .into_iter()
        .map(|error| (error.line, error.message))
        .collect()
}

fn offer<'a>(
    catalog: &'a Catalog,
    provider: Provider,
    region: &str,
    machine: &str,
    pricing: Pricing,
) -> Option<Offer<'a>> {
    let offers = catalog.offers(provider, region);
    offers
        .into_iter()
        .find(|offer| offer.machine.name == machine && offer.pricing == pricing)
}

#[test]
fn own_prices_replace_and_the_rest_stays() {
    let (catalog, applied) = overlaid(&format!(
        "{OURS}aws,eu-west-1,m7i.large,,,,,,0.08,,negotiated-2026-09\n"
    ));
    assert_eq!(
        applied,
        Applied {
            prices: 1,
            skipped: 0
        }
    );
    let now = offer(
        &catalog,
        Provider::Aws,
        "eu-west-1",
        "m7i.large",
        Pricing::OnDemand,
    )
    .map(|offer| offer.price);
    assert_eq!(now.map(|price| price.hourly), Some(MicroUsd(80_000)));
    assert_eq!(
        now.map(|price| price.basis.to_string()).as_deref(),
        Some("own price of 2026-09")
    );
    let built_in = Catalog::built_in();
    for (region, pricing) in [("eu-west-1", Pricing::Spot), ("eu-west-2", Pricing::OnDemand)] {
        let of =
            |catalog| offer(catalog, Provider::Aws, region, "m7i.large", pricing).map(|offer| offer.price);
        assert_eq!(of(&catalog), of(&built_in));
        assert!(of(&catalog).is_some());
    }
}

#[test]
fn new_machines_come_with_their_shape() {
    let row = "gcp,europe-west4,a9-future-1g,16,128,H100,1,,3.5,1.25,\n";
    let (catalog, applied) = overlaid(&format!("\u{feff}{OURS}{row}"));
    assert_eq!(applied.prices, 2);
    let spot = offer(
        &catalog,
        Provider::Gcp,
        "europe-west4",
        "a9-future-1g",
        Pricing::Spot,
    );
    let spot = spot.unwrap_or_else(|| unreachable!("it was laid over"));
    assert_eq!(spot.price.basis.evidence, Evidence::Own);
    assert!(spot.interruption.is_some());
    assert_eq!(
        spot.machine.accelerator.as_ref().map(|gpu| gpu.memory),
        Some(Bytes::gib(80.0))
    );
}

#[test]
fn skypilot_zones_are_merged_and_its_cloud_is_told_by_the_region() {
    let info = "\"{'Gpus': [{'Name': 'XPU', 'MemoryInfo': {'SizeInMiB': 81920}}]}\"";
    let (catalog, applied) = overlaid(&format!(
        "{SKYPILOT}x9.large,8,32,XPU,1,{info},eu-west-1,eu-west-1a,2.0,0.9,x86_64\n\
         x9.large,8,32,XPU,1,{info},eu-west-1,eu-west-1b,2.0,0.7,x86_64\n\
         ,,,T4,1,,us-central1,us-central1-a,0.35,0.11,\n"
    ));
    assert_eq!(
        applied,
        Applied {
            prices: 2,
            skipped: 1
        }
    );
    let spot = offer(&catalog, Provider::Aws, "eu-west-1", "x9.large", Pricing::Spot);
    assert_eq!(spot.map(|offer| offer.price.hourly), Some(MicroUsd(700_000)));
    let memory = spot.and_then(|offer| offer.machine.accelerator.as_ref().map(|gpu| gpu.memory));
    assert_eq!(memory, Some(Bytes::gib(80.0)));
    assert!(catalog.accelerators().contains("XPU"));
}

#[test]
fn mistakes_are_found_with_their_lines() {
    let row = |cells: &str| errors(&format!("{OURS}{cells}\n"));
    for price in ["NaN", "-1", "0", "inf", "1e9", "0.0000001", "abc"] {
        let found = row(&format!("aws,eu-west-1,m7i.large,,,,,,{price},,"));
        assert!(
            matches!(found.as_slice(), [(2, message)] if message.contains("price_usd_per_hour")),
            "{price}: {found:?}"
        );
    }
    for (cells, part) in [
        ("aws,mars-1,m7i.large,,,,,,1,,", "no region `mars-1`"),
        ("ibm,eu-west-1,m7i.large,,,,,,1,,", "`ibm` is no cloud"),
        ("aws,eu-west-1,x9.large,,,,,,1,,", "needs `vcpus`"),
        ("aws,eu-west-1,x9.large,8,NaN,,,,1,,", "`memory_gib` is NaN"),
        ("aws,eu-west-1,x9.large,8,32,XPU,1,,1,,", "memory of `XPU`"),
        ("aws,eu-west-1,m7i.large,,,,,,,,", "has no price"),
        ("aws,eu-west-1,,,,,,,1,,", "`instance_type` is empty"),
        ("aws,eu-west-1,m7i.large", "has 3 cells"),
    ] {
        let found = row(cells);
        assert!(
            matches!(found.as_slice(), [(2, message)] if message.contains(part)),
            "{cells}: {found:?}"
        );
    }
    let twice = "aws,eu-west-1,m7i.large,,,,,,1,,\n";
    assert!(
        matches!(errors(&format!("{OURS}{twice}{twice}")).as_slice(), [(3, message)] if message.contains("already"))
    );
}

#[test]
fn every_distinct_mistake_is_said_once() {
    let bad = "aws,mars-1,m7i.large,,,,,,1,,\n";
    let found = errors(&format!("{OURS}{bad}{bad}aws,eu-west-1,m7i.large,,,,,,-1,NaN,\n"));
    assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 4, 4]);
}

#[test]
fn other_files_are_refused() {
    for text in ["", "a,b\n1,2\n", "\u{0}", "region\n", "\"unclosed"] {
        assert!(
            matches!(errors(text).as_slice(), [(1, message)] if message.contains("header lacks")),
            "{text:?}"
        );
    }
}

/// Cells of any kind, often such as make a row of the catalogue.
const ROWS: &str = r#"([a-zA-Z0-9.,'"{}: \n-]|aws,|eu-west-1,|m7i.large,|NaN){0,60}"#;

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    /// Whatever a file holds, it is laid over or refused with lines, and every price that then holds is positive.
    #[test]
    fn no_file_panics(skypilot in any::<bool>(), rows in ROWS) {
        let mut catalog = Catalog::built_in();
        let text = format!("{}{rows}", if skypilot { SKYPILOT } else { OURS });
        if let Err(errors) = catalog.overlay(&text) {
            prop_assert!(errors.iter().all(|error| error.line > 1));
        }
        let offers = catalog.offers(Provider::Aws, "eu-west-1");
        prop_assert!(offers.iter().all(|offer| offer.price.hourly > MicroUsd::ZERO));
    }
}
