//! YAML of others as a tree in which everything knows its place.
//!
//! The tree is read by asking for keys, so that a key that nobody asks for can be reported with its line.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned as Placed};

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, SourceMap, Span};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its place, on one line.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// What a node is. Numbers and booleans are the texts that JSON would have for them.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing.
    Null,
    /// A text, a number or a boolean.
    Scalar(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in its order.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let found = self.entries().iter().find(|(name, _)| name == key);
        found
            .map(|(_, node)| node)
            .filter(|node| !matches!(node.value, Value::Null))
    }

    /// The text of a scalar under a key.
    pub fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Node::text)
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text) => Some(text),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The items of a list; of anything else none.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            Value::Null | Value::Scalar(_) | Value::Map(_) => &[],
        }
    }

    /// The items of a list under a key.
    pub fn items_of(&self, key: &str) -> &[Node] {
        self.get(key).map_or(&[], Node::items)
    }

    /// The entries of a mapping; of anything else none.
    pub fn entries(&self) -> &[(String, Node)] {
        match &self.value {
            Value::Map(entries) => entries,
            Value::Null | Value::Scalar(_) | Value::List(_) => &[],
        }
    }
}

/// What is read first: places are still those of the reader.
enum Raw {
    Null,
    Scalar(String),
    List(Vec<Placed<Raw>>),
    Map(Vec<(String, Placed<Raw>)>),
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Scalar(value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Scalar(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Scalar(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Scalar(value.to_string()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Scalar(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key()? {
            entries.push((key, map.next_value()?));
        }
        Ok(Raw::Map(entries))
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Raw, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

/// The documents of a source that are not empty, or nothing if it is not YAML, which is then reported.
pub fn read(sources: &SourceMap, source: SourceId, out: &mut Diagnostics) -> Vec<Node> {
    let text = sources.get(source).map_or("", |source| source.text.as_str());
    let documents: Vec<Placed<Raw>> = match serde_saphyr::from_multiple(text) {
        Ok(documents) => documents,
        Err(error) => {
            let line = error.location().map_or(1, |location| location.line());
            let span = sources.line(source, usize::try_from(line).unwrap_or(1));
            let said = error.without_snippet().to_string();
            let reason = said.lines().next().unwrap_or_default().to_owned();
            out.push(Diagnostic::new(
                Code::ImportForm,
                span,
                "reading stopped here",
                format!("this is not YAML that can be read: {reason}"),
            ));
            return Vec::new();
        }
    };
    if documents.is_empty() {
        out.push(Diagnostic::new(
            Code::ImportForm,
            sources.line(source, 1),
            "nothing is here",
            "the file is empty",
        ));
    }
    let place = |raw| placed(sources, source, raw);
    documents.into_iter().map(place).collect()
}

fn placed(sources: &SourceMap, source: SourceId, raw: Placed<Raw>) -> Node {
    let span = span(sources, source, raw.referenced);
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Scalar(text) => Value::Scalar(text),
        Raw::List(items) => Value::List(
            items
                .into_iter()
                .map(|item| placed(sources, source, item))
                .collect(),
        ),
        Raw::Map(entries) => {
            let entry = |(key, value)| (key, placed(sources, source, value));
            Value::Map(entries.into_iter().map(entry).collect())
        }
    };
    Node { span, value }
}

/// The line from the place on: what is blamed may go over many, of which the first says enough.
fn span(sources: &SourceMap, source: SourceId, location: Location) -> Span {
    let line = sources.line(source, usize::try_from(location.line()).unwrap_or(1));
    let text = sources.text(line);
    let before: usize = text
        .chars()
        .take(usize::try_from(location.column()).unwrap_or(1).saturating_sub(1))
        .map(char::len_utf8)
        .sum();
    line.part(before, text.trim_end().len().saturating_sub(before))
}
