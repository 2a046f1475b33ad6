//! A run in which every attempt ends as the test says.

use std::collections::BTreeMap;

use crate::graph::{Cause, Emit, Given, Graph, Scalar, Test, ValueType};
use crate::run::value::Value;
use crate::run::{Failure, Run, TaskId};

/// Plays the run of the test's pipeline to its end.
pub fn play<'g>(graph: &'g Graph, test: &Test) -> Run<'g> {
    let parameters = test.given.iter().filter_map(|given| match given {
        Given::Parameter { name, values } => Some((name.clone(), values.clone())),
        Given::Output { .. } | Given::Fails { .. } | Given::Lost(_) => None,
    });
    let mut run = Run::of(graph, &graph[test.pipeline], &parameters.collect(), None);
    let mut begun: BTreeMap<crate::graph::StepId, Vec<TaskId>> = BTreeMap::new();
    loop {
        let starts = run.to_start();
        if starts.is_empty() {
            return run;
        }
        for start in starts {
            let own = begun.entry(start.task.step).or_default();
            if !own.contains(&start.task) {
                own.push(start.task.clone());
            }
            let nth = own.iter().position(|task| *task == start.task).unwrap_or(0);
            match failure(test, &start.task, nth, start.attempt) {
                Some(failure) => drop(run.failed(&start.task, failure)),
                None => run.succeeded(&start.task, outputs(graph, test, &start.task, nth)),
            }
        }
    }
}

/// Why the attempt fails, if the test says that it does. `nth` counts the items of a step.
fn failure(test: &Test, task: &TaskId, nth: usize, attempt: u32) -> Option<Failure> {
    test.given.iter().find_map(|given| match given {
        Given::Fails {
            step,
            items,
            times,
            cause,
        } if *step == task.step => {
            let item = items.is_none_or(|items| (nth as u64) < items);
            let time = times.is_none_or(|times| u64::from(attempt) < times);
            (item && time).then_some(Failure {
                cause: *cause,
                code: (*cause == Cause::Error).then_some(1),
            })
        }
        Given::Fails { .. } | Given::Output { .. } | Given::Parameter { .. } | Given::Lost(_) => None,
    })
}

/// What the item emits: what is given, one value for all or one each; a list of unknown items where only its usual
/// length is known.
fn outputs(graph: &Graph, test: &Test, task: &TaskId, nth: usize) -> BTreeMap<String, Value> {
    let known = graph[task.step].emits.iter().filter_map(|emit| {
        let given = test.given.iter().find_map(|given| match given {
            Given::Output {
                steps,
                output,
                values,
            } if steps.contains(&task.step) && *output == emit.name.value => Some(values.as_slice()),
            Given::Output { .. } | Given::Parameter { .. } | Given::Fails { .. } | Given::Lost(_) => None,
        });
        Some((emit.name.value.clone(), value(emit, given, nth)?))
    });
    known.collect()
}

fn value(emit: &Emit, given: Option<&[Scalar]>, nth: usize) -> Option<Value> {
    match (emit.ty, given) {
        (ValueType::List, Some(values)) => {
            let items = values
                .iter()
                .map(|value| serde_json::Value::String(value.to_string()));
            Some(Value::List(items.collect()))
        }
        (ValueType::List, None) => {
            let items = usize::try_from(emit.items?).ok()?;
            Some(Value::List(vec![serde_json::Value::Null; items]))
        }
        (ty, Some([one])) => Some(Value::of(one, ty)),
        (ty, Some(values)) => values.get(nth).map(|value| Value::of(value, ty)),
        (_, None) => None,
    }
}
