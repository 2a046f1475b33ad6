//! The part of a pod that is the same whoever starts it: an Argo run, or a Deployment.
//!
//! What users wrote is data here. Kubernetes expands `$(NAME)` in commands, arguments and variables, and Argo replaces
//! `{{…}}` in whole templates, so both are made inert (`text`): `$` is doubled, and a brace that would open a
//! placeholder is written as `$(PORTOLAN_BRACE)`, which the kubelet turns back into `{` after Argo is done. Scripts and
//! files never pass either: they are mounted from a ConfigMap ([`volumes::config_map`]).

mod environment;
mod resources;
mod scheduling;
mod security;
mod text;
mod volumes;

use k8s_openapi::api::core::v1::{ConfigMapKeySelector, Container, EnvVar, EnvVarSource, Volume};

pub use environment::EMITS;
pub use resources::{accelerator, cpu, memory};
pub use scheduling::{Priority, Scheduling, node_selector, pool};
pub use security::{USER, container_security, pod_security};
pub use text::BRACE;
pub use volumes::config_map;

use super::{Lowering, image, names, own_store};
use crate::catalog::Provider;
use crate::graph::{Binding, Program, Read, Step, Text, Write};
use crate::place::SiteId;
use crate::quantity::Bytes;

/// Name of the container that runs the step's program.
pub const MAIN: &str = "main";

/// A step's pod, and what its starter knows of a run.
#[derive(Clone, Copy)]
pub struct StepPod<'a> {
    /// What is lowered.
    pub input: &'a Lowering<'a>,
    /// The step.
    pub step: &'a Step,
    /// True where `{{` starts a placeholder (Argo), so that users' braces must not.
    pub live_braces: bool,
    /// How the starter says a value that only it knows. See [`Answer::Text`] for what must hold of the answer.
    pub answer: &'a dyn Fn(Asked<'_>) -> Answer,
}

