//! What an always-on step is told of the run it serves.
//!
//! A run that deploys a step writes the ConfigMap [`name`] with the values of [`keys`], then starts new pods. Until the
//! first run there is no such ConfigMap and the pods wait for it: there is nothing to serve. No file declares it, so
//! applying the manifests again never takes a step back to an older run.

use std::collections::BTreeMap;

use crate::graph::{Binding, EnvValue, Piece, RunField, Step, Text};
use crate::lower::{Lowering, names, site};

/// The ConfigMap of a step's release.
pub fn name(input: &Lowering<'_>, step: &Step) -> String {
    let chosen = site::chosen_namespace(input, input.plan[step.id].site);
    let pipeline = &input.graph()[step.pipeline].name.value;
    names::release(&names::object(pipeline, &step.name.value, chosen))
}

/// Its keys, and the value that a run writes under each.
pub fn keys(input: &Lowering<'_>, step: &Step) -> BTreeMap<String, Binding> {
    let variables = step.env.iter().filter_map(|variable| match &variable.value {
        EnvValue::Text(text) => Some(text),
        EnvValue::Secret(_) => None,
    });
    let texts = step.command.iter().chain(&step.args).chain(variables);
    let said = texts
        .flat_map(|text: &Text| &text.0)
        .filter_map(|piece| match piece {
            Piece::Reference(binding) => Some(binding.clone()),
            Piece::Literal(_) => None,
        });
    let always = [RunField::Id, RunField::Date].map(Binding::Run);
    let all = always.into_iter().chain(said);
    all.filter_map(|binding| Some((key(input, &binding)?, binding)))
        .collect()
}

/// The key of one value; `None` for what does not depend on the run in ways of its own.
pub fn key(input: &Lowering<'_>, binding: &Binding) -> Option<String> {
    Some(match binding {
        Binding::Run(RunField::Id) => "run-id".to_owned(),
        Binding::Run(RunField::Date) => "run-date".to_owned(),
        Binding::Run(RunField::Time) => "run-time".to_owned(),
        Binding::Run(RunField::Status) => "run-status".to_owned(),
        Binding::Parameter { name, .. } => format!("parameter.{name}"),
        Binding::Output { steps, output, .. } => {
            let names = steps.iter().map(|step| input.graph()[*step].name.value.as_str());
            format!("output.{}.{output}", names.collect::<Vec<_>>().join("_"))
        }
        // An always-on step is in no fan-out.
        Binding::Item { .. } | Binding::DataUri(_) | Binding::DataPath(_) => return None,
    })
}
