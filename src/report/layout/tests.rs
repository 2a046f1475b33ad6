use super::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

#[test]
fn a_chain_is_a_straight_line() {
    let laid = layout(3, &[(0, 1), (1, 2)]);
    let columns: Vec<usize> = laid.boxes.iter().map(|at| at.column).collect();
    assert_eq!(columns, [0, 1, 2]);
    assert!(laid.boxes.iter().all(|at| at.height == 0.0));
}

#[test]
fn what_waits_for_nothing_stands_beside_what_needs_it() {
    let laid = layout(4, &[(0, 2), (2, 3), (1, 3)]);
    assert_eq!(laid.boxes[1].column, 1);
}

#[test]
fn an_edge_that_skips_a_column_passes_beside_its_boxes() {
    let laid = layout(3, &[(0, 1), (1, 2), (0, 2)]);
    let [lane] = laid.routes[2].as_slice() else {
        panic!("{:?}", laid.routes)
    };
    assert_eq!(lane.column, 1);
    assert!((lane.height - laid.boxes[1].height).abs() > 0.6);
}

#[test]
fn crossings_that_need_not_be_are_not() {
    let laid = layout(4, &[(0, 3), (1, 2)]);
    let above = |a: usize, b: usize| laid.boxes[a].height < laid.boxes[b].height;
    assert_eq!(above(0, 1), above(3, 2));
}

prop_compose! {
    fn dag()(size in 1usize..24)(
        edges in prop::collection::vec(prop::bool::weighted(0.2), size * size),
        size in Just(size),
    ) -> (usize, Vec<(usize, usize)>) {
        let pairs = (0..size).flat_map(|to| (0..to).map(move |from| (from, to)));
        (size, pairs.filter(|(from, to)| edges[from * size + to]).collect())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(11), ..ProptestConfig::default() })]

    #[test]
    fn nothing_overlaps_and_time_goes_to_the_right((size, edges) in dag()) {
        let laid = layout(size, &edges);
        for (from, to) in &edges {
            prop_assert!(laid.boxes[*from].column < laid.boxes[*to].column);
        }
        for (one, a) in laid.boxes.iter().enumerate() {
            prop_assert!(a.height >= 0.0 && a.height <= laid.depth && a.column < laid.columns);
            for b in laid.boxes.iter().take(one) {
                prop_assert!(a.column != b.column || (a.height - b.height).abs() > 0.999);
            }
            for lane in laid.routes.iter().flatten().filter(|lane| lane.column == a.column) {
                prop_assert!((a.height - lane.height).abs() > 0.699);
            }
        }
    }
}
