//! Findings of scanners that the output accepts: each is in the docs, and there are few.

use std::collections::BTreeSet;

use crate::{blessed, compiled};

/// Rules that the docs list.
fn documented() -> BTreeSet<String> {
    let page = std::fs::read_to_string(blessed::root().join("docs/waivers.md")).expect("the page is there");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| Some(row.split_once('`')?.0.to_owned()))
        .collect()
}

/// Rules that are waived in the committed output of the examples.
fn waived() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for text in compiled::folder(&blessed::root().join("snapshots")).values() {
        for (at, _) in text.match_indices("CKV") {
            let rest = &text[at..];
            let rule: String = rest
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            let before = &text[..at];
            if before.ends_with("skip=")
                || before
                    .lines()
                    .next_back()
                    .is_some_and(|line| line.contains("checkov.io/skip"))
            {
                found.insert(rule);
            }
        }
    }
    found
}

#[test]
fn each_is_documented() {
    let undocumented: Vec<String> = waived().difference(&documented()).cloned().collect();
    assert!(undocumented.is_empty(), "docs/waivers.md lacks {undocumented:?}");
}

#[test]
fn there_are_few() {
    let waived = waived();
    assert!(!waived.is_empty() && waived.len() < 15, "{waived:?}");
}
