//! Argo Workflows (`Workflow`, `CronWorkflow`, `WorkflowTemplate`, `ClusterWorkflowTemplate`) -> pipelines.
//!
//! A template is pasted wherever it is called, with its inputs filled in, so that what runs is a flat graph of
//! containers: `call` follows tasks and steps, `leaf` makes a step of a container, `scope` gives `{{…}}` its meaning.

mod call;
mod depends;
mod each;
mod effort;
mod exit;
mod known;
mod leaf;
mod library;
mod mounts;
mod scope;

use std::collections::BTreeMap;

use super::names::Names;
use super::pipeline::{Parameter, Pipeline, Schedule};
use super::text::{Reference, Text};
use super::yaml::{self, Node};
use super::{Imported, finish};
use crate::catalog::Catalog;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceMap, Span};
use call::{Call, Place};
use library::{Home, Library};
use scope::Scope;

/// More steps than any workflow holds: templates that call templates grow without bound.
const MOST_STEPS: usize = 5_000;

/// Every document of every source that starts something, as a pipeline. References between documents are followed.
pub fn pipelines(sources: &SourceMap, catalog: &Catalog, out: &mut Diagnostics) -> Vec<Imported> {
    let mut documents = Vec::new();
    for (source, _) in sources.iter() {
        documents.extend(yaml::read(sources, source, out));
    }
    let library = Library::of(&documents);
    if library.is_empty() && !documents.is_empty() {
        let span = documents.first().map(|node| node.span).unwrap_or_default();
        let message =
            "no document here is a Workflow, CronWorkflow, WorkflowTemplate or ClusterWorkflowTemplate";
        out.push(Diagnostic::new(
            Code::ImportForm,
            span,
            "another `kind`, or none",
            message,
        ));
    }
    let mut pipelines = Names::default();
    let mut imported = Vec::new();
    for home in library.homes() {
        let Some((entrypoint, templates)) = entry(&library, home, out) else {
            continue;
        };
        let name = pipelines.fresh(home.name);
        let mut importer = Importer::new(&library, out, name);
        importer.workflow(home, entrypoint, templates);
        if !importer.failed {
            let pipeline = importer.pipeline;
            imported.extend(finish(&pipeline, home.span, catalog, out));
        }
    }
    imported
}

/// Where a document starts: the name of a template, and the document that has it. A collection of templates starts
/// nothing.
fn entry<'t>(
    library: &'t Library<'t>,
    home: &'t Home<'t>,
    out: &mut Diagnostics,
) -> Option<(&'t str, &'t Home<'t>)> {
    let templates = match home.spec.get("workflowTemplateRef") {
        None => home,
        Some(reference) => {
            let name = reference.text_of("name").unwrap_or_default();
            let Some(found) = library.find(name) else {
                let message = format!("the workflow template `{name}` is not in the files given");
                out.push(
                    Diagnostic::new(Code::ImportUnsupported, reference.span, "refers to it", message)
                        .help("give its file, too, or the folder with both"),
                );
                return None;
            };
            found
        }
    };
    let own = home.spec.text_of("entrypoint");
    let entrypoint = own.or_else(|| templates.spec.text_of("entrypoint"));
    if entrypoint.is_none() {
        out.push(Diagnostic::new(
            Code::ImportLoss,
            home.span,
            "it has no `entrypoint`",
            format!(
                "`{}` starts nothing: its templates are pasted where others call them",
                home.name
            ),
        ));
    }
    Some((entrypoint?, templates))
}

/// One document on its way to a pipeline.
struct Importer<'t, 'o> {
    library: &'t Library<'t>,
    out: &'o mut Diagnostics,
    pipeline: Pipeline,
    names: Names,
    /// The names in the pipeline of the workflow's parameters.
    parameters: BTreeMap<String, String>,
    /// Templates that are being pasted, outermost first.
    open: Vec<Span>,
    /// True once something could not be said.
    failed: bool,
}

impl<'t, 'o> Importer<'t, 'o> {
    fn new(library: &'t Library<'t>, out: &'o mut Diagnostics, name: String) -> Self {
        Importer {
            library,
            out,
            pipeline: Pipeline {
                name,
                ..Pipeline::default()
            },
            names: Names::default(),
            parameters: BTreeMap::new(),
            open: Vec::new(),
            failed: false,
        }
    }

    fn workflow(&mut self, home: &'t Home<'t>, entrypoint: &'t str, templates: &'t Home<'t>) {
        self.schedules(home);
        for spec in [home, templates].map(|home| home.spec) {
            self.keys(spec, &known::SPEC);
        }
        let arguments = self.arguments(&[home.spec, templates.spec]);
        let Some(template) = templates.template(entrypoint) else {
            return self.stop(
                home.span,
                "`entrypoint`",
                &format!("there is no template `{entrypoint}`"),
            );
        };
        let call = Call {
            name: entrypoint,
            span: home.span,
            home: templates,
            template,
            parameters: arguments.clone(),
            artifacts: BTreeMap::new(),
        };
        self.paste(call, &Place::default());
        let exit = home.spec.get("onExit").or_else(|| templates.spec.get("onExit"));
        if let Some(exit) = exit {
            self.on_exit(templates, exit, arguments);
        }
        let deadline = home.spec.get("activeDeadlineSeconds");
        if let Some(deadline) = deadline.or_else(|| templates.spec.get("activeDeadlineSeconds")) {
            self.deadline(deadline);
        }
    }

