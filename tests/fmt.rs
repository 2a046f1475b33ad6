//! Formatting: examples are formatted already, and whatever is typed keeps its meaning.

use std::path::{Path, PathBuf};

use portolan::diag::Diagnostics;
use portolan::source::SourceId;
use portolan::syntax::fmt::format;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::blessed::root;

fn formatted(text: &str) -> Option<String> {
    format(SourceId(0), text, &mut Diagnostics::new())
}

fn kdl_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            kdl_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "kdl") {
            found.push(path);
        }
    }
}

#[test]
fn examples_are_formatted() {
    let mut files = Vec::new();
    kdl_files(&root().join("examples"), &mut files);
    assert!(!files.is_empty());
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a text");
        assert_same(&file, &text, &formatted(&text).expect("an example is KDL"));
    }
}

fn assert_same(file: &Path, typed: &str, formatted: &str) {
    let diff = portolan::write::unified(&file.display().to_string(), typed, formatted);
    assert!(typed == formatted, "{diff}");
}

/// Names, entries and children of a document, comments and layout left out.
fn meaning(text: &str) -> Vec<String> {
    fn walk(document: &kdl::KdlDocument, depth: usize, found: &mut Vec<String>) {
        for node in document.nodes() {
            found.push(format!(
                "{depth} {:?} {}",
                node.ty().map(|ty| ty.value()),
                node.name().value()
            ));
            for entry in node.entries() {
                let (ty, name) = (
                    entry.ty().map(|ty| ty.value()),
                    entry.name().map(|name| name.value()),
                );
                found.push(format!("{depth} {ty:?} {name:?} {:?}", entry.value()));
            }
            if let Some(children) = node.children() {
                walk(children, depth + 1, found);
            }
        }
    }
    let mut found = Vec::new();
    let document = kdl::KdlDocument::parse_v2(text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
    walk(&document, 0, &mut found);
    found
}

/// How many comments there are; block comments may nest.
fn comments(text: &str) -> usize {
    text.matches("c!").count()
}

/// Pieces that make KDL together more often than not; none is a quantity, whose spelling may change.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "step",
        "data",
        "env",
        "\"a b\"",
        "\"step\"",
        "\"true\"",
        "#true",
        "#\"raw \" x\"#",
        "1_000",
        "7e9",
        "-3",
        "(f)",
        "\"{x}\"",
        "key=",
        "\"key\" = ",
        "{",
        "}",
        "{",
        "}",
        ";",
        "\n",
        "\n",
        "\n\n\n",
        " ",
        "  ",
        "\t",
        "\r\n",
        "// c! x\n",
        "  // c!\n",
        "/* c! */",
        "/* c!\n /* c! */ */",
        "/-",
        "/- ",
        "\\\n",
        "\\ // c!\n",
        "only",
        "\"lab\"",
        "\"\"\"\n  two\n\n    lines\n  \"\"\"",
        "#\"\"\"\n\tone\\\n\t\"\"\"#",
        "when",
        "\"a > 1\"",
        "ünï",
        "\"\\n\\\"\"",
        "(t)",
        "\u{feff}",
        "\u{2028}",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn formatting_keeps_meaning_and_comments(pieces in prop::collection::vec(piece(), 0..24), spaced in any::<bool>()) {
        let typed = pieces.join(if spaced { " " } else { "" });
        if let Some(once) = formatted(&typed) {
            prop_assert_eq!(meaning(&typed), meaning(&once), "{:?} became\n{}", typed, once);
            prop_assert_eq!(comments(&typed), comments(&once), "{:?} became\n{}", typed, once);
            let twice = formatted(&once);
            prop_assert_eq!(twice.as_ref(), Some(&once), "from {:?}", typed);
        }
    }
}

#[test]
fn a_comment_after_a_lone_continuation_is_not_lost() {
    let typed = "step// c! x\n\\\n// c! x\n";
    let once = formatted(typed).expect("it is KDL");
    assert_eq!(comments(&once), 2, "{once}");
    assert_eq!(formatted(&once).as_deref(), Some(once.as_str()));
}
