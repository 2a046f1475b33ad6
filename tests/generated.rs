//! Programs made at random from the grammar table: they are read, formatted and read again.

use std::collections::BTreeSet;

use portolan::diag::{Diagnostics, Severity};
use portolan::source::{SourceId, SourceMap};
use portolan::syntax::grammar::GRAMMAR;
use portolan::syntax::{self, fmt};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::front;
use crate::program::Typed;
use crate::program::random::{self, Choices};

/// What a text means: the checked tree.
fn meaning(text: &str) -> (serde_json::Value, Diagnostics) {
    let mut sources = SourceMap::default();
    sources.add("input.kdl", text.to_owned());
    let mut found = Diagnostics::new();
    let document = syntax::parse(&mut sources, &std::collections::BTreeMap::new(), &mut found);
    (
        serde_json::to_value(&document).expect("a tree has a JSON form"),
        found,
    )
}

fn formatted(text: &str) -> String {
    fmt::format(SourceId(0), text, &mut Diagnostics::new()).unwrap_or_else(|| panic!("not KDL:\n{text}"))
}

fn comments(text: &str) -> usize {
    text.matches("c!").count()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, max_shrink_iters: 200, failure_persistence: None, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn programs_of_the_table_are_legal_and_survive_formatting(made in prop::collection::vec(any::<u8>(), 0..1_500), layout in prop::collection::vec(any::<u8>(), 0..1_000)) {
        let nodes = random::program(&mut Choices::new(&made));
        let typed = random::text(&nodes, &mut Choices::new(&layout));
        let (before, found) = meaning(&typed);
        let refused = found.sorted().into_iter().find(|found| {
            let name = found.code.name();
            found.severity == Severity::Error && (name.starts_with("syntax.") || name.starts_with("value."))
        });
        prop_assert_eq!(refused, None, "in\n{}", typed);
        let once = formatted(&typed);
        prop_assert_eq!(&formatted(&once), &once, "from\n{}", typed);
        prop_assert_eq!(comments(&typed), comments(&once), "from\n{}\nto\n{}", typed, once);
        prop_assert_eq!(before, meaning(&once).0, "from\n{}\nto\n{}", typed, once);
        let codes = front::check_text(&typed).codes();
        prop_assert_eq!(codes, front::check_text(&once).codes(), "from\n{}\nto\n{}", typed, once);
    }
}

#[test]
fn every_node_is_generated() {
    let mut missing: BTreeSet<&str> = GRAMMAR.rules.iter().map(|rule| rule.name.as_str()).collect();
    // Files that are not there cannot be included.
    missing.remove("include");
    let mut made = 1_u64;
    for _ in 0..3_000 {
        let choices: Vec<u8> = std::iter::repeat_with(|| {
            // Marsaglia's xorshift64 with his first triple.
            made ^= made << 13;
            made ^= made >> 7;
            made ^= made << 17;
            (made >> 32) as u8
        })
        .take(1_500)
        .collect();
        forget(&random::program(&mut Choices::new(&choices)), &mut missing);
    }
    assert!(missing.is_empty(), "{missing:?}");
}

fn forget(nodes: &[Typed], missing: &mut BTreeSet<&str>) {
    for node in nodes {
        missing.remove(node.name.as_str());
        forget(&node.children, missing);
    }
}
