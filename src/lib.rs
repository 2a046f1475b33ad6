//! Portolan compiles declarative ML pipelines into placed, priced and monitored infrastructure.

pub mod catalog;
pub mod diag;
pub mod graph;
pub mod lower;
pub mod place;
pub mod profile;
pub mod quantity;
pub mod render;
pub mod source;
pub mod syntax;
pub mod write;
