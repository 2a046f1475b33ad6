//! HTML: data between tags and in quoted attributes.

use std::fmt::{self, Write};

use askama::filters::Escaper;

/// Writes data into templates of HTML and SVG.
#[derive(Clone, Copy, Debug)]
pub struct Html;

impl Escaper for Html {
    /// `text` as it stands between tags or in a quoted attribute, of HTML and of XML. What is invisible or reorders text
    /// is written as an escape, so that a reader sees what is there.
    fn write_escaped_str<W: Write>(&self, mut to: W, text: &str) -> fmt::Result {
        for character in text.chars() {
            match character {
                '&' => to.write_str("&amp;")?,
                '<' => to.write_str("&lt;")?,
                '>' => to.write_str("&gt;")?,
                '"' => to.write_str("&quot;")?,
                '\'' => to.write_str("&#39;")?,
                '\n' | '\r' | '\t' => to.write_char(' ')?,
                hidden if hides(hidden) => write!(to, "\\u{{{:x}}}", u32::from(hidden))?,
                plain => to.write_char(plain)?,
            }
        }
        Ok(())
    }
}

/// True for controls, characters that no document may have, those without width of their own but for the joiners of
/// scripts and emoji, and those that change the direction of text.
pub(super) fn hides(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escape(text: &str) -> String {
        let mut made = String::new();
        let written = Html.write_escaped_str(&mut made, text);
        assert_eq!(written, Ok(()));
        made
    }

    #[test]
    fn data_stays_data() {
        let hostile = "</script><b a='1' c=\"2\">&amp;";
        let harmless = "&lt;/script&gt;&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;amp;";
        assert_eq!(escape(hostile), harmless);
        assert_eq!(
            escape("a\nb\0\u{1b}[31m\u{202e}"),
            "a b\\u{0}\\u{1b}[31m\\u{202e}"
        );
        assert_eq!(escape("漢字 👩\u{200d}🔬 {{x}}"), "漢字 👩\u{200d}🔬 {{x}}");
    }
}
