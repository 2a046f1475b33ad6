//! Placing whole pipelines: what holds, and what is said when nothing can.

use std::collections::BTreeMap;

use portolan::catalog::Catalog;
use portolan::diag::{Code, Diagnostic, Diagnostics};
use portolan::graph::{self, Graph, Surroundings};
use portolan::place::{self, Limits, Placements, Plan};
use portolan::profile::{self, History, ProfiledGraph};
use portolan::source::SourceMap;
use portolan::syntax;

const PLATFORM: &str = r##"
platform acme {
    objective cost makespan
    cloud aws account="123456789012" {
        region us-east-1 {
            quota gpu=H100 gpus=16
            quota gpu=H100 gpus=16 pricing=spot
        }
        region eu-west-1
    }
    receiver team { page slack channel="#a" secret=a.b; }
}
"##;

/// A pipeline of one training step; `extra` stands in the step.
fn pipeline(extra: &str) -> String {
    format!(
        r#"
pipeline tight {{
    owner team
    schedule "0 2 * * *"
    data raw {{
        at aws.us-east-1 uri="s3://acme/raw"
        size "10GiB"
        residency us
    }}
    step tune kind=training {{
        image "ghcr.io/acme/tune@sha256:{digest}"
        reads raw
        writes model size="1GiB"
        {extra}
    }}
}}
"#,
        digest = "a".repeat(64)
    )
}

fn placed(
    text: &str,
    then: impl FnOnce(Option<Plan<'_>>, &Catalog, &ProfiledGraph<'_>),
    found: &mut Diagnostics,
) {
    let mut sources = SourceMap::default();
    sources.add("pipeline.kdl", text);
    sources.add("platform.kdl", PLATFORM);
    let files: BTreeMap<String, String> = BTreeMap::new();
    let document = syntax::parse(&mut sources, &files, found);
    let catalog = Catalog::built_in();
    let around = Surroundings {
        sources: &sources,
        files: &files,
        catalog: &catalog,
        platform: None,
    };
    let (graph, catalog): (Graph, Catalog) = graph::build(&document, around, found).expect("a graph");
    let profiled = profile::annotate(&graph, &History::default(), &catalog, found);
    assert!(!found.has_errors(), "{:?}", found.sorted());
    let plan = place::solve(&profiled, &catalog, None, &Limits::default(), found);
    then(plan, &catalog, &profiled);
}

/// The one error that placing reports.
fn refused(extra: &str) -> Diagnostic {
    let mut found = Diagnostics::new();
    placed(&pipeline(extra), |plan, _, _| assert!(plan.is_none()), &mut found);
    let errors: Vec<&Diagnostic> = found
        .sorted()
        .into_iter()
        .filter(|found| found.code.severity() == portolan::diag::Severity::Error)
        .collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors[0].clone()
}

#[test]
fn lines_that_cannot_all_hold_are_all_labelled() {
    let nowhere = refused("never aws.us-east-1");
    assert_eq!(
        (nowhere.code, nowhere.labels.len()),
        (Code::PlaceNone, 2),
        "{nowhere:?}"
    );
    let late = refused("needs run-time=\"8h\"\npromise deadline \"6h\"");
    assert_eq!(late.code, Code::PromiseImpossible);
    assert_eq!(
        late.help.as_deref(),
        Some("this would be enough: `deadline \"8h2min\"`")
    );
    let never = refused("needs run-time=\"26h\"\npromise deadline by=\"05:30\"");
    assert_eq!(
        never.help.as_deref(),
        Some("this would be enough: `deadline \"26h2min\"`")
    );
    let much = refused("needs gpu=H100 gpus=8 nodes=3");
    assert_eq!(much.code, Code::NeedsQuota, "{much:?}");
    assert_eq!(refused("needs gpu=H100 gpus=16").code, Code::NeedsGpu);
    assert_eq!(refused("needs memory=\"60TiB\"").code, Code::NeedsMachine);
}

