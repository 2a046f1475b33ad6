//! Texts as they are while somebody types, and all that an editor asks about them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use lsp_server::{Notification, Request};
use portolan::diag::Diagnostics;
use portolan::lsp::{Encoding, Lines, Server};
use portolan::source::SourceMap;
use portolan::syntax::{self, Memory};
use serde_json::{Value, json};

const ADDRESS: &str = "file:///p/pipeline.kdl";

/// All KDL texts in a folder and its folders.
pub fn texts(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(texts(&path));
        } else if path.extension().is_some_and(|extension| extension == "kdl") {
            found.push(fs::read_to_string(path).unwrap());
        }
    }
    found
}

/// A memory changes nothing, be it empty or of another state of the text.
pub fn reads_alike(text: &str) {
    let files: BTreeMap<String, String> = BTreeMap::new();
    let mut memory = Memory::default();
    let later = format!("// moved\n{text}");
    for text in [text, &later, text] {
        let (mut once, mut again) = (Diagnostics::new(), Diagnostics::new());
        let mut sources = SourceMap::default();
        sources.add("a.kdl", text);
        let whole = syntax::parse(&mut sources.clone(), &files, &mut once);
        let pieces = syntax::parse_again(&mut sources, &files, &mut memory, &mut again);
        assert_eq!(format!("{:?}", whole.nodes), format!("{:?}", pieces.nodes));
        assert_eq!(once.sorted(), again.sorted());
    }
}

/// The text up to every `step`th byte.
pub fn every_prefix(text: &str, step: usize) {
    for end in (0..text.len()).step_by(step) {
        if let Some(prefix) = text.get(..end) {
            answers(prefix, end);
        }
    }
}

/// The text without one line, for every third line, and without each closing brace.
pub fn lines_missing(text: &str) {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for missing in (0..lines.len()).step_by(3) {
        let torn: String = [&lines[..missing], &lines[missing + 1..]].concat().concat();
        answers(&torn, torn.len() * missing / lines.len());
    }
    for (at, _) in text.match_indices('}') {
        answers(&format!("{}{}", &text[..at], &text[at + 1..]), at);
    }
}

/// Opens a text and asks everything about the byte `at`, which must be answered.
fn answers(text: &str, at: usize) {
    let disk: BTreeMap<String, String> = BTreeMap::new();
    let client = serde_json::from_value(json!({ "capabilities": {} })).unwrap();
    let mut server = Server::new(Box::new(disk), &client);
    let document = json!({ "uri": ADDRESS, "languageId": "portolan", "version": 1, "text": text });
    let opened = json!({ "textDocument": document });
    server.notice(Notification::new("textDocument/didOpen".to_owned(), opened));
    server.settle();
    let lines = Lines::of(text, Encoding::Utf16);
    let (place, end) = (lines.position(at), lines.position(text.len()));
    let whole = json!({ "start": { "line": 0, "character": 0 }, "end": end });
    for method in [
        "hover",
        "completion",
        "definition",
        "references",
        "documentHighlight",
        "prepareRename",
        "rename",
        "documentSymbol",
        "codeAction",
        "formatting",
        "foldingRange",
        "inlayHint",
    ] {
        let params: Value = json!({
            "textDocument": { "uri": ADDRESS },
            "position": place,
            "range": whole,
            "context": { "includeDeclaration": true, "diagnostics": [], "triggerKind": 1 },
            "newName": "another",
            "options": { "tabSize": 4, "insertSpaces": true },
        });
        let request = Request::new(1.into(), format!("textDocument/{method}"), params);
        let answer = server.answer(request);
        let known = answer.response_result.as_ref().err();
        let refused = known.is_none_or(|error| method == "rename" && error.code == -32803);
        assert!(refused, "{method} at {at}: {known:?}\n{text}");
    }
}
