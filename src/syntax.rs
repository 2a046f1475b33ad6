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
mod recover;
mod template;
mod tree;
mod value;

pub use document::{Document, Node, Path, Property, Value};
pub use files::{Files, beside};
pub use kind::StepKind;
pub use lost::Lost;
pub use value::is_name;

use crate::diag::Diagnostics;
use crate::source::SourceMap;

/// Reads all sources and what they include. What is wrong is reported and left out, so that later passes can look
/// at the rest.
pub fn parse(sources: &mut SourceMap, files: &dyn Files, out: &mut Diagnostics) -> Document {
    let mut lost = Lost::default();
    let raw = files::read(sources, files, &mut lost, out);
    let pasted = template::paste(raw, &mut lost, out);
    let nodes = check::check(&pasted, sources, &mut lost, out);
    Document { nodes, lost }
}
