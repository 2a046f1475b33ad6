//! Room that is set aside on nodes is enough to put every container on a whole node.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::place::fit::Fit;
use crate::place::instance::Time;

fn fit(per_machine: u64, instances: u64) -> Fit {
    Fit {
        per_machine,
        machines: instances.div_ceil(per_machine),
        parts: instances as f64 / per_machine as f64,
        time: Time::default(),
        item: Time::default(),
        start: 0.0,
        hourly: 0.0,
        cost: (0.0, 0.0),
        hours: 0.0,
        carbon: 0.0,
    }
}

/// Nodes that first-fit takes, largest first.
fn packed(items: &[(u64, u64)]) -> usize {
    let one = |(per_machine, instances): &(u64, u64)| {
        let size = 1.0 / *per_machine as f64;
        (0..*instances).map(move |_| size)
    };
    let mut sizes: Vec<f64> = items.iter().flat_map(one).collect();
    sizes.sort_by(|a, b| b.total_cmp(a));
    let mut nodes: Vec<f64> = Vec::new();
    for size in sizes {
        match nodes.iter_mut().find(|free| **free + 1e-9 >= size) {
            Some(free) => *free -= size,
            None => nodes.push(1.0 - size),
        }
    }
    nodes.len()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn what_is_set_aside_is_enough(items in prop::collection::vec((1u64..24, 1u64..12), 1..7)) {
        let aside: f64 = items.iter().map(|(per_machine, instances)| fit(*per_machine, *instances).set_aside()).sum();
        let needed = packed(&items);
        prop_assert!(needed as f64 <= aside.ceil(), "{needed} nodes, {aside} set aside");
        let least: f64 = items.iter().map(|(per_machine, instances)| *instances as f64 / *per_machine as f64).sum();
        prop_assert!(least <= aside + 1e-9 && aside <= 2.0 * least + 1e-9);
    }
}
