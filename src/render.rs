//! Typed values to text.

mod yaml;

pub use yaml::yaml;

pub mod dockerfile;

pub mod hcl;

pub mod html;

pub mod markdown;

pub mod uri;

use serde::Serialize;

/// Indented JSON with a newline at the end; object keys in the order of the types, maps sorted.
pub fn json<T: Serialize>(value: &T) -> String {
    let text = serde_json::to_string_pretty(value)
        .unwrap_or_else(|error| unreachable!("our values always serialise: {error}"));
    text + "\n"
}
