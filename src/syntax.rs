//! Text -> Document: KDL read and checked against the grammar table.

pub mod condition;
