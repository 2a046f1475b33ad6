//! HCL source made by code.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{escape, push_escape};

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

    /// `["a", "b"]`
    pub fn list(items: impl IntoIterator<Item = Expression>) -> Expression {
        let items: Vec<String> = items.into_iter().map(|item| item.0).collect();
        Expression(format!("[{}]", items.join(", ")))
    }

    /// A list with one item a line, if it has more than one.
    pub fn lines(items: impl IntoIterator<Item = Expression>) -> Expression {
        let items: Vec<Expression> = items.into_iter().collect();
        if items.len() < 2 {
            return Expression::list(items);
        }
        let lines: String = items.iter().map(|item| format!("{},\n", item.0)).collect();
        Expression(format!("[\n{lines}]"))
    }

    /// A list of texts.
    pub fn texts<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> Expression {
        Expression::list(items.into_iter().map(|item| Expression::text(item.as_ref())))
    }

    /// A map with one entry a line. Keys outside ASCII are escaped, because their width decides the layout.
    pub fn map(entries: &BTreeMap<String, String>) -> Expression {
        if entries.is_empty() {
            return Expression("{}".to_owned());
        }
        let lines = entries.iter().map(|(key, value)| {
            let value = escape(value);
            format!("\"{}\" = \"{value}\"\n", ascii(&escape(key)))
        });
        Expression(format!("{{\n{}}}", lines.collect::<String>()))
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
