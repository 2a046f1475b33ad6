//! The sources of one folder, which are compiled together, and what is known of them.

use std::cell::OnceCell;
use std::sync::LazyLock;

use super::names::Names;
use super::outlook::Outlook;
use crate::catalog::Catalog;
use crate::diag::{Diagnostic, Diagnostics};
use crate::graph;
use crate::source::{Source, SourceId, SourceMap};
use crate::syntax::{self, Document, Files, Memory};

/// Unpacked once: it does not depend on what is checked.
pub static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::built_in);

/// A folder's sources.
#[derive(Default)]
pub struct Project {
    memory: Memory,
    /// The last check.
    pub checked: Checked,
    /// What prediction and placement last said.
    pub outlook: Outlook,
    /// Number of the last change.
    pub edition: u64,
    /// It has changed since the last check.
    pub changed: bool,
    /// It has changed, or was saved, since an outlook was last asked for.
    pub unseen: bool,
}

/// Sources as they were checked, and what was found.
#[derive(Default)]
pub struct Checked {
    /// All texts, those that are included behind those of the folder.
    pub sources: SourceMap,
    /// What could be read of them.
    pub document: Document,
    /// What is wrong.
    pub found: Diagnostics,
    names: OnceCell<Names>,
}

impl Project {
    /// Checks the sources of the folder, given by path.
    pub fn check(&mut self, texts: Vec<(String, String)>, files: &dyn Files, platform: Option<&str>) {
        let mut sources = SourceMap::default();
        for (path, text) in texts {
            sources.add(path, text);
        }
        let mut found = Diagnostics::new();
        let document = syntax::parse_again(&mut sources, files, &mut self.memory, &mut found);
        let around = graph::Surroundings {
            sources: &sources,
            files,
            catalog: &CATALOG,
            platform,
        };
        graph::build(&document, around, &mut found);
        self.checked = Checked {
            sources,
            document,
            found,
            names: OnceCell::new(),
        };
        self.changed = false;
    }

    /// All that is wrong: also what prediction and placement say, as long as it is about the text as it stands.
    pub fn found(&self) -> impl Iterator<Item = &Diagnostic> {
        let outlook = self.outlook.found.iter();
        let current = self.outlook.edition == self.edition;
        self.checked
            .found
            .sorted()
            .into_iter()
            .chain(outlook.filter(move |_| current))
    }
}

impl Checked {
    /// What is called what, and where each name stands.
    pub fn names(&self) -> &Names {
        self.names
            .get_or_init(|| Names::of(&self.document, &self.sources))
    }

    /// The source at `path`.
    pub fn source(&self, path: &str) -> Option<(SourceId, &Source)> {
        self.sources.iter().find(|(_, source)| source.path == path)
    }
}
