//! The reference page: `docs/language.md` with its tables filled in from the grammar.
//!
//! The prose is written there by hand; what stands between `<!-- generated: WHAT -->` and `<!-- end -->` is made here.

use crate::diag::{Code, Severity};
use crate::syntax::grammar::{GRAMMAR, Rule, Slot, TOP, Type};

const PAGE: &str = include_str!("../../docs/language.md");
const OPEN: &str = "<!-- generated: ";
const CLOSE: &str = "<!-- end -->";

/// The page as it should be.
pub fn page() -> String {
    let mut text = String::new();
    let mut rest = PAGE;
    while let Some((before, after)) = rest.split_once(OPEN) {
        let (what, after) = after.split_once(" -->").unwrap_or((after, ""));
        let (_, after) = after.split_once(CLOSE).unwrap_or(("", after));
        text.push_str(&format!("{before}{OPEN}{what} -->\n{}{CLOSE}", generated(what)));
        rest = after;
    }
    text + rest
}

fn generated(what: &str) -> String {
    match what {
        "promises" => promises(),
        "types" => types(),
        "places" => places(),
        "codes" => codes(),
        what => nodes(what.strip_prefix("nodes ").unwrap_or(what)),
    }
}

fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | ")).replace("|  |", "| |");
    let titles: Vec<String> = head.iter().map(|&title| title.to_owned()).collect();
    let rule = format!("|{}\n", "---|".repeat(head.len()));
    line(&titles) + &rule + &rows.map(|row| line(&row)).collect::<String>()
}

fn nodes(group: &str) -> String {
    let rules = GRAMMAR.rules.iter().filter(|rule| rule.group == group);
    let row = |rule: &Rule| {
        let repeats = if rule.many { " ●" } else { "" };
        vec![
            format!("`{}`{}{repeats}", rule.name, arguments(rule)),
            place(rule),
            properties(rule),
            format!("{} {}", escaped(&rule.doc), code(&rule.example)),
        ]
    };
    table(
        &["Node", "In", "Properties (default)", "Meaning and example"],
        rules.map(row),
    )
}

fn promises() -> String {
    let row = |rule: &Rule| {
        vec![
            format!("`{}`{}", rule.name, arguments(rule)),
            place(rule),
            properties(rule),
            format!("{} {}", escaped(&rule.doc), code(&rule.example)),
        ]
    };
    table(
        &["Kind", "In", "Properties (default)", "Meaning and example"],
        GRAMMAR.promises.iter().map(row),
    )
}

fn types() -> String {
    let row = |ty: &Type| {
        // A phrase that ends in its only example leaves it to the third column.
        let (what, rest) = ty.phrase().split_once(" such as ").unwrap_or((ty.phrase(), ""));
        let what = if rest.contains(' ') && rest.trim_matches('`') != ty.sample() {
            ty.phrase()
        } else {
            what
        };
        vec![format!("`{}`", ty.word()), escaped(what), code(ty.sample())]
    };
    table(&["Type", "Takes", "Example"], Type::ALL.iter().map(row))
}

/// The nodes that each place holds, in the order of the table.
fn places() -> String {
    let named = GRAMMAR.rules.iter().map(|rule| rule.name.as_str());
    let mut places: Vec<&str> = Vec::new();
    for place in std::iter::once(TOP).chain(named) {
        if !places.contains(&place) && GRAMMAR.children(place).next().is_some() {
            places.push(place);
        }
    }
    let held = |place: &str| -> Vec<String> {
        let inside = |rule: &&Rule| rule.parents.iter().any(|parent| parent == place);
        let show = |rule: &Rule| format!("`{}`{}", rule.name, if rule.many { " ●" } else { "" });
        GRAMMAR.rules.iter().filter(inside).map(show).collect()
    };
    let row = |place: &str| vec![format!("`{place}`"), held(place).join(", ")];
    table(&["In", "Nodes"], places.into_iter().map(row))
}

fn codes() -> String {
    let row = |code: &Code| {
        let mark = match code.severity() {
            Severity::Error => "",
            Severity::Warning => " ⚠",
        };
        let name = code.name();
        vec![
            format!("[`{name}`](codes/{name}.md){mark}"),
            escaped(code.title()),
        ]
    };
    table(&["Code", "Mistake"], Code::ALL.iter().map(row))
}

fn place(rule: &Rule) -> String {
    let parents = rule.parents.join(" ");
    let words = |kinds: &[crate::graph::StepKind]| {
        kinds
            .iter()
            .map(|kind| kind.word())
            .collect::<Vec<_>>()
            .join(", ")
    };
    if !rule.kinds.is_empty() {
        format!("{parents} ({})", words(&rule.kinds))
    } else if !rule.not_kinds.is_empty() {
        format!("{parents} (not {})", words(&rule.not_kinds))
    } else {
        parents
    }
}

fn arguments(rule: &Rule) -> String {
    let show = |slot: &Slot| {
        // Its name says what it is for, unless it is an amount: then its unit is what one has to know.
        let name = slot.ty.quantity().map_or(slot.name.as_str(), |_| slot.ty.word());
        let word = escaped(&takes(slot, &name.to_uppercase()));
        let word = if slot.required {
            format!("**{word}**")
        } else {
            word
        };
        format!(" {word}{}", if slot.many { "…" } else { "" })
    };
    rule.arguments.iter().map(show).collect()
}

fn properties(rule: &Rule) -> String {
    let show = |slot: &Slot| {
        let word = format!(
            "`{}={}`",
            slot.name,
            escaped(&takes(slot, &slot.ty.word().to_uppercase()))
        );
        let word = if slot.required {
            format!("**{word}**")
        } else {
            word
        };
        let hash = if slot.ty == Type::Boolean { "#" } else { "" };
        let default = slot
            .default
            .as_ref()
            .map(|default| format!(" (`{hash}{default}`)"));
        let derived = slot
            .derived
            .as_ref()
            .map(|derived| format!(" ({})", escaped(derived)));
        let of = slot.of.as_ref().map(|of| format!(" of `{of}`"));
        [Some(word), default, derived, of]
            .into_iter()
            .flatten()
            .collect::<String>()
    };
    let mut parts: Vec<String> = rule.properties.iter().map(show).collect();
    if rule.open.is_some() {
        parts.push("any other".to_owned());
    }
    let choices = |groups: &[Vec<String>], how: &str| -> Vec<String> {
        let group = |group: &Vec<String>| format!("{how} of `{}`", group.join("`, `"));
        groups.iter().map(group).collect()
    };
    let rules = [
        choices(&rule.either, "one"),
        choices(&rule.at_most_one, "at most one"),
    ]
    .concat();
    if !rules.is_empty() {
        parts.push(format!("· {}", rules.join("; ")));
    }
    parts.join(" ")
}

/// The words allowed, or else `what`.
fn takes(slot: &Slot, what: &str) -> String {
    if slot.one_of.is_empty() {
        what.to_owned()
    } else {
        slot.one_of.join("|")
    }
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

fn code(example: &str) -> String {
    if example.is_empty() {
        String::new()
    } else {
        format!("`{}`", escaped(example))
    }
}
