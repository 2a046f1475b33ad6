//! Markdown, CommonMark with tables as GitHub and GitLab show it: data on one line, in a paragraph, a list or a table.

use std::fmt::{self, Write};

use askama::filters::Escaper;

use super::html::hides;

/// Writes data into templates of Markdown.
#[derive(Clone, Copy, Debug)]
pub struct Markdown;

impl Escaper for Markdown {
    /// `text` as a reader of the rendered page sees it again. What Markdown could read as a mark has a backslash; what
    /// HTML could, and what would become a link or a mention, is an entity. Lines become one.
    fn write_escaped_str<W: Write>(&self, mut to: W, text: &str) -> fmt::Result {
        let mut before = "";
        for (at, character) in text.char_indices() {
            match character {
                '&' => to.write_str("&amp;")?,
                '<' => to.write_str("&lt;")?,
                '>' => to.write_str("&gt;")?,
                '@' => to.write_str("&#64;")?,
                // Of an address, or of the name of a picture: `:smile:`.
                ':' if !ends(text, at) => to.write_str("&#58;")?,
                '.' if before.ends_with("www") => to.write_str("&#46;")?,
                '\n' | '\r' | '\t' => to.write_char(' ')?,
                mark if MARKS.contains(mark) || (ends(text, at) && opens_list(before, mark)) => {
                    write!(to, "\\{mark}")?
                }
                hidden if hides(hidden) => write!(to, "\\\\u\\{{{:x}\\}}", u32::from(hidden))?,
                plain => to.write_char(plain)?,
            }
            before = text.get(..at + character.len_utf8()).unwrap_or_default();
        }
        Ok(())
    }
}

/// Of emphasis, code, links, images, headings, tables, formulas and strikethrough.
const MARKS: &str = "\\`*_{}[]~|#!$^=";

/// True where a line that begins with `before` and this mark, and then a blank, is an item of a list.
fn opens_list(before: &str, mark: char) -> bool {
    match mark {
        '-' | '+' => before.is_empty(),
        '.' | ')' => !before.is_empty() && before.chars().all(|known| known.is_ascii_digit()),
        _ => false,
    }
}

/// True if a blank or nothing follows the mark at `at`.
fn ends(text: &str, at: usize) -> bool {
    let after = text.get(at + 1..).unwrap_or_default();
    after.is_empty() || after.starts_with(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escape(text: &str) -> String {
        let mut made = String::new();
        let written = Markdown.write_escaped_str(&mut made, text);
        assert_eq!(written, Ok(()));
        made
    }

    #[test]
    fn marks_are_escaped_and_plain_text_stays_readable() {
        let plain = "aws.eu-west-1, 4 x m6i.xlarge (spot)";
        assert_eq!(escape(plain), plain);
        assert_eq!(
            escape("a|b\n*c* <i> `d` @me"),
            "a\\|b \\*c\\* &lt;i&gt; \\`d\\` &#64;me"
        );
        assert_eq!(escape("- a"), "\\- a");
        assert_eq!(escape("1. a"), "1\\. a");
        assert_eq!(escape("578.89"), "578.89");
        assert_eq!(escape("http://www.x"), "http&#58;//www&#46;x");
    }
}
