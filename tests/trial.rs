//! `portolan test`: what tests of a pipeline say when they are played.

use std::process::{Command, Output};

use crate::blessed::{self, root};

fn test(paths: &[&std::path::Path], arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
    let command = command
        .arg("test")
        .args(paths)
        .args(arguments)
        .current_dir(root());
    command.env("NO_COLOR", "1").output().expect("the program starts")
}

/// Plays a source of its own; the names of the tests that fail, with why.
fn failures(name: &str, source: &str) -> Vec<(String, Vec<String>)> {
    let path = std::env::temp_dir().join(format!("portolan-trial-{name}-{}.kdl", std::process::id()));
    std::fs::write(&path, source).expect("a file");
    let output = test(&[&path], &["--format", "json"]);
    std::fs::remove_file(&path).expect("the file was there");
    let problems = String::from_utf8_lossy(&output.stderr).into_owned();
    let results: Vec<serde_json::Value> =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|why| panic!("{why}: {problems}"));
    let failed: Vec<_> = results
        .iter()
        .filter(|result| result["passed"] == false)
        .collect();
    assert_eq!(
        output.status.code(),
        Some(i32::from(!failed.is_empty())),
        "{problems}"
    );
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let why = |result: &serde_json::Value| {
        let all = result["failures"].as_array().expect("failures").iter();
        all.map(|failure| text(&failure["message"])).collect()
    };
    failed
        .into_iter()
        .map(|result| (text(&result["test"]), why(result)))
        .collect()
}

#[test]
fn what_fails_is_labelled_in_every_format() {
    let file = std::path::Path::new("tests/errors/test.failed.kdl");
    let pretty = test(&[file], &[]);
    assert_eq!(pretty.status.code(), Some(1));
    blessed::check(
        "tests/errors/test.failed.txt",
        &String::from_utf8_lossy(&pretty.stderr),
    );
    let said = String::from_utf8_lossy(&pretty.stdout).into_owned();
    assert!(said.contains("FAILED  churn: one region is dead"), "{said}");
    let junit = test(&[file], &["--format", "junit"]);
    assert_eq!(junit.status.code(), Some(1));
    let text = String::from_utf8_lossy(&junit.stdout).into_owned();
    let document = roxmltree::Document::parse(&text).expect("XML");
    let suites = document.root_element();
    assert_eq!(
        (suites.attribute("tests"), suites.attribute("failures")),
        (Some("2"), Some("2"))
    );
    let cases = document
        .descendants()
        .filter(|node| node.has_tag_name("testcase"));
    let failed = cases.filter(|case| case.children().any(|child| child.has_tag_name("failure")));
    assert_eq!(failed.count(), 2);
}

#[test]
fn tests_of_the_examples_pass() {
    for example in ["cancer-risk", "feature-store"] {
        let output = test(&[&root().join("examples").join(example)], &[]);
        let problems = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{example}: {problems}");
    }
}

/// Alternatives, aggregates, empty lists, lists of records, tolerated and retried failures, a last step.
#[test]
fn runs_follow_the_rules_of_the_language() {
    let source = r#"
pipeline p {
    parameter least 3
    step list {
        build source="s"
        emits shards type=list items=4 { field id type=string; }
    }
    each shard from=list.shards tolerate=1 {
        step cut { build source="s"; writes part; emits rows type=integer; retry 2; }
        step weigh { build source="s"; reads part; writes weight; }
    }
    step gather { build source="s"; reads weight; }
    step many { when "sum(cut.rows) >= least and min(cut.rows) > 0"; build source="s"; writes out; }
    step few { otherwise many; build source="s"; writes out; }
    step use { build source="s"; reads out; }
    step always { finally; build source="s"; }
}
test "enough" {
    given cut.rows 1
    expect ran=many
    expect skipped=few
    expect ran=cut items=4
    expect ran=use
}
test "too few for more" {
    given cut.rows 1
    given least 5
    expect skipped=many
    expect ran=few
    expect ran=use
}
test "two shards" {
    given list.shards a b
    given cut.rows 2
    expect ran=weigh items=2
    expect ran=many
}
test "a failure is tried again" {
    given cut.rows 1
    given fails=cut times=2
    expect ran=cut items=4
}
test "one dead shard is tolerated" {
    given cut.rows 1
    given fails=cut items=1
    expect failed=cut items=1
    expect failed=weigh items=1
    expect ran=weigh items=3
    expect ran=gather
    expect ran=many
}
test "two are not" {
    given cut.rows 1
    given fails=cut items=2
    expect failed=gather
    expect failed=use
    expect ran=always
}
"#;
    assert_eq!(failures("rules", source), []);
}

#[test]
fn an_expectation_that_is_wrong_says_why() {
    let source = r#"
pipeline p {
    step load { build source="s"; emits rows type=integer; emits kind type=string; }
    step train {
        when "load.rows >= 1000 or load.kind == 'full'"
        build source="s"
        writes model
    }
    step show { build source="s"; reads model; }
}
test "nothing is known" { expect ran=train; }
test "one side is enough" { given load.kind full; expect ran=show; }
test "one side is not" { given load.kind part; expect skipped=show; }
test "the wrong way round" { given load.rows 5; given load.kind part; expect ran=show; }
"#;
    let wrong = failures("wrong", source);
    let names: Vec<&str> = wrong.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["nothing is known", "one side is not", "the wrong way round"]
    );
    assert_eq!(wrong[2].1, ["`show` was skipped"]);
    assert_eq!(wrong[0].1, ["nobody can say whether `train` ran"]);
}

/// Sites, promises and money are those of a plan, without what is lost.
#[test]
fn plans_are_judged_in_the_situation() {
    let source = r##"
pipeline p {
    schedule "0 2 * * *"
    owner team
    promise deadline "4h"
    step load kind=etl {
        build source="s"
        emits rows type=integer
        needs cores=2 memory="4GiB" run-time="30min"
    }
    step train kind=training {
        when "load.rows > 10"
        build source="s"
        model xgboost trees=10 depth=3
        after load
        needs cores=4 memory="8GiB" run-time="2h"
        prefer deadline "1h"
    }
}
platform acme {
    cloud aws account="123456789012" { region us-east-1 us-west-2; }
    receiver team { page slack channel="#a" secret=a.b; }
}
test "small" { given load.rows 5; expect promise=deadline; expect cost="1 USD"; }
test "a region is gone" { given lost=aws.us-east-1; expect at=aws.us-west-2 step=load; }
test "dear" { given load.rows 50; expect cost="0.01 USD"; }
"##;
    let wrong = failures("planned", source);
    let names: Vec<&str> = wrong.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["dear"], "{wrong:?}");
    assert!(wrong[0].1[0].ends_with("more than 0.01 USD"), "{wrong:?}");
}