#[test]
fn data_stays_where_it_may_be_and_a_lock_is_kept() {
    let mut found = Diagnostics::new();
    let keep = |plan: Option<Plan<'_>>, catalog: &Catalog, profiled: &ProfiledGraph<'_>| {
        let plan = plan.expect("a plan");
        assert_eq!(plan.sites.len(), 1);
        assert_eq!(plan.sites[0].name, "aws.us-east-1");
        assert!(plan.solution.optimal);
        // Another machine than the best, nearly as cheap: kept, because moving is worth nothing.
        let locked = Placements::of(&plan);
        let again = place::solve(
            profiled,
            catalog,
            Some(&locked),
            &Limits::default(),
            &mut Diagnostics::new(),
        );
        assert_eq!(Placements::of(&again.expect("a plan")), locked);
        let none = serde_json::to_string(&Placements::default()).expect("JSON");
        assert_eq!(none, "{}");
    };
    placed(
        &pipeline("needs cores=4 memory=\"8GiB\" run-time=\"1h\""),
        keep,
        &mut found,
    );
}

#[test]
fn the_same_input_gives_the_same_plan() {
    let plan = || {
        let (mut found, mut text) = (Diagnostics::new(), String::new());
        placed(
            &pipeline("model xgboost trees=500 depth=6"),
            |plan, _, _| text = format!("{plan:?}"),
            &mut found,
        );
        text
    };
    assert_eq!(plan(), plan());
}

/// A full and a light branch, of which one runs, behind a budget of `budget` USD a month.
fn branches(budget: u32) -> String {
    let text = pipeline(
        "needs cores=4 memory=\"8GiB\" run-time=\"10h\"\nemits rows type=integer\nonly pricing=on-demand",
    );
    let step = |name: &str, when: &str, hours: u32| {
        format!(
            "step {name} kind=training {{\n image \"ghcr.io/acme/{name}@sha256:{}\"\n {when}\n reads model\n \
             writes fitted size=\"1GiB\"\n needs cores=4 memory=\"8GiB\" run-time=\"{hours}h\"\n only pricing=on-demand\n}}\n",
            "b".repeat(64)
        )
    };
    let end = text.rfind('}').expect("a pipeline");
    format!(
        "{}{}{}promise budget \"{budget} USD/month\"\n}}\n",
        &text[..end],
        step("full", "when \"tune.rows > 5\"", 20),
        step("light", "otherwise full", 10),
    )
}

