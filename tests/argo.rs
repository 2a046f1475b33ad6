//! Runs of emitted workflows: what is written for Argo is played, over as many clusters as there are.

mod cluster;
mod expr;
mod lint;
mod protocol;
mod scripts;

use std::collections::BTreeMap;

use cluster::{Phase, Ran, Texts, World};

use crate::compiled::compile;

const SEARCH: &str = include_str!("argo/search.kdl");

fn files(text: &str) -> Texts {
    let texts = BTreeMap::from([("search.kdl".to_owned(), text.to_owned())]);
    compile(&texts, &["search.kdl"], None).texts()
}

/// Outputs by name, as the programs of the search emit them.
fn search(ran: &Ran) -> Option<Texts> {
    let one = |name: &str, value: String| Some(Texts::from([(name.to_owned(), value)]));
    match ran.step.as_str() {
        "prepare" => Some(Texts::from(
            [("rows", "12"), ("age", "60"), ("region", "{{no}}rth $x")].map(|(a, b)| (a.into(), b.into())),
        )),
        "fit" => one("auc", ran.env["EACH_TRIAL_RATE"].clone()),
        "confirm" => one("score", "0.7".into()),
        "deep" | "wide" | "fallback" => one("auc", "0.9".into()),
        "part-stats" => one("mean", "1".into()),
        _ => Some(Texts::new()),
    }
}

fn count(world: &World<'_>, step: &str) -> usize {
    world.ran.iter().filter(|ran| ran.step == step).count()
}

#[test]
fn a_search_stops_early_chooses_and_remembers() {
    let files = files(SEARCH);
    let mut world = World::new(&files, &search);
    assert_eq!(world.start("aws-eu-west-1", "sales", "s1"), Phase::Succeeded);
    assert_eq!(world.start("aws-eu-west-1", "search", "r1"), Phase::Succeeded);
    let fits: Vec<&str> = world
        .ran
        .iter()
        .filter(|ran| ran.step == "fit")
        .map(|ran| ran.env["EACH_TRIAL_RUNG"].as_str())
        .collect();
    assert_eq!(
        ["1", "2", "3"].map(|rung| fits.iter().filter(|it| **it == rung).count()),
        [9, 3, 1]
    );
    let first = world
        .ran
        .iter()
        .find(|ran| ran.step == "prepare")
        .unwrap()
        .env
        .clone();
    assert!(
        first["READS_ORDERS"].ends_with("/data/sales/orders/s1"),
        "{}",
        first["READS_ORDERS"]
    );
    assert!(
        first["READS_MODEL"].ends_with("/none"),
        "no run has written it: {}",
        first["READS_MODEL"]
    );
    // Of what went to the last rung, which is the best.
    let rate = |ran: &&Ran| ran.env["EACH_TRIAL_RATE"].parse::<f64>().unwrap();
    let best = world
        .ran
        .iter()
        .filter(|ran| ran.step == "fit")
        .max_by(|a, b| rate(a).total_cmp(&rate(b)))
        .unwrap();
    let item = best.env["WRITES_CANDIDATE"]
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    let confirm = world.ran.iter().find(|ran| ran.step == "confirm").unwrap();
    assert!(
        confirm.env["READS_CANDIDATE"].ends_with(&format!("/{item}")),
        "{item} {}",
        confirm.env["READS_CANDIDATE"]
    );
    assert_eq!(confirm.cluster, "lab");
    assert_eq!(
        (
            count(&world, "deep"),
            count(&world, "wide"),
            count(&world, "fallback")
        ),
        (1, 0, 0)
    );
    assert_eq!(
        (
            count(&world, "confirm"),
            count(&world, "part-stats"),
            count(&world, "shard")
        ),
        (3, 2, 16)
    );

    // It is no better than last time, and all folds are known.
    assert_eq!(world.start("aws-eu-west-1", "search", "r2"), Phase::Succeeded);
    assert_eq!(
        (
            count(&world, "deep"),
            count(&world, "wide"),
            count(&world, "fallback")
        ),
        (1, 1, 0)
    );
    assert_eq!(count(&world, "confirm"), 3);
    let second = world.ran.iter().rfind(|ran| ran.step == "prepare").unwrap();
    assert!(
        second.env["READS_MODEL"].ends_with("/r1"),
        "{}",
        second.env["READS_MODEL"]
    );
    let publish = world.ran.iter().rfind(|ran| ran.step == "publish").unwrap();
    assert!(
        publish.env["READS_MODEL"].contains("acme-aws-eu-west-1"),
        "{}",
        publish.env["READS_MODEL"]
    );
    assert_eq!(world.swept, 0);
}

