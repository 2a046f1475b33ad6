//! Texts that nobody meant: the program says something about them, near the place, and never stops by itself.

use std::collections::BTreeSet;
use std::fs;

use portolan::diag::Severity;
use proptest::prelude::*;

use crate::{blessed, front};

/// One change to one line of an example.
struct Mutant {
    what: String,
    text: String,
    /// Lines that were changed, from 1.
    lines: BTreeSet<usize>,
}

/// All examples and inputs of this repository, by name.
fn texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for folder in ["examples", "tests/errors"] {
        let Ok(entries) = fs::read_dir(blessed::root().join(folder)) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "kdl") {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                texts.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    texts.sort();
    texts
}

/// Every kind of change, at the line `at`.
fn mutants(lines: &[&str], at: usize) -> Vec<Mutant> {
    let line = lines[at];
    let made = |what: &str, new: Vec<String>| {
        let before = lines[..at].iter().map(|line| (*line).to_owned());
        let after = lines[at + 1..].iter().map(|line| (*line).to_owned());
        let text: Vec<String> = before.chain(new).chain(after).collect();
        Mutant {
            what: format!("{what} line {}: {}", at + 1, line.trim()),
            text: text.join("\n") + "\n",
            lines: (at..=at + 2).collect(),
        }
    };
    let mut mutants = vec![made("delete", vec![]), made("duplicate", vec![line.to_owned(), line.to_owned()])];
    for (from, to) in [("{", ""), ("}", ""), ("\"", ""), ("=", " "), ("=", "=="), (" ", ""), ("e", "x"), ("-", "_")] {
        if let Some(place) = line.trim_start().find(from) {
            let place = place + line.len() - line.trim_start().len();
            let new = format!("{}{to}{}", &line[..place], &line[place + from.len()..]);
            mutants.push(made(&format!("replace `{from}` by `{to}` in"), vec![new]));
        }
    }
    mutants
}

#[test]
fn a_changed_line_never_stops_the_program_and_is_blamed() {
    let (mut blamed, mut missed) = (0, Vec::new());
    for (name, text) in texts() {
        let known = front::check_text(&text);
        if !known.found.is_empty() {
            continue;
        }
        let lines: Vec<&str> = text.lines().collect();
        for mutant in (0..lines.len()).flat_map(|at| mutants(&lines, at)) {
            let checked = front::check_text(&mutant.text);
            let found = checked.found.sorted();
            let errors: Vec<_> = found.iter().filter(|found| found.severity == Severity::Error).collect();
            // A deleted declaration is blamed where it is used: a label or a help counts wherever it is.
            let near = errors.iter().any(|found| {
                found.labels.iter().any(|label| mutant.lines.contains(&checked.sources.position(label.span).line))
            });
            if near || errors.is_empty() {
                blamed += 1;
            } else if !mutant.what.starts_with("delete") {
                missed.push(format!("{name}: {}\n{}", mutant.what, checked.pretty()));
            }
        }
    }
    let share = missed.len() as f64 / (blamed + missed.len()).max(1) as f64;
    assert!(share < 0.1, "{} of {blamed} are blamed elsewhere:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn inputs_with_mistakes_can_be_changed_too() {
    for (_, text) in texts() {
        let lines: Vec<&str> = text.lines().collect();
        for at in 0..lines.len() {
            for mutant in mutants(&lines, at) {
                front::check_text(&mutant.text).pretty();
            }
        }
    }
}

#[test]
fn deep_blocks_are_refused_and_not_followed() {
    let text = "a {".repeat(100_000);
    assert!(front::check_text(&text).found.has_errors());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in "\\PC{0,200}") {
        front::check_text(&text).pretty();
    }

    #[test]
    fn any_text_of_our_signs_is_read(text in "([a-z]{1,6}|[{}\"=;\n\\\\#()/ ]|step|pipeline|each|when|\\(f\\)|32GiB|/-|//|/\\*){0,60}") {
        front::check_text(&text).pretty();
    }

    #[test]
    fn any_condition_and_any_template_is_read(condition in "[a-z0-9 .<>=!()'+*-]{0,40}", format in "[a-z{}. ]{0,30}") {
        let text = format!(
            "pipeline p {{\n step a {{\n  image x\n  emits n type=number\n }}\n step b {{\n  image x\n  when \"{condition}\"\n  args (f)\"{format}\"\n }}\n}}\n"
        );
        front::check_text(&text).pretty();
    }
}
