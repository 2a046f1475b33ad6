use super::*;
use crate::catalog::Catalog;

fn region<'a>(catalog: &'a Catalog, provider: Provider, name: &str) -> &'a Region {
    catalog
        .region(provider, name)
        .unwrap_or_else(|| unreachable!("{name}"))
}

fn every_region(catalog: &Catalog) -> Vec<&Region> {
    Provider::ALL
        .into_iter()
        .flat_map(|provider| catalog.regions(provider))
        .collect()
}

#[test]
fn egress_is_exact_at_the_bounds_of_tiers() {
    let catalog = Catalog::built_in();
    let cost = |provider, name, gigabytes: u64| {
        catalog
            .egress(
                region(&catalog, provider, name),
                Destination::Internet,
                Bytes(gigabytes * 1_000_000_000),
            )
            .0
    };
    let aws = |gigabytes| cost(Provider::Aws, "us-east-1", gigabytes);
    assert_eq!(aws(0), 0);
    assert_eq!(aws(1), 0);
    assert_eq!(aws(10_239), 921_420_000);
    assert_eq!(aws(10_240), 921_510_000);
    assert_eq!(aws(10_241), 921_595_000);
    assert_eq!(aws(51_200), 921_510_000 + 40_960 * 85_000);
    assert_eq!(
        aws(153_601),
        921_510_000 + 40_960 * 85_000 + 102_400 * 70_000 + 50_000
    );
    assert_eq!(cost(Provider::Gcp, "us-central1", 1025), 1024 * 120_000 + 110_000);
    assert_eq!(cost(Provider::Aws, "sa-east-1", 2), 150_000);
    assert_eq!(
        cost(Provider::Aws, "sa-east-1", 10_241) - cost(Provider::Aws, "sa-east-1", 10_240),
        141_666
    );
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
            assert_eq!(
                tariff.dearest() > MicroUsd::ZERO,
                !same,
                "{} -> {}",
                from.name,
                to.name
            );
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
        catalog
            .egress(region(&catalog, provider, from), to, Bytes(1_000_000_000))
            .0
    };
    assert_eq!(per_gb(Provider::Aws, "us-east-1", "us-east-2"), 10_000);
    assert_eq!(per_gb(Provider::Aws, "us-east-1", "eu-west-1"), 20_000);
    assert_eq!(per_gb(Provider::Aws, "sa-east-1", "eu-west-1"), 138_000);
    assert_eq!(per_gb(Provider::Gcp, "europe-west4", "europe-west1"), 20_000);
    assert_eq!(per_gb(Provider::Gcp, "us-central1", "europe-west1"), 50_000);
    assert_eq!(
        per_gb(Provider::Gcp, "africa-south1", "southamerica-east1"),
        140_000
    );
    assert_eq!(per_gb(Provider::Azure, "westeurope", "northeurope"), 20_000);
    assert_eq!(per_gb(Provider::Azure, "brazilsouth", "westeurope"), 181_000);
    assert_eq!(per_gb(Provider::Azure, "uaenorth", "southafricanorth"), 80_000);
}
