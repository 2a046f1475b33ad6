//! Any text as a string of KDL 2.

/// In quotes; of several lines, as the lines they are where KDL keeps them so.
pub fn quoted(text: &str) -> String {
    if bare(text) {
        return text.to_owned();
    }
    if !text.contains('\n') || !keeps_lines(text) {
        return escaped(text);
    }
    let hashes = (1..).map(|count| "#".repeat(count));
    let free = |hashes: &String| !text.contains(&format!("\"\"\"{hashes}"));
    let hashes = hashes.into_iter().find(free).unwrap_or_default();
    format!("{hashes}\"\"\"\n{text}\n\"\"\"{hashes}")
}

/// The same with references in braces.
pub fn formatted(text: &str) -> String {
    let text = quoted(text);
    format!("(f){text}")
}

/// True if lines of a raw string of KDL are these: it has no escapes, empties lines of nothing but space, and refuses
/// control characters and marks of direction.
fn keeps_lines(text: &str) -> bool {
    let direction = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let end = |c: char| matches!(c, '\r' | '\u{85}' | '\u{b}' | '\u{c}' | '\u{2028}' | '\u{2029}');
    text.lines()
        .all(|line| line.is_empty() || !line.trim().is_empty())
        && !text
            .chars()
            .any(|c| end(c) || direction(c) || c.is_control() && c != '\n' && c != '\t')
}

/// True if KDL takes it as it stands and it cannot be taken for anything but a word.
fn bare(text: &str) -> bool {
    let keyword = matches!(text, "true" | "false" | "null" | "inf" | "nan");
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    !keyword && text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(inside)
}

fn escaped(text: &str) -> String {
    let mut made = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => made.extend(['\\', c]),
            '\n' => made += "\\n",
            '\t' => made += "\\t",
            '\r' => made += "\\r",
            c if c.is_control() || !c.is_ascii() && !c.is_alphanumeric() => {
                made += &format!("\\u{{{:x}}}", u32::from(c));
            }
            c => made.push(c),
        }
    }
    made.push('"');
    made
}
