//! The guide's commands work as they stand, in the order in which they stand.

use std::path::Path;
use std::process::Command;

use crate::blessed::root;
use crate::shell::{self, Folder};

impl Folder {
    /// Exit code, standard output and standard error.
    fn said(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_portolan"))
            .args(arguments)
            .current_dir(&self.0)
            .output()
            .expect("the program starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            output.status.code().unwrap_or(-1),
            text(&output.stdout),
            text(&output.stderr),
        )
    }
}

#[test]
fn every_command_of_the_guide_works() {
    if !["git", "python3"].into_iter().all(shell::has) {
        return;
    }
    let guide = std::fs::read_to_string(root().join("docs/guide.md")).expect("the guide");
    let folder = Folder::new("guide");
    folder.copy("examples/local-churn", "examples/local-churn");
    let commands = shell::commands(&guide);
    for line in &commands {
        folder.succeeds(line, &[]);
    }
    let ours = commands
        .iter()
        .filter(|line| line.starts_with("portolan "))
        .count();
    assert!(ours >= 30, "{ours}");
    let log = folder.succeeds("git log --format=%s main", &[]);
    assert_eq!(
        log, "A larger churn model\nThe churn pipeline, compiled\n",
        "what was merged"
    );
}

#[test]
fn init_overwrites_nothing() {
    let folder = Folder::new("init");
    std::fs::create_dir_all(folder.0.join("p")).expect("a folder");
    std::fs::write(folder.0.join("p/platform.kdl"), "mine").expect("a file");
    let (code, _, problems) = folder.said(&["init", "p"]);
    assert_eq!(
        (code, problems.contains("nothing was written")),
        (2, true),
        "{problems}"
    );
    assert!(!folder.0.join("p/pipeline.kdl").exists());
}

#[test]
fn fmt_tells_touches_and_reports() {
    let folder = Folder::new("fmt");
    let (good, bad) = (folder.0.join("good.kdl"), folder.0.join("bad.kdl"));
    std::fs::write(&good, "pipeline  p{\n owner \"o\"\n}").expect("a file");
    assert_eq!(folder.said(&["fmt", "--check"]).0, 3);
    let (code, listed, _) = folder.said(&["fmt", "--check", "good.kdl"]);
    assert_eq!((code, listed.as_str()), (3, "good.kdl\n"));
    let (code, diff, _) = folder.said(&["fmt", "--diff", "good.kdl"]);
    assert_eq!((code, diff.contains("+    owner o\n")), (0, true), "{diff}");
    std::fs::write(&bad, "pipeline {").expect("a file");
    let (code, _, problems) = folder.said(&["fmt", "--format", "short"]);
    assert_eq!((code, problems.contains("bad.kdl:1:")), (1, true), "{problems}");
    let text = |path: &Path| std::fs::read_to_string(path).expect("a text");
    assert_eq!(text(&good), "pipeline p {\n    owner o\n}\n");
    assert_eq!(text(&bad), "pipeline {");
}

#[test]
fn questions_have_answers_or_suggestions() {
    let folder = Folder::new("questions");
    let (code, _, problems) = folder.said(&["catalog", "show", "aws.eu-wst-1"]);
    assert_eq!(
        (code, problems.contains("did you mean `aws.eu-west-1`?")),
        (2, true),
        "{problems}"
    );
    let (code, _, problems) = folder.said(&["explain", "name.unknow"]);
    assert_eq!(
        (code, problems.contains("did you mean `name.unknown`?")),
        (2, true),
        "{problems}"
    );
    let (code, json, _) = folder.said(&["catalog", "list", "accelerators", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((code, json["version"].as_u64()), (0, Some(1)));
    for arguments in [
        &["man"][..],
        &["completions", "bash"],
        &["schema"],
        &["schema", "--reference"],
        &["schema", "plan"],
    ] {
        let (code, text, _) = folder.said(arguments);
        assert!(code == 0 && text.len() > 500, "{arguments:?}");
    }
}
