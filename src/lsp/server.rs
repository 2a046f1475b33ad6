//! What happens in the editor, and the diagnostics that follow from it.

mod answer;

use std::collections::{BTreeMap, BTreeSet};

use lsp_server::Notification;
use lsp_types::notification::{self, Notification as _};
use lsp_types::*;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::address;
use super::outlook::{Job, Outlook};
use super::position::Encoding;
use super::publish::by_path;
use super::workspace::{Disk, Workspace};

/// What a client is served by.
pub struct Server {
    workspace: Workspace,
    snippets: bool,
    /// What was published last, by path.
    published: BTreeMap<String, Vec<Diagnostic>>,
    /// Paths whose diagnostics may be others than those published.
    stale: BTreeSet<String>,
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
}

/// The parameters of a notification; one that cannot be read is about nothing.
fn told<P: DeserializeOwned>(params: Value) -> Option<P> {
    serde_json::from_value(params).ok()
}
