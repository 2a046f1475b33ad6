//! The pages of diagnostic codes: complete, and true.

use std::collections::BTreeMap;
use std::fs;

use portolan::diag::Code;

use crate::errors::PENDING;
use crate::{blessed, front};

#[test]
fn every_page_has_its_headings() {
    for code in Code::ALL {
        let headings: Vec<&str> = code.page().lines().filter(|line| line.starts_with('#')).collect();
        let title = format!("# {code}");
        assert_eq!(
            headings,
            [title.as_str(), "## What", "## Why", "## Example", "## Fix"],
            "in docs/codes/{code}.md"
        );
    }
}

#[test]
fn there_is_no_page_without_a_code() {
    for entry in fs::read_dir(blessed::root().join("docs/codes")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(
            Code::find(&name).is_some(),
            "docs/codes/{name}.md is about no code"
        );
    }
}

#[test]
fn the_example_of_a_page_provokes_its_code_and_the_fix_does_not() {
    for code in Code::ALL.iter().filter(|code| !PENDING.contains(code)) {
        let example = front::check(&blocks(*code, "## Example"), MAIN);
        assert!(
            example.codes().into_iter().eq([*code]),
            "the example of {code} finds:\n{}",
            example.pretty()
        );
        let fix = front::check(&blocks(*code, "## Fix"), MAIN);
        assert!(fix.found.is_empty(), "the fix of {code} finds:\n{}", fix.pretty());
    }
}

const MAIN: &str = "pipeline.kdl";

/// The code blocks under a heading. Each begins with ` ```kdl NAME `; the first may leave the name out.
fn blocks(code: Code, heading: &str) -> BTreeMap<String, String> {
    let section = code.page().split(heading).nth(1).unwrap_or_default();
    let section = section.split("\n## ").next().unwrap_or_default();
    let mut files = BTreeMap::new();
    for block in section.split("```").skip(1).step_by(2) {
        let (info, text) = block.split_once('\n').unwrap_or((block, ""));
        let name = info.split_whitespace().nth(1).unwrap_or(MAIN);
        files.insert(name.to_owned(), text.to_owned());
    }
    files
}
