//! What other workflow programs wrote -> pipelines of the language.
//!
//! `yaml` reads a foreign text into a tree with places. `argo` follows it from where a run starts
//! and fills a `Pipeline`, which knows nothing of where it comes from; `print` writes that in the language. What cannot
//! be said stops the document with a diagnostic at its line; what can be left out without changing what runs, in which
//! order and with which values becomes a warning and a comment. The language has the last word: what its own checks
//! do not take is never handed out.

pub mod argo;
mod condition;
mod names;
mod pipeline;
mod print;
mod text;
mod yaml;

use std::collections::BTreeMap;

use crate::catalog::Catalog;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::graph;
use crate::source::{SourceMap, Span};
use crate::syntax;

use pipeline::Pipeline;

/// A pipeline of the language, made of a document of another program.
pub struct Imported {
    /// Its name, unique in one import.
    pub name: String,
    /// Its text in canonical form.
    pub text: String,
    /// The document.
    pub document: Span,
}

/// Writes the pipeline, or says why the language does not take it.
fn finish(pipeline: &Pipeline, document: Span, catalog: &Catalog, out: &mut Diagnostics) -> Option<Imported> {
    let typed = print::pipeline(pipeline);
    let mut sources = SourceMap::default();
    let source = sources.add("pipeline.kdl", typed.clone());
    let mut found = Diagnostics::new();
    let text = syntax::fmt::format(source, &typed, &mut found).unwrap_or(typed);
    let mut sources = SourceMap::default();
    sources.add("pipeline.kdl", text.clone());
    let files: BTreeMap<String, String> = BTreeMap::new();
    let read = syntax::parse(&mut sources, &files, &mut found);
    let around = graph::Surroundings {
        sources: &sources,
        files: &files,
        catalog,
        platform: None,
    };
    graph::build(&read, around, &mut found);
    let mistakes: Vec<_> = found
        .sorted()
        .into_iter()
        .filter(|found| found.severity == Severity::Error)
        .collect();
    for mistake in &mistakes {
        let line = sources.line_text(mistake.span()).trim().to_owned();
        out.push(
            Diagnostic::new(
                Code::ImportUnsupported,
                document,
                format!("`{line}` would be wrong"),
                format!(
                    "`{}` says what the language does not take: {}",
                    pipeline.name, mistake.message
                ),
            )
            .maybe_help(mistake.help.clone()),
        );
    }
    mistakes.is_empty().then(|| Imported {
        name: pipeline.name.clone(),
        text,
        document,
    })
}
