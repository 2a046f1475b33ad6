//! The program from outside: exit codes, formats, and what may be denied or allowed.

use std::path::Path;
use std::process::{Command, Output};

use crate::blessed;

/// The formats for programs, and the file with what each says of the same mistakes.
const FORMATS: [(&str, &str); 6] = [
    ("short", "short.txt"),
    ("json", "json.txt"),
    ("github", "github.txt"),
    ("sarif", "report.sarif"),
    ("gitlab", "gitlab.json"),
    ("junit", "junit.xml"),
];

/// Runs the program in `tests/errors`, so that paths in messages are short and the same everywhere.
fn portolan(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_portolan"))
        .args(arguments)
        .current_dir(blessed::root().join("tests/errors"))
        .env("NO_COLOR", "1")
        .output()
        .expect("the program starts")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("the program ends by itself")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("messages are text")
}

#[test]
fn mistakes_give_1_warnings_0_and_a_wrong_command_line_2() {
    assert_eq!(code(&portolan(&["check", "name.unknown.kdl"])), 1);
    assert_eq!(code(&portolan(&["check", "name.unused.kdl"])), 0);
    assert_eq!(code(&portolan(&["check", "no-such-file.kdl"])), 2);
    assert_eq!(code(&portolan(&["check", "--frobnicate"])), 2);
    assert_eq!(
        code(&portolan(&["check", "--allow", "name.unkown", "name.unused.kdl"])),
        2
    );
}

#[test]
fn a_code_that_is_misspelt_is_suggested() {
    let output = portolan(&["check", "--allow", "name.unkown", "name.unused.kdl"]);
    assert!(
        stderr(&output).contains("did you mean `name.unknown`?"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn warnings_can_be_denied() {
    let output = portolan(&[
        "check",
        "--deny",
        "warnings",
        "--format",
        "short",
        "name.unused.kdl",
    ]);
    assert_eq!(code(&output), 1);
    assert!(
        stderr(&output).contains("error[name.unused]"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn warnings_can_be_allowed_and_errors_cannot() {
    let allowed = portolan(&[
        "check",
        "--allow",
        "name.unused",
        "--deny",
        "warnings",
        "name.unused.kdl",
    ]);
    assert_eq!(code(&allowed), 0, "{}", stderr(&allowed));
    let refused = portolan(&["check", "--allow", "name.unknown", "name.unknown.kdl"]);
    assert_eq!(code(&refused), 1);
}

#[test]
fn formats_for_machines_say_the_same() {
    for (format, file) in FORMATS {
        let output = portolan(&["check", "--format", format, "name.unknown.kdl", "syntax.kdl.kdl"]);
        assert_eq!(code(&output), 1);
        assert!(output.stdout.is_empty(), "messages go to stderr");
        blessed::check(Path::new("tests/cli").join(file), &stderr(&output));
    }
}

#[test]
fn a_line_of_json_is_a_mistake() {
    let output = portolan(&["check", "--format", "json", "value.unit.kdl"]);
    for line in stderr(&output).lines() {
        let found: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        assert_eq!(found["code"], "value.unit");
        assert!(found["labels"][0]["line"].as_u64() > Some(1));
    }
}
