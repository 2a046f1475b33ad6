//! Texts that nobody meant: the program says something about them, near the place, and never stops by itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use portolan::diag::{Label, Severity};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::{blessed, front, shared};

/// One change to a text.
struct Mutant {
    what: String,
    text: String,
    /// Lines that were changed, or between which one is gone, from 1.
    lines: BTreeSet<usize>,
    /// A line was changed in itself: nothing else can have become wrong by it.
    within: bool,
}

/// All KDL files in a folder, by name.
fn texts(folder: PathBuf) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    let mut open = vec![folder];
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

/// The texts of this repository that are right.
fn examples() -> Vec<(String, String)> {
    texts(blessed::root().join("examples"))
}

/// Every kind of change, at the line `at`.
fn mutants(lines: &[&str], at: usize) -> Vec<Mutant> {
    let line = lines[at];
    let made = |what: &str, new: &[&str], within: bool| {
        let text = [&lines[..at], new, &lines[at + 1..]].concat();
        Mutant {
            what: format!("{what} line {}: {}", at + 1, line.trim()),
            text: text.join("\n") + "\n",
            lines: (at..=at + 2).collect(),
            within,
        }
    };
    let mut mutants = vec![
        made("delete", &[], false),
        made("double", &[line, line], true),
        moved(lines, at),
        made(
            "cut",
            &[line
                .char_indices()
                .nth(line.chars().count() / 2)
                .map_or(line, |(half, _)| &line[..half])],
            false,
        ),
    ];
    if let Some(next) = lines.get(at + 1) {
        let text = [&lines[..at], &[*next, line], &lines[at + 2..]].concat();
        mutants.push(Mutant {
            what: format!("swap lines {} and {}: {}", at + 1, at + 2, line.trim()),
            text: text.join("\n") + "\n",
            lines: (at..=at + 2).collect(),
            within: false,
        });
    }
    let head = line.len() - line.trim_start().len();
    for (from, to) in [
        ("{", ""),
        ("}", ""),
        ("(", ""),
        (")", ""),
        ("\"", ""),
        ("=", " "),
        ("=", "=="),
        (" ", ""),
        ("e", "x"),
        ("-", "_"),
    ] {
        if let Some(place) = line[head..].find(from) {
            let place = head + place;
            let new = format!("{}{to}{}", &line[..place], &line[place + from.len()..]);
            mutants.push(made(&format!("replace `{from}` by `{to}` in"), &[&new], true));
        }
    }
    let words: Vec<&str> = line
        .split([' ', '=', '"'])
        .filter(|word| word.len() > 2 && word.is_ascii())
        .collect();
    if let Some(word) = words.get(at % words.len().max(1)) {
        let new = line.replacen(word, &format!("{}{word}", &word[..1]), 1);
        mutants.push(made(&format!("misspell `{word}` in"), &[&new], true));
    }
    mutants
}

/// The line at `at` seven lines further down, or so many from the top.
fn moved(lines: &[&str], at: usize) -> Mutant {
    let mut rest = lines.to_vec();
    let line = rest.remove(at);
    let to = (at + 7) % lines.len();
    rest.insert(to, line);
    Mutant {
        what: format!("move line {} to {}: {}", at + 1, to + 1, line.trim()),
        text: rest.join("\n") + "\n",
        lines: (at..=at + 2).chain(to..=to + 2).collect(),
        within: false,
    }
}

/// At most `most` mutants of a text, from all over it.
fn some_mutants(text: &str, most: usize) -> Vec<Mutant> {
    let lines: Vec<&str> = text.lines().collect();
    let all: Vec<Mutant> = (0..lines.len()).flat_map(|at| mutants(&lines, at)).collect();
    // The number of changes differs from line to line, so that steps of one length take all kinds.
    let chosen: BTreeSet<usize> = (0..most).map(|step| step * all.len() / most).collect();
    let all = all.into_iter().enumerate();
    all.filter(|(at, _)| chosen.contains(at))
        .map(|(_, mutant)| mutant)
        .collect()
}

#[derive(Default)]
struct Tally {
    all: usize,
    elsewhere: Vec<String>,
    elsewhere_within: usize,
    several: Vec<String>,
}

impl Tally {
    /// Checks a mutant of the file called `name`.
    fn take(&mut self, name: &str, mutant: &Mutant) {
        let checked = front::check_text(&mutant.text);
        let found = checked.found.sorted();
        let line = |label: &Label| checked.sources.position(label.span).line;
        let near = |label: &Label| mutant.lines.contains(&line(label));
        let blamed = found.iter().any(|found| found.labels.iter().any(near));
        let errors = found
            .iter()
            .filter(|found| found.severity == Severity::Error)
            .count();
        let shown = || format!("{name}: {}\n{}", mutant.what, checked.pretty());
        self.all += 1;
        if !blamed && !found.is_empty() {
            self.elsewhere_within += usize::from(mutant.within);
            self.elsewhere.push(shown());
        }
        if errors > 1 && mutant.within {
            self.several.push(shown());
        }
    }

    fn assert(&self) {
        let share = |part: usize| part as f64 / self.all as f64;
        let (all, elsewhere) = (self.all, share(self.elsewhere.len()));
        println!(
            "{all} mutants: {:.1} % blamed where they are, or legal",
            100.0 * (1.0 - elsewhere)
        );
        assert!(all >= 500, "there are examples to change");
        let found = self.elsewhere.join("\n");
        assert!(
            elsewhere < 0.1,
            "{elsewhere:.3} of {all} mutants are blamed elsewhere:\n{found}"
        );
        let within = share(self.elsewhere_within);
        assert!(
            within < 0.02,
            "{within:.3} of {all} changes within a line are blamed elsewhere:\n{found}"
        );
        let several = share(self.several.len());
        let found = self.several.join("\n");
        assert!(
            several < 0.02,
            "{several:.3} of {all} mutants are blamed more than once:\n{found}"
        );
    }
}

#[test]
fn a_changed_line_is_blamed_and_blamed_once() {
    let mut tally = Tally::default();
    for (name, text) in examples() {
        assert!(
            front::check_text(&text).found.is_empty() || name.contains("platform"),
            "{name} is right"
        );
        some_mutants(&text, 150)
            .iter()
            .for_each(|mutant| tally.take(&name, mutant));
    }
    tally.assert();
}

#[test]
fn shared_examples_can_be_changed_too() {
    let Some(folder) = shared::folder("language/examples") else {
        return;
    };
    let mut tally = Tally::default();
    for (name, text) in texts(folder) {
        some_mutants(&text, 300)
            .iter()
            .for_each(|mutant| tally.take(&name, mutant));
    }
    tally.assert();
}

#[test]
fn inputs_with_mistakes_can_be_changed_too() {
    for (_, text) in texts(blessed::root().join("tests/errors")) {
        for mutant in some_mutants(&text, 12) {
            front::check_text(&mutant.text).pretty();
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
