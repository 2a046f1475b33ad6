//! HCL from Handlebars templates, laid out as `terraform fmt` lays it out.
//!
//! A template prints data inside quotes, `"{{name}}"`, and the escape function makes every character of it stand for
//! itself. What is HCL rather than data (a list, a reference) is an [`Expression`] and is printed with `{{{…}}}`;
//! expressions are made by the functions here only, so that no text of a user's becomes code.

mod expression;
mod layout;

use std::fmt::Write as _;

use handlebars::Handlebars;
use serde::Serialize;

pub use expression::Expression;
pub use layout::layout;

/// The text of `template` filled in with `data`.
///
/// # Errors
/// Says what is wrong with the template; a name that `data` does not have is.
pub fn render<T: Serialize>(template: &str, data: &T) -> Result<String, String> {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine.register_escape_fn(escape);
    let text = engine
        .render_template(template, data)
        .map_err(|error| error.to_string())?;
    Ok(layout(&text))
}

/// `text` as it stands between the quotes of an HCL string. Interpolation marks are doubled; what is invisible or
/// reorders text is written as an escape, so that a reviewer sees what is there.
pub fn escape(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => made.push_str("\\\""),
            '\\' => made.push_str("\\\\"),
            '\n' => made.push_str("\\n"),
            '\r' => made.push_str("\\r"),
            '\t' => made.push_str("\\t"),
            '$' | '%' if characters.peek() == Some(&'{') => {
                made.push(character);
                made.push(character);
            }
            hidden if hides(hidden) => push_escape(&mut made, hidden),
            other => made.push(other),
        }
    }
    made
}

/// True for controls, and for characters without width of their own or that change the direction of text.
fn hides(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn push_escape(made: &mut String, character: char) {
    let code = u32::from(character);
    let written = if code > 0xffff {
        write!(made, "\\U{code:08x}")
    } else {
        write!(made, "\\u{code:04x}")
    };
    written.unwrap_or_else(|_| unreachable!("a String takes all text"));
}

/// `text` on one line, for a comment.
pub fn comment(text: &str) -> String {
    text.chars().map(|c| if hides(c) { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests;
