//! What is made depends on what is said, and on nothing else: not on the order in which it is said, not on the files
//! it is spread over, not on where those lie. (Nor on threads: the compiler starts none.)

use std::process::Command;

use kdl::{KdlDocument, KdlNode};
use proptest::strategy::{Just, Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

use crate::compiled::{Texts, compile};
use crate::examples::{self, Example, difference_of};

#[test]
fn twice_is_the_same() {
    for example in examples::all() {
        assert_eq!(
            difference_of(&example.decide(), &example.decide()),
            "",
            "in {}",
            example.name
        );
    }
}

#[test]
fn order_does_not_matter() {
    let mut runner = TestRunner::deterministic();
    for example in examples::all() {
        let decided = example.decide();
        for _ in 0..3 {
            let shuffled = Example {
                texts: shuffled(&example, &mut runner),
                name: example.name.clone(),
            };
            assert_same(&shuffled, &shuffled.decide(), &decided);
        }
    }
}

/// The example with the nodes of its files, and those in them that are a set, in another order.
fn shuffled(example: &Example, runner: &mut TestRunner) -> Texts {
    let mut texts = example.texts.clone();
    for path in example.sources() {
        let mut document = KdlDocument::parse_v2(&example.texts[path]).expect("an example is KDL");
        shuffle(&mut document, runner);
        texts.insert(path.to_owned(), document.to_string());
    }
    texts
}

fn shuffle(document: &mut KdlDocument, runner: &mut TestRunner) {
    let nodes = document.nodes_mut();
    let order = Just((0..nodes.len()).collect::<Vec<_>>()).prop_shuffle();
    let order = order.new_tree(runner).expect("a permutation").current();
    *nodes = order.into_iter().map(|index| nodes[index].clone()).collect();
    for node in nodes.iter_mut().filter(|node| is_set(node)) {
        if let Some(children) = node.children_mut() {
            shuffle(children, runner);
        }
    }
}

/// Nodes whose children have no order. Elsewhere it is part of what is said: items are counted, the first `retry` that
/// fits is taken, rules stand as the `monitor` has them.
fn is_set(node: &KdlNode) -> bool {
    let items = node
        .children()
        .is_some_and(|children| children.get("item").is_some());
    matches!(
        node.name().value(),
        "pipeline" | "platform" | "cloud" | "region" | "each"
    ) && !items
}

#[test]
fn one_file_or_many_is_the_same() {
    for example in examples::all() {
        let decided = example.decide();
        let sources = example.sources();
        let joined = sources
            .iter()
            .rev()
            .map(|path| example.texts[*path].clone())
            .collect::<String>();
        let mut texts = example.texts.clone();
        texts.retain(|path, _| !sources.contains(&path.as_str()));
        texts.insert("all.kdl".to_owned(), joined);
        let joined = Example {
            texts,
            name: example.name,
        };
        assert_same(&joined, &joined.decide(), &decided);
    }
}

#[test]
fn names_and_order_of_files_do_not_matter() {
    for example in examples::all() {
        let decided = example.decide();
        let elsewhere = |path: &String| format!("/srv/checkout of mine/{path}");
        let texts: Texts = example
            .texts
            .iter()
            .map(|(path, text)| (elsewhere(path), text.clone()))
            .collect();
        let mut sources: Vec<&str> = texts.keys().map(String::as_str).collect();
        sources.retain(|path| path.ends_with(".kdl"));
        sources.reverse();
        let moved = compile(&texts, &sources, example.undecided().as_ref());
        assert_same(&example, moved.output(), &decided);
    }
}

fn assert_same(example: &Example, now: &portolan::Output, before: &portolan::Output) {
    let difference = difference_of(before, now);
    assert!(
        difference.is_empty(),
        "{}:\n{difference}\nfrom\n{:#?}",
        example.name,
        example.texts
    );
    assert_eq!(
        now.lock.text(),
        before.lock.text(),
        "the lock of {}",
        example.name
    );
}

#[test]
fn the_surroundings_of_the_program_do_not_matter() {
    let example = &examples::all()[0];
    let printed = |folder: &str, zone: &str, locale: &str| {
        let path = crate::blessed::root().join("examples").join(&example.name);
        let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
        command
            .arg("plan")
            .arg(path)
            .args(["--emit", "plan"])
            .current_dir(folder);
        let output = command
            .env("TZ", zone)
            .env("LC_ALL", locale)
            .env("RAYON_NUM_THREADS", "1")
            .output();
        String::from_utf8(output.expect("the program starts").stdout).expect("the plan is text")
    };
    let here = printed(".", "UTC", "C");
    assert!(here.starts_with('{'), "{here}");
    assert_eq!(here, printed("/", "Asia/Kathmandu", "tr_TR.UTF-8"));
}
