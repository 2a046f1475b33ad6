//! `plan --without`, `--price`, `--quota`: what changes, what stays, and what cannot be asked.

use std::process::{Command, Output};

use crate::blessed::root;

/// Two regions and a cluster; one step has to be where the data is, one is free to go.
const SOURCE: &str = r##"
pipeline churn {
    owner team
    schedule "0 2 * * *"
    data raw {
        at aws.us-east-1 uri="s3://acme/raw"
        size "10GiB"
    }
    step shape kind=etl {
        image "ghcr.io/acme/shape:1"
        reads raw
        writes clean size="1GiB"
        needs cores=8 memory="16GiB" run-time="1h"
        only aws.us-east-1
    }
    step fit kind=training {
        image "ghcr.io/acme/fit:1"
        reads clean
        writes model size="1GiB"
        model xgboost trees=500 depth=6
        needs gpu=L4 gpus=1 cores=4 memory="8GiB" run-time="5h"
        never pricing=spot
    }
}
platform acme {
    cloud aws account="123456789012" {
        region us-east-1 us-west-2
    }
    receiver team { page slack channel="#a" secret=a.b; }
}
"##;

struct Project(std::path::PathBuf);

impl Project {
    fn new(name: &str) -> Project {
        let path = std::env::temp_dir().join(format!("portolan-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        std::fs::write(path.join("pipeline.kdl"), SOURCE).expect("a file");
        Project(path)
    }

    fn plan(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
        let command = command.arg("plan").arg(&self.0).args(arguments);
        command.env("NO_COLOR", "1").output().expect("the program starts")
    }

    fn difference(&self, arguments: &[&str]) -> serde_json::Value {
        let output = self.plan(&[arguments, &["--format", "json"]].concat());
        let problems = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{problems}");
        serde_json::from_slice(&output.stdout).expect("JSON")
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What the step called `name` is on before and after.
fn step<'j>(difference: &'j serde_json::Value, name: &str) -> &'j serde_json::Value {
    let steps = difference["steps"].as_array().expect("steps");
    steps.iter().find(|step| step["step"] == name).expect("the step")
}

fn total(difference: &serde_json::Value, at: usize) -> i64 {
    difference["cost"][at]["total"].as_i64().expect("money")
}

#[test]
fn what_is_gone_is_left_and_nothing_else_moves() {
    let project = Project::new("without");
    let now = project.difference(&["--price", "*=1x"]);
    assert_eq!(now["stability"]["moves"], 0);
    assert_eq!(total(&now, 0), total(&now, 1));
    let machine = step(&now, "fit")["before"]["machine"]
        .as_str()
        .expect("a machine");
    let gone = project.difference(&["--without", &format!("aws.us-east-1/{machine}")]);
    assert_eq!(gone["stability"]["moves"], 1);
    assert_eq!(step(&gone, "shape")["moves"], false);
    let fit = step(&gone, "fit");
    assert_eq!(fit["moves"], true);
    assert!(fit["after"]["site"] != fit["before"]["site"] || fit["after"]["machine"] != machine);
    assert!(total(&gone, 1) > total(&gone, 0));
}

#[test]
fn a_price_moves_the_bill_and_past_a_point_the_step() {
    let project = Project::new("price");
    let up = project.difference(&["--price", "aws.*/on-demand=+1%"]);
    assert_eq!(up["stability"]["moves"], 0, "everything is dearer alike");
    assert!(total(&up, 1) > total(&up, 0));
    let machine = step(&up, "fit")["before"]["machine"].as_str().expect("a machine");
    let dear = project.difference(&["--price", &format!("{machine}=900 USD/hour")]);
    assert_eq!(step(&dear, "fit")["moves"], true);
    assert_eq!(step(&dear, "shape")["moves"], false);
}

#[test]
fn a_quota_of_nothing_leaves_the_other_region() {
    let project = Project::new("quota");
    let difference = project.difference(&["--quota", "aws.us-east-1 gpu=L4 gpus=0"]);
    assert_eq!(step(&difference, "fit")["after"]["site"], "aws.us-west-2");
    assert_eq!(step(&difference, "shape")["after"]["site"], "aws.us-east-1");
}

#[test]
fn a_change_that_leaves_no_plan_is_labelled_beside_the_lines_it_clashes_with() {
    let project = Project::new("nowhere");
    let output = project.plan(&["--without", "aws.us-east-1"]);
    let problems = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(4), "{problems}");
    assert!(problems.contains("only aws.us-east-1"), "{problems}");
    assert!(
        problems.contains("<command line>:1: without aws.us-east-1"),
        "{problems}"
    );
}

#[test]
fn what_cannot_be_asked_is_said_with_what_may_be_meant() {
    let project = Project::new("usage");
    for (arguments, said) in [
        (["--without", "aws.us-esat-1"], "did you mean `aws.us-east-1`?"),
        (["--without", "gcp"], "no cloud, site, machine"),
        (["--without", "lab/spot"], "`lab`"),
        (["--price", "aws.*"], "WHAT=CHANGE"),
        (["--price", "aws.*=20"], "`+20%`"),
        (["--price", "aws.*=-120%"], "at most -100%"),
        (["--price", "aws.*=-3 USD/hour"], "`+20%`"),
        (["--price", "aws.*=3 EUR/hour"], "`+20%`"),
        (["--quota", "aws.us-east gpus=1"], "did you mean"),
        (
            ["--quota", "aws.us-east-1 gpu=H10O gpus=1"],
            "did you mean `H100`?",
        ),
        (["--quota", "aws.us-east-1 gpu=H100"], "it limits nothing"),
        (
            ["--quota", "aws.us-east-1 prcing=spot"],
            "did you mean `pricing`?",
        ),
        (["--quota", "aws.us-east-1 cores=1e300"], "not between"),
        (["--tolerance", "200%"], "between"),
    ] {
        let output = project.plan(&arguments);
        let problems = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {problems}");
        assert!(problems.contains(said), "{arguments:?}: {problems}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn the_table_says_what_moves_what_stays_and_what_it_costs() {
    let output = Command::new(env!("CARGO_BIN_EXE_portolan"))
        .args(["plan", "examples/cancer-risk", "--price", "aws.*=+20%"])
        .current_dir(root())
        .env("NO_COLOR", "1")
        .output()
        .expect("the program starts");
    let text = String::from_utf8(output.stdout).expect("text");
    crate::blessed::check("tests/cli/whatif.txt", &text);
}

#[test]
fn a_threshold_is_where_the_step_moves() {
    let project = Project::new("threshold");
    let output = Command::new(env!("CARGO_BIN_EXE_portolan"))
        .args(["explain", "fit", "--format", "json"])
        .arg(&project.0)
        .output()
        .expect("the program starts");
    let why: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let threshold = &why[0]["thresholds"][0];
    let of = |key: &str| threshold["of"][key].as_str().expect("a name").to_owned();
    let offer = [of("site"), of("machine"), of("pricing")].join("/");
    let turns_at = threshold["turns_at"].as_i64().expect("a price") as f64 / 1e6;
    assert!(turns_at > threshold["now"].as_i64().expect("a price") as f64 / 1e6);
    for (factor, moves) in [(0.999, false), (1.001, true)] {
        let price = format!("{offer}={:.6} USD/hour", turns_at * factor);
        let difference = project.difference(&["--price", &price, "--tolerance", "0%"]);
        assert_eq!(step(&difference, "fit")["moves"], moves, "{price}");
    }
    let then = project.difference(&[
        "--price",
        &format!("{offer}={turns_at} USD/hour"),
        "--without",
        &offer,
    ]);
    assert_eq!(
        step(&then, "fit")["after"]["machine"],
        threshold["then"]["machine"]
    );
}

#[test]
fn a_step_is_explained_with_its_alternatives() {
    for step in ["train", "transform"] {
        let output = Command::new(env!("CARGO_BIN_EXE_portolan"))
            .args(["explain", step, "examples/cancer-risk"])
            .current_dir(root())
            .env("NO_COLOR", "1")
            .output()
            .expect("the program starts");
        let text = String::from_utf8(output.stdout).expect("text");
        crate::blessed::check(format!("tests/cli/explain-{step}.txt"), &text);
    }
}
