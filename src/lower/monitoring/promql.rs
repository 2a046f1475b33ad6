//! Writing PromQL and what surrounds it: every text of a user's passes through one of these functions.

use crate::quantity::Seconds;

/// A PromQL string literal. Prometheus reads the escapes of Go.
pub fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04x}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// A selector, or a series in a unit test: `metric{label="value"}`.
pub fn selector(metric: &str, labels: &[(&str, &str)]) -> String {
    let matchers = labels.iter().map(|(name, value)| equals(name, value));
    with_matchers(metric, matchers.collect())
}

/// `metric{…}` of matchers that are PromQL already.
pub fn with_matchers(metric: &str, matchers: Vec<String>) -> String {
    format!("{metric}{{{}}}", matchers.join(","))
}

/// `label="value"`
pub fn equals(label: &str, value: &str) -> String {
    format!("{label}={}", string(value))
}

/// `label="one"`, or `label=~"one|two"`: exactly these values.
pub fn one_of(label: &str, values: &[&str]) -> String {
    match values {
        [value] => equals(label, value),
        values => {
            let quoted: Vec<String> = values.iter().map(|value| quote_regex(value)).collect();
            format!("{label}=~{}", string(&quoted.join("|")))
        }
    }
}

/// The regular expression (RE2) that matches exactly `text`.
pub fn quote_regex(text: &str) -> String {
    let mut quoted = String::new();
    for character in text.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted
}

/// A number without the noise of binary fractions (1 - 0.999 is 0.001).
pub fn number(value: f64) -> String {
    let rounded: f64 = format!("{value:.11e}").parse().unwrap_or(value);
    format!("{rounded}")
}

/// A PromQL duration in its largest whole unit, at least a second.
pub fn duration(time: Seconds) -> String {
    let seconds = (time.0.round() as u64).max(1);
    let units = [(86_400, "d"), (3_600, "h"), (60, "m")];
    let whole = units.iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
    match whole {
        Some((unit, letter)) => format!("{}{letter}", seconds / unit),
        None => format!("{seconds}s"),
    }
}

/// A text in which a Go template finds nothing to do. Labels and annotations of rules and many settings of
/// Alertmanager are such templates; braces travel as a string constant of the template.
pub fn inert(text: &str) -> String {
    let mut escaped = String::new();
    let mut braces = String::new();
    for character in text.chars() {
        if character == '{' {
            braces.push(character);
            continue;
        }
        flush(&mut escaped, &mut braces);
        escaped.push(character);
    }
    flush(&mut escaped, &mut braces);
    escaped
}

fn flush(escaped: &mut String, braces: &mut String) {
    if !braces.is_empty() {
        escaped.push_str(&format!("{{{{\"{braces}\"}}}}"));
        braces.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_texts() {
        assert_eq!(string("a\"b\\c\nd"), r#""a\"b\\c\nd""#);
        assert_eq!(one_of("step", &["a.b", "c"]), r#"step=~"a\\.b|c""#);
        assert_eq!(inert("{{ $value }}"), r#"{{"{{"}} $value }}"#);
    }

    #[test]
    fn numbers_and_times_are_short() {
        assert_eq!(number(14.4 * (1.0 - 0.999)), "0.0144");
        assert_eq!(number(21_600.0), "21600");
        assert_eq!(duration(Seconds(30.0 * 3600.0)), "30h");
        assert_eq!(duration(Seconds(14.0 * 86_400.0)), "14d");
        assert_eq!(duration(Seconds(90.0)), "90s");
    }
}
