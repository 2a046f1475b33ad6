//! What a node needs around it that the grammar table does not say.

use std::sync::LazyLock;

use portolan::syntax::StepKind;
use portolan::syntax::grammar::Type;

use super::{Row, Typed};

static COMPANY: LazyLock<Vec<Typed>> = LazyLock::new(|| Typed::read(include_str!("company.kdl")));

/// The smallest node of `row` that means something. It holds `inner`, if that is there, and is in a program about
/// `about`.
pub fn complete(row: Row, inner: Option<Row>, kind: Option<StepKind>, about: Row) -> Typed {
    let mut node = row.minimal();
    let kind = kind
        .filter(|_| row.rule.name == "step" && inner.is_some())
        .map(StepKind::word);
    if let Some(kind) = kind {
        node.set("kind", kind);
    }
    if inner.is_some()
        && row
            .rule
            .arguments
            .first()
            .is_some_and(|slot| slot.ty == Type::Name)
    {
        node.entries[0] = format!("outer-{}", row.rule.name);
    }
    let Some(company) = company(row, kind, about) else {
        return node;
    };
    for entry in &company.entries {
        match entry.split_once('=') {
            Some((name, value)) => node.set(name, value),
            None => node.entries.push(entry.clone()),
        }
    }
    let groups = &row.rule.at_most_one;
    let excluded = |child: &Typed| {
        inner.is_some_and(|inner| {
            let name = &inner.rule.name;
            let both = |group: &Vec<String>| group.contains(&child.name) && group.contains(name);
            let nested = row.rule.name == *name;
            nested || !inner.rule.many && child.name == *name || groups.iter().any(both)
        })
    };
    let children = company.children.iter();
    node.children = children.filter(|child| !excluded(child)).cloned().collect();
    node
}

/// What must stand beside the property called `name`.
pub fn beside(row: Row, name: &str) -> &'static [String] {
    let own = |node: &&Typed| node.name == row.rule.name && node.annotation.as_deref() == Some(name);
    COMPANY.iter().find(own).map_or(&[], |node| &node.entries)
}

/// The row of the table that fits best: one about this kind of step, this program, this place, or any.
fn company(row: Row, kind: Option<&str>, about: Row) -> Option<&'static Typed> {
    let own = || COMPANY.iter().filter(|node| node.name == row.rule.name);
    let find = |what: Option<&str>| own().find(|node| node.annotation.as_deref() == what);
    let promise = row.promise.map(|kind| kind.name.as_str());
    [kind, Some(about.rule.name.as_str()), promise, Some(row.parent)]
        .into_iter()
        .flatten()
        .find_map(|what| find(Some(what)))
        .or(find(None))
}
