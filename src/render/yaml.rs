//! Typed values to YAML. The emitter stands behind one function, so that it can be exchanged.

use serde::Serialize;
use serde_yaml::Value;

/// One or several YAML documents. Typed values only: no text of a user's can change the structure.
///
/// The emitter writes YAML 1.2, but kubectl and its kin read YAML 1.1, to which `on`, `1_000`, `1:30` and
/// `2026-11-23` are no texts. Such texts are quoted.
pub fn yaml<T: Serialize>(documents: &[T]) -> String {
    documents.iter().map(document).collect::<Vec<_>>().join("---\n")
}

fn document<T: Serialize>(document: &T) -> String {
    let plain = text_of(document);
    if !plain.lines().any(holds_ambiguous) {
        return plain;
    }
    let mut value = serde_yaml::to_value(document)
        .unwrap_or_else(|error| unreachable!("our values always serialise: {error}"));
    // The emitter cannot be told to quote. It does quote a text that begins with a quote; the mark that is then
    // taken out again occurs in no text.
    let mark = (0..)
        .map(|n| format!("quoted-{n}-"))
        .find(|mark| !plain.contains(mark.as_str()))
        .unwrap_or_default();
    texts(&mut value, &mut |text| {
        if is_ambiguous(text) {
            *text = format!("'{mark}{text}");
        }
    });
    text_of(&value).replace(&format!("'''{mark}"), "'")
}

/// True if a key or value of this line may be an ambiguous text. A number of YAML 1.2 is none: texts that look like
/// one are quoted anyway. A line inside a text may be taken for one, which only costs time.
fn holds_ambiguous(line: &str) -> bool {
    let ambiguous = |scalar: &str| is_ambiguous(scalar) && scalar.parse::<f64>().is_err();
    let item = line.trim_start().trim_start_matches("- ");
    let (key, value) = item
        .split_once(": ")
        .unwrap_or((item.trim_end_matches(':'), item));
    ambiguous(key) || ambiguous(value)
}

fn text_of<T: Serialize>(value: &T) -> String {
    serde_yaml::to_string(value).unwrap_or_else(|error| unreachable!("our values always serialise: {error}"))
}

/// Visits every text, keys included.
fn texts(value: &mut Value, see: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => see(text),
        Value::Sequence(items) => items.iter_mut().for_each(|item| texts(item, see)),
        Value::Mapping(mapping) => {
            let entries = std::mem::take(mapping);
            for (mut key, mut value) in entries {
                texts(&mut key, see);
                texts(&mut value, see);
                mapping.insert(key, value);
            }
        }
        Value::Tagged(tagged) => texts(&mut tagged.value, see),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// True for a text that YAML 1.1 reads as a boolean, a number (with `_`, in base 60) or a date, and 1.2 does not.
fn is_ambiguous(text: &str) -> bool {
    const WORDS: [&str; 10] = ["y", "n", "yes", "no", "on", "off", "nan", "=", "<<", "null"];
    if WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return true;
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
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
}
