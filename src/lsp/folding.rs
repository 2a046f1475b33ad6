//! Blocks and runs of comments that can be folded.

use lsp_types::{FoldingRange, FoldingRangeKind};

use crate::syntax::recover::pieces::{Piece, cut, marks};

use super::position::Lines;

/// All blocks of more than one line, and comments of more than one line.
pub fn ranges(lines: &Lines<'_>) -> Vec<FoldingRange> {
    let text = lines.text();
    let mut found = Vec::new();
    blocks(&cut(text, &marks(text)).pieces, lines, &mut found);
    comments(text, &mut found);
    found.sort_by_key(|range| (range.start_line, range.end_line));
    found
}

fn blocks(pieces: &[Piece], lines: &Lines<'_>, found: &mut Vec<FoldingRange>) {
    for piece in pieces {
        let Some(block) = &piece.block else { continue };
        let whole = lines.text().get(..piece.end).unwrap_or_default().trim_end();
        let (start, end) = (lines.position(block.open).line, lines.position(whole.len()).line);
        // The closing brace stays in sight.
        let end = if block.whole { end.saturating_sub(1) } else { end };
        found.extend((end > start).then(|| range(start, end, None)));
        blocks(&block.pieces, lines, found);
    }
}

fn comments(text: &str, found: &mut Vec<FoldingRange>) {
    let mut start = None;
    for (number, line) in text.lines().chain([""]).enumerate() {
        let comment = line.trim_start().starts_with("//");
        match (start, comment) {
            (None, true) => start = Some(number),
            (Some(first), false) => {
                if number > first + 1 {
                    let kind = Some(FoldingRangeKind::Comment);
                    found.push(range(first as u32, number as u32 - 1, kind));
                }
                start = None;
            }
            (None, false) | (Some(_), true) => {}
        }
    }
}

fn range(start_line: u32, end_line: u32, kind: Option<FoldingRangeKind>) -> FoldingRange {
    FoldingRange {
        start_line,
        end_line,
        kind,
        ..FoldingRange::default()
    }
}
