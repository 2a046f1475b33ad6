//! Reading on after a mistake in KDL.
//!
//! KDL has no tree for a file with a mistake in it. So the file is cut into its nodes, and each is read alone; one that
//! fails is cut into its head and the nodes of its block. What fails in the end is a line or two, and is reported.

mod explain;
mod memory;
pub(crate) mod pieces;
pub(crate) mod words;

pub use memory::Memory;

use kdl::{KdlDocument, KdlError};

use super::lost::Lost;
use super::tree::{Base, RawNode, bind};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, Span};
use pieces::{Block, Cut, Piece};

/// Deeper blocks than this are no program of anybody (and would exhaust the stack).
const DEEPEST: usize = 64;

/// The nodes of `text`. What is not KDL is reported and left out. With a `memory` the text is read piece by piece from
/// the start, because most pieces are known.
pub(super) fn parse(
    source: SourceId,
    text: &str,
    memory: Option<&mut Memory>,
    lost: &mut Lost,
    out: &mut Diagnostics,
) -> Vec<RawNode> {
    let marks = pieces::marks(text);
    if let Some(at) = pieces::too_deep(&marks, DEEPEST) {
        let message = format!("blocks are nested more than {DEEPEST} deep");
        out.push(Diagnostic::new(
            Code::SyntaxKdl,
            Span::new(source, at, 1),
            "one too many",
            message,
        ));
        lost.note(text);
        return Vec::new();
    }
    if memory.is_none()
        && let Ok(document) = KdlDocument::parse_v2(text)
    {
        return bind(&document, Base { source, offset: 0 }, text);
    }
    let cut = pieces::cut(text, &marks);
    let mut reader = Reader {
        source,
        text,
        memory,
        depth: 0,
        lost,
        out,
    };
    reader.unbalanced(&cut);
    reader.nodes(&cut.pieces).0
}

struct Reader<'a> {
    source: SourceId,
    text: &'a str,
    memory: Option<&'a mut Memory>,
    /// Blocks around the piece at hand.
    depth: usize,
    lost: &'a mut Lost,
    out: &'a mut Diagnostics,
}

impl<'a> Reader<'a> {
    /// Reports braces that do not fit.
    fn unbalanced(&mut self, cut: &Cut) {
        for (at, end) in &cut.unclosed {
            let message = "this block is not closed";
            let found = Diagnostic::new(
                Code::SyntaxKdl,
                Span::new(self.source, *at, 1),
                "no `}` for this",
                message,
            );
            let found = match self.first_word(*end) {
                Some(after) => found.and(after, "it seems to end above this"),
                None => found,
            };
            let brace = format!("{}}}\n", self.indent(*at));
            let found = found.fix(Span::new(self.source, *end, 0), brace);
            self.out
                .push(found.help("add a `}` on a line of its own, below the last line of the block"));
        }
        for at in &cut.unopened {
            let message = "the lines below this one are in no block";
            let at = self.last_word(*at);
            let found = Diagnostic::new(Code::SyntaxKdl, at, "no `{` behind this", message);
            let end = at.part(at.length(), 0);
            self.out
                .push(found.help("add ` {` at the end of the line").fix(end, " {"));
        }
        for at in &cut.stray {
            let message = "this `}` closes nothing";
            let found = Diagnostic::new(
                Code::SyntaxKdl,
                Span::new(self.source, *at, 1),
                "no block is open here",
                message,
            );
            let own = found.span();
            self.out.push(found.help("remove it").fix(own, ""));
        }
    }

    /// The nodes, and whether any of them was left out.
    fn nodes(&mut self, pieces: &[Piece]) -> (Vec<RawNode>, bool) {
        let mut nodes = Vec::new();
        let mut damaged = false;
        for piece in pieces {
            match self.piece(piece) {
                Some(found) => nodes.extend(found),
                None => {
                    self.lost.note(self.part(piece.start, piece.end));
                    damaged = true;
                }
            }
        }
        (nodes, damaged)
    }

    fn part(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The space before the first word of the line of the byte `at`.
    fn indent(&self, at: usize) -> &'a str {
        let before = self.part(0, at);
        let line = before.rfind('\n').map_or(before, |end| self.part(end + 1, at));
        let length = line.len() - line.trim_start().len();
        line.get(..length).unwrap_or_default()
    }

    /// The first word from `start` on.
    fn first_word(&self, start: usize) -> Option<Span> {
        let rest = self.part(start, self.text.len());
        let skipped = rest.len() - rest.trim_start().len();
        let length = rest.split_whitespace().next()?.len();
        Some(Span::new(self.source, start + skipped, length))
    }

    /// The last word before `end`, without a comment behind it.
    fn last_word(&self, end: usize) -> Span {
        let before = self.part(0, end);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.get(start..).unwrap_or_default();
        let line = line.split("//").next().unwrap_or(line).trim_end();
        let word = line.rfind(' ').map_or(0, |at| at + 1);
        Span::new(self.source, start + word, line.len() - word)
    }

    /// None if its own line is not KDL.
    fn piece(&mut self, piece: &Piece) -> Option<Vec<RawNode>> {
        let Some(block) = &piece.block else {
            return self.line(piece.start, piece.end);
        };
        if block.whole
            && !self.in_parts(piece, block)
            && let Ok(nodes) = self.read(piece.start, piece.end)
        {
            return Some(nodes);
        }
        // Nothing but the start of a block: the line stands here by mistake.
        if block.pieces.is_empty() && !block.whole {
            return None;
        }
        let mut head = self.line(piece.start, block.open)?;
        let (children, damaged) = match head.is_empty() {
            // A head without a node is commented out with its block.
            true => return Some(head),
            false => {
                self.depth += 1;
                let inner = self.nodes(&block.pieces);
                self.depth -= 1;
                inner
            }
        };
        if let Some(node) = head.last_mut() {
            let start = node.whole.start as usize;
            node.children = children;
            node.damaged = damaged;
            node.whole = Span::new(self.source, start, self.part(start, piece.end).trim_end().len());
        }
        Some(head)
    }

    /// True of a node of the top level whose children are worth remembering each for itself.
    fn in_parts(&self, piece: &Piece, block: &Block) -> bool {
        let plain = |head: &str| !head.contains(['{', '"']) && !head.contains("/-");
        self.memory.is_some()
            && self.depth == 0
            && plain(self.part(piece.start, block.open))
            && self.part(piece.start, piece.end).trim_end().ends_with('}')
    }

    fn read(&mut self, start: usize, end: usize) -> Result<Vec<RawNode>, KdlError> {
        let text = self.part(start, end);
        let base = Base {
            source: self.source,
            offset: start,
        };
        match &mut self.memory {
            Some(memory) => memory.read(text, base),
            None => Ok(bind(&KdlDocument::parse_v2(text)?, base, self.text)),
        }
    }

    fn line(&mut self, start: usize, end: usize) -> Option<Vec<RawNode>> {
        self.read(start, end)
            .inspect_err(|error| {
                let place = |at: usize, length: usize| Span::new(self.source, start + at, length);
                let text = self.text.get(start..end).unwrap_or_default();
                self.out.push(explain::explain(text, error, &place));
            })
            .ok()
    }
}
