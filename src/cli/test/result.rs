//! Results of tests, for people and for programs.

use serde::Serialize;

use crate::cli::report::{Format, junit_tests};
use crate::diag::Diagnostic;
use crate::graph::Graph;
use crate::render;
use crate::source::{SourceMap, Span};
use crate::trial::Verdict;

/// How one test ended.
pub struct TestResult {
    /// The situation in words.
    pub name: String,
    /// The pipeline.
    pub pipeline: String,
    /// Where it stands.
    pub span: Span,
    /// One for each expectation that does not hold.
    pub failures: Vec<Diagnostic>,
}

impl TestResult {
    /// Of a verdict.
    pub fn of(verdict: &Verdict<'_>, graph: &Graph) -> TestResult {
        TestResult {
            name: verdict.test.name.value.clone(),
            pipeline: graph[verdict.test.pipeline].name.value.clone(),
            span: verdict.test.name.span,
            failures: verdict.failures.clone(),
        }
    }
}

/// A test as programs read it.
#[derive(Serialize)]
struct Line<'r> {
    test: &'r str,
    pipeline: &'r str,
    place: String,
    passed: bool,
    failures: Vec<Failure<'r>>,
}

#[derive(Serialize)]
struct Failure<'r> {
    message: &'r str,
    place: String,
}

/// All results; for formats that only know mistakes, the lines for people.
pub fn text(results: &[TestResult], sources: &SourceMap, format: Format) -> String {
    match format {
        Format::Json => render::json(
            &results
                .iter()
                .map(|result| line(result, sources))
                .collect::<Vec<_>>(),
        ),
        Format::Junit => junit_tests(results, sources),
        Format::Pretty | Format::Short | Format::Github => people(results),
        Format::Sarif | Format::Gitlab => String::new(),
    }
}

fn line<'r>(result: &'r TestResult, sources: &SourceMap) -> Line<'r> {
    let failures = result.failures.iter().map(|failure| Failure {
        message: &failure.message,
        place: sources.cite(failure.span()),
    });
    Line {
        test: &result.name,
        pipeline: &result.pipeline,
        place: sources.cite(result.span),
        passed: result.failures.is_empty(),
        failures: failures.collect(),
    }
}

fn people(results: &[TestResult]) -> String {
    let line = |result: &TestResult| {
        let mark = if result.failures.is_empty() {
            "ok    "
        } else {
            "FAILED"
        };
        format!("  {mark}  {}: {}\n", result.pipeline, result.name)
    };
    let lines: String = results.iter().map(line).collect();
    let failed = results
        .iter()
        .filter(|result| !result.failures.is_empty())
        .count();
    match (results.len(), failed) {
        (0, _) => "there are no tests\n".to_owned(),
        (all, 0) => format!("{lines}{all} passed\n"),
        (all, failed) => format!("{lines}{} passed, {failed} failed\n", all - failed),
    }
}
