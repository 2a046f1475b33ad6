//! Text -> the same text in its one layout, as `portolan fmt` writes it.
//!
//! Four spaces a level, one node a line (a block typed on one line stays there if it fits), at most one blank line,
//! every comment kept. A comment after code keeps its column, so that columns of comments stay aligned. Values are
//! spelt as section 3 of the language says. What the file means never changes, nor does a second run change anything.

mod layout;
mod lex;
mod read;
mod spell;

use crate::diag::Diagnostics;
use crate::source::SourceId;

/// The formatted text, or `None` if `text` is not KDL 2; what is wrong is then reported.
pub fn format(source: SourceId, text: &str, out: &mut Diagnostics) -> Option<String> {
    super::files::document(source, text, out)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let tokens = lex::tokens(text);
    Some(layout::lay_out(&read::read(&tokens)))
}

#[cfg(test)]
mod tests;
