//! Typed values to YAML. The emitter stands behind one function, so that it can be exchanged.

use serde::Serialize;

/// One or several YAML documents. Typed values only: no text of a user's can change the structure.
///
/// The emitter writes YAML 1.2, but kubectl and its kin read YAML 1.1, to which `on`, `1_000`, `1:30` and
/// `2026-11-23` are no texts. Such texts are quoted.
pub fn yaml<T: Serialize>(documents: &[T]) -> String {
    documents.iter().map(document).collect::<Vec<_>>().join("---\n")
}

fn document<T: Serialize>(document: &T) -> String {
    let plain = serde_yaml::to_string(document)
        .unwrap_or_else(|error| unreachable!("our values always serialise: {error}"));
    if plain.lines().any(|line| Line::of(line).is_ambiguous()) {
        quoted(&plain)
    } else {
        plain
    }
}

/// The emitter cannot be told to quote, so it is done in what it wrote: a mapping or a sequence has one entry a line, and
/// only texts of several lines go on in the next ones, further in than their entry.
fn quoted(plain: &str) -> String {
    let mut made = String::with_capacity(plain.len() + 64);
    let mut inside: Option<usize> = None;
    for text in plain.split_inclusive('\n') {
        let line = Line::of(text.trim_end_matches('\n'));
        let blank = line.key.is_none() && line.value.is_empty();
        if inside.is_some_and(|entry| blank || line.indent > entry) {
            made.push_str(text);
            continue;
        }
        inside = line.begins_text().then_some(line.column);
        match line.is_ambiguous() {
            true => line.write_quoted(&mut made),
            false => made.push_str(text),
        }
    }
    made
}

/// An entry of a mapping or a sequence.
struct Line<'t> {
    /// All that stands before it: spaces and the dashes of sequences.
    before: &'t str,
    key: Option<&'t str>,
    value: &'t str,
    /// Where the line begins.
    indent: usize,
    /// Where the entry begins: at its key, or else at the dash before its value.
    column: usize,
}

impl<'t> Line<'t> {
    fn of(line: &'t str) -> Line<'t> {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let mut start = indent;
        let mut dash = indent;
        while line.get(start..).is_some_and(|rest| rest.starts_with("- ")) {
            dash = start;
            start += 2;
        }
        let (before, entry) = line.split_at_checked(start).unwrap_or_default();
        let (key, value) = match entry.split_once(": ") {
            Some((key, value)) => (Some(key), value),
            None => match entry.strip_suffix(':') {
                Some(key) => (Some(key), ""),
                None => (None, entry),
            },
        };
        let column = if key.is_some() { start } else { dash };
        Line {
            before,
            key,
            value,
            indent,
            column,
        }
    }

    /// True if a text of several lines follows.
    fn begins_text(&self) -> bool {
        let header = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-');
        matches!(self.value.strip_prefix(['|', '>']), Some(rest) if rest.chars().all(header))
    }

    /// A text that begins with a quote is in quotes already; a line inside a text may be taken for an entry, which only
    /// costs time.
    fn is_ambiguous(&self) -> bool {
        self.key.is_some_and(is_ambiguous) || is_ambiguous(self.value)
    }

    fn write_quoted(&self, made: &mut String) {
        let write = |made: &mut String, scalar: &str| match is_ambiguous(scalar) {
            true => made.extend(["'", scalar, "'"]),
            false => made.push_str(scalar),
        };
        made.push_str(self.before);
        if let Some(key) = self.key {
            write(made, key);
            made.push_str(if self.value.is_empty() { ":" } else { ": " });
        }
        write(made, self.value);
        made.push('\n');
    }
}

/// True for a plain scalar that YAML 1.1 reads as a boolean, a number (with `_`, in base 60) or a date, and 1.2 as a text.
/// Texts that 1.2 takes for something else are in quotes already, so what it reads as a number is one.
fn is_ambiguous(scalar: &str) -> bool {
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "nan", "=", "<<"];
    if WORDS.iter().any(|word| scalar.eq_ignore_ascii_case(word)) {
        return true;
    }
    let digits = scalar.strip_prefix(['+', '-']).unwrap_or(scalar);
    let numeric = |c: char| {
        c.is_ascii_digit()
            || matches!(
                c,
                '_' | ':' | '.' | '-' | '+' | 'e' | 'E' | 'T' | 'Z' | 't' | 'z' | ' ' | ','
            )
    };
    digits.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == '_')
        && digits.contains(|c: char| c.is_ascii_digit())
        && digits.chars().all(numeric)
        && scalar.parse::<f64>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_yaml_1_1_would_misread_are_quoted() {
        for text in [
            "on",
            "Yes",
            "1_000",
            "1:30",
            "2026-11-23",
            "2026-11-23T00:00:00Z",
            "12e03",
            "quoted-0-",
            "'''quoted-0-on",
        ] {
            let written = yaml(&[vec![text, "on"]]);
            let read: Vec<String> = serde_saphyr::from_str(&written).unwrap_or_default();
            assert_eq!(read, [text, "on"], "{written}");
        }
        assert_eq!(yaml(&["on", "1:30", "plain"]), "'on'\n---\n'1:30'\n---\nplain\n");
    }

    #[test]
    fn entries_are_quoted_and_lines_of_texts_are_not() {
        let value = serde_json::json!({
            "on": ["yes", ["no", {"off": "1:30"}], 12, 1.5, null, true],
            "text": "on\nkey: yes\n\n  - no\n",
            "texts": ["y\nn: on\n", {"deep": "1_000\n- 1_000"}, "2026-11-23"],
            "number": "12",
        });
        let written = yaml(&[&value]);
        let read: serde_json::Value = serde_saphyr::from_str(&written).unwrap_or_default();
        assert_eq!(read, value, "{written}");
        for part in [
            "'on':\n",
            "- - 'no'\n",
            "  - 'off': '1:30'\n",
            "\n  on\n  key: yes\n",
            "\n- '2026-11-23'\n",
        ] {
            assert!(written.contains(part), "{part}: {written}");
        }
    }
}
