//! Texts with their references filled in.

use super::Seen;
use crate::graph::{Binding, Piece, RunField, Text};
use crate::run::condition::Found;
use crate::run::value::Value;

impl Seen<'_, '_> {
    /// A text with its references filled in.
    pub(super) fn text(&self, text: &Text) -> String {
        let pieces = text.0.iter().map(|piece| match piece {
            Piece::Literal(literal) => literal.clone(),
            Piece::Reference(binding) => self.reference(binding),
        });
        pieces.collect()
    }

    fn reference(&self, binding: &Binding) -> String {
        match binding {
            Binding::Run(field) => self.field(*field),
            Binding::DataUri(data) | Binding::DataPath(data) => {
                let read = self.step().reads.iter().find(|read| read.data == *data);
                read.map_or_else(|| self.data(*data, false), |read| self.read(read))
            }
            Binding::Parameter { .. } | Binding::Item { .. } | Binding::Output { .. } => {
                match self.run.lookup(self.task, binding) {
                    Found::One(value) => value.text(),
                    Found::Many(values) => list(&values),
                    Found::Missing => String::new(),
                }
            }
        }
    }

    /// What a program may know of its run.
    pub(super) fn field(&self, field: RunField) -> String {
        let folder = self.around.folder;
        match field {
            RunField::Id => folder.id.clone(),
            RunField::Date => folder.began.to_string().chars().take(10).collect(),
            RunField::Time => folder.began.to_string(),
            RunField::Status => if self.run.has_failed() {
                "failed"
            } else {
                "succeeded"
            }
            .to_owned(),
        }
    }
}

/// Values as a JSON list, as a cluster hands it over.
fn list(values: &[Value]) -> String {
    let items = values.iter().map(|value| match value {
        Value::Number(number) => serde_json::json!(number),
        Value::Boolean(value) => serde_json::json!(value),
        Value::Text(text) => serde_json::json!(text),
        Value::List(items) => serde_json::json!(items),
        Value::Unknown => serde_json::Value::Null,
    });
    serde_json::Value::Array(items.collect()).to_string()
}
