//! Reading files, and the files they include.

use std::collections::BTreeSet;

use super::lost::Lost;
use super::recover::{self, Memory};
use super::tree::RawNode;
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
pub fn read(
    sources: &mut SourceMap,
    files: &dyn Files,
    mut memory: Option<&mut Memory>,
    lost: &mut Lost,
    out: &mut Diagnostics,
) -> Vec<RawNode> {
    let mut nodes = Vec::new();
    let mut includes = Vec::new();
    let mut next = 0;
    // Files found by `include` are appended to `sources` and so come up in turn.
    while let Some(source) = sources.get(SourceId(next)).cloned() {
        let id = SourceId(next);
        next += 1;
        if !source.program {
            continue;
        }
        let read = recover::parse(id, &source.text, memory.as_deref_mut(), lost, out);
        for node in read.iter().filter(|node| node.name.value == "include") {
            match include(node, &source.path, sources, files, out) {
                Ok(found) => includes.extend(found),
                Err(()) => lost.note_file(),
            }
        }
        nodes.extend(read);
    }
    report_circles(&includes, sources, out);
    nodes
}

/// A line that includes the file `to`.
struct Include {
    span: Span,
    to: SourceId,
}

/// Adds the file that `node` names. Nothing if it names none, an error if there is no such file.
fn include(
    node: &RawNode,
    from: &str,
    sources: &mut SourceMap,
    files: &dyn Files,
    out: &mut Diagnostics,
) -> Result<Option<Include>, ()> {
    let path = node.title().ok_or(())?;
    let target = beside(from, path.value);
    let known = sources.iter().find(|(_, source)| source.path == target);
    if let Some((to, _)) = known {
        return Ok(Some(Include { span: path.span, to }));
    }
    match files.read(&target) {
        Ok(text) => {
            let to = sources.add(target, text);
            Ok(Some(Include { span: path.span, to }))
        }
        Err(why) => {
            let message = format!("cannot read `{}`: {why}", path.value);
            out.push(
                Diagnostic::new(Code::IncludeMissing, path.span, "this file", message)
                    .help(format!("the path is relative to the folder of `{from}`")),
            );
            Err(())
        }
    }
}

/// Reports each line that leads back to its own file.
fn report_circles(includes: &[Include], sources: &SourceMap, out: &mut Diagnostics) {
    let mut told = Vec::new();
    for line in includes {
        let reaches = reached(includes, line.to);
        if !reaches.contains(&line.span.source) || told.iter().any(|file| reaches.contains(file)) {
            continue;
        }
        told.push(line.span.source);
        let own = sources.path(line.span);
        let back = includes.iter().find(|other| {
            other.to == line.span.source && other.span != line.span && reaches.contains(&other.span.source)
        });
        let message = match back {
            Some(_) => format!(
                "`{own}` and `{}` include each other",
                sources.text(line.span).trim_matches('"')
            ),
            None => format!("`{own}` includes itself"),
        };
        let found = Diagnostic::new(Code::IncludeCircle, line.span, "part of a circle", message);
        let found = match back {
            Some(back) => found.and(back.span, "and back"),
            None => found,
        };
        out.push(found.help("move what both need into a third file, and include that"));
    }
}

/// All files that `from` includes, with itself.
fn reached(includes: &[Include], from: SourceId) -> BTreeSet<SourceId> {
    let mut found = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for line in includes.iter().filter(|line| line.span.source == at) {
            if found.insert(line.to) {
                open.push(line.to);
            }
        }
    }
    found
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
