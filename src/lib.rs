//! Portolan compiles declarative ML pipelines into placed, priced and monitored infrastructure.

pub mod catalog;
pub mod quantity;
pub mod source;
