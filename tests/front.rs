//! The compiler over texts in memory: its front half, as `portolan check`, and the whole of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use portolan::Input;
use portolan::catalog::Catalog;
use portolan::cli::report::{Format, render};
use portolan::diag::{Code, Diagnostics};
use portolan::graph;
use portolan::place::Limits;
use portolan::source::SourceMap;
use portolan::syntax;

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::built_in);

/// What was read and what is wrong with it.
pub struct Checked {
    pub sources: SourceMap,
    pub found: Diagnostics,
}

/// Checks the file called `first`; `files` holds it and all that it names.
pub fn check(files: &BTreeMap<String, String>, first: &str) -> Checked {
    let mut sources = SourceMap::default();
    sources.add(first, files.get(first).cloned().unwrap_or_default());
    check_all(sources, files)
}

/// Checks all `sources` together; `files` holds what they name.
pub fn check_all(mut sources: SourceMap, files: &BTreeMap<String, String>) -> Checked {
    let mut found = Diagnostics::new();
    let document = syntax::parse(&mut sources, files, &mut found);
    let around = graph::Surroundings {
        sources: &sources,
        files,
        catalog: &CATALOG,
        platform: None,
    };
    graph::build(&document, around, &mut found);
    Checked { sources, found }
}

/// Compiles the files, provided that the front half finds nothing: later passes presume as much, and tests of the front
/// half need no platform.
pub fn compile(files: &BTreeMap<String, String>, first: &str) -> Checked {
    let front = check(files, first);
    if !front.found.is_empty() {
        return front;
    }
    let mut sources = SourceMap::default();
    sources.add(first, files.get(first).cloned().unwrap_or_default());
    let mut found = Diagnostics::new();
    let input = Input {
        files,
        platform: None,
        lock: None,
        history: None,
        limits: &Limits::default(),
    };
    portolan::compile(&mut sources, input, &mut found);
    Checked { sources, found }
}

/// Checks one text without files around it.
pub fn check_text(text: &str) -> Checked {
    check(
        &BTreeMap::from([("input.kdl".to_owned(), text.to_owned())]),
        "input.kdl",
    )
}

impl Checked {
    /// The kinds of mistakes found.
    pub fn codes(&self) -> BTreeSet<Code> {
        self.found.sorted().iter().map(|found| found.code).collect()
    }

    /// As the terminal shows it, without colour.
    pub fn pretty(&self) -> String {
        render(&self.found, &self.sources, Format::Pretty, false)
    }
}
