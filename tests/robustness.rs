//! Texts that nobody meant: the program says something about them, near the place, and never stops by itself.

use std::collections::BTreeSet;
use std::fs;

use portolan::diag::{Label, Severity};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

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
    let mut open = vec![
        blessed::root().join("examples"),
        blessed::root().join("tests/errors"),
    ];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "kdl") {
                let text = fs::read_to_string(&path).expect("inputs are text");
                texts.push((path.to_string_lossy().into_owned(), text));
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
    let mut mutants = vec![
        made("delete", vec![]),
        made("duplicate", vec![line.to_owned(), line.to_owned()]),
    ];
    for (from, to) in [
        ("{", ""),
        ("}", ""),
        ("\"", ""),
        ("=", " "),
        ("=", "=="),
        (" ", ""),
        ("e", "x"),
        ("-", "_"),
    ] {
        if let Some(place) = line.trim_start().find(from) {
            let place = place + line.len() - line.trim_start().len();
            let new = format!("{}{to}{}", &line[..place], &line[place + from.len()..]);
            mutants.push(made(&format!("replace `{from}` by `{to}` in"), vec![new]));
        }
    }
    mutants
}

#[test]
fn a_changed_line_is_blamed_and_blamed_once() {
    let (mut all, mut elsewhere, mut several) = (0, Vec::new(), Vec::new());
    for (name, text) in texts() {
        if !front::check_text(&text).found.is_empty() {
            continue;
        }
        let lines: Vec<&str> = text.lines().collect();
        for mutant in (0..lines.len()).flat_map(|at| mutants(&lines, at)) {
            let checked = front::check_text(&mutant.text);
            let found = checked.found.sorted();
            let errors: Vec<_> = found
                .iter()
                .filter(|found| found.severity == Severity::Error)
                .collect();
            let line = |label: &Label| checked.sources.position(label.span).line;
            let near = |label: &Label| mutant.lines.contains(&line(label));
            let blamed = errors.iter().any(|found| found.labels.iter().any(near));
            all += 1;
            // What a line that is gone declared is missed where it is used: there may be many such places.
            if mutant.what.starts_with("delete") {
                continue;
            }
            if !blamed && !errors.is_empty() {
                elsewhere.push(format!("{name}: {}\n{}", mutant.what, checked.pretty()));
            }
            if errors.len() > 1 {
                several.push(format!("{name}: {}\n{}", mutant.what, checked.pretty()));
            }
        }
    }
    assert!(all > 300, "there are examples to change");
    for (what, mutants) in [
        ("blamed elsewhere", elsewhere),
        ("blamed more than once", several),
    ] {
        let share = mutants.len() as f64 / f64::from(all);
        assert!(
            share < 0.02,
            "{share:.3} of the changes are {what}:\n{}",
            mutants.join("\n")
        );
    }
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
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

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
