//! Diagnostics as editors show them.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    NumberOrString, Uri,
};

use super::position::Lines;
use super::project::Project;
use super::workspace::Workspace;
use crate::diag::{self, Code, Severity};
use crate::source::{SourceId, SourceMap, Span};

/// Line starts of the files of a project.
pub struct Places<'p> {
    sources: &'p SourceMap,
    lines: BTreeMap<SourceId, Lines<'p>>,
    workspace: &'p Workspace,
}

impl<'p> Places<'p> {
    /// Places in the files of `sources`.
    pub fn of(sources: &'p SourceMap, workspace: &'p Workspace) -> Places<'p> {
        Places {
            sources,
            lines: BTreeMap::new(),
            workspace,
        }
    }

    /// The lines of one file.
    pub fn lines(&mut self, source: SourceId) -> &Lines<'p> {
        let text = self.sources.get(source).map_or("", |source| source.text.as_str());
        let encoding = self.workspace.encoding;
        self.lines
            .entry(source)
            .or_insert_with(|| Lines::of(text, encoding))
    }

    /// The range of a span in its file.
    pub fn range(&mut self, span: Span) -> lsp_types::Range {
        self.lines(span.source)
            .range(span.start as usize, span.end as usize)
    }

    /// File and range of a span.
    pub fn location(&mut self, span: Span) -> Option<Location> {
        let uri = self.workspace.uri(self.sources.path(span))?;
        Some(Location {
            uri,
            range: self.range(span),
        })
    }
}

/// All diagnostics of a project, by path.
pub fn by_path(project: &Project, workspace: &Workspace) -> BTreeMap<String, Vec<Diagnostic>> {
    let sources = &project.checked.sources;
    let mut places = Places::of(sources, workspace);
    let mut found: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
    for one in project.found() {
        let told = diagnostic(one, &mut places);
        found
            .entry(sources.path(one.span()).to_owned())
            .or_default()
            .push(told);
    }
    found
}

/// One diagnostic. Its label and help follow the message, because editors show nothing else.
pub fn diagnostic(found: &diag::Diagnostic, places: &mut Places<'_>) -> Diagnostic {
    let related = found.labels.iter().skip(1).filter_map(|label| {
        Some(DiagnosticRelatedInformation {
            location: places.location(label.span)?,
            message: label.text.clone(),
        })
    });
    let related: Vec<DiagnosticRelatedInformation> = related.collect();
    let help = found.help.as_ref().map(|help| format!("\nhelp: {help}"));
    Diagnostic {
        range: places.range(found.span()),
        severity: Some(match found.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
        }),
        code: Some(NumberOrString::String(found.code.name().to_owned())),
        code_description: page(found.code, places.workspace.pages.as_deref()),
        source: Some("portolan".to_owned()),
        message: format!("{}{}", found.message, help.unwrap_or_default()),
        related_information: (!related.is_empty()).then_some(related),
        tags: unnecessary(found.code).then(|| vec![DiagnosticTag::UNNECESSARY]),
        data: None,
    }
}

/// The page of a code, in the folder of pages that the client names.
fn page(code: Code, pages: Option<&str>) -> Option<CodeDescription> {
    let href = Uri::from_str(&format!("{}/{code}.md", pages?.trim_end_matches('/'))).ok()?;
    Some(CodeDescription { href })
}

/// True of what could go without anything changing; editors fade it.
fn unnecessary(code: Code) -> bool {
    matches!(
        code,
        Code::NameUnused | Code::GraphRedundant | Code::ConditionConstant
    )
}
