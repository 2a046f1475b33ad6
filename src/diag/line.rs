//! A diagnostic as programs read it: `--format json` writes one a line.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Diagnostic, Severity};
use crate::source::SourceMap;

/// Version of this form.
pub const VERSION: u32 = 1;

/// One mistake.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[schemars(title = "Diagnostic")]
pub struct Line<'d> {
    /// Version of this form.
    pub version: u32,
    /// Its kind, as `portolan explain` knows it.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one clause.
    pub message: &'d str,
    /// The place, then other places that explain it.
    pub labels: Vec<Place<'d>>,
    /// What to write instead.
    pub help: Option<&'d str>,
    /// The same for programs, where one change mends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix<'d>>,
}

/// A text to write in place of another.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Fix<'d> {
    /// File, as given on the command line.
    pub path: &'d str,
    /// First byte of what goes.
    pub start: u32,
    /// One past its last byte; `start` where something is only added.
    pub end: u32,
    /// What comes.
    pub text: &'d str,
}

/// A place and what is to be said about it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[schemars(title = "Label")]
pub struct Place<'d> {
    /// File, as given on the command line.
    pub path: &'d str,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// First byte in the file.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// May be empty.
    pub text: &'d str,
}

impl<'d> Line<'d> {
    /// The diagnostic with its places looked up.
    pub fn of(found: &'d Diagnostic, sources: &'d SourceMap) -> Line<'d> {
        let place = |label: &'d super::Label| {
            let at = sources.position(label.span);
            Place {
                path: sources.path(label.span),
                line: at.line,
                column: at.column,
                start: label.span.start,
                end: label.span.end,
                text: &label.text,
            }
        };
        Line {
            version: VERSION,
            code: found.code.name(),
            severity: found.severity,
            message: &found.message,
            labels: found.labels.iter().map(place).collect(),
            help: found.help.as_deref(),
            fix: found.applicable(sources).map(|fix| Fix {
                path: sources.path(fix.span),
                start: fix.span.start,
                end: fix.span.end,
                text: &fix.text,
            }),
        }
    }
}
