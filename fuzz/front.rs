//! Any text goes through reading, checking and formatting without a panic, and what is formatted stays as it is.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use libfuzzer_sys::{Corpus, fuzz_target};
use portolan::catalog::Catalog;
use portolan::cli::report::{Format, render};
use portolan::diag::Diagnostics;
use portolan::graph;
use portolan::source::{SourceId, SourceMap};
use portolan::syntax;

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::built_in);

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Corpus::Reject;
    };
    check(text);
    if let Some(once) = format(text) {
        let twice = format(&once).expect("what is formatted can be read");
        assert_eq!(once, twice, "formatting it again changes it");
    }
    Corpus::Keep
});

/// As `portolan check` does it, and with what it prints.
fn check(text: &str) {
    let mut sources = SourceMap::default();
    sources.add("input.kdl", text);
    let mut found = Diagnostics::new();
    let files = BTreeMap::new();
    let document = syntax::parse(&mut sources, &files, &mut found);
    let around = graph::Surroundings {
        sources: &sources,
        files: &files,
        catalog: &CATALOG,
        platform: None,
    };
    graph::build(&document, around, &mut found);
    for format in [Format::Pretty, Format::Sarif] {
        render(&found, &sources, format, false);
    }
}

fn format(text: &str) -> Option<String> {
    syntax::fmt::format(SourceId(0), text, &mut Diagnostics::new())
}
