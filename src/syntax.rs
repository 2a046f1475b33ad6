//! Text -> Document: KDL read, templates pasted, every node and value checked against the grammar table.

mod check;
pub mod condition;
pub mod document;
mod files;
pub mod fmt;
pub mod format;
pub mod grammar;
mod kind;
pub mod lost;
pub(crate) mod recover;
mod template;
pub(crate) mod tree;
mod value;

pub use document::{Document, Node, Path, Property, Value};
pub use files::{Files, beside};
pub use kind::StepKind;
pub use lost::Lost;
pub use recover::Memory;
pub use value::is_name;

use crate::diag::Diagnostics;
use crate::source::{SourceId, SourceMap};

/// Reads all sources and what they include. What is wrong is reported and left out, so that later passes can look
/// at the rest.
pub fn parse(sources: &mut SourceMap, files: &dyn Files, out: &mut Diagnostics) -> Document {
    read(sources, files, None, out)
}

/// The same for texts that change, as in an editor: what `memory` knows of the last time is not read again.
pub fn parse_again(
    sources: &mut SourceMap,
    files: &dyn Files,
    memory: &mut Memory,
    out: &mut Diagnostics,
) -> Document {
    memory.turn();
    read(sources, files, Some(memory), out)
}

/// The nodes of one text as typed, templates not pasted; what is not KDL is left out.
pub(crate) fn raw(source: SourceId, text: &str) -> Vec<tree::RawNode> {
    recover::parse(source, text, None, &mut Lost::default(), &mut Diagnostics::new())
}

fn read(
    sources: &mut SourceMap,
    files: &dyn Files,
    memory: Option<&mut Memory>,
    out: &mut Diagnostics,
) -> Document {
    let mut lost = Lost::default();
    let raw = files::read(sources, files, memory, &mut lost, out);
    let pasted = template::paste(raw, &mut lost, out);
    let nodes = check::check(&pasted, sources, &mut lost, out);
    Document { nodes, lost }
}
