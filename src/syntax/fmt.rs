//! Text -> the same text in its one layout, as `portolan fmt` writes it.
//!
//! Four spaces a level, one node a line (a block typed on one line stays there if it fits), at most one blank line,
//! every comment kept. A comment after code keeps its column, so that columns of comments stay aligned. Values are
//! spelt as section 3 of the language says. What the file means never changes, nor does a second run change anything.

mod layout;
mod lex;
mod line;
mod read;
mod spell;

use kdl::{KdlDocument, KdlEntry, KdlValue};

use crate::diag::Diagnostics;
use crate::source::SourceId;

/// The formatted text, or `None` if `text` is not KDL 2; what is wrong is then reported.
pub fn format(source: SourceId, text: &str, out: &mut Diagnostics) -> Option<String> {
    let Ok(before) = KdlDocument::parse_v2(text) else {
        super::recover::parse(source, text, None, &mut super::Lost::default(), out);
        return None;
    };
    let tokens = lex::tokens(text.strip_prefix('\u{feff}').unwrap_or(text));
    let formatted = layout::lay_out(&read::read(&tokens));
    // The parser takes more than KDL allows (`/- /- a b`). What we would read otherwise than it does stays as typed.
    // So does a text of which a comment would be lost: one after a `\` that stands alone has no place of its own.
    let kept = KdlDocument::parse_v2(&formatted).is_ok_and(|after| same_nodes(&before, &after))
        && comments(&tokens) == comments(&lex::tokens(&formatted));
    Some(if kept { formatted } else { text.to_owned() })
}

/// Number of comments, those after a `\` included.
fn comments(tokens: &[lex::Token<'_>]) -> usize {
    let inside = |token: &lex::Token<'_>| match token.kind {
        lex::Kind::LineComment | lex::Kind::BlockComment => 1,
        lex::Kind::Continuation => comments(&lex::tokens(token.text.get(1..).unwrap_or_default())),
        lex::Kind::Space
        | lex::Kind::Newline
        | lex::Kind::SlashDash
        | lex::Kind::Word
        | lex::Kind::Equals
        | lex::Kind::OpenParenthesis
        | lex::Kind::CloseParenthesis
        | lex::Kind::OpenBrace
        | lex::Kind::CloseBrace
        | lex::Kind::Semicolon => 0,
    };
    tokens.iter().map(inside).sum()
}

fn same_nodes(before: &KdlDocument, after: &KdlDocument) -> bool {
    let (before, after) = (before.nodes(), after.nodes());
    before.len() == after.len()
        && before.iter().zip(after).all(|(before, after)| {
            let same_children = match (before.children(), after.children()) {
                (Some(before), Some(after)) => same_nodes(before, after),
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            };
            let (own, new) = (before.entries(), after.entries());
            before.name().value() == after.name().value()
                && before.ty().map(|ty| ty.value()) == after.ty().map(|ty| ty.value())
                && own.len() == new.len()
                && own.iter().zip(new).all(|(own, new)| same_entry(own, new))
                && same_children
        })
}

/// The same, but for spaces in a text: quantities lose or gain some.
fn same_entry(before: &KdlEntry, after: &KdlEntry) -> bool {
    let same_value = match (before.value(), after.value()) {
        (KdlValue::String(before), KdlValue::String(after)) => {
            before.split(' ').collect::<String>() == after.split(' ').collect::<String>()
        }
        (before, after) => before == after,
    };
    let label = |entry: &KdlEntry| {
        let name = entry.name().map(|name| name.value().to_owned());
        (name, entry.ty().map(|ty| ty.value().to_owned()))
    };
    same_value && label(before) == label(after)
}

#[cfg(test)]
#[allow(clippy::panic, reason = "a test that panics is a test that fails")]
mod tests;
