//! The place of a value in a JSON text.

use std::ops::Range;

/// A step towards a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step<'p> {
    /// Into an object, by key.
    Key(&'p str),
    /// Into an array, by position.
    At(usize),
}

/// The bytes of the value at `path`, or of the last value on the way that there is. The text is known to be JSON.
pub(super) fn locate(text: &str, path: &[Step<'_>]) -> Range<usize> {
    let mut value = skip(text, space(text, 0));
    for step in path {
        let found = match step {
            Step::Key(key) => member(text, value.start, key),
            Step::At(position) => items(text, value.start).nth(*position),
        };
        match found {
            Some(found) => value = found,
            None => break,
        }
    }
    value
}

fn byte(text: &str, at: usize) -> u8 {
    text.as_bytes().get(at).copied().unwrap_or_default()
}

/// The first place from `at` that is no white space.
fn space(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// The value that begins at `at`.
fn skip(text: &str, at: usize) -> Range<usize> {
    let mut end = at;
    let mut depth = 0_usize;
    loop {
        match byte(text, end) {
            b'"' => end = string(text, end),
            b'{' | b'[' => {
                depth += 1;
                end += 1;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                end += 1;
            }
            0 => return at..end.min(text.len()),
            b',' | b':' => end += 1,
            byte if byte.is_ascii_whitespace() => end += 1,
            _ => end = word(text, end),
        }
        if depth == 0 {
            return at..end;
        }
    }
}

/// The end of the string that begins at `at`.
fn string(text: &str, at: usize) -> usize {
    let mut end = at + 1;
    loop {
        match byte(text, end) {
            b'"' => return end + 1,
            b'\\' => end += 2,
            0 => return text.len(),
            _ => end += 1,
        }
    }
}

/// The end of the number or word that begins at `at`.
fn word(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    let part =
        |byte: &&u8| !matches!(**byte, b',' | b':' | b'}' | b']' | b'"') && !byte.is_ascii_whitespace();
    at + rest.iter().take_while(part).count().max(1)
}

/// The items of the array that begins at `at`.
fn items(text: &str, at: usize) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut next = (byte(text, at) == b'[').then(|| space(text, at + 1));
    std::iter::from_fn(move || {
        let start = next.filter(|start| !matches!(byte(text, *start), b']' | 0))?;
        let item = skip(text, start);
        let after = space(text, item.end);
        next = (byte(text, after) == b',').then(|| space(text, after + 1));
        Some(item)
    })
}

/// The value of `key` in the object that begins at `at`.
fn member(text: &str, at: usize, key: &str) -> Option<Range<usize>> {
    if byte(text, at) != b'{' {
        return None;
    }
    let mut next = space(text, at + 1);
    while byte(text, next) == b'"' {
        let name = next..string(text, next);
        let colon = space(text, name.end);
        let value = skip(text, space(text, colon + 1));
        let read: Option<String> = text.get(name).and_then(|name| serde_json::from_str(name).ok());
        if read.as_deref() == Some(key) {
            return Some(value);
        }
        let after = space(text, value.end);
        next = space(text, after + 1);
        if byte(text, after) != b',' {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::Step::{At, Key};
    use super::locate;

    #[test]
    fn finds_values_by_path_and_stops_where_there_is_none() {
        let text = r#" {"a": [1, {"b\"": "x,]"}, [ ]], "c": {"d": -1.5e3}} "#;
        let at = |path: &[_]| text.get(locate(text, path));
        assert_eq!(at(&[Key("a"), At(1), Key("b\"")]), Some("\"x,]\""));
        assert_eq!(at(&[Key("c"), Key("d")]), Some("-1.5e3"));
        assert_eq!(at(&[Key("a"), At(2), At(0)]), Some("[ ]"));
        assert_eq!(at(&[Key("a"), At(0)]), Some("1"));
        assert_eq!(at(&[Key("z")]), Some(text.trim()));
    }
}
