//! The pipelines and platforms that the language was designed with, where a checkout has them beside it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use portolan::diag::Diagnostics;
use portolan::source::{SourceId, SourceMap};
use portolan::syntax::{self, fmt};

use crate::{blessed, front};

/// Pipelines and the platform that each runs on.
const PAIRS: [(&str, &str); 5] = [
    ("cancer-risk", "platform-three-clouds"),
    ("rag-index", "platform-three-clouds"),
    ("sweep", "platform-three-clouds"),
    ("llm-finetune", "platform-reserved-h100"),
    ("feature-store", "platform-lab-burst"),
];

/// A folder beside the repository, or where `PORTOLAN_SHARED` says; nothing, and a line about it, if it is not there.
pub fn folder(name: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("PORTOLAN_SHARED");
    let shared = shared.map_or_else(|| blessed::root().join("../shared"), PathBuf::from);
    let path = shared.join(name);
    if !path.exists() {
        println!("skipped: there is no {}", path.display());
        return None;
    }
    Some(path)
}

/// All examples by name, without their extension.
fn examples() -> Option<BTreeMap<String, String>> {
    let mut examples = BTreeMap::new();
    for entry in fs::read_dir(folder("language/examples")?).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        let name = path
            .file_stem()
            .expect("a file has a name")
            .to_string_lossy()
            .into_owned();
        examples.insert(name, fs::read_to_string(&path).expect("examples are text"));
    }
    assert!(examples.len() >= 8, "there are examples");
    Some(examples)
}

/// What `files` mean together, and that nothing is wrong with them.
fn meaning(files: &[(&str, &str)]) -> serde_json::Value {
    let mut sources = SourceMap::default();
    for (name, text) in files {
        sources.add(*name, (*text).to_owned());
    }
    let checked = front::check_all(sources, &BTreeMap::new());
    assert!(checked.found.is_empty(), "{}", checked.pretty());
    let mut sources = SourceMap::default();
    for (name, text) in files {
        sources.add(*name, (*text).to_owned());
    }
    let document = syntax::parse(&mut sources, &BTreeMap::new(), &mut Diagnostics::new());
    serde_json::to_value(&document).expect("a tree has a JSON form")
}

#[test]
fn shared_examples_are_right_alone_and_on_their_platforms() {
    let Some(examples) = examples() else { return };
    for (name, text) in &examples {
        meaning(&[(name, text)]);
    }
    for (pipeline, platform) in PAIRS {
        meaning(&[(pipeline, &examples[pipeline]), (platform, &examples[platform])]);
    }
}

#[test]
fn shared_examples_are_formatted_and_survive_it() {
    let Some(examples) = examples() else { return };
    for (name, text) in &examples {
        let printed = fmt::format(SourceId(0), text, &mut Diagnostics::new()).expect("an example is KDL");
        assert!(
            *text == printed,
            "{}",
            portolan::write::unified(name, text, &printed)
        );
        // Typed without care it means the same, and becomes the same text, but for columns of comments.
        let careless = text.replace("    ", "\t").replace("{\n", "{\n\n\n");
        let again = fmt::format(SourceId(0), &careless, &mut Diagnostics::new()).expect("it is still KDL");
        assert_eq!(meaning(&[(name, text)]), meaning(&[(name, &again)]));
        let thrice = fmt::format(SourceId(0), &again, &mut Diagnostics::new());
        assert_eq!(thrice.as_deref(), Some(again.as_str()));
    }
}
