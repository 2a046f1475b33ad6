//! Typed values to text. YAML goes through one function, so that the emitter can be exchanged.

pub mod hcl;

use serde::Serialize;

/// One or several YAML documents. Typed values only: no text of a user's can change the structure.
pub fn yaml<T: Serialize>(documents: &[T]) -> String {
    let texts = documents.iter().map(|document| {
        serde_yaml::to_string(document)
            .unwrap_or_else(|error| unreachable!("our values always serialise: {error}"))
    });
    texts.collect::<Vec<_>>().join("---\n")
}

/// Indented JSON with a newline at the end; object keys in the order of the types, maps sorted.
pub fn json<T: Serialize>(value: &T) -> String {
    let text = serde_json::to_string_pretty(value)
        .unwrap_or_else(|error| unreachable!("our values always serialise: {error}"));
    text + "\n"
}