/// A value that depends on the run, and so on who starts it.
#[derive(Clone, Copy, Debug)]
pub enum Asked<'a> {
    /// A reference in an `(f)` text, a fan-out's variable, or a field of `run`.
    Reference(&'a Binding),
    /// The URI of an input that has no `mount`.
    Read(&'a Read),
    /// The URI of an output that has no `mount`.
    Write(&'a Write),
    /// The directory to save to and resume from.
    Checkpoint,
}

/// How a value reaches the program.
#[derive(Clone, PartialEq, Debug)]
pub enum Answer {
    /// This text, with placeholders of the starter's engine. It is used as it stands: what is filled in at run time
    /// must have each `$` doubled (in Argo: `{{=sprig.replace("$", "$$", inputs.parameters.cohort)}}`), since the
    /// kubelet halves it.
    Text(String),
    /// From a ConfigMap, a Secret or the pod's own fields; the kubelet never expands these.
    Source(Box<EnvVarSource>),
}

impl Answer {
    /// The value of a key of a ConfigMap that must exist.
    pub fn config_map_key(name: &str, key: &str) -> Answer {
        Answer::Source(Box::new(EnvVarSource {
            config_map_key_ref: Some(ConfigMapKeySelector {
                name: name.to_owned(),
                key: key.to_owned(),
                optional: None,
            }),
            ..EnvVarSource::default()
        }))
    }
}

impl StepPod<'_> {
    /// The container that runs the program: image, command, environment, mounts, resources, security.
    pub fn container(&self) -> Container {
        let mut said = text::Said::new(self);
        let command = self.command(&mut said);
        let args = said.all(&self.step.args);
        let own = environment::variables(self, &mut said);
        let mut env = said.variables([command.as_slice(), args.as_slice()].concat(), &own);
        env.extend(own);
        let mounts = volumes::mounts(self);
        Container {
            name: MAIN.to_owned(),
            image: Some(image::of(self.input, self.step)),
            command: present(command),
            args: present(args),
            env: present(env),
            resources: Some(resources::of(self)),
            volume_mounts: present(mounts),
            security_context: Some(container_security()),
            ..Container::default()
        }
    }

    /// What `asked` comes to: of a store of its own, what the site's Terraform says; else what the starter says.
    fn answered(&self, asked: Asked<'_>) -> Answer {
        let data = match asked {
            Asked::Read(read) => Some(read.data),
            Asked::Write(write) => Some(write.data),
            Asked::Reference(Binding::DataUri(data)) => Some(*data),
            Asked::Reference(_) | Asked::Checkpoint => None,
        };
        let own = data.and_then(|data| own_store::address(self.input, self.step, data));
        own.unwrap_or_else(|| (self.answer)(asked))
    }

    /// The volumes that [`StepPod::container`] mounts.
    pub fn volumes(&self) -> Vec<Volume> {
        volumes::volumes(self)
    }

    /// Scratch space of this size, gone with the pod.
    pub fn scratch(&self, name: impl Into<String>, size: Bytes) -> Volume {
        volumes::scratch(self, name.into(), size)
    }

    /// Where it may be scheduled: the planned pool, and beside or apart from what the author said.
    pub fn scheduling(&self) -> Scheduling {
        scheduling::of(self.input, self.step)
    }

    /// Program and arguments. An image built here runs `python main.py` unless something is said.
    fn command(&self, said: &mut text::Said<'_, '_>) -> Vec<String> {
        if let Some(script) = &self.step.script {
            return vec![
                said.one(&Text::literal(&script.shell)),
                volumes::SCRIPT.to_owned(),
            ];
        }
        let command = said.all(&self.step.command);
        match &self.step.program {
            Program::Build(build)
                if command.is_empty() && build.dockerfile.is_none() && self.step.args.is_empty() =>
            {
                vec!["python".to_owned(), "main.py".to_owned()]
            }
            Program::Build(_) | Program::Image(_) | Program::Stock(_) => command,
        }
    }
}

/// Labels of everything that is about `step`.
pub fn labels(input: &Lowering<'_>, step: &Step) -> std::collections::BTreeMap<String, String> {
    let pipeline = &input.graph()[step.pipeline].name.value;
    let mut labels = names::labels(Some(pipeline));
    labels.insert(names::label("step"), names::label_value(&step.name.value));
    labels
}

/// Labels of the pods of `step`: those of its objects, and what its cloud wants to see.
pub fn pod_labels(input: &Lowering<'_>, step: &Step) -> std::collections::BTreeMap<String, String> {
    let mut labels = labels(input, step);
    labels.extend(identity_label(input, input.plan[step.id].site));
    // The most restrictive of what the step reads: access and log rules select by it.
    let class = step
        .inherited
        .sensitivity
        .last()
        .map(|level| level.word().to_owned());
    labels.extend(class.map(|class| (names::label("data-class"), class)));
    labels
}

/// Labels of the nodes on which the pods of `step` may run.
pub fn node_labels(input: &Lowering<'_>, step: &Step) -> std::collections::BTreeMap<String, String> {
    scheduling::of(input, step).node_selector
}

/// `text` of a user's in a field that the kubelet expands and, with `live_braces`, Argo fills in.
pub fn inert(text: &str, live_braces: bool) -> String {
    text::inert(text, live_braces, true)
}

/// The label that pods at `site` need before their cloud lends them an identity.
pub fn identity_label(input: &Lowering<'_>, site: SiteId) -> Option<(String, String)> {
    let azure = matches!(input.plan[site].region, Some((Provider::Azure, _)));
    azure.then(|| ("azure.workload.identity/use".to_owned(), "true".to_owned()))
}

/// `None` for an empty list, so that empty fields are not written.
pub fn present<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

/// A variable with a plain value.
pub fn variable(name: impl Into<String>, value: impl Into<String>) -> EnvVar {
    EnvVar {
        name: name.into(),
        value: Some(value.into()),
        value_from: None,
    }
}

#[cfg(test)]
mod tests;
