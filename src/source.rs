//! Source texts and places in them.
//!
//! A [`Span`] is a byte range of one file. Whatever may be blamed for a mistake is kept as [`Spanned`].

use std::fmt;

use serde::{Serialize, Serializer};

/// Which file of a [`SourceMap`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct SourceId(pub u32);

/// A byte range of one source file; ordered by file, then by place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span of `length` bytes at `offset` of `source`.
    pub fn new(source: SourceId, offset: usize, length: usize) -> Self {
        let start = u32::try_from(offset).unwrap_or(u32::MAX);
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        Span {
            source,
            start,
            end: start.saturating_add(length),
        }
    }

    /// Length in bytes.
    pub fn length(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    /// The part of this span that begins `offset` bytes in and is `length` bytes long, never reaching outside.
    pub fn part(self, offset: usize, length: usize) -> Span {
        let start = self
            .start
            .saturating_add(u32::try_from(offset).unwrap_or(u32::MAX))
            .min(self.end);
        let end = start
            .saturating_add(u32::try_from(length).unwrap_or(u32::MAX))
            .min(self.end);
        Span {
            source: self.source,
            start,
            end,
        }
    }

    /// True if `other` lies in this span (they may be equal).
    pub fn contains(self, other: Span) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
    }
}

/// A value and where it was typed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it was typed.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Joins a value and its place.
    pub fn new(value: T, span: Span) -> Self {
        Spanned { value, span }
    }

    /// The same place, another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned {
            value: f(self.value),
            span: self.span,
        }
    }

    /// A borrowed view.
    pub fn as_ref(&self) -> Spanned<&T> {
        Spanned {
            value: &self.value,
            span: self.span,
        }
    }
}

/// Serialised as the bare value: a place is not part of what an IR says.
impl<T: Serialize> Serialize for Spanned<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

/// One file: the path by which the user knows it, and its text.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path as given, with forward slashes.
    pub path: String,
    /// The whole text.
    pub text: String,
    /// False for files that are only quoted in messages.
    pub program: bool,
    line_starts: Vec<u32>,
}

impl Source {
    fn new(path: String, text: String, program: bool) -> Self {
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0)
            .chain(starts.map(|(at, _)| at as u32 + 1))
            .collect();
        Source {
            path,
            text,
            program,
            line_starts,
        }
    }
}

/// A place as people write it: both numbers from 1, the column in characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// All texts of a compilation.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<Source>,
}

impl SourceMap {
    /// Adds a file and returns its id.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> SourceId {
        self.push(path.into(), text.into(), true)
    }

    /// Adds a file that is no program, for messages about it, and returns its id.
    pub fn quote(&mut self, path: impl Into<String>, text: impl Into<String>) -> SourceId {
        self.push(path.into(), text.into(), false)
    }

    fn push(&mut self, path: String, text: String, program: bool) -> SourceId {
        self.files.push(Source::new(path, text, program));
        SourceId(self.files.len() as u32 - 1)
    }

    /// The file `id`, if it belongs to this map.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.files.get(id.0 as usize)
    }

    /// All files with their ids, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.files
            .iter()
            .enumerate()
            .map(|(at, file)| (SourceId(at as u32), file))
    }

    /// All of a line, counted from 1, without its end; the end of the file if it has fewer.
    pub fn line(&self, source: SourceId, number: usize) -> Span {
        let Some(file) = self.get(source) else {
            return Span::default();
        };
        let start_of = |index: usize| {
            file.line_starts
                .get(index)
                .map_or(file.text.len(), |at| *at as usize)
        };
        let start = start_of(number.saturating_sub(1));
        let text = file.text.get(start..start_of(number)).unwrap_or_default();
        Span::new(source, start, text.trim_end_matches(['\n', '\r']).len())
    }

    /// The path of the file `span` lies in, or an empty text.
    pub fn path(&self, span: Span) -> &str {
        self.get(span.source).map_or("", |file| file.path.as_str())
    }

    /// The text that `span` covers.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.source)
            .and_then(|file| file.text.get(span.start as usize..span.end as usize))
            .unwrap_or_default()
    }

    /// Line and column of the first character of `span`.
    pub fn position(&self, span: Span) -> Position {
        let Some(file) = self.get(span.source) else {
            return Position { line: 1, column: 1 };
        };
        let line = file
            .line_starts
            .partition_point(|start| *start <= span.start)
            .max(1);
        let start = file.line_starts.get(line - 1).copied().unwrap_or(0);
        let before = file
            .text
            .get(start as usize..span.start as usize)
            .unwrap_or_default();
        Position {
            line,
            column: before.chars().count() + 1,
        }
    }

    /// The line that `span` begins in, without its end.
    pub fn line_text(&self, span: Span) -> &str {
        let text = self.get(span.source).map_or("", |file| file.text.as_str());
        let (before, after) = text.split_at_checked(span.start as usize).unwrap_or((text, ""));
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let end = after.find('\n').map_or(text.len(), |end| before.len() + end);
        text.get(start..end).unwrap_or_default()
    }

    /// `path:line`, as messages and plans cite a place.
    pub fn cite(&self, span: Span) -> String {
        format!("{}:{}", self.path(span), self.position(span).line)
    }
}

impl<T: fmt::Display> fmt::Display for Spanned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}
