//! Reports for other programs, read back as those programs would.

use std::process::Command;

use serde_json::Value;

use crate::blessed;

/// What `check` reports of one input, and its exit code; it has the characters that each form must escape.
fn report(format: &str) -> (i32, String) {
    let folder = std::env::temp_dir().join(format!("portolan-report-{format}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let folder = folder.canonicalize().expect("it is there");
    std::fs::write(folder.join("a b, 50%.kdl"), INPUT).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
    command
        .args(["check", "--format", format])
        .arg(folder.join("a b, 50%.kdl"));
    let output = command.current_dir(&folder).output().expect("the program starts");
    std::fs::remove_dir_all(&folder).expect("the folder can be removed");
    let text = String::from_utf8(output.stderr).expect("reports are text");
    (output.status.code().expect("the program ends by itself"), text)
}

const INPUT: &str = r#"
pipeline p {
    parameter spare "x"
    step a {
        image "ghcr.io/acme/a:1"
        reads "é <&>, 100%: x" mount="/in"
    }
}
"#;

#[test]
fn sarif_has_what_its_schema_asks_for() {
    let (code, text) = report("sarif");
    assert_eq!(code, 1, "{text}");
    let log: Value = serde_json::from_str(&text).expect("SARIF is JSON");
    assert_eq!(log["version"], "2.1.0");
    assert!(
        log["$schema"]
            .as_str()
            .is_some_and(|uri| uri.ends_with("sarif-schema-2.1.0.json"))
    );
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "portolan");
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let results = run["results"].as_array().expect("results");
    assert!(results.len() >= 2, "{text}");
    for result in results {
        let rule = &rules[result["ruleIndex"].as_u64().expect("an index") as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["shortDescription"]["text"].is_string());
        assert!(["error", "warning"].contains(&result["level"].as_str().expect("a level")));
        assert!(
            result["message"]["text"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(
            place["artifactLocation"]["uri"], "a%20b%2C%2050%25.kdl",
            "relative, and a URI"
        );
        let number = |name: &str| place["region"][name].as_u64().expect("a number");
        let start = (number("startLine"), number("startColumn"));
        assert!(start >= (1, 1) && start <= (number("endLine"), number("endColumn")));
    }
    let (line, columns) = (6, (15, 31));
    let known = |result: &&Value| {
        let region = &result["locations"][0]["physicalLocation"]["region"];
        region["startLine"] == line && region["startColumn"] == columns.0 && region["endColumn"] == columns.1
    };
    assert!(
        results.iter().any(|result| known(&result)),
        "columns are characters: {text}"
    );
}

#[test]
fn sarif_never_exits_with_3_or_4() {
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
        command
            .args(arguments)
            .current_dir(blessed::root().join("tests/errors"));
        command.output().expect("the program starts").status.code()
    };
    assert_eq!(run(&["plan", "promise.conflict.kdl"]), Some(4));
    assert_eq!(
        run(&["plan", "promise.conflict.kdl", "--format", "sarif"]),
        Some(1)
    );
    let path = std::env::temp_dir().join(format!("portolan-unformatted-{}.kdl", std::process::id()));
    std::fs::write(&path, "pipeline   p\n").expect("a file");
    let unformatted = ["fmt", "--check", path.to_str().expect("the path is text")];
    assert_eq!(run(&unformatted), Some(3));
    assert_eq!(run(&[&unformatted[..], &["--format", "sarif"]].concat()), Some(1));
    std::fs::remove_file(&path).expect("the file can be removed");
    let locked = ["compile", "--locked", "lock.stale.kdl"];
    assert_eq!(run(&locked), Some(3));
    assert_eq!(run(&[&locked[..], &["--format", "sarif"]].concat()), Some(1));
}

#[test]
fn a_clean_check_is_a_whole_report() {
    let input = blessed::root().join("examples/cancer-risk");
    for format in ["sarif", "gitlab", "junit"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
        let output = command.args(["check", "--format", format]).arg(&input).output();
        let output = output.expect("the program starts");
        let text = String::from_utf8(output.stderr).expect("reports are text");
        assert_eq!(output.status.code(), Some(0), "{text}");
        match format {
            "junit" => {
                let document = roxmltree::Document::parse(&text).expect("XML");
                let cases = document
                    .descendants()
                    .filter(|node| node.has_tag_name("testcase"));
                assert_eq!(cases.count(), 2, "one a file: {text}");
            }
            _ => {
                let found: Value = serde_json::from_str(&text).expect("JSON and nothing else");
                let results = if format == "sarif" {
                    &found["runs"][0]["results"]
                } else {
                    &found
                };
                assert_eq!(results.as_array().map(Vec::len), Some(0), "{text}");
            }
        }
    }
}

#[test]
fn github_gets_one_command_a_mistake() {
    let (_, text) = report("github");
    let mistake = text
        .lines()
        .find(|line| line.starts_with("::error "))
        .expect("a mistake");
    let place = "::error file=a b%2C 50%25.kdl,line=6,endLine=6,col=15,endColumn=31,title=";
    assert!(mistake.starts_with(place), "{text}");
    assert!(mistake.contains("é <&>, 100%25: x"), "{text}");
    assert!(
        text.lines()
            .all(|line| line.starts_with("::error ") || line.starts_with("::warning ")),
        "{text}"
    );
}

#[test]
fn gitlab_tells_findings_apart() {
    let (_, text) = report("gitlab");
    let findings: Vec<Value> = serde_json::from_str(&text).expect("an array");
    let mut prints: Vec<&str> = findings
        .iter()
        .filter_map(|one| one["fingerprint"].as_str())
        .collect();
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), findings.len());
    for finding in &findings {
        assert_eq!(finding["location"]["path"], "a b, 50%.kdl");
        assert!(finding["location"]["lines"]["begin"].as_u64() > Some(1));
        assert!(finding["check_name"].is_string() && finding["description"].is_string());
    }
}

#[test]
fn junit_counts_and_quotes() {
    let (_, text) = report("junit");
    let document = roxmltree::Document::parse(&text).expect("XML");
    let suite = document
        .descendants()
        .find(|node| node.has_tag_name("testsuite"))
        .expect("a suite");
    let count = |name: &str| {
        suite
            .descendants()
            .filter(|node| node.has_tag_name(name))
            .count()
            .to_string()
    };
    assert_eq!(suite.attribute("tests"), Some(count("testcase").as_str()));
    assert_eq!(suite.attribute("failures"), Some(count("failure").as_str()));
    let failure = suite
        .descendants()
        .find(|node| node.has_tag_name("failure"))
        .expect("a mistake");
    let quoted = |text: Option<&str>| text.is_some_and(|text| text.contains("é <&>, 100%: x"));
    assert!(
        quoted(failure.attribute("message")) && quoted(failure.text()),
        "{text}"
    );
}
