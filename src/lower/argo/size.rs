//! How large objects may be.
//!
//! Argo keeps a workflow in one Kubernetes object, and in its status a copy of every template that the run refers to in
//! other objects, so what counts is all that a run uses in its cluster. etcd takes no more than 1.5 MB of one object, of
//! which the state of the run takes its share. The custom resource definitions of Argo 4 also bound lists.

use super::chart::Chart;
use super::types::{Object, Template, WorkflowSpec};
use crate::diag::{Code, Diagnostic, Diagnostics};

/// Bytes of minified JSON (argo-workflows, docs/offloading-large-workflows.md).
const MOST_BYTES: usize = 1_000_000;
/// Above it, steps of one shape share a template, although the tasks that use it are then harder to read.
const LARGE: usize = 400_000;
/// Entries of `templates`, and of the tasks of a DAG (argo-workflows 4.1, manifests/base/crds/full).
pub const MOST_ENTRIES: usize = 200;
/// Entries of the parameters that go into a template (the same).
const MOST_INPUTS: usize = 500;

/// Tasks of one workflow before it is divided. The rest are for what is added to a workflow once: its entry, its exit,
/// and the scripts that tasks share.
pub const MOST_TASKS: usize = MOST_ENTRIES - 10;

/// True for objects that had better be smaller.
pub fn large(objects: &[Object<WorkflowSpec>]) -> bool {
    objects.iter().map(size).sum::<usize>() > LARGE
}

/// Reports objects that the API server would refuse.
pub fn check(chart: &Chart<'_>, objects: &[Object<WorkflowSpec>], out: &mut Diagnostics) {
    let runs_together = chart.fragment.is_none();
    let sizes: Vec<usize> = objects.iter().map(size).collect();
    let most = match runs_together {
        true => sizes.iter().sum(),
        false => sizes.iter().copied().max().unwrap_or(0),
    };
    let mut report = |what: String| {
        let label = "all its steps and items together";
        let found = Diagnostic::new(Code::EachSize, chart.pipeline.name.span, label, what);
        out.push(found.help("let an `each` go over a list that a step emits, or make two pipelines of it"));
    };
    if most > MOST_BYTES {
        let megabytes = most as f64 / 1e6;
        report(format!(
            "the workflow takes {megabytes:.1} MB, and Argo holds 1 MB"
        ));
    }
    for object in objects {
        let templates = &object.spec.templates;
        if templates.len() > MOST_ENTRIES {
            let count = templates.len();
            report(format!(
                "a workflow has {count} templates, and Argo holds {MOST_ENTRIES}"
            ));
        }
        templates.iter().filter_map(overfull).for_each(&mut report);
    }
}

/// What is too long in a template.
fn overfull(template: &Template) -> Option<String> {
    let name = &template.name;
    let tasks = template.dag.as_ref().map_or(0, |dag| dag.tasks.len());
    let inputs = template.inputs.parameters.len();
    if tasks > MOST_ENTRIES {
        return Some(format!(
            "`{name}` has {tasks} tasks, and Argo holds {MOST_ENTRIES}"
        ));
    }
    let message = || format!("`{name}` has {inputs} inputs, and Argo holds {MOST_INPUTS}");
    (inputs > MOST_INPUTS).then(message)
}

/// Bytes as Argo stores it.
fn size(object: &Object<WorkflowSpec>) -> usize {
    let mut bytes = Count(0);
    serde_json::to_writer(&mut bytes, object)
        .unwrap_or_else(|error| unreachable!("our values always serialise: {error}"));
    bytes.0
}

/// Counts what is written to it.
struct Count(usize);

impl std::io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
