//! Any text as a string of KDL 2.

/// In quotes; of several lines, as the lines they are where KDL keeps them so.
pub fn quoted(text: &str) -> String {
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
    format!("(f){}", quoted(text))
}

/// True if lines of a raw string of KDL are these: it has no escapes, empties lines of nothing but space, and refuses
/// control characters and marks of direction.
fn keeps_lines(text: &str) -> bool {
    let direction = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let end = |c: char| matches!(c, '\r' | '\u{85}' | '\u{b}' | '\u{c}' | '\u{2028}' | '\u{2029}');
    text.lines().all(|line| line.is_empty() || !line.trim().is_empty())
        && !text.chars().any(|c| end(c) || direction(c) || c.is_control() && c != '\n' && c != '\t')
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
