//! Reading files: KDL, its errors in our words, and `include`.

use kdl::KdlDocument;

use super::tree::{RawNode, bind};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, SourceMap, Span};

/// The only door of the core to other files: what a path, relative to the folder of the first source, holds.
pub trait Files {
    /// The text at `path`, or why it cannot be read.
    ///
    /// # Errors
    /// Says why, in words for the user.
    fn read(&self, path: &str) -> Result<String, String>;
}

/// Files held in memory, by path; for tests and for editors.
impl Files for std::collections::BTreeMap<String, String> {
    fn read(&self, path: &str) -> Result<String, String> {
        self.get(path).cloned().ok_or_else(|| "no such file".to_owned())
    }
}

/// Reads all sources and what they include, each file once.
pub fn read(sources: &mut SourceMap, files: &dyn Files, out: &mut Diagnostics) -> Vec<RawNode> {
    let mut nodes = Vec::new();
    let mut next = 0;
    // Files found by `include` are appended to `sources` and so come up in turn.
    while let Some(source) = sources.get(SourceId(next)).cloned() {
        let id = SourceId(next);
        next += 1;
        for node in parse(id, &source.text, out) {
            if node.name.value == "include" {
                include(&node, &source.path, sources, files, out);
            }
            nodes.push(node);
        }
    }
    nodes
}

fn include(node: &RawNode, from: &str, sources: &mut SourceMap, files: &dyn Files, out: &mut Diagnostics) {
    let Some(path) = node.title() else { return };
    let target = beside(from, path.value);
    if sources.iter().any(|(_, source)| source.path == target) {
        return;
    }
    match files.read(&target) {
        Ok(text) => {
            sources.add(target, text);
        }
        Err(why) => {
            let message = format!("cannot read `{}`: {why}", path.value);
            out.push(
                Diagnostic::new(Code::IncludeMissing, path.span, "this file", message)
                    .help(format!("the path is relative to the folder of `{from}`")),
            );
        }
    }
}

/// `path` relative to the folder of the file `from`, without `.` and `..` where they can be resolved.
pub fn beside(from: &str, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn parse(source: SourceId, text: &str, out: &mut Diagnostics) -> Vec<RawNode> {
    document(source, text, out)
        .map(|document| bind(&document, source, text))
        .unwrap_or_default()
}

/// The text as KDL, or `None` if it is not; what is wrong is then reported.
pub(super) fn document(source: SourceId, text: &str, out: &mut Diagnostics) -> Option<KdlDocument> {
    match KdlDocument::parse_v2(text) {
        Ok(document) => Some(document),
        Err(error) => {
            for found in narrowed(source, &error) {
                out.push(found);
            }
            None
        }
    }
}

/// KDL reports overlapping places, unsorted: what contains a narrower one is dropped.
fn narrowed(source: SourceId, error: &kdl::KdlError) -> Vec<Diagnostic> {
    let place = |span: &miette::SourceSpan| Span::new(source, span.offset(), span.len().max(1));
    let spans: Vec<Span> = error.diagnostics.iter().map(|found| place(&found.span)).collect();
    let narrow = |span: Span| !spans.iter().any(|other| *other != span && span.contains(*other));
    error
        .diagnostics
        .iter()
        .map(|found| (place(&found.span), found))
        .filter(|(span, _)| narrow(*span))
        .map(|(span, found)| {
            let message = found
                .message
                .clone()
                .unwrap_or_else(|| "this is not KDL 2".to_owned());
            let label = found.label.clone().unwrap_or_else(|| "here".to_owned());
            Diagnostic::new(Code::SyntaxKdl, span, label, message).maybe_help(found.help.clone())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn paths_are_relative_to_the_file_that_names_them() {
        assert_eq!(beside("a/b/pipeline.kdl", "../shared/t.kdl"), "a/shared/t.kdl");
        assert_eq!(beside("pipeline.kdl", "./t.kdl"), "t.kdl");
        assert_eq!(beside("pipeline.kdl", "../t.kdl"), "../t.kdl");
        assert_eq!(beside("a/pipeline.kdl", "/etc/t.kdl"), "/etc/t.kdl");
    }
}
