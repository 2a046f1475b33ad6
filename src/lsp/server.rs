//! The protocol: which request is answered by what.

use std::collections::{BTreeMap, BTreeSet};

use lsp_server::{ErrorCode, Notification, Request, Response};
use lsp_types::notification::{self, Notification as _};
use lsp_types::request::{self, Request as _};
use lsp_types::*;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::navigate::{definition, highlights, named, references};
use super::outlook::{Job, Outlook};
use super::position::{Encoding, Lines};
use super::project::Project;
use super::publish::by_path;
use super::workspace::{Disk, Workspace};
use super::{action, address, complete, folding, hint, hover, rename, symbol};
use crate::diag::Diagnostics;
use crate::source::SourceMap;
use crate::syntax;

/// What a client is served by.
pub struct Server {
    workspace: Workspace,
    snippets: bool,
    /// What was published last, by path.
    published: BTreeMap<String, Vec<Diagnostic>>,
    /// Paths whose diagnostics may be others than those published.
    stale: BTreeSet<String>,
}

/// What a request is answered with, or why it is not.
type Answer = Result<Value, Refusal>;

/// Why a request is not answered.
struct Refusal(ErrorCode, String);

/// What this server can do, in columns of this encoding.
pub fn capabilities(encoding: Encoding) -> ServerCapabilities {
    ServerCapabilities {
        position_encoding: Some(encoding.kind()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(TextDocumentSyncSaveOptions::Supported(true)),
            ..TextDocumentSyncOptions::default()
        })),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(["=", "\"", "{", ".", " "].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        document_highlight_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        workspace_symbol_provider: Some(OneOf::Left(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
            ..CodeActionOptions::default()
        })),
        document_formatting_provider: Some(OneOf::Left(true)),
        folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
        inlay_hint_provider: Some(OneOf::Left(true)),
        rename_provider: Some(OneOf::Right(RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: WorkDoneProgressOptions::default(),
        })),
        ..ServerCapabilities::default()
    }
}

impl Server {
    /// A server for a client that says this of itself. Its options may name a `platform`, and as `pages` the address of a
    /// folder with a page for each code.
    pub fn new(disk: Box<dyn Disk>, client: &InitializeParams) -> Server {
        let general = client.capabilities.general.as_ref();
        let offered = general.and_then(|general| general.position_encodings.as_deref());
        let mut workspace = Workspace::new(disk, Encoding::agreed(offered.unwrap_or_default()));
        let option = |name: &str| {
            let options = client.initialization_options.as_ref()?;
            Some(options.get(name)?.as_str()?.to_owned()).filter(|text| !text.is_empty())
        };
        workspace.platform = option("platform");
        workspace.pages = option("pages");
        let document = client.capabilities.text_document.as_ref();
        let item = document.and_then(|document| document.completion.as_ref()?.completion_item.as_ref());
        Server {
            workspace,
            snippets: item.and_then(|item| item.snippet_support).unwrap_or(false),
            published: BTreeMap::new(),
            stale: BTreeSet::new(),
        }
    }

    /// What a column counts.
    pub fn encoding(&self) -> Encoding {
        self.workspace.encoding
    }

    /// Something has happened in the editor. Answers true if a document was saved or opened.
    pub fn notice(&mut self, notice: Notification) -> bool {
        match notice.method.as_str() {
            notification::DidOpenTextDocument::METHOD => {
                let Some(params) = told::<DidOpenTextDocumentParams>(notice.params) else {
                    return false;
                };
                self.workspace
                    .open(params.text_document.uri, params.text_document.text);
                true
            }
            notification::DidChangeTextDocument::METHOD => {
                if let Some(params) = told::<DidChangeTextDocumentParams>(notice.params) {
                    self.workspace
                        .change(&params.text_document.uri, params.content_changes);
                }
                false
            }
            notification::DidCloseTextDocument::METHOD => {
                if let Some(params) = told::<DidCloseTextDocumentParams>(notice.params) {
                    self.stale.extend(self.workspace.close(&params.text_document.uri));
                }
                false
            }
            notification::DidSaveTextDocument::METHOD => {
                let Some(params) = told::<DidSaveTextDocumentParams>(notice.params) else {
                    return false;
                };
                self.workspace.touch(&address::path(&params.text_document.uri));
                true
            }
            notification::DidChangeWatchedFiles::METHOD => {
                let Some(params) = told::<DidChangeWatchedFilesParams>(notice.params) else {
                    return false;
                };
                for change in params.changes {
                    self.workspace.touch(&address::path(&change.uri));
                }
                true
            }
            _ => false,
        }
    }

    /// Checks what has changed; answers the diagnostics that are others than before.
    pub fn settle(&mut self) -> Vec<PublishDiagnosticsParams> {
        self.stale.extend(self.workspace.check());
        let stale = std::mem::take(&mut self.stale);
        if stale.is_empty() {
            return Vec::new();
        }
        let mut now: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
        for project in self.workspace.projects() {
            for (path, found) in by_path(project, &self.workspace) {
                now.entry(path).or_default().extend(found);
            }
        }
        let mut told = Vec::new();
        for path in stale {
            let found = now.remove(&path).unwrap_or_default();
            let before = self.published.get(&path);
            if before.map_or(found.is_empty(), |before| *before == found) {
                continue;
            }
            if let Some(uri) = self.workspace.uri(&path) {
                told.push(PublishDiagnosticsParams::new(uri, found.clone(), None));
            }
            self.published.insert(path, found);
        }
        told
    }

    /// Something to predict and place, if anything has changed since it was last asked for.
    pub fn job(&mut self) -> Option<Job> {
        self.workspace.job()
    }

    /// Takes what a job has found.
    pub fn keep(&mut self, outlook: Outlook) {
        let paths = self.workspace.keep(outlook);
        self.stale.extend(paths);
    }

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

/// The parameters of a notification; one that cannot be read is about nothing.
fn told<P: DeserializeOwned>(params: Value) -> Option<P> {
    serde_json::from_value(params).ok()
}
