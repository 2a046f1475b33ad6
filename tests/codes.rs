//! The pages of diagnostic codes: complete, and true.

use std::collections::BTreeMap;
use std::fs;

use portolan::diag::Code;

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
    let mut wrong = String::new();
    for code in Code::ALL.iter().filter(|code| is_about_sources(**code)) {
        let (example, fix) = (blocks(*code, "## Example"), blocks(*code, "## Fix"));
        let front = front::check(&example, MAIN);
        let whole = compiled(example);
        if !(front.codes().into_iter().eq([*code]) || front.found.is_empty() && whole.codes().contains(code))
        {
            wrong += &format!("the example of {code} finds:\n{}", whole.pretty());
        }
        let front = front::check(&fix, MAIN);
        let whole = compiled(fix);
        if !front.found.is_empty() || whole.codes().contains(code) || whole.found.has_errors() {
            wrong += &format!("the fix of {code} finds:\n{}", whole.pretty());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// False for what other files provoke: the lock (`compile.rs`), measurements and servers (`diagnose.rs`), past runs (`history.rs`),
/// plays (`trial.rs`), foreign documents (`import.rs`), templates (`templates.rs`).
pub fn is_about_sources(code: Code) -> bool {
    ![
        "lock.",
        "metrics.",
        "server.",
        "history.",
        "instance.",
        "import.",
        "test.failed",
        "template.file",
    ]
    .iter()
    .any(|about| code.name().starts_with(about))
}

const MAIN: &str = "pipeline.kdl";

/// Where the pipeline of a page runs that shows no platform.
const PLATFORM: &str = r##"
platform acme {
    cloud aws account="123456789012" {
        region eu-west-1 us-east-1 sa-east-1
    }
    cloud gcp project=acme-ml {
        region europe-west1
    }
    receiver churn-team {
        page slack channel="#churn" secret=slack.churn
    }
}
"##;

/// The whole compilation of a page's files. A page is about one thing, so warnings about others are not its business.
fn compiled(mut files: BTreeMap<String, String>) -> front::Checked {
    let main = files.entry(MAIN.to_owned()).or_default();
    if !main.lines().any(|line| line.starts_with("platform ")) {
        main.push_str(PLATFORM);
    }
    front::compile(&files, MAIN)
}

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
