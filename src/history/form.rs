//! What form a file has, by its first bytes and names.

use serde_json::Value;

use super::table::{self, Defaults};
use super::{Read, argo, nextflow, prometheus, wfformat};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, SourceMap, Span};

/// Forms that can be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// `kubectl get workflows -o json`, one workflow or a list.
    Argo,
    /// An answer of Prometheus' `query_range`.
    Prometheus,
    /// WfFormat 1.4 and 1.5.
    WfFormat,
    /// `nextflow run -with-trace`.
    Nextflow,
    /// The table of the history itself, or a user's own.
    Csv,
}

impl Form {
    /// By content: JSON by its top-level names, else a trace by its columns.
    pub fn of(text: &str) -> Form {
        let start = text.trim_start_matches('\u{feff}').trim_start();
        if start.starts_with('{') {
            return match serde_json::from_str::<Value>(start) {
                Ok(value) if value.get("data").is_some() => Form::Prometheus,
                Ok(value) if value.get("workflow").is_some() => Form::WfFormat,
                Ok(_) | Err(_) => Form::Argo,
            };
        }
        let header = start.lines().next().unwrap_or_default();
        let has = |name: &str| header.split('\t').any(|column| column == name);
        if has("task_id") || has("native_id") || has("realtime") {
            Form::Nextflow
        } else {
            Form::Csv
        }
    }

    /// Reads a file of this form.
    pub fn read(
        self,
        sources: &SourceMap,
        file: SourceId,
        defaults: Defaults<'_>,
        out: &mut Diagnostics,
    ) -> Read {
        match self {
            Form::Argo => argo::read(sources, file, out),
            Form::Prometheus => prometheus::read(sources, file, defaults, out),
            Form::WfFormat => wfformat::read(sources, file, defaults, out),
            Form::Nextflow => nextflow::read(sources, file, defaults, out),
            Form::Csv => table::read(sources, file, defaults, out),
        }
    }
}

/// The JSON of a file; reports where it ends to be JSON.
pub(super) fn json<T: serde::de::DeserializeOwned>(
    sources: &SourceMap,
    file: SourceId,
    what: &str,
    out: &mut Diagnostics,
) -> Option<T> {
    let text = sources.get(file).map_or("", |source| source.text.as_str());
    let why = match serde_json::from_str(text) {
        Ok(value) => return Some(value),
        Err(error) => error,
    };
    let before: usize = text
        .split_inclusive('\n')
        .take(why.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let at = (before + why.column().saturating_sub(1)).min(text.len());
    out.push(
        Diagnostic::new(
            Code::HistoryColumns,
            Span::new(file, at, 0),
            "up to here",
            format!("this is not {what}: {why}"),
        )
        .help("nothing was read from this file"),
    );
    None
}

/// Where a text stands in a JSON file between quotes, else the start of the file.
pub(super) fn quoted(sources: &SourceMap, file: SourceId, text: &str) -> Span {
    let whole = sources.get(file).map_or("", |source| source.text.as_str());
    let found = whole.find(&format!("\"{text}\"")).filter(|_| !text.is_empty());
    found.map_or(Span::new(file, 0, 0), |at| Span::new(file, at + 1, text.len()))
}
