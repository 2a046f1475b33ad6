//! How large an object may be: Argo stores a workflow and its templates in one Kubernetes object, and etcd takes no more
//! than 1.5 MB of one, of which the status takes its share.

use super::chart::Chart;
use super::types::{Object, WorkflowSpec};
use crate::diag::{Code, Diagnostic, Diagnostics};

/// Bytes of minified JSON (argo-workflows, docs/offloading-large-workflows.md).
const MOST: usize = 1_000_000;

/// Above it, what templates have in common is said once, although each is then harder to read.
const LARGE: usize = 400_000;

/// True for an object that had better be smaller.
pub fn large(object: &Object<WorkflowSpec>) -> bool {
    size(object) > LARGE
}

/// Reports an object that the API server would refuse.
pub fn check(chart: &Chart<'_>, object: &Object<WorkflowSpec>, out: &mut Diagnostics) {
    let size = size(object);
    if size <= MOST {
        return;
    }
    let megabytes = size as f64 / 1e6;
    let what = format!("the workflow takes {megabytes:.1} MB, and Argo holds 1 MB");
    let found = Diagnostic::new(
        Code::EachSize,
        chart.pipeline.name.span,
        "all its steps and items together",
        what,
    );
    out.push(found.help("let an `each` go over a list that a step emits, or make two pipelines of it"));
}

/// Bytes as Argo stores it.
fn size(object: &Object<WorkflowSpec>) -> usize {
    serde_json::to_string(object).map_or(0, |text| text.len())
}
