//! The words of a line of KDL, as far as one can tell while it is being written.

use super::pieces::quoted;

/// A word of a line, with where it starts; `name=value` is one word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<'t> {
    /// Its first byte.
    pub start: usize,
    /// As typed.
    pub text: &'t str,
    /// It stands first: the name of the node.
    pub leads: bool,
}

/// All words of a line, up to a comment.
pub(crate) fn words(text: &str) -> Vec<Word<'_>> {
    let mut found: Vec<Word<'_>> = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("//") {
            break;
        }
        if rest.starts_with(|c: char| c.is_whitespace() || c == '\\') {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        }
        let length = word(rest);
        found.push(Word {
            start: at,
            text: rest.get(..length).unwrap_or(rest),
            leads: found.is_empty(),
        });
        at += length.max(1);
    }
    found
}

/// Length of the word at the start of `rest`, which ends at a space outside strings and not beside a `=`.
fn word(rest: &str) -> usize {
    let mut at = 0;
    while let Some(tail) = rest.get(at..).filter(|tail| !tail.is_empty()) {
        if tail.starts_with('"') {
            at += quoted(tail).unwrap_or(tail.len());
            continue;
        }
        if tail.starts_with(char::is_whitespace) {
            let after = tail.trim_start();
            let before = rest.get(..at).unwrap_or_default();
            if !(after.starts_with('=') || before.ends_with('=')) || after.is_empty() {
                return at;
            }
        }
        at += tail.chars().next().map_or(1, char::len_utf8);
    }
    at
}