#[test]
fn a_failure_is_swept_up_and_leaves_nothing_behind() {
    let files = files(SEARCH);
    let script = |ran: &Ran| {
        if ran.step == "wide" || ran.step == "deep" {
            None
        } else {
            search(ran)
        }
    };
    let mut world = World::new(&files, &script);
    world.start("aws-eu-west-1", "sales", "s1");
    assert_eq!(world.start("aws-eu-west-1", "search", "r1"), Phase::Failed);
    assert_eq!(
        (count(&world, "publish"), count(&world, "report"), world.swept),
        (0, 1, 1)
    );
    assert_eq!(count(&world, "part-stats"), 2, "what does not depend on it ends");
    let left = world
        .stored
        .keys()
        .find(|address| address.ends_with("runs/search/_last/run.json"));
    assert_eq!(left, None, "only runs that succeed are remembered");
}

/// Three steps in a chain of alternatives, each with a condition of its own or none.
const CHAIN: &str = r#"
platform acme { prefix acme; cloud aws account="123456789012" { region eu-west-1; }; }
pipeline chain {
    step ask kind=task { image "ghcr.io/acme/a:1"; emits a type=boolean; emits b type=boolean; }
    step first kind=task { image "ghcr.io/acme/a:1"; when "ask.a"; }
    step second kind=task { image "ghcr.io/acme/a:1"; when "ask.b"; otherwise first; }
    step third kind=task { image "ghcr.io/acme/a:1"; otherwise second; }
    step last kind=task { image "ghcr.io/acme/a:1"; otherwise first second; }
}
"#;

#[test]
fn alternatives_of_alternatives_run_when_those_may_not() {
    let files = files(CHAIN);
    for (a, b) in [(false, false), (false, true), (true, false), (true, true)] {
        let script = |ran: &Ran| {
            let said = [("a", a), ("b", b)].map(|(name, value)| (name.to_owned(), value.to_string()));
            Some(if ran.step == "ask" {
                Texts::from(said)
            } else {
                Texts::new()
            })
        };
        let mut world = World::new(&files, &script);
        assert_eq!(world.start("aws-eu-west-1", "chain", "r"), Phase::Succeeded);
        let ran = ["first", "second", "third", "last"].map(|step| count(&world, step) == 1);
        let second = b && !a;
        assert_eq!(ran, [a, second, !second, !a && !second], "a {a}, b {b}");
    }
}

const ENDS: &str = r#"
pipeline ends {
    owner team
    parameter regions br pt
    parameter loud #false
    step work kind=task { image "ghcr.io/acme/a:1"; }
    step report kind=task { image "ghcr.io/acme/a:1"; each region from=regions; finally; }
    step shout kind=task { image "ghcr.io/acme/a:1"; when loud; finally; }
}
platform acme {
    cloud aws account="123456789012" { region eu-west-1; }
    receiver team { page slack channel="team" secret=slack.hook; }
}
"#;

#[test]
fn what_runs_finally_fans_out_and_has_conditions() {
    let files = files(ENDS);
    let script = |ran: &Ran| (ran.step != "work").then(Texts::new);
    let mut world = World::new(&files, &script);
    assert_eq!(world.start("aws-eu-west-1", "ends", "r"), Phase::Failed);
    let ran = ["work", "report", "shout"].map(|step| count(&world, step));
    assert_eq!(ran, [1, 2, 0]);
}

#[test]
fn every_example_runs_to_its_end_each_step_once() {
    for (path, pipeline, hub) in [
        ("cancer-risk", "cancer-risk", "aws-eu-west-1"),
        ("docs-rag", "docs-rag", "azure-westeurope"),
        ("feature-store", "feature-store", "lab"),
        ("llm-finetune", "assistant", "aws-us-east-1"),
    ] {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("snapshots")
            .join(path);
        let files = crate::compiled::folder(&root);
        let script = |_: &Ran| Some(plausible());
        let mut world = World::new(&files, &script);
        assert_eq!(world.start(hub, pipeline, "r1"), Phase::Succeeded, "{path}");
        let mut seen: Vec<String> = world
            .ran
            .iter()
            .map(|ran| format!("{} {:?}", ran.step, items(ran)))
            .collect();
        let all = seen.len();
        seen.sort();
        seen.dedup();
        assert!(all > 2 && seen.len() == all, "{path}: {seen:?}");
    }
}

fn items(ran: &Ran) -> Vec<&String> {
    ran.env
        .iter()
        .filter(|(name, _)| name.starts_with("EACH_"))
        .map(|(_, value)| value)
        .collect()
}

/// Values for whatever the examples emit.
fn plausible() -> Texts {
    let names = [
        "rows",
        "feature-count",
        "auc",
        "recall",
        "pages-changed",
        "recall-at-10",
        "nulls",
        "psi",
        "eval-loss",
        "examples",
        "win-rate",
        "violations",
    ];
    names
        .into_iter()
        .map(|name| (name.to_owned(), "1".to_owned()))
        .collect()
}
