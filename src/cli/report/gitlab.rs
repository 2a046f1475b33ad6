//! GitLab's Code Quality report: a JSON array that merge requests show line by line.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::place::Region;
use crate::diag::{Diagnostic, Severity};
use crate::source::SourceMap;

/// One finding, with the fields that GitLab reads.
#[derive(Serialize)]
struct Finding {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// The whole report.
pub fn document(all: &[&Diagnostic], sources: &SourceMap) -> String {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let findings: Vec<Finding> = all
        .iter()
        .map(|found| {
            let region = Region::of(found.span(), sources);
            let identity = format!("{}\n{}\n{}", region.path, found.code, found.message);
            let count = seen.entry(identity.clone()).or_default();
            *count += 1;
            Finding {
                description: super::told(found, sources),
                check_name: found.code.name(),
                fingerprint: fingerprint(&identity, *count),
                severity: match found.severity {
                    Severity::Error => "major",
                    Severity::Warning => "minor",
                },
                location: Location {
                    lines: Lines {
                        begin: region.start.line,
                        end: region.end.line,
                    },
                    path: region.path,
                },
            }
        })
        .collect();
    crate::render::json(&findings)
}

/// Tells a finding from all others, and stays when lines move: so it is not of the place.
fn fingerprint(identity: &str, count: usize) -> String {
    let digest = Sha256::digest(format!("{identity}\n{count}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
