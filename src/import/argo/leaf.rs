//! A container or script -> a step.

use std::collections::BTreeSet;

use super::call::{Call, Place};
use super::mounts::SIZE;
use super::scope::{Made, Scope};
use super::{Importer, known};
use crate::import::names::Names;
use crate::import::pipeline::{Emitted, PRINTED, Step, Variable, Volume};
use crate::import::text::{Piece, Reference, Text};
use crate::import::yaml::Node;

impl<'t> Importer<'t, '_> {
    /// Adds the step.
    pub fn leaf(&mut self, call: &Call<'t>, scope: &Scope<'t>, place: &Place) -> Made {
        let template = call.template;
        let Some(container) = template.get("container").or_else(|| template.get("script")) else {
            // What it has instead was reported as an unknown field.
            if !self.failed {
                self.stop(
                    template.span,
                    "a template without a program",
                    "a step runs a container",
                );
            }
            return Made::default();
        };
        self.keys(container, &known::CONTAINER);
        let mut step = Step {
            name: self.names.fresh(call.name),
            block: place.block,
            last: place.last,
            after: place.after.clone(),
            conditions: place.conditions.clone(),
            ..Step::default()
        };
        match container.get("image") {
            Some(image) => step.image = self.image(image, scope),
            None => self.stop(
                container.span,
                "a container without an image",
                "a step names its image",
            ),
        }
        self.environment(container, scope, &mut step);
        self.program(container, scope, &mut step);
        self.mounts(call, container, &mut step);
        self.effort(template, scope, &mut step);
        if let Some(resources) = container.get("resources") {
            self.needs(resources, &mut step);
        }
        let made = self.files(call, scope, &mut step);
        self.pipeline.steps.push(step);
        made
    }

    fn program(&mut self, container: &'t Node, scope: &Scope<'t>, step: &mut Step) {
        let words = |of: &mut Self, key: &str| -> Vec<Text> {
            container
                .items_of(key)
                .iter()
                .map(|word| of.text(scope, word))
                .collect()
        };
        let (command, arguments) = (words(self, "command"), words(self, "args"));
        if command
            .iter()
            .chain(&arguments)
            .any(|word| names_variable(word, step))
        {
            let why = "a program reads its variables itself";
            self.stop(container.span, "`$(NAME)` of a variable", why);
        }
        step.command = command.iter().map(handed_over).collect();
        step.arguments = arguments.iter().map(handed_over).collect();
        let Some(source) = container.get("source") else {
            return;
        };
        let program = step.command.first().and_then(Text::constant).unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or_default();
        let flag = match program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
            "sh" | "bash" | "ash" | "dash" | "zsh" | "python" => "-c",
            "node" | "perl" | "ruby" => "-e",
            _ => {
                return self.stop(
                    source.span,
                    "a script for this interpreter",
                    "it does not take a script as an argument",
                );
            }
        };
        let source = self.text(scope, source);
        step.command.extend([Text::literal(flag), source]);
    }

    fn environment(&mut self, container: &'t Node, scope: &Scope<'t>, step: &mut Step) {
        for one in container.items_of("env") {
            let name = one.text_of("name").unwrap_or_default().to_owned();
            let from = one.get("valueFrom");
            let secret = from.and_then(|from| from.get("secretKeyRef"));
            let variable = match (from, secret) {
                (None, _) => {
                    let empty = Text::default();
                    Variable::Text(one.get("value").map_or(empty, |value| self.text(scope, value)))
                }
                (Some(_), Some(secret)) => {
                    let part = |key| secret.text_of(key).unwrap_or_default();
                    Variable::Secret(format!("{}.{}", part("name"), part("key")))
                }
                (Some(from), None) => {
                    self.stop(
                        from.span,
                        "this `valueFrom`",
                        "a variable is a text or a key of a secret",
                    );
                    continue;
                }
            };
            step.environment.push((name, variable));
        }
    }

    /// What comes out of it and goes into it.
    fn files(&mut self, call: &Call<'t>, scope: &Scope<'t>, step: &mut Step) -> Made {
        let number = self.pipeline.steps.len();
        let mut made = Made {
            ends: [number].into(),
            step: Some(number),
            ..Made::default()
        };
        let inputs = call.template.get("inputs");
        for artifact in inputs.map_or(&[][..], |inputs| inputs.items_of("artifacts")) {
            let data = artifact
                .text_of("name")
                .and_then(|name| scope.artifacts.get(name));
            if let (Some(data), Some(path)) = (data, artifact.text_of("path")) {
                step.reads.insert(data.clone(), path.to_owned());
            }
        }
        let Some(outputs) = call.template.get("outputs") else {
            return made;
        };
        let mut names = Names::default();
        names.fresh(PRINTED);
        for parameter in outputs.items_of("parameters") {
            self.emitted(parameter, &mut names, &mut made, step);
        }
        for artifact in outputs.items_of("artifacts") {
            self.written(artifact, &mut made, step);
        }
        self.shelled(call, step);
        made
    }

    fn emitted(&mut self, parameter: &'t Node, names: &mut Names, made: &mut Made, step: &mut Step) {
        let name = parameter.text_of("name").unwrap_or_default();
        let number = self.pipeline.steps.len();
        let from = parameter.get("valueFrom");
        if let Some(global) = parameter.get("globalName") {
            self.stop(global.span, "`globalName`", "an output belongs to its step");
        }
        let Some(path) = from.and_then(|from| from.text_of("path")) else {
            return self.stop(
                parameter.span,
                "an output that is not in a file",
                "a step emits what it writes to a file",
            );
        };
        let default = from.and_then(|from| from.text_of("default")).map(str::to_owned);
        let path = path.to_owned();
        let own = names.fresh(name);
        step.emits.insert(own.clone(), Emitted { path, default });
        made.parameters
            .insert(name.to_owned(), Text::reference(Reference::Output(number, own)));
    }

    fn written(&mut self, artifact: &'t Node, made: &mut Made, step: &mut Step) {
        let plain = ["name", "path", "optional", "archive", "mode", "artifactGC"];
        let more = artifact
            .entries()
            .iter()
            .find(|(key, _)| !plain.contains(&key.as_str()));
        if let Some((key, node)) = more {
            let why = "where data is kept is said for a site of the platform";
            return self.stop(node.span, &format!("an artifact with `{key}`"), why);
        }
        let name = artifact.text_of("name").unwrap_or_default();
        let Some(path) = artifact.text_of("path") else {
            return self.stop(artifact.span, "an artifact without a path", "a step writes files");
        };
        let data = self.names.fresh(name);
        step.writes.insert(data.clone(), path.to_owned());
        made.artifacts.insert(name.to_owned(), data);
    }

    /// A step whose files are moved by a shell must say its program; and its files need a folder that can be written,
    /// which is `/tmp` and what is mounted.
    fn shelled(&mut self, call: &Call<'t>, step: &mut Step) {
        let emitted = step.emits.values().map(|emitted| emitted.path.as_str());
        let moved = step
            .writes
            .values()
            .chain(step.reads.values())
            .map(String::as_str);
        let folders = emitted
            .chain(moved)
            .map(|path| path.rsplit_once('/').map_or("", |(folder, _)| folder));
        let folders: BTreeSet<String> = folders.map(str::to_owned).collect();
        if step.command.is_empty() && !folders.is_empty() {
            self.stop(
                call.template.span,
                "files of an image's own program",
                "say its `command`",
            );
        }
        for folder in folders {
            let below = |mount: &str| folder == mount || folder.starts_with(&format!("{mount}/"));
            if below("/tmp") || step.volumes.iter().any(|volume| below(&volume.mount)) {
                continue;
            }
            if folder.is_empty() || OF_THE_IMAGE.into_iter().any(below) {
                self.stop(
                    call.template.span,
                    &format!("a file in `{folder}/`"),
                    "a step writes below /tmp or a volume",
                );
                continue;
            }
            step.volumes.push(Volume {
                name: self.names.fresh("files"),
                size: SIZE.to_owned(),
                mount: folder,
                memory: false,
            });
        }
    }
}

/// Folders that an image needs: a volume would hide what is in them.
const OF_THE_IMAGE: [&str; 7] = ["/bin", "/etc", "/lib", "/opt", "/sbin", "/usr", "/var"];

/// A word as Kubernetes hands it over: `$$` is a `$`.
fn handed_over(word: &Text) -> Text {
    let mut made = Text::default();
    for piece in word.pieces() {
        match piece {
            Piece::Literal(text) => made.push_str(&text.replace("$$", "$")),
            Piece::Reference(reference) => made.append(&Text::reference(reference.clone())),
        }
    }
    made
}

/// True if a word names one of the variables as `$(NAME)`, which Kubernetes fills in.
fn names_variable(word: &Text, step: &Step) -> bool {
    let named = |text: &str| {
        step.environment
            .iter()
            .any(|(name, _)| text.contains(&format!("$({name})")))
    };
    word.pieces().iter().any(|piece| match piece {
        Piece::Literal(text) => named(text),
        Piece::Reference(_) => false,
    })
}
