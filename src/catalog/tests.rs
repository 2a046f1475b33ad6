use super::*;
use crate::quantity::Percent;

fn every_region(catalog: &Catalog) -> Vec<&Region> {
    Provider::ALL
        .into_iter()
        .flat_map(|provider| catalog.regions(provider))
        .collect()
}

#[test]
fn every_region_has_a_place_and_offers() {
    let catalog = Catalog::built_in();
    let regions = every_region(&catalog);
    assert_eq!(regions.len(), 136);
    for region in regions {
        let Coordinates { latitude, longitude } = region.coordinates;
        assert!(latitude.abs() <= 90.0 && longitude.abs() <= 180.0 && (latitude, longitude) != (0.0, 0.0));
        assert!(
            region.country.coordinates().kilometres_to(region.coordinates) < 5000.0,
            "{}",
            region.name
        );
        assert!(region.carbon.as_ref().is_none_or(|carbon| carbon.per_kwh.0 > 0.0));
        assert!(
            !catalog.offers(region.provider, &region.name).is_empty(),
            "{}",
            region.name
        );
    }
}

#[test]
fn every_price_is_positive_dated_and_of_a_known_machine() {
    let catalog = Catalog::built_in();
    let (mut on_demand, mut spot) = (0, 0);
    for region in every_region(&catalog) {
        for offer in catalog.offers(region.provider, &region.name) {
            assert!(offer.price.hourly > MicroUsd::ZERO && offer.price.basis.as_of.is_some());
            assert_eq!(offer.interruption.is_some(), offer.pricing == Pricing::Spot);
            match offer.pricing {
                Pricing::OnDemand => on_demand += 1,
                Pricing::Spot => spot += 1,
                Pricing::Reserved => unreachable!("not built in"),
            }
        }
    }
    assert_eq!((on_demand, spot), ROWS);
}

/// Prices in the source, less those of TPU hosts.
const ROWS: (usize, usize) = (18_886, 18_450);

#[test]
fn known_prices_are_as_listed() {
    let catalog = Catalog::built_in();
    let price = |provider, region, machine: &str, pricing| {
        let offers = catalog.offers(provider, region);
        let mut sought = offers.into_iter().filter(|offer| offer.machine.name == machine);
        let offer = sought.find(|offer| offer.pricing == pricing)?;
        let lost = offer
            .interruption
            .map_or(Percent(0.0), |interruption| interruption.monthly);
        Some((offer.price.hourly.0, offer.price.basis.to_string(), lost))
    };
    let (aws, gcp) = (Provider::Aws, Provider::Gcp);
    for (region, machine, pricing, hourly, basis, lost) in [
        (
            "us-east-1",
            "p5.48xlarge",
            Pricing::OnDemand,
            55_040_000,
            "list price of 2026-07",
            0.0,
        ),
        (
            "af-south-1",
            "c6i.12xlarge",
            Pricing::OnDemand,
            2_736_000,
            "list price of 2025-03",
            0.0,
        ),
        (
            "af-south-1",
            "c6i.12xlarge",
            Pricing::Spot,
            437_760,
            "estimate of 2025-06",
            0.2,
        ),
    ] {
        let expected = Some((hourly, basis.to_owned(), Percent(lost)));
        assert_eq!(price(aws, region, machine, pricing), expected);
    }
    let google = price(gcp, "africa-south1", "c2d-highcpu-112", Pricing::Spot);
    assert_eq!(
        google,
        Some((906_080, "list price of 2026-08".to_owned(), Percent(0.96)))
    );
    assert_eq!(
        price(gcp, "us-central1", "n2d-48-24-v5lite-tpu", Pricing::OnDemand),
        None
    );
}

#[test]
fn machines_of_every_offered_accelerator_have_facts() {
    let catalog = Catalog::built_in();
    for model in catalog.accelerators() {
        let facts = catalog
            .accelerator(model)
            .unwrap_or_else(|| unreachable!("{model}"));
        assert!(facts.half().is_some_and(|flops| flops.0 > 1e12), "{model}");
        assert!(
            facts.bandwidth.0 > 1e11 && facts.memory.in_gib() >= 16.0,
            "{model}"
        );
    }
    let share = catalog
        .machine(Provider::Azure, "Standard_NV6ads_A10_v5")
        .map(Machine::accelerators);
    assert_eq!(share, Some(0), "a sixth of a device is not a device");
    assert_eq!(
        catalog
            .machine(Provider::Gcp, "a3-megagpu-8g")
            .map(Machine::accelerators),
        Some(8)
    );
}

#[test]
fn items_take_the_regions_price_or_the_default() {
    let catalog = Catalog::built_in();
    let price = |provider, region, item| {
        catalog
            .price_of(provider, region, item)
            .map(|found| (found.price.0, found.unit, found.basis.evidence))
    };
    let plane = price(Provider::Aws, "eu-west-1", Item::KubernetesControlPlane);
    assert_eq!(plane, Some((100_000, Unit::Hour, Evidence::List)));
    assert_eq!(
        price(Provider::Azure, "eastus", Item::CrossZoneTransfer),
        Some((0, Unit::Gb, Evidence::List))
    );
    assert_eq!(price(Provider::Azure, "eastus", Item::Secret), None);
    for provider in Provider::ALL {
        for item in Item::ALL.into_iter().filter(|item| *item != Item::Secret) {
            assert!(price(provider, "nowhere", item).is_some(), "{provider} {item:?}");
        }
    }
}

#[test]
fn managed_training_costs_extra_where_it_does() {
    let catalog = Catalog::built_in();
    let factor = |provider, name| {
        catalog
            .machine(provider, name)
            .map(|machine| catalog.managed_training_factor(machine))
    };
    assert_eq!(factor(Provider::Aws, "p5.48xlarge"), Some(1.15));
    assert_eq!(factor(Provider::Aws, "g5.xlarge"), Some(1.4));
    assert_eq!(factor(Provider::Aws, "m7i.large"), Some(1.2));
    assert_eq!(factor(Provider::Azure, "Standard_D16s_v6"), Some(1.0));
    assert_eq!(factor(Provider::Gcp, "a2-highgpu-1g"), Some(1.2));
}

#[test]
fn the_digest_is_of_the_data_and_the_overlays_in_order() {
    let mut catalog = Catalog::built_in();
    let built_in = catalog.digest();
    assert_eq!(built_in.len(), 64);
    assert_eq!(built_in, Catalog::built_in().digest());
    let overlay = "region,instance_type,price_usd_per_hour\neu-west-1,m7i.large,0.1\n";
    assert!(catalog.overlay(overlay).is_ok());
    assert_ne!(catalog.digest(), built_in);
    assert_eq!(
        catalog
            .as_of()
            .map(|(first, last)| format!("{first} {last}"))
            .as_deref(),
        Some("2025-03 2026-08")
    );
}