#[test]
fn of_alternatives_each_is_paid_for_when_it_runs_and_a_budget_holds_for_the_dearer() {
    let mut found = Diagnostics::new();
    let mut dearer = 0;
    let look = |plan: Option<Plan<'_>>, _: &Catalog, profiled: &ProfiledGraph<'_>| {
        let plan = plan.expect("a plan");
        let step = |name: &str| {
            let step = profiled.graph.steps.iter().find(|step| step.name.value == name);
            &plan[step.expect("the step").id]
        };
        let runs = profiled[step("full").step].runs_per_month;
        // Half of the runs take the full branch; starting a machine is paid for, too.
        let hourly = plan[step("full").pool].hourly.in_usd();
        let full = step("full").monthly.in_usd();
        assert!((full / (hourly * 20.0 * runs) - 0.5).abs() < 0.01, "{full}");
        assert!((full / step("light").monthly.in_usd() - 2.0).abs() < 0.02);
        let tune = step("tune").monthly.in_usd();
        let budget = plan
            .promises
            .iter()
            .find(|outcome| outcome.what.starts_with("budget"));
        let reached: f64 = budget
            .expect("a budget")
            .result
            .split(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        assert!((reached - tune - 2.0 * full).abs() < 0.02 * reached, "{reached}");
        dearer = reached as u32;
    };
    placed(&branches(9000), look, &mut found);
    // The expected bill would stay below, but not that of a month in which the full branch always runs.
    let mut found = Diagnostics::new();
    placed(
        &branches(dearer - 1),
        |plan, _, _| assert!(plan.is_none()),
        &mut found,
    );
    assert!(found.has_errors());
}

#[test]
fn a_step_is_at_one_site_and_says_so() {
    let mut found = Diagnostics::new();
    placed(
        &pipeline("at-least sites=2"),
        |plan, _, _| assert!(plan.is_some()),
        &mut found,
    );
    let codes: Vec<Code> = found.sorted().iter().map(|found| found.code).collect();
    assert!(codes.contains(&Code::UnsupportedNode), "{codes:?}");
}

#[test]
fn services_that_fit_on_one_machine_share_it() {
    let service = |name: &str| {
        format!(
            "step {name} kind=serving {{\n image \"ghcr.io/acme/{name}@sha256:{}\"\n runtime custom\n \
             reads model\n traffic peak=\"5/s\"\n needs cores=0.5 memory=\"1GiB\"\n}}\n",
            "c".repeat(64)
        )
    };
    let text = pipeline("needs cores=4 memory=\"8GiB\" run-time=\"1h\"");
    let end = text.rfind('}').expect("a pipeline");
    let text = format!("{}{}{}}}\n", &text[..end], service("one"), service("two"));
    let look = |plan: Option<Plan<'_>>, catalog: &Catalog, profiled: &ProfiledGraph<'_>| {
        let plan = plan.expect("a plan");
        let pool = |name: &str| {
            let step = profiled.graph.steps.iter().find(|step| step.name.value == name);
            plan[step.expect("the step").id].pool
        };
        assert_eq!(pool("one"), pool("two"));
        let machine = plan[pool("one")].hourly.in_usd() * 730.0;
        let saved = plan.cost.shared.in_usd();
        assert!(saved > 0.2 * machine && saved < machine, "{:?}", plan.cost);
        // Compiled again, the same is decided.
        let locked = Placements::of(&plan);
        let limits = Limits::default();
        let again = place::solve(profiled, catalog, Some(&locked), &limits, &mut Diagnostics::new());
        assert_eq!(Placements::of(&again.expect("a plan")), locked);
    };
    placed(&text, look, &mut Diagnostics::new());
}

#[test]
fn the_latency_that_would_be_enough_is_enough() {
    let serving = |bound: &str| {
        let text = pipeline("needs cores=4 memory=\"8GiB\" run-time=\"1h\"");
        let end = text.rfind('}').expect("a pipeline");
        format!(
            "{}step serve kind=serving {{\n image \"ghcr.io/acme/serve@sha256:{}\"\n runtime custom\n reads model\n \
             traffic peak=\"5/s\"\n needs cores=1 memory=\"2GiB\"\n promise latency {bound} from=pt\n}}\n}}\n",
            &text[..end],
            "d".repeat(64)
        )
    };
    let mut found = Diagnostics::new();
    placed(
        &serving("p50=\"1ms\" p99=\"2ms\""),
        |plan, _, _| assert!(plan.is_none()),
        &mut found,
    );
    let help = found
        .sorted()
        .iter()
        .find_map(|found| found.help.clone())
        .expect("a way out");
    let (_, enough) = help.split_once("`latency ").expect("another latency");
    let (enough, _) = enough.split_once('`').expect("its end");
    assert!(enough.contains("p50") && enough.contains("p99"), "{help}");
    placed(
        &serving(enough),
        |plan, _, _| assert!(plan.is_some(), "{enough}"),
        &mut Diagnostics::new(),
    );
}

#[test]
fn a_checkpoint_is_advised_only_to_kinds_that_may_have_one() {
    let long = "only pricing=spot\nneeds run-time=\"9h\" cores=4 memory=\"8GiB\"";
    for (kind, advised) in [("training", true), ("etl", false), ("batch-inference", false)] {
        let text = pipeline(long).replace("kind=training", &format!("kind={kind}"));
        let mut found = Diagnostics::new();
        placed(&text, |plan, _, _| assert!(plan.is_some()), &mut found);
        let fragile = found
            .sorted()
            .into_iter()
            .find(|found| found.code == Code::NeedsCheckpoint);
        let help = fragile.and_then(|found| found.help.clone()).expect("a help");
        assert_eq!(help.contains("checkpoint"), advised, "{kind}: {help}");
        // What is advised is a program.
        let line = if advised {
            "checkpoint every=\"20min\""
        } else {
            "never pricing=spot"
        };
        assert!(help.contains(line), "{kind}: {help}");
    }
}
