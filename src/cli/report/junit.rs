//! JUnit's XML, which most continuous integration servers show: a suite for each file, a case for each mistake.
//!
//! A warning is a case that passes and says something: a server must not call a run failed that ended with 0.

use super::place::{Region, relative};
use crate::cli::test::TestResult;
use crate::diag::{Diagnostic, Severity};
use crate::source::SourceMap;

/// The whole report. A file without mistakes is one case that passes, so that a clean run is seen to have run.
pub fn document(all: &[&Diagnostic], sources: &SourceMap) -> String {
    let mut suites = String::new();
    for (id, source) in sources.iter() {
        let own: Vec<&Diagnostic> = all
            .iter()
            .copied()
            .filter(|found| found.span().source == id)
            .collect();
        let (failures, tests) = (errors(&own), own.len().max(1));
        let name = escaped(&relative(&source.path));
        suites += &format!(
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n"
        );
        for found in &own {
            suites += &case(found, sources);
        }
        if own.is_empty() {
            suites += &format!("    <testcase name=\"no mistakes\" classname=\"{name}\"/>\n");
        }
        suites += "  </testsuite>\n";
    }
    let failures = errors(all);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"portolan\" failures=\"{failures}\" errors=\"0\">\n{suites}</testsuites>\n"
    )
}

/// A suite for each pipeline, a case for each test.
pub fn tests(results: &[TestResult], sources: &SourceMap) -> String {
    let mut suites = String::new();
    let mut rest = results;
    while let Some(first) = rest.first() {
        let count = rest
            .iter()
            .take_while(|result| result.pipeline == first.pipeline)
            .count();
        let (own, more) = rest.split_at(count);
        let name = escaped(&first.pipeline);
        let failures = failed(own);
        suites += &format!(
            "  <testsuite name=\"{name}\" tests=\"{count}\" failures=\"{failures}\" errors=\"0\">\n"
        );
        suites.extend(own.iter().map(|result| test(result, sources)));
        suites += "  </testsuite>\n";
        rest = more;
    }
    let (count, failures) = (results.len(), failed(results));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"portolan test\" tests=\"{count}\" failures=\"{failures}\" errors=\"0\">\n{suites}</testsuites>\n"
    )
}

fn failed(results: &[TestResult]) -> usize {
    results
        .iter()
        .filter(|result| !result.failures.is_empty())
        .count()
}

fn test(result: &TestResult, sources: &SourceMap) -> String {
    let region = Region::of(result.span, sources);
    let (path, line) = (escaped(&region.path), region.start.line);
    let failures = result.failures.iter().map(|found| {
        let place = escaped(&sources.cite(found.span()));
        let (message, told) = (escaped(&found.message), escaped(&super::told(found, sources)));
        format!(
            "<failure message=\"{message}\" type=\"{}\">{place}: {told}</failure>",
            found.code
        )
    });
    let (name, class) = (escaped(&result.name), escaped(&result.pipeline));
    format!(
        "    <testcase name=\"{name}\" classname=\"{class}\" file=\"{path}\" line=\"{line}\">{}</testcase>\n",
        failures.collect::<String>()
    )
}

fn errors(all: &[&Diagnostic]) -> usize {
    all.iter()
        .filter(|found| found.severity == Severity::Error)
        .count()
}

fn case(found: &Diagnostic, sources: &SourceMap) -> String {
    let region = Region::of(found.span(), sources);
    let path = escaped(&region.path);
    let (line, column) = (region.start.line, region.start.column);
    let told = escaped(&super::told(found, sources));
    let inner = match found.severity {
        Severity::Error => format!(
            "<failure message=\"{}\" type=\"{}\">{path}:{line}:{column}: {told}</failure>",
            escaped(&found.message),
            found.code
        ),
        Severity::Warning => format!("<system-out>{path}:{line}:{column}: warning: {told}</system-out>"),
    };
    format!(
        "    <testcase name=\"{} at {line}:{column}\" classname=\"{path}\" file=\"{path}\" line=\"{line}\">{inner}</testcase>\n",
        found.code
    )
}

/// A text in an element or an attribute. XML 1.0 has no way to write most control characters, so they become U+FFFD.
fn escaped(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => made.push_str("&amp;"),
            '<' => made.push_str("&lt;"),
            '>' => made.push_str("&gt;"),
            '"' => made.push_str("&quot;"),
            // As they are, an attribute would make blanks of them.
            '\n' => made.push_str("&#10;"),
            '\r' => made.push_str("&#13;"),
            '\t' => made.push_str("&#9;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => made.push('\u{fffd}'),
            plain => made.push(plain),
        }
    }
    made
}

#[cfg(test)]
mod escaping {
    use super::escaped;

    #[test]
    fn no_text_ends_an_attribute_or_an_element() {
        assert_eq!(
            escaped("a<b> & \"c\"\n]]>"),
            "a&lt;b&gt; &amp; &quot;c&quot;&#10;]]&gt;"
        );
        assert_eq!(
            escaped("nul \0 escape \u{1b}[31m"),
            "nul \u{fffd} escape \u{fffd}[31m"
        );
    }
}
