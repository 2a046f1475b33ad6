//! `(f)` strings: text with references in braces.

use serde::Serialize;

use super::document::Path;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{Span, Spanned};

/// The pieces of an `(f)` string.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct FormatString(pub Vec<FormatPiece>);

/// Text or a reference.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FormatPiece {
    /// Exactly this.
    Literal(String),
    /// What stands in braces.
    Reference(Spanned<Path>),
}

/// Splits `text`, which stands at `span` (the whole KDL entry). `{{` and `}}` are literal braces.
///
/// Places inside are exact when the string is written without escapes, otherwise they are the whole string.
pub fn split(text: &str, span: Span, raw: &str, out: &mut Diagnostics) -> FormatString {
    let offset = raw.find(text);
    let place = |start: usize, length: usize| offset.map_or(span, |at| span.part(at + start, length));
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let start = text.len() - rest.len() + at;
        let (before, from) = rest.split_at(at);
        literal.push_str(before);
        if let Some(tail) = from.strip_prefix("{{") {
            literal.push('{');
            rest = tail;
        } else if let Some(tail) = from.strip_prefix("}}") {
            literal.push('}');
            rest = tail;
        } else if let Some((inside, tail)) = from.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            if !literal.is_empty() {
                pieces.push(FormatPiece::Literal(std::mem::take(&mut literal)));
            }
            let path = Path(inside.trim().split('.').map(str::to_owned).collect());
            pieces.push(FormatPiece::Reference(Spanned::new(
                path,
                place(start + 1, inside.len()),
            )));
            rest = tail;
        } else {
            let what = if from.starts_with('{') {
                "is not closed"
            } else {
                "closes nothing"
            };
            let label = place(start, 1);
            let found = Diagnostic::new(
                Code::FormatBrace,
                label,
                what,
                format!("a brace in this `(f)` string {what}"),
            );
            out.push(found.help("write `{{` and `}}` for braces that are meant as text"));
            literal.push_str(from);
            rest = "";
        }
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push(FormatPiece::Literal(literal));
    }
    FormatString(pieces)
}