    /// Parameters of the workflow; the first specification that has one gives its value.
    fn arguments(&mut self, specs: &[&'t Node]) -> BTreeMap<String, Text> {
        let mut arguments = BTreeMap::new();
        for spec in specs {
            let Some(given) = spec.get("arguments") else {
                continue;
            };
            if let Some(artifact) = given.items_of("artifacts").first() {
                self.stop(
                    artifact.span,
                    "an artifact as an argument of a workflow",
                    "a run is given parameters only",
                );
            }
            for parameter in given.items_of("parameters") {
                let Some(name) = parameter
                    .text_of("name")
                    .filter(|name| !arguments.contains_key(*name))
                else {
                    continue;
                };
                if let Some(from) = parameter.get("valueFrom") {
                    self.stop(
                        from.span,
                        "a parameter from a ConfigMap",
                        "a parameter has its value in the pipeline",
                    );
                }
                let own = self.names.fresh(name);
                arguments.insert(
                    name.to_owned(),
                    Text::reference(Reference::Parameter(own.clone())),
                );
                self.parameters.insert(name.to_owned(), own.clone());
                let default = parameter
                    .text_of("value")
                    .or_else(|| parameter.text_of("default"));
                self.pipeline.parameters.push(Parameter {
                    name: own,
                    default: default.map(str::to_owned),
                });
                if default.is_some_and(|text| text.contains("{{")) {
                    self.stop(
                        parameter.span,
                        "a parameter made of others",
                        "the value of a parameter is a constant",
                    );
                }
            }
        }
        arguments
    }

    /// A parameter of the workflow; one that it does not declare must be given at the start of a run.
    fn given_at_start(&mut self, name: &str) -> Text {
        if !self.parameters.contains_key(name) {
            let own = self.names.fresh(name);
            self.parameters.insert(name.to_owned(), own.clone());
            self.pipeline.parameters.push(Parameter {
                name: own,
                default: None,
            });
        }
        let own = self.parameters.get(name).cloned().unwrap_or_default();
        Text::reference(Reference::Parameter(own))
    }

    fn schedules(&mut self, home: &'t Home<'t>) {
        let Some(cron) = home.cron else { return };
        self.keys(cron, &known::CRON);
        let overlap = match cron.text_of("concurrencyPolicy") {
            Some("Forbid") => "forbid",
            Some("Replace") => "replace",
            Some(_) | None => "allow",
        };
        let one = cron.get("schedule").into_iter();
        for schedule in one.chain(cron.items_of("schedules")).filter_map(Node::text) {
            self.pipeline.schedules.push(Schedule {
                cron: schedule.to_owned(),
                timezone: cron.text_of("timezone").map(str::to_owned),
                overlap,
                late: cron
                    .text_of("startingDeadlineSeconds")
                    .filter(|seconds| *seconds != "0")
                    .map(|seconds| format!("{seconds}s")),
            });
        }
    }

    /// Reports every key that has no counterpart, and notes every one that is left out.
    fn keys(&mut self, node: &Node, known: &known::Keys) {
        for (key, value) in node.entries() {
            if matches!(value.value, yaml::Value::Null) || known.read.contains(&key.as_str()) {
                continue;
            }
            match known.left_out.iter().find(|(name, _)| name == key) {
                Some((_, why)) => self.lose(value.span, key, why),
                None => self.stop(
                    value.span,
                    &format!("`{key}`"),
                    "the language has nothing like it",
                ),
            }
        }
    }

    /// Something that cannot be said: the document is not imported.
    fn stop(&mut self, span: Span, construct: &str, why: &str) {
        self.failed = true;
        let known = |found: &&Diagnostic| found.code == Code::ImportUnsupported && found.span() == span;
        if !self.out.sorted().iter().any(known) {
            let message = format!("{construct} has no counterpart: {why}");
            self.out
                .push(Diagnostic::new(Code::ImportUnsupported, span, "this", message));
        }
    }

    /// Something that is left out without changing what runs.
    fn lose(&mut self, span: Span, construct: &str, why: &str) {
        if self.pipeline.losses.insert(format!("`{construct}`: {why}")) {
            let message = format!("`{construct}` is left out: {why}");
            self.out
                .push(Diagnostic::new(Code::ImportLoss, span, "this", message));
        }
    }

    /// A text with its references resolved.
    fn text(&mut self, scope: &Scope<'t>, node: &Node) -> Text {
        let Some(text) = node.text() else {
            self.stop(
                node.span,
                "a structure where a text belongs",
                "arguments are texts",
            );
            return Text::default();
        };
        match self.resolve(scope, text) {
            Ok(text) => text,
            Err(tag) => {
                self.stop(
                    node.span,
                    &format!("`{{{{{tag}}}}}`"),
                    "no reference of the language has this value",
                );
                Text::default()
            }
        }
    }
}
