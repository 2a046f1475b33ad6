//! Which changes cannot be made in place, and which resources hold what cannot be made again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Arguments whose change makes a new object, by kind: marked so in the schemas of the providers aws, google and
/// azurerm (sources of 2026-06 to 2026-08), and immutable fields of the Kubernetes API. What a provider decides only
/// when it plans (a downgrade, a smaller disk) is not in a schema and not here.
const FORCING: &str = include_str!("../../targets/compare/replace.csv");

/// Kinds whose destruction loses data, or the key to it.
const HOLDING: &str = include_str!("../../targets/compare/holds-data.txt");

static ARGUMENTS: LazyLock<BTreeMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let mut table: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (kind, argument) in FORCING.lines().skip(1).filter_map(|line| line.split_once(',')) {
        table.entry(kind).or_default().push(argument);
    }
    table
});

static KINDS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| HOLDING.lines().collect());

/// True if another value of `argument` (`spec.selector.matchLabels.app`, blocks without their index) makes a new object.
pub(super) fn forces(kind: &str, argument: &str) -> bool {
    let within = |forcing: &str| {
        let rest = argument.strip_prefix(forcing);
        forcing == "*" || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let own = ARGUMENTS.get(kind);
    own.is_some_and(|own| own.iter().any(|forcing| within(forcing)))
}

/// True if destroying one loses what no plan can make again.
pub(super) fn holds_data(kind: &str) -> bool {
    KINDS.contains(kind)
}
