//! Document -> Graph: names resolved, defaults filled in, a DAG.

mod data;
mod fanout;
pub mod model;
mod monitor;
mod platform;
mod promise;
mod residency;
mod site;
mod step;
mod value;

pub use model::*;
pub use residency::{Inherited, Restriction};
pub use site::{Area, SiteRef};
