//! What stands in `integrations/`: the files parse, and what they call works on the example that they come with.

use std::fs;

use regex::Regex;
use serde_json::Value;

use crate::blessed::root;
use crate::shell::{Folder, commands};

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The example's repository after its first compilation.
fn example(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.copy("integrations/example", ".");
    for line in commands(&text("integrations/example/README.md")) {
        folder.succeeds(line, &[]);
    }
    folder
}

/// Changes a line of the example's pipeline.
fn edit(folder: &Folder, from: &str, to: &str) {
    let path = folder.0.join("pipelines/pipeline.kdl");
    let before = fs::read_to_string(&path).expect("the pipeline");
    assert!(before.contains(from));
    fs::write(path, before.replace(from, to)).expect("a file");
}

/// The scripts of the action with their names.
fn steps() -> Vec<(String, String)> {
    let action = yaml("integrations/github/action.yml");
    assert_eq!(action["runs"]["using"], "composite");
    let steps = action["runs"]["steps"].as_array().expect("steps").iter();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    steps
        .map(|step| (text(&step["name"]), text(&step["run"])))
        .collect()
}

const ACTION: [(&str, &str); 4] = [
    ("SOURCES", "pipelines"),
    ("OUTPUT", "infra"),
    ("DENY", "--deny=warnings"),
    ("GITHUB_STEP_SUMMARY", "summary.md"),
];

#[test]
fn the_action_passes_on_its_example_and_fails_on_what_is_stale() {
    let folder = example("action");
    for (_, script) in steps() {
        folder.succeeds(&script, &ACTION);
    }
    let summary = fs::read_to_string(folder.0.join("summary.md")).expect("a summary");
    assert!(summary.contains("USD"), "{summary}");
    edit(&folder, "trees=600", "trees=900");
    let failed = |(name, script): (String, String)| {
        let output = folder.run(&script, &ACTION);
        (!output.status.success()).then_some(name)
    };
    let failed: Vec<String> = steps().into_iter().filter_map(failed).collect();
    assert_eq!(failed, ["Compare"]);
}

#[test]
fn no_expression_stands_in_a_script() {
    for (name, script) in steps() {
        assert!(!script.contains("${{"), "{name}: an input would be run as code");
    }
}

#[test]
fn hooks_pass_on_the_example() {
    let folder = example("hooks");
    let shipped = yaml(".pre-commit-hooks.yaml");
    let local = yaml("integrations/example/.pre-commit-config.yaml");
    let own = local["repos"][0]["hooks"].as_array().expect("hooks");
    let hooks: Vec<&Value> = shipped.as_array().expect("hooks").iter().chain(own).collect();
    assert_eq!(hooks.len(), 5);
    for hook in hooks {
        let entry = hook["entry"].as_str().expect("a command");
        let files = Regex::new(hook["files"].as_str().expect("a pattern")).expect("a regular expression");
        let given = "pipelines/pipeline.kdl";
        assert!(files.is_match(given) && !files.is_match("README.md"), "{hook}");
        let arguments = if hook["pass_filenames"] == false {
            ""
        } else {
            given
        };
        folder.succeeds(&format!("{entry} {arguments}"), &[]);
    }
}

#[test]
fn jobs_of_gitlab_pass_and_their_reports_can_be_read() {
    let folder = example("gitlab");
    let template = yaml("integrations/gitlab/portolan.yml");
    let variables = template["variables"].as_object().expect("variables");
    let variables: Vec<(&str, &str)> = variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().expect("a text")))
        .collect();
    for job in ["check", "test", "compare"] {
        let script = template[format!("portolan:{job}")]["script"].as_array();
        for line in script.expect("a script") {
            folder.succeeds(line.as_str().expect("a command"), &variables);
        }
    }
    let report = |name: &str| fs::read_to_string(folder.0.join(name)).expect("a report");
    let quality: Value = serde_json::from_str(&report("portolan-quality.json")).expect("JSON");
    assert_eq!(quality, serde_json::json!([]));
    roxmltree::Document::parse(&report("portolan-tests.xml")).expect("XML");
}

#[test]
fn the_matcher_understands_every_short_line() {
    let matcher: Value = serde_json::from_str(&text("integrations/github/portolan.json")).expect("JSON");
    let pattern = &matcher["problemMatcher"][0]["pattern"][0];
    let expression =
        Regex::new(pattern["regexp"].as_str().expect("a pattern")).expect("a regular expression");
    let part = |name: &str| pattern[name].as_u64().expect("a group") as usize;
    let folder = example("matcher");
    edit(&folder, "reads sales", "reads slaes");
    let output = folder.run("portolan check --format short pipelines", &[]);
    let mut lines = String::from_utf8(output.stderr).expect("a text");
    lines += &text("tests/cli/short.txt");
    assert!(lines.lines().count() > 5);
    for line in lines.lines() {
        let found = expression
            .captures(line)
            .unwrap_or_else(|| panic!("not understood: {line}"));
        assert!(found[part("file")].ends_with(".kdl"), "{line}");
        assert!(found[part("line")].parse::<u32>().is_ok() && found[part("column")].parse::<u32>().is_ok());
        assert!(
            portolan::diag::Code::find(&found[part("code")]).is_some(),
            "{line}"
        );
    }
    let line = lines.lines().next().expect("a line");
    let found = expression.captures(line).expect("understood above");
    assert_eq!(&found[part("file")], "pipelines/pipeline.kdl");
    assert!(found[part("message")].contains("slaes"), "{line}");
}

#[test]
fn the_example_repository_parses() {
    let workflow = yaml("integrations/example/.github/workflows/portolan.yml");
    let steps = workflow["jobs"]["pipelines"]["steps"].as_array().expect("steps");
    let given = steps
        .iter()
        .find_map(|step| step["with"].as_object())
        .expect("inputs");
    let known = yaml("integrations/github/action.yml");
    for name in given.keys() {
        assert!(
            known["inputs"][name].is_object(),
            "the action has no input `{name}`"
        );
    }
    assert!(yaml("integrations/example/.gitlab-ci.yml")["include"].is_array());
}
