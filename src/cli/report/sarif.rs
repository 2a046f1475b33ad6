//! SARIF 2.1.0, the interchange form of static analysis (OASIS standard): code scanning sites and editors read it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::place::Region;
use crate::diag::{Code, Diagnostic, Fix, Label};
use crate::render;
use crate::source::SourceMap;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// One run, with the rules that it found broken. A run without results is a log too: it closes what earlier ones opened.
pub fn document(all: &[&Diagnostic], sources: &SourceMap) -> String {
    let codes: BTreeSet<Code> = all.iter().map(|found| found.code).collect();
    let rules: Vec<Value> = codes.iter().map(|code| rule(*code)).collect();
    let results: Vec<Value> = all.iter().map(|found| result(found, &codes, sources)).collect();
    render::json(&json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "portolan",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    }))
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.name(),
        "shortDescription": { "text": code.title() },
        "help": { "text": format!("portolan explain {code}"), "markdown": code.page() },
        "defaultConfiguration": { "level": code.severity().word() },
    })
}

fn result(found: &Diagnostic, codes: &BTreeSet<Code>, sources: &SourceMap) -> Value {
    let message = match &found.help {
        Some(help) => format!("{}\n{help}", found.message),
        None => found.message.clone(),
    };
    let places =
        |labels: &[Label]| -> Vec<Value> { labels.iter().map(|label| location(label, sources)).collect() };
    let (own, related) = found.labels.split_at(found.labels.len().min(1));
    let fixes = found
        .applicable(sources)
        .map(|fix| self::fix(found, fix, sources));
    let mut result = json!({
        "ruleId": found.code.name(),
        "ruleIndex": codes.iter().position(|code| *code == found.code),
        "level": found.severity.word(),
        "message": { "text": message },
        "locations": places(own),
        "relatedLocations": places(related),
    });
    if let (Some(result), Some(fixes)) = (result.as_object_mut(), fixes) {
        result.insert("fixes".to_owned(), json!([fixes]));
    }
    result
}

/// One change of one file.
fn fix(found: &Diagnostic, fix: &Fix, sources: &SourceMap) -> Value {
    let region = Region::of(fix.span, sources);
    json!({
        "description": { "text": found.help.as_ref().unwrap_or(&found.message) },
        "artifactChanges": [{
            "artifactLocation": { "uri": uri(&region.path) },
            "replacements": [{
                "deletedRegion": {
                    "startLine": region.start.line,
                    "startColumn": region.start.column,
                    "endLine": region.end.line,
                    "endColumn": region.end.column,
                },
                "insertedContent": { "text": fix.text },
            }],
        }],
    })
}

fn location(label: &Label, sources: &SourceMap) -> Value {
    let region = Region::of(label.span, sources);
    let mut place = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&region.path) },
            "region": {
                "startLine": region.start.line,
                "startColumn": region.start.column,
                "endLine": region.end.line,
                "endColumn": region.end.column,
            },
        },
    });
    if let (Some(place), false) = (place.as_object_mut(), label.text.is_empty()) {
        place.insert("message".to_owned(), json!({ "text": label.text }));
    }
    place
}

/// A path as a URI reference.
fn uri(path: &str) -> String {
    let root = if path.starts_with('/') { "file://" } else { "" };
    format!("{root}{}", render::uri::path(path))
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_path_is_one_uri() {
        assert_eq!(
            uri("examples/a b/ü#1:%.kdl"),
            "examples/a%20b/%C3%BC%231%3A%25.kdl"
        );
        assert_eq!(uri("/srv/pipeline.kdl"), "file:///srv/pipeline.kdl");
    }
}
