//! Every node of the grammar table: in its place, and wrong in every way that the table forbids. The programs are made
//! from the table, so a node that is added to it is tested, or fails here because no legal program with it is known.

mod mistakes;
mod places;
mod wrong;

use portolan::diag::{Code, Diagnostic, Diagnostics, Severity};
use portolan::source::SourceMap;
use portolan::syntax;

use crate::front::{self, Checked};
use crate::program::{self, Marked, Typed, rows};

fn check(program: &Marked) -> Checked {
    let mut files = program::files();
    files.insert("input.kdl".to_owned(), program.text.clone());
    front::check(&files, "input.kdl")
}

/// A program with one mistake.
struct Mistake {
    /// What was done to it.
    what: String,
    /// The program without the mistake. Rules that span nodes may have their say about it.
    legal: Marked,
    program: Marked,
    code: Code,
    /// What the help must say.
    help: Vec<String>,
}

/// Each of the mistakes is found, nothing else is, and the first label is at the word that was changed.
fn assert_blamed(mistakes: impl Iterator<Item = Mistake>, least: usize) {
    let (mut all, mut wrong) = (0, Vec::new());
    for mistake in mistakes {
        let checked = check(&mistake.program);
        let mut found = checked.found.sorted();
        if found.len() > 1 {
            let legal = check(&mistake.legal);
            let legal = legal.found.sorted();
            found.retain(|found| {
                let known = |other: &&&Diagnostic| {
                    other.code == found.code && (found.code != mistake.code || other.message == found.message)
                };
                !legal.iter().any(|other| known(&other))
            });
        }
        let at = &mistake.program.at;
        let blamed = found.len() == 1
            && found.iter().all(|found| {
                let span = found.span();
                let help = found.help.as_deref().unwrap_or_default();
                found.code == mistake.code
                    && (span.start as usize) < at.end
                    && at.start < span.end as usize
                    && mistake.help.iter().all(|words| help.contains(words))
            });
        all += 1;
        if !blamed {
            wrong.push(format!(
                "{} ({}):\n{}",
                mistake.what,
                mistake.code,
                checked.pretty()
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {all}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(all >= least, "only {all} mistakes were made");
}

#[test]
fn every_node_stands_in_each_of_its_places() {
    let mut wrong = String::new();
    for row in rows() {
        let checked = check(&row.program().marked());
        // The world cannot use what it does not know.
        let declared =
            row.parent == "template" || ["parameter", "template"].contains(&row.rule.name.as_str());
        if !checked
            .codes()
            .into_iter()
            .eq(declared.then_some(Code::NameUnused))
        {
            wrong += &format!("{}:\n{}", row.shown(), checked.pretty());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// True if anything is not of the form that the table gives it.
fn is_refused(checked: &Checked) -> bool {
    let form = |code: Code| code.name().starts_with("syntax.") || code.name().starts_with("value.");
    let found = checked.found.sorted();
    found
        .iter()
        .any(|found| found.severity == Severity::Error && form(found.code))
}

/// Reads a program, but does not ask what it means.
fn read(program: &Marked) -> Checked {
    let mut sources = SourceMap::default();
    sources.add("input.kdl", program.text.clone());
    let mut found = Diagnostics::new();
    syntax::parse(&mut sources, &program::files(), &mut found);
    Checked { sources, found }
}

/// Names in examples are not those of this world, but their form is right.
#[test]
fn every_example_of_the_reference_is_legal() {
    let mut wrong = String::new();
    for row in mistakes::once_each() {
        let example = row
            .rules()
            .last()
            .map(|rule| rule.example.replace("{ … }", ""))
            .unwrap_or_default();
        let mut program = row.program();
        *program.node() = Typed::read(&example).pop().unwrap_or_default();
        let checked = read(&program.marked());
        if example.is_empty() || is_refused(&checked) {
            wrong += &format!("{}: {example}\n{}", row.shown(), checked.pretty());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_property_takes_its_sample() {
    let mut wrong = String::new();
    for row in mistakes::once_each() {
        for slot in row.properties() {
            let checked = check(&mistakes::with_property(row, slot, row.sample(slot)).marked());
            if is_refused(&checked) {
                wrong += &format!("{} {}=:\n{}", row.shown(), slot.name, checked.pretty());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_is_required_is_missed() {
    assert_blamed(mistakes::once_each().flat_map(mistakes::missing), 100);
}

#[test]
fn what_stands_once_is_refused_twice() {
    assert_blamed(mistakes::once_each().flat_map(mistakes::repeated), 300);
}

#[test]
fn a_node_in_a_wrong_place_is_told_where_it_belongs() {
    assert_blamed(places::misplaced(), 150);
}

#[test]
fn a_step_of_another_kind_refuses_it() {
    assert_blamed(mistakes::once_each().flat_map(places::of_another_kind), 30);
}

#[test]
fn values_of_a_wrong_type_are_refused() {
    assert_blamed(mistakes::once_each().flat_map(mistakes::mistyped), 900);
}

#[test]
fn unknown_properties_and_further_arguments_are_refused() {
    assert_blamed(mistakes::once_each().flat_map(mistakes::surplus), 400);
}

#[test]
fn parts_that_exclude_each_other_are_refused_together() {
    assert_blamed(mistakes::once_each().flat_map(mistakes::excluded), 20);
}
