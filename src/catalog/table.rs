//! Reads the tables that are compiled in.

use serde::de::DeserializeOwned;

/// All rows of a built-in CSV table with a header.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Vec<T> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader
        .deserialize()
        .map(|row| row.unwrap_or_else(|error| unreachable!("built-in table: {error}")))
        .collect()
}
