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
        super::recover::parse(source, text, &mut super::Lost::default(), out);
        return None;
    };
    let tokens = lex::tokens(text.strip_prefix('\u{feff}').unwrap_or(text));
    let formatted = layout::lay_out(&read::read(&tokens));
    // The parser takes more than KDL allows (`/- /- a b`). What we would read otherwise than it does stays as typed.
    let kept = KdlDocument::parse_v2(&formatted).is_ok_and(|after| same_nodes(&before, &after));
    Some(if kept { formatted } else { text.to_owned() })
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
