//! Compiled Kubeflow pipelines (v2, IR YAML) -> pipelines.

use super::Imported;
use crate::catalog::Catalog;
use crate::diag::Diagnostics;
use crate::source::SourceMap;

/// Every pipeline of every source.
pub fn pipelines(_sources: &SourceMap, _catalog: &Catalog, _out: &mut Diagnostics) -> Vec<Imported> {
    Vec::new()
}
