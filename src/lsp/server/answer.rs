//! Which request is answered by what.

use lsp_server::{ErrorCode, Request, Response};
use lsp_types::request::{self, Request as _};
use lsp_types::*;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Server;
use crate::diag::Diagnostics;
use crate::lsp::navigate::{definition, highlights, named, references};
use crate::lsp::position::Lines;
use crate::lsp::project::Project;
use crate::lsp::{action, address, complete, folding, hint, hover, rename, symbol};
use crate::source::SourceMap;
use crate::syntax;

/// What a request is answered with, or why it is not.
type Answer = Result<Value, Refusal>;

/// Why a request is not answered.
struct Refusal(ErrorCode, String);

impl Server {
    /// Answers a request. What has changed should be settled before.
    pub fn answer(&mut self, request: Request) -> Response {
        let id = request.id.clone();
        let answer = match request.method.as_str() {
            request::HoverRequest::METHOD => self.with(request, Self::hover),
            request::Completion::METHOD => self.with(request, Self::completion),
            request::GotoDefinition::METHOD => self.with(request, Self::definition),
            request::References::METHOD => self.with(request, Self::references),
            request::DocumentHighlightRequest::METHOD => self.with(request, Self::highlights),
            request::PrepareRenameRequest::METHOD => self.with(request, Self::prepare_rename),
            request::Rename::METHOD => self.with(request, Self::rename),
            request::DocumentSymbolRequest::METHOD => self.with(request, Self::symbols),
            request::WorkspaceSymbolRequest::METHOD => self.with(request, Self::workspace_symbols),
            request::CodeActionRequest::METHOD => self.with(request, Self::actions),
            request::Formatting::METHOD => self.with(request, Self::format),
            request::FoldingRangeRequest::METHOD => self.with(request, Self::folding),
            request::InlayHintRequest::METHOD => self.with(request, Self::hints),
            other => Err(Refusal(
                ErrorCode::MethodNotFound,
                format!("`{other}` is not served"),
            )),
        };
        match answer {
            Ok(value) => Response::new_ok(id, value),
            Err(Refusal(code, why)) => Response::new_err(id, code as i32, why),
        }
    }

    fn with<P: DeserializeOwned>(&self, request: Request, answer: impl Fn(&Self, P) -> Answer) -> Answer {
        match serde_json::from_value(request.params) {
            Ok(params) => answer(self, params),
            Err(error) => Err(Refusal(ErrorCode::InvalidParams, error.to_string())),
        }
    }

    /// Project, path, text and byte of a place in an open document.
    fn place(&self, at: &TextDocumentPositionParams) -> Option<(&Project, String, &str, usize)> {
        let path = address::path(&at.text_document.uri);
        let text = self.workspace.text(&path)?;
        let byte = Lines::of(text, self.workspace.encoding).offset(at.position);
        Some((self.workspace.project(&path)?, path, text, byte))
    }

    fn hover(&self, params: HoverParams) -> Answer {
        let at = &params.text_document_position_params;
        Ok(self.place(at).map_or(Value::Null, |(project, path, text, byte)| {
            let told = hover::hover(project, &path, text, byte);
            told.map_or(Value::Null, |(value, start, end)| {
                let lines = Lines::of(text, self.workspace.encoding);
                let kind = MarkupKind::Markdown;
                json!(Hover {
                    contents: HoverContents::Markup(MarkupContent { kind, value }),
                    range: Some(lines.range(start, end)),
                })
            })
        }))
    }

    fn completion(&self, params: CompletionParams) -> Answer {
        let at = &params.text_document_position;
        Ok(self.place(at).map_or(Value::Null, |(project, path, text, byte)| {
            let lines = Lines::of(text, self.workspace.encoding);
            json!(complete::complete(project, &path, &lines, byte, self.snippets))
        }))
    }

    fn definition(&self, params: GotoDefinitionParams) -> Answer {
        let at = &params.text_document_position_params;
        let Some((project, path, _, byte)) = self.place(at) else {
            return Ok(Value::Null);
        };
        let found = named(&project.checked, &path, byte);
        Ok(found.map_or(Value::Null, |one| {
            json!(definition(&self.workspace, &project.checked, &one.symbol))
        }))
    }

