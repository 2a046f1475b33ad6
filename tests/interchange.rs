//! `portolan place`: problems of other programs.

use std::fs;

use portolan::cli::report::{Format, render};
use portolan::diag::{Code, Diagnostics};
use portolan::place::engine::Limits;
use portolan::place::interchange::{self, Report, Status};
use portolan::source::SourceMap;

use crate::blessed;

fn read<T>(text: &str, then: impl FnOnce(Option<&interchange::Instance<'_>>) -> T) -> (T, Vec<Code>, String) {
    let mut sources = SourceMap::default();
    let source = sources.add("instance.json", text);
    let mut found = Diagnostics::new();
    let instance = interchange::read(&sources, source, &mut found);
    let codes = found.sorted().iter().map(|found| found.code).collect();
    (
        then(instance.as_ref()),
        codes,
        render(&found, &sources, Format::Pretty, false),
    )
}

fn solve(text: &str) -> Report {
    let (report, _, shown) = read(text, |instance| {
        instance.map(|instance| interchange::solve(instance, &Limits::default(), || {}))
    });
    report.unwrap_or_else(|| panic!("{shown}"))
}

#[test]
fn every_code_of_instances_has_an_input_and_a_true_page() {
    for code in Code::ALL
        .iter()
        .filter(|code| code.name().starts_with("instance."))
    {
        let input = fs::read_to_string(blessed::root().join(format!("tests/errors/{code}.json"))).unwrap();
        let (_, codes, shown) = read(&input, |_| ());
        assert_eq!(codes, [*code], "{shown}");
        blessed::check(format!("tests/errors/{code}.txt"), &shown);
        let blocks: Vec<&str> = code.page().split("```json\n").skip(1).collect();
        let text = |at: usize| blocks[at].split("```").next().unwrap();
        assert_eq!(read(text(0), |_| ()).1, [*code], "the example of {code}");
        assert_eq!(read(text(1), |_| ()).1, [], "the fix of {code}");
    }
}

#[test]
fn what_no_number_can_be_is_refused() {
    for value in ["NaN", "1e999", "1e13", "-0.5", "\"2\"", "Infinity", "null"] {
        let text = format!(
            r#"{{"tasks":[{{"id":"t","candidates":[{{"cloud":"a","region":"r","cost_usd":{value}}}]}}],"edges":[]}}"#
        );
        let (sound, codes, _) = read(&text, |instance| instance.is_some());
        assert!(!sound && !codes.is_empty(), "{value} was taken");
    }
}

#[test]
fn many_mistakes_in_one_long_line_make_a_short_report() {
    let edges: Vec<String> = (0..5000)
        .map(|n| format!(r#"{{"from":"x{n}","to":"t","gb":1}}"#))
        .collect();
    let text = format!(
        r#"{{"tasks":[{{"id":"t","candidates":[{{"cloud":"a","region":"r","cost_usd":1}}]}}],"edges":[{}]}}"#,
        edges.join(",")
    );
    let (_, codes, shown) = read(&text, |_| ());
    assert_eq!(codes.len(), 20);
    assert!(shown.len() < 5000, "{}", shown.len());
}

const TWO: &str = r#"{"tasks":[
  {"id":"a","windows":[0],"candidates":[
    {"cloud":"x","region":"1","cost_usd":1,"time_s":10,"use":{"gpu":4}},
    {"cloud":"y","region":"1","cost_usd":3,"time_s":10,"use":{"gpu":4}}]},
  {"id":"b","windows":[0],"candidates":[
    {"cloud":"x","region":"1","cost_usd":1,"time_s":10,"use":{"gpu":4}},
    {"cloud":"y","region":"1","cost_usd":4,"time_s":10,"use":{"gpu":4}}]}],
 "edges":[{"from":"a","to":"b","gb":10}],
 "egress_usd_per_gb":{"x/1->y/1":0.5,"y/1->x/1":0.1},
 "egress_s_per_gb":{"x/1->y/1":1,"y/1->x/1":1}
 MORE}"#;

fn two(more: &str) -> Report {
    solve(&TWO.replace("MORE", more))
}

#[test]
fn each_kind_of_restriction_binds() {
    let free = two("");
    assert_eq!((free.status, free.objective), (Status::Optimal, Some(2.0)));
    let quota = two(r#","quotas":[{"id":"q","scope":"x","class":"gpu","limit":4}]"#);
    assert_eq!((quota.status, quota.objective), (Status::Optimal, Some(5.0)));
    assert_eq!((quota.assignment["a"], quota.assignment["b"]), (1, 0));
    let late = two(r#","deadline_s":25,"quotas":[{"id":"q","scope":"x","class":"gpu","limit":4}]"#);
    assert_eq!((late.status, late.objective), (Status::Optimal, Some(7.0)));
    let never = two(r#","deadline_s":19"#);
    assert_eq!((never.status, never.objective), (Status::Infeasible, None));
    let poor = two(r#","budget_usd":1.5"#);
    assert_eq!(poor.status, Status::Infeasible);
    let tight = two(r#","budgets":[{"id":"b","attr":"cost_usd","tasks":["b"],"limit":0.5}]"#);
    assert_eq!(tight.status, Status::Infeasible);
}

#[test]
fn one_platform_of_one_site_and_tasks_without_edges_are_no_special_case() {
    let one = r#"{"tasks":[
      {"id":"a","candidates":[{"cloud":"x","region":"1","cost_usd":0},{"cloud":"x","region":"1","cost_usd":2}]},
      {"id":"b","candidates":[{"cloud":"x","region":"1","cost_usd":1e9}]}],"edges":[]}"#;
    let report = solve(one);
    assert_eq!((report.status, report.objective), (Status::Optimal, Some(1e9)));
}
