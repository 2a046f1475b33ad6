//! Typed values to text. YAML goes through one function, so that the emitter can be exchanged.

pub mod dockerfile;

use serde::Serialize;

/// One or several YAML documents. Typed values only: no text of a user's can change the structure.
///
/// Texts that a reader of YAML 1.1 takes for something else (`yes`, `1_000`, `1:30`, `2026-11-23`) are quoted: the
/// tools of Kubernetes are such readers.
pub fn yaml<T: Serialize>(documents: &[T]) -> String {
    let options = serde_saphyr::ser_options! {
        // Long lines stay lines: a folded one hides what a reviewer should see.
        folded_wrap_chars: usize::MAX,
    };
    let texts = documents.iter().map(|document| {
        serde_saphyr::to_string_with_options(document, options.clone())
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
