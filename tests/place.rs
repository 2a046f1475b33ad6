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
