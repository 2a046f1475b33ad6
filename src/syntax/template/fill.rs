//! Filling in the parameters of a template.

use std::collections::BTreeMap;

use crate::source::Span;
use crate::syntax::tree::{RawEntry, RawNode, RawValue};

/// Fills in the template's parameters in every `(f)` string below `node`.
pub(super) fn fill(node: &mut RawNode, values: &BTreeMap<String, RawEntry>, usage: Span) {
    node.pasted_by = Some(usage);
    for entry in &mut node.entries {
        if entry.annotation.as_deref() == Some("f")
            && let RawValue::Text(text) = &entry.value
        {
            if let Some(value) = whole(text).and_then(|name| values.get(name)) {
                // The whole string is one parameter: it keeps the type and the place of the value.
                entry.value = value.value.clone();
                entry.annotation = value.annotation.clone();
                entry.span = value.span;
            } else {
                match substitute(text, values) {
                    Some((text, open)) => {
                        entry.value = RawValue::Text(text);
                        entry.annotation = open.then(|| "f".to_owned());
                    }
                    None => entry.value = RawValue::Lost,
                }
            }
        }
    }
    for child in &mut node.children {
        fill(child, values, usage);
    }
}

/// `name`, if `text` is exactly `{name}`.
fn whole(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('{')?.strip_suffix('}')?;
    (!inside.contains(['{', '}'])).then(|| inside.trim())
}

/// Text with parameters filled in, and whether other references are left (then it is still an `(f)` string).
fn substitute(text: &str, values: &BTreeMap<String, RawEntry>) -> Option<(String, bool)> {
    let mut filled = String::new();
    let mut open = false;
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        filled.push_str(before);
        if let Some(tail) = from.strip_prefix("{{") {
            filled.push_str("{{");
            rest = tail;
            continue;
        }
        let Some((inside, tail)) = from.strip_prefix('{').and_then(|inner| inner.split_once('}')) else {
            filled.push_str(from);
            return Some((filled, true));
        };
        match values.get(inside.trim()) {
            Some(value) if value.value == RawValue::Lost => return None,
            // A value's own braces are text.
            Some(value) => filled.push_str(&value.value.to_string().replace('{', "{{").replace('}', "}}")),
            None => {
                open = true;
                filled.push_str(&format!("{{{inside}}}"));
            }
        }
        rest = tail;
    }
    filled.push_str(rest);
    if open {
        return Some((filled, true));
    }
    Some((filled.replace("{{", "{").replace("}}", "}"), false))
}
