//! A large pipeline in one object: its fragments become templates of the conductor's own, so that steps of one shape
//! share a template across all of them.

use std::collections::BTreeSet;

use super::dag::MAIN;
use super::shapes;
use super::size::MOST_ENTRIES;
use super::types::{Object, Template, WorkflowSpec};
use super::workflow::FRAGMENT;
use crate::lower::names;

/// The first of `objects`, with the fragments that it refers to; `None` if that has more templates than Argo holds.
pub fn join(objects: &[Object<WorkflowSpec>]) -> Option<Object<WorkflowSpec>> {
    let (conductor, fragments) = objects.split_first()?;
    let mut joined = conductor.clone();
    let templates = &mut joined.spec.templates;
    templates.extend(fragments.iter().flat_map(parts));
    // Scripts that several fragments run are the same in each.
    let mut seen = BTreeSet::new();
    templates.retain(|template| seen.insert(template.name.clone()));
    let dags = templates.iter_mut().filter_map(|template| template.dag.as_mut());
    for task in dags.flat_map(|dag| &mut dag.tasks) {
        if let Some(reference) = task.template_ref.take() {
            task.template = Some(name(&reference.name));
        }
    }
    shapes::share(templates);
    (templates.len() <= MOST_ENTRIES).then_some(joined)
}

/// The templates of a fragment, without the one that makes it a workflow of its own.
fn parts(fragment: &Object<WorkflowSpec>) -> impl Iterator<Item = Template> {
    let workflow = fragment.metadata.name.as_deref().unwrap_or_default();
    let own = fragment.spec.templates.iter();
    own.filter(|template| template.name != FRAGMENT)
        .map(move |template| {
            let mut own = template.clone();
            // It is one workflow again.
            if let Some(metadata) = &mut own.metadata {
                metadata.labels.remove(&names::label("fragment"));
            }
            if own.name == MAIN {
                own.name = name(workflow);
            }
            own
        })
}

/// What the DAG of a fragment is called. No step has two hyphens in its name.
fn name(workflow: &str) -> String {
    format!("part--{workflow}")
}
