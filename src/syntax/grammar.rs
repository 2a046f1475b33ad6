//! The grammar table: one description of every node, from which reading, checking, completion, formatting and the
//! reference page follow. The table itself is `schema/grammar.kdl`; its head says how to read it.

mod load;
mod types;

use std::collections::BTreeMap;
use std::sync::LazyLock;

pub use types::Type;

use crate::syntax::StepKind;

/// What the table calls the place of nodes that stand in no other. No node may have this name.
pub const TOP: &str = "top-level";

/// The table's text.
pub const TABLE: &str = include_str!("../../schema/grammar.kdl");

/// The table, loaded once.
pub static GRAMMAR: LazyLock<Grammar> = LazyLock::new(|| load::grammar(TABLE));

/// All rules, by parent and name.
#[derive(Debug, Default)]
pub struct Grammar {
    /// In the order of the table.
    pub rules: Vec<Rule>,
    /// What follows `promise KIND`, by kind.
    pub promises: Vec<Rule>,
    by_place: BTreeMap<String, BTreeMap<String, usize>>,
}

/// What a node is, where it may stand and what it takes.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Names of the nodes it may stand in, or [`TOP`].
    pub parents: Vec<String>,
    /// May stand several times in one parent.
    pub many: bool,
    /// In a step: only for these kinds.
    pub kinds: Vec<StepKind>,
    /// In a step: not for these kinds.
    pub not_kinds: Vec<StepKind>,
    /// By position.
    pub arguments: Vec<Slot>,
    /// By name.
    pub properties: Vec<Slot>,
    /// Exactly one of each group.
    pub either: Vec<Vec<String>>,
    /// At most one of each group.
    pub at_most_one: Vec<Vec<String>>,
    /// What any further property takes, if there may be some.
    pub open: Option<Slot>,
    /// Children are not checked here but where they are pasted.
    pub any_children: bool,
    /// Meaning, for people.
    pub doc: String,
    /// One line that shows it.
    pub example: String,
    /// Section of the reference page.
    pub group: String,
}

/// An argument or a property.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Its name; of an argument, only for people.
    pub name: String,
    /// What it takes.
    pub ty: Type,
    /// Must be there.
    pub required: bool,
    /// One or more (the last argument only).
    pub many: bool,
    /// May be an `(f)` string outside a template too.
    pub formatted: bool,
    /// Default as the user would write it.
    pub default: Option<String>,
    /// In words, where an absent value comes from.
    pub derived: Option<String>,
    /// Meant only beside this first argument.
    pub of: Option<String>,
    /// The only words allowed; empty: any.
    pub one_of: Vec<String>,
    /// A value that fits, as typed, where that of the type does not.
    pub sample: Option<String>,
}

impl Grammar {
    /// The rule for `name` inside `parent`.
    pub fn rule(&self, parent: &str, name: &str) -> Option<&Rule> {
        let index = self.by_place.get(parent)?.get(name)?;
        self.rules.get(*index)
    }

    /// Names of all nodes that may stand in `parent`.
    pub fn children<'a>(&'a self, parent: &str) -> impl Iterator<Item = &'a str> {
        self.by_place
            .get(parent)
            .into_iter()
            .flat_map(|names| names.keys().map(String::as_str))
    }

    /// All places where a node called `name` may stand.
    pub fn parents<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.by_place
            .iter()
            .filter(move |(_, names)| names.contains_key(name))
            .map(|(parent, _)| parent.as_str())
    }

    /// What follows `promise KIND`.
    pub fn promise(&self, kind: &str) -> Option<&Rule> {
        self.promises.iter().find(|rule| rule.name == kind)
    }
}

impl Slot {
    /// A value that fits, as it is typed.
    pub fn sample(&self) -> &str {
        let own = self.sample.as_ref().or(self.one_of.first());
        own.map_or(self.ty.sample(), String::as_str)
    }
}

impl Rule {
    /// The property called `name`.
    pub fn property(&self, name: &str) -> Option<&Slot> {
        self.properties.iter().find(|slot| slot.name == name)
    }

    /// True if it may stand in a step of this kind.
    pub fn allowed_in(&self, kind: StepKind) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&kind)) && !self.not_kinds.contains(&kind)
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test that panics is a test that fails")]
mod tests {
    use super::*;

    #[test]
    fn the_table_loads_whole() {
        assert_eq!(GRAMMAR.rules.len(), 102);
        assert!(GRAMMAR.rules.iter().all(|rule| rule.name != TOP));
        assert_eq!(GRAMMAR.promises.len(), 6);
        let reads = GRAMMAR.rule("step", "reads").expect("reads stands in a step");
        assert!(
            reads.many
                && reads
                    .property("version")
                    .is_some_and(|slot| slot.one_of.len() == 2)
        );
        for ty in Type::ALL.iter().filter(|ty| ty.phrase().contains("such as `")) {
            assert!(
                ty.phrase().contains(ty.sample().trim_matches('"')),
                "{ty:?} has one sample"
            );
        }
        let never = GRAMMAR.rule("region", "never").expect("never stands in a region");
        assert!(never.property("pricing").is_some(), "`like` copies properties");
    }
}
