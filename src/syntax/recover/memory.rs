//! What was read of pieces of text: of a text that changes in one place, only that place is read anew.

use indexmap::IndexMap;
use kdl::{KdlDocument, KdlError};

use crate::source::SourceId;
use crate::syntax::tree::{Base, RawNode, bind};

/// Nodes by the text they were read from; their places are counted from its first byte.
#[derive(Debug, Default)]
pub struct Memory {
    /// Of the reading before.
    before: IndexMap<String, Vec<RawNode>>,
    /// Of this reading.
    now: IndexMap<String, Vec<RawNode>>,
}

impl Memory {
    /// Begins another reading; what the last one did not meet is forgotten.
    pub(in crate::syntax) fn turn(&mut self) {
        self.before = std::mem::take(&mut self.now);
    }

    /// The nodes of `text`, which stands at `base`.
    pub(super) fn read(&mut self, text: &str, base: Base) -> Result<Vec<RawNode>, KdlError> {
        if !self.now.contains_key(text) {
            let (text, nodes) = match self.before.swap_remove_entry(text) {
                Some(known) => known,
                None => (text.to_owned(), fresh(text)?),
            };
            self.now.insert(text, nodes);
        }
        let known = self.now.get(text).map(Vec::as_slice).unwrap_or_default();
        Ok(known.iter().map(|node| node.moved(base)).collect())
    }
}

fn fresh(text: &str) -> Result<Vec<RawNode>, KdlError> {
    let document = KdlDocument::parse_v2(text)?;
    let start = Base {
        source: SourceId(0),
        offset: 0,
    };
    Ok(bind(&document, start, text))
}
