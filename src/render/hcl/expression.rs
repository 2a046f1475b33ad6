//! HCL source made by code.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{escape, push_escape};

/// Lists that are wider get one line for each item.
const WIDE: usize = 80;

/// HCL source: a quoted string, a list, a map or a reference.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(transparent)]
pub struct Expression(String);

impl Expression {
    /// `"text"`
    pub fn text(text: &str) -> Expression {
        Expression(format!("\"{}\"", escape(text)))
    }

    /// `aws_kms_key.main.arn`: an address that this compiler made, never a user's text.
    pub fn reference(address: &str) -> Expression {
        Expression(address.to_owned())
    }

    /// `"${address}rest"`, or the bare reference if there is no rest.
    pub fn suffixed(address: &str, rest: &str) -> Expression {
        if rest.is_empty() {
            return Expression::reference(address);
        }
        Expression(format!("\"${{{address}}}{}\"", escape(rest)))
    }

    /// `"${reference}rest"`, from a reference.
    pub fn below(&self, rest: &str) -> Expression {
        Expression::suffixed(&self.0, rest)
    }

    /// `"text${address}rest"`, from a text.
    pub fn and(&self, address: &str, rest: &str) -> Expression {
        let text = self.0.trim_matches('"');
        Expression(format!("\"{text}${{{address}}}{}\"", escape(rest)))
    }

    /// `["a", "b"]`, or one item a line where that would be long.
    pub fn list(items: impl IntoIterator<Item = Expression>) -> Expression {
        let items: Vec<String> = items.into_iter().map(|item| item.0).collect();
        let joined = items.join(", ");
        if items.len() < 2 || joined.len() <= WIDE {
            return Expression(format!("[{joined}]"));
        }
        let lines: String = items.iter().map(|item| format!("{item},\n")).collect();
        Expression(format!("[\n{lines}]"))
    }

    /// A list of texts.
    pub fn texts<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> Expression {
        Expression::list(items.into_iter().map(|item| Expression::text(item.as_ref())))
    }

    /// A map with one entry a line, or on one line if there is only one. Keys outside ASCII are escaped, because their width decides the layout.
    pub fn map(entries: &BTreeMap<String, String>) -> Expression {
        if entries.is_empty() {
            return Expression("{}".to_owned());
        }
        let entry =
            |(key, value): (&String, &String)| format!("\"{}\" = \"{}\"", ascii(&escape(key)), escape(value));
        let entries: Vec<String> = entries.iter().map(entry).collect();
        match entries.as_slice() {
            [only] => Expression(format!("{{ {only} }}")),
            several => Expression(format!("{{\n{}\n}}", several.join("\n"))),
        }
    }
}

fn ascii(escaped: &str) -> String {
    let mut made = String::with_capacity(escaped.len());
    for character in escaped.chars() {
        if character.is_ascii() {
            made.push(character);
        } else {
            push_escape(&mut made, character);
        }
    }
    made
}
