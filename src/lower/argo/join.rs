//! A large pipeline in one object: its fragments become templates of the conductor's own, so that steps of one shape
//! share a template across all of them.

use std::collections::BTreeSet;

use super::dag::MAIN;
use super::shapes;
use super::size::MOST_ENTRIES;
use super::types::{Object, Template, WorkflowSpec};
use super::workflow::FRAGMENT;
use crate::lower::names;

/// Puts all of `objects` into the first one, which refers to the others; leaves them as they are, and answers false, if
/// that would have more templates than Argo holds.
pub fn join(objects: &mut Vec<Object<WorkflowSpec>>) -> bool {
    if !fits(objects) {
        return false;
    }
    let mut all = std::mem::take(objects).into_iter();
    let Some(mut joined) = all.next() else {
        return false;
    };
    let templates = &mut joined.spec.templates;
    templates.extend(all.flat_map(parts));
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
    objects.push(joined);
    true
}

/// True if all templates of `objects`, those of one shape as one, are few enough for one object.
fn fits(objects: &mut [Object<WorkflowSpec>]) -> bool {
    let dags = objects.iter().flat_map(|object| &object.spec.templates);
    let dags = dags.filter(|template| template.dag.is_some() && template.name != FRAGMENT);
    // Of large pipelines the DAGs alone are too many; then nothing else need be looked at.
    if objects.is_empty() || dags.count() > MOST_ENTRIES {
        return false;
    }
    let all = objects.iter_mut().flat_map(|object| &mut object.spec.templates);
    shapes::count(all.filter(|template| template.name != FRAGMENT)) <= MOST_ENTRIES
}

/// The templates of a fragment, without the one that makes it a workflow of its own.
fn parts(fragment: Object<WorkflowSpec>) -> impl Iterator<Item = Template> {
    let workflow = fragment.metadata.name.unwrap_or_default();
    let own = fragment.spec.templates.into_iter();
    own.filter(|template| template.name != FRAGMENT)
        .map(move |mut own| {
            // It is one workflow again.
            if let Some(metadata) = &mut own.metadata {
                metadata.labels.remove(&names::label("fragment"));
            }
            if own.name == MAIN {
                own.name = name(&workflow);
            }
            own
        })
}

/// What the DAG of a fragment is called. No step has two hyphens in its name.
fn name(workflow: &str) -> String {
    format!("part--{workflow}")
}
