//! Where a mistake is, as programs outside look it up.

use std::path::Path;

use crate::source::{Position, SourceMap, Span};

/// A place in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Region {
    /// Relative to the current folder, where it lies below that.
    pub path: String,
    /// The first character; both numbers from 1, columns in characters.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
}

impl Region {
    /// Looks a span up.
    pub fn of(span: Span, sources: &SourceMap) -> Region {
        let end = Span {
            start: span.end,
            ..span
        };
        Region {
            path: relative(sources.path(span)),
            start: sources.position(span),
            end: sources.position(end),
        }
    }
}

/// Sites that show a report know files from the top of the repository, which is where continuous integration starts.
pub fn relative(path: &str) -> String {
    let folder = std::env::current_dir().unwrap_or_default();
    let inside = Path::new(path).strip_prefix(&folder).ok();
    inside
        .map_or(path.into(), Path::to_string_lossy)
        .replace('\\', "/")
}
