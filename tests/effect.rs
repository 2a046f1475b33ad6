//! Every node of the language has an effect: some program without it comes to something else.
//!
//! The programs are made from the grammar table, so a node that is added to it is tried, too. Where the smallest
//! program with a node leaves it nothing to do, it is taken out of the examples and of the programs for hostile texts,
//! which use the whole language. What a program comes to is its files, or why there are none.

use std::collections::BTreeSet;

use kdl::{KdlDocument, KdlNode};
use portolan::Output;
use portolan::diag::Severity;

use crate::compiled::{self, Texts};
use crate::program::{self, rows};
use crate::{blessed, examples};

/// Nodes that change no file, each with what it is for.
const EXEMPT: &[(&str, &str)] = &[
    (
        "top-level/test",
        "says what must happen; playing it makes no file",
    ),
    ("test/given", "says what must happen; playing it makes no file"),
    ("test/use", "pastes what says what must happen"),
    (
        "region/managed",
        "not placed on yet, and `unsupported.node` says so",
    ),
];

/// A node and what it stands in.
type Place = (String, String);

/// A program: its files, those that are read first, and the one that is changed.
struct Tried {
    texts: Texts,
    first: Vec<String>,
    path: String,
}

/// The files of a program by path, or why there are none.
fn outcome(texts: &Texts, first: &[&str]) -> Result<Texts, Vec<String>> {
    let compiled = compiled::compile(texts, first, None);
    let found = compiled.found.sorted();
    let errors = found.iter().filter(|found| found.severity == Severity::Error);
    let errors: Vec<String> = errors
        .map(|found| format!("{}: {}", found.code, found.message))
        .collect();
    let files = |output: Output| -> Texts {
        let files = output.artifacts.into_iter();
        files.map(|file| (file.path, file.text)).collect()
    };
    match compiled.output {
        Some(output) if errors.is_empty() => Ok(files(output)),
        Some(_) | None => Err(errors),
    }
}

/// Places whose node does nothing in the smallest program with it.
fn idle() -> BTreeSet<Place> {
    let mut idle = BTreeSet::new();
    for row in rows() {
        let mut program = row.program();
        let mut files = program::files();
        files.insert("input.kdl".to_owned(), program.marked().text);
        let with = outcome(&files, &["input.kdl"]);
        program.siblings().pop();
        files.insert("input.kdl".to_owned(), program.marked().text);
        if with == outcome(&files, &["input.kdl"]) {
            idle.insert((row.parent.to_owned(), row.rule.name.clone()));
        }
    }
    idle
}

/// The programs that use the whole language.
fn larger() -> Vec<Tried> {
    let hostile = compiled::folder(&blessed::root().join("tests/hostile"));
    let mut all: Vec<Tried> = ["batch.kdl", "cloud.kdl"]
        .map(|path| Tried {
            texts: hostile.clone(),
            first: vec![path.to_owned()],
            path: path.to_owned(),
        })
        .into();
    all.push(Tried {
        texts: compiled::folder(&blessed::root().join("tests/effect")),
        first: vec!["small.kdl".to_owned()],
        path: "small.kdl".to_owned(),
    });
    for example in examples::all() {
        let sources: Vec<String> = example.sources().into_iter().map(str::to_owned).collect();
        all.extend(sources.iter().map(|path| Tried {
            texts: example.texts.clone(),
            first: sources.clone(),
            path: path.clone(),
        }));
    }
    all
}

/// The positions, from the top, of nodes at one of `places`.
fn positions(
    nodes: &[KdlNode],
    parent: &str,
    places: &BTreeSet<Place>,
    at: &[usize],
    found: &mut Vec<(Place, Vec<usize>)>,
) {
    for (index, node) in nodes.iter().enumerate() {
        let position = [at, &[index]].concat();
        let name = node.name().value();
        let place = (parent.to_owned(), name.to_owned());
        if places.contains(&place) {
            found.push((place, position.clone()));
        }
        if let Some(children) = node.children() {
            positions(children.nodes(), name, places, &position, found);
        }
    }
}

/// The text without the node at `position`.
fn without(document: &KdlDocument, position: &[usize]) -> String {
    let mut document = document.clone();
    let mut at = &mut document;
    for index in &position[..position.len() - 1] {
        at = at.nodes_mut()[*index]
            .children_mut()
            .as_mut()
            .expect("it has children");
    }
    at.nodes_mut().remove(position[position.len() - 1]);
    document.to_string()
}

#[test]
fn some_program_without_a_node_comes_to_something_else() {
    let mut idle = idle();
    // It pastes nodes, wherever it stands: what they do there is their own doing. In a step it is tried.
    idle.retain(|(parent, name)| name != "use" || parent == "step");
    for (parent, name) in EXEMPT.iter().filter_map(|(place, _)| place.split_once('/')) {
        idle.remove(&(parent.to_owned(), name.to_owned()));
    }
    for tried in larger() {
        let first: Vec<&str> = tried.first.iter().map(String::as_str).collect();
        let document = KdlDocument::parse_v2(&tried.texts[&tried.path]).expect("the program is KDL");
        let mut found = Vec::new();
        positions(document.nodes(), "top-level", &idle, &[], &mut found);
        if found.is_empty() {
            continue;
        }
        let with = outcome(&tried.texts, &first);
        for (place, position) in found {
            let mut texts = tried.texts.clone();
            texts.insert(tried.path.clone(), without(&document, &position));
            if idle.contains(&place) && with != outcome(&texts, &first) {
                idle.remove(&place);
            }
        }
    }
    assert!(idle.is_empty(), "no effect: {idle:#?}");
}
