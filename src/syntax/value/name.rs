//! The form of names.

use crate::diag::{Code, Diagnostic, Fix};
use crate::syntax::grammar::Slot;
use crate::syntax::tree::RawEntry;

/// `[a-z][a-z0-9]*(-[a-z0-9]+)*`, at most 40 characters.
pub fn is_name(text: &str) -> bool {
    let part =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.len() <= 40 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.split('-').all(part)
}

pub(super) fn is_env_name(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    text.starts_with(|c: char| c.is_ascii_uppercase() || c == '_') && text.bytes().all(plain)
}

pub(super) fn name_form(text: &str, slot: &Slot, entry: &RawEntry) -> Diagnostic {
    if text.len() > 40 && text.is_ascii() {
        let message = format!("this name has {} characters; 40 are allowed", text.len());
        return Diagnostic::new(
            Code::NameLength,
            entry.span,
            "too long for what will be created",
            message,
        );
    }
    let mut suggestion = String::new();
    for c in text.chars().map(|c| c.to_ascii_lowercase()) {
        let plain = c.is_ascii_lowercase() || c.is_ascii_digit();
        if plain {
            suggestion.push(c);
        } else if !suggestion.is_empty() && !suggestion.ends_with('-') {
            suggestion.push('-');
        }
    }
    let suggestion = suggestion.trim_matches('-');
    let help = if is_name(suggestion) {
        format!("write `{suggestion}`")
    } else {
        "begin it with a letter, then small letters, digits and single hyphens".to_owned()
    };
    let message = format!(
        "`{text}` is not of the form of a {}",
        if slot.name == "variable" {
            "variable"
        } else {
            "name"
        }
    );
    Diagnostic::new(
        Code::NameForm,
        entry.span,
        "a name is `a-z`, `0-9` and `-`",
        message,
    )
    .help(help)
    .maybe_fix(is_name(suggestion).then(|| Fix {
        span: entry.span,
        text: suggestion.to_owned(),
    }))
}
