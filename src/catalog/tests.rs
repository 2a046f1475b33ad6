use super::*;
use crate::quantity::Percent;

fn region<'a>(catalog: &'a Catalog, provider: Provider, name: &str) -> &'a Region {
    catalog.region(provider, name).unwrap_or_else(|| unreachable!("{name}"))
}

fn every_region(catalog: &Catalog) -> Vec<&Region> {
    Provider::ALL.into_iter().flat_map(|provider| catalog.regions(provider)).collect()
}

#[test]
fn every_region_has_a_place_and_offers() {
    let catalog = Catalog::built_in();
    let regions = every_region(&catalog);
    assert_eq!(regions.len(), 136);
    for region in regions {
        let Coordinates { latitude, longitude } = region.coordinates;
        assert!(latitude.abs() <= 90.0 && longitude.abs() <= 180.0 && (latitude, longitude) != (0.0, 0.0));
        assert!(region.country.coordinates().kilometres_to(region.coordinates) < 5000.0, "{}", region.name);
        assert!(region.carbon.as_ref().is_none_or(|carbon| carbon.per_kwh.0 > 0.0));
        assert!(!catalog.offers(region.provider, &region.name).is_empty(), "{}", region.name);
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
        let offer = offers.into_iter().find(|offer| offer.machine.name == machine && offer.pricing == pricing);
        offer.map(|offer| (offer.price.hourly.0, offer.price.basis.to_string(), offer.interruption.map(|i| i.monthly)))
    };
    let text = str::to_owned;
    let p5 = price(Provider::Aws, "us-east-1", "p5.48xlarge", Pricing::OnDemand);
    assert_eq!(p5, Some((55_040_000, text("list price of 2026-07"), None)));
    let imputed = price(Provider::Aws, "af-south-1", "c6i.24xlarge", Pricing::OnDemand);
    assert_eq!(imputed, Some((5_472_000, text("price imputed from another region of 2026-07"), None)));
    let spot = price(Provider::Aws, "af-south-1", "c6i.12xlarge", Pricing::Spot);
    assert_eq!(spot, Some((437_760, text("estimate of 2025-06"), Some(Percent(0.2)))));
    let google = price(Provider::Gcp, "africa-south1", "c2d-highcpu-112", Pricing::Spot);
    assert_eq!(google, Some((906_080, text("list price of 2026-08"), Some(Percent(0.96)))));
    assert_eq!(price(Provider::Gcp, "us-central1", "n2d-48-24-v5lite-tpu", Pricing::OnDemand), None);
}

#[test]
fn machines_of_every_offered_accelerator_have_facts() {
    let catalog = Catalog::built_in();
    for model in catalog.accelerators() {
        let facts = catalog.accelerator(model).unwrap_or_else(|| unreachable!("{model}"));
        assert!(facts.half().is_some_and(|flops| flops.0 > 1e12), "{model}");
        assert!(facts.bandwidth.0 > 1e11 && facts.memory.in_gib() >= 16.0, "{model}");
    }
    let share = catalog.machine(Provider::Azure, "Standard_NV6ads_A10_v5").map(Machine::accelerators);
    assert_eq!(share, Some(0), "a sixth of a device is not a device");
    assert_eq!(catalog.machine(Provider::Gcp, "a3-megagpu-8g").map(Machine::accelerators), Some(8));
}

#[test]
fn egress_is_exact_at_the_bounds_of_tiers() {
    let catalog = Catalog::built_in();
    let cost = |provider, name, gigabytes: u64| {
        catalog.egress(region(&catalog, provider, name), Destination::Internet, Bytes(gigabytes * 1_000_000_000)).0
    };
    let aws = |gigabytes| cost(Provider::Aws, "us-east-1", gigabytes);
    assert_eq!(aws(0), 0);
    assert_eq!(aws(1), 0);
    assert_eq!(aws(10_239), 921_420_000);
    assert_eq!(aws(10_240), 921_510_000);
    assert_eq!(aws(10_241), 921_595_000);
    assert_eq!(aws(51_200), 921_510_000 + 40_960 * 85_000);
    assert_eq!(aws(153_601), 921_510_000 + 40_960 * 85_000 + 102_400 * 70_000 + 50_000);
    assert_eq!(cost(Provider::Gcp, "us-central1", 1025), 1024 * 120_000 + 110_000);
    assert_eq!(cost(Provider::Aws, "sa-east-1", 2), 150_000);
    assert_eq!(cost(Provider::Aws, "sa-east-1", 10_241) - cost(Provider::Aws, "sa-east-1", 10_240), 141_666);
}

#[test]
fn every_tariff_is_monotone_and_only_inside_a_region_is_it_free() {
    let catalog = Catalog::built_in();
    let regions = every_region(&catalog);
    for from in &regions {
        for to in &regions {
            let tariff = catalog.tariff(from, Destination::Region(to));
            let same = from.provider == to.provider && from.name == to.name;
            assert_eq!(tariff.tiers.is_empty(), same, "{} -> {}", from.name, to.name);
            assert_eq!(tariff.dearest() > MicroUsd::ZERO, !same, "{} -> {}", from.name, to.name);
        }
        let tariff = catalog.tariff(from, Destination::Internet);
        let costs = (0..200).map(|step| tariff.cost(Bytes(step * 1_024_000_000_000)));
        assert!(costs.is_sorted(), "{}", from.name);
        assert!(tariff.cost(Bytes(u64::MAX)) > MicroUsd::ZERO);
    }
}

#[test]
fn transfer_between_regions_has_the_clouds_own_price() {
    let catalog = Catalog::built_in();
    let per_gb = |provider, from, to| {
        let to = Destination::Region(region(&catalog, provider, to));
        catalog.egress(region(&catalog, provider, from), to, Bytes(1_000_000_000)).0
    };
    assert_eq!(per_gb(Provider::Aws, "us-east-1", "us-east-2"), 10_000);
    assert_eq!(per_gb(Provider::Aws, "us-east-1", "eu-west-1"), 20_000);
    assert_eq!(per_gb(Provider::Aws, "sa-east-1", "eu-west-1"), 138_000);
    assert_eq!(per_gb(Provider::Gcp, "europe-west4", "europe-west1"), 20_000);
    assert_eq!(per_gb(Provider::Gcp, "us-central1", "europe-west1"), 50_000);
    assert_eq!(per_gb(Provider::Gcp, "africa-south1", "southamerica-east1"), 140_000);
    assert_eq!(per_gb(Provider::Azure, "westeurope", "northeurope"), 20_000);
    assert_eq!(per_gb(Provider::Azure, "brazilsouth", "westeurope"), 181_000);
    assert_eq!(per_gb(Provider::Azure, "uaenorth", "southafricanorth"), 80_000);
}

#[test]
fn items_take_the_regions_price_or_the_default() {
    let catalog = Catalog::built_in();
    let price = |provider, region, item| {
        catalog.price_of(provider, region, item).map(|found| (found.price.0, found.unit, found.basis.evidence))
    };
    let plane = price(Provider::Aws, "eu-west-1", Item::KubernetesControlPlane);
    assert_eq!(plane, Some((100_000, Unit::Hour, Evidence::List)));
    assert_eq!(price(Provider::Azure, "eastus", Item::CrossZoneTransfer), Some((0, Unit::Gb, Evidence::List)));
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
    let factor =
        |provider, name| catalog.machine(provider, name).map(|machine| catalog.managed_training_factor(machine));
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
    assert_eq!(catalog.as_of().map(|(first, last)| format!("{first} {last}")).as_deref(), Some("2025-03 2026-08"));
}