    fn references(&self, params: ReferenceParams) -> Answer {
        let Some((project, path, _, byte)) = self.place(&params.text_document_position) else {
            return Ok(Value::Null);
        };
        let found = named(&project.checked, &path, byte);
        let declarations = params.context.include_declaration;
        Ok(found.map_or(Value::Null, |one| {
            json!(references(
                &self.workspace,
                &project.checked,
                &one.symbol,
                declarations
            ))
        }))
    }

    fn highlights(&self, params: DocumentHighlightParams) -> Answer {
        let at = &params.text_document_position_params;
        let Some((project, path, _, byte)) = self.place(at) else {
            return Ok(Value::Null);
        };
        let found = named(&project.checked, &path, byte);
        Ok(found.map_or(Value::Null, |one| {
            json!(highlights(&self.workspace, &project.checked, &path, &one.symbol))
        }))
    }

    fn prepare_rename(&self, at: TextDocumentPositionParams) -> Answer {
        let Some((project, path, text, byte)) = self.place(&at) else {
            return Ok(Value::Null);
        };
        let found = named(&project.checked, &path, byte);
        let found = found.filter(|one| rename::renamable(project.checked.names(), &one.symbol));
        let lines = Lines::of(text, self.workspace.encoding);
        Ok(found.map_or(Value::Null, |one| {
            json!(lines.range(one.span.start as usize, one.span.end as usize))
        }))
    }

    fn rename(&self, params: RenameParams) -> Answer {
        let refused = |why: String| Refusal(ErrorCode::RequestFailed, why);
        let Some((project, path, _, byte)) = self.place(&params.text_document_position) else {
            return Ok(Value::Null);
        };
        let found = named(&project.checked, &path, byte);
        let one = found.ok_or_else(|| refused("nothing here has a name".to_owned()))?;
        let edits = rename::rename(&self.workspace, &project.checked, &one.symbol, &params.new_name);
        Ok(json!({ "changes": edits.map_err(refused)? }))
    }

    fn symbols(&self, params: DocumentSymbolParams) -> Answer {
        let path = address::path(&params.text_document.uri);
        let project = self.workspace.project(&path);
        Ok(project.map_or(Value::Null, |project| {
            json!(symbol::document(&self.workspace, &project.checked, &path))
        }))
    }

    fn workspace_symbols(&self, params: WorkspaceSymbolParams) -> Answer {
        let projects = self.workspace.projects();
        let found =
            projects.flat_map(|project| symbol::workspace(&self.workspace, &project.checked, &params.query));
        Ok(json!(found.collect::<Vec<_>>()))
    }

    fn actions(&self, params: CodeActionParams) -> Answer {
        let path = address::path(&params.text_document.uri);
        let project = self.workspace.project(&path);
        Ok(project.map_or(Value::Null, |project| {
            json!(action::fixes(&self.workspace, project, &path, params.range))
        }))
    }

    /// The whole text in its one layout; nothing while it is not KDL.
    fn format(&self, params: DocumentFormattingParams) -> Answer {
        let path = address::path(&params.text_document.uri);
        let Some(text) = self.workspace.text(&path) else {
            return Ok(Value::Null);
        };
        let mut sources = SourceMap::default();
        let id = sources.add(path, text);
        let formatted = syntax::fmt::format(id, text, &mut Diagnostics::new());
        let lines = Lines::of(text, self.workspace.encoding);
        Ok(match formatted {
            Some(new) if new != text => json!([TextEdit::new(lines.range(0, text.len()), new)]),
            Some(_) => json!([]),
            None => Value::Null,
        })
    }

    fn folding(&self, params: FoldingRangeParams) -> Answer {
        let path = address::path(&params.text_document.uri);
        let text = self.workspace.text(&path);
        Ok(text.map_or(Value::Null, |text| {
            json!(folding::ranges(&Lines::of(text, self.workspace.encoding)))
        }))
    }

    fn hints(&self, params: InlayHintParams) -> Answer {
        let path = address::path(&params.text_document.uri);
        let project = self.workspace.project(&path);
        Ok(project.map_or(Value::Null, |project| {
            json!(hint::hints(&self.workspace, project, &path, params.range))
        }))
    }
}
