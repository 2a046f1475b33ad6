//! Graph -> ProfiledGraph: what each step needs, predicted with an interval and a reason.

pub mod model;

pub use model::{
    AcceleratorNeed, Basis, Estimate, Load, Precision, Profile, ProfiledGraph, StorageNeed, Work,
};
