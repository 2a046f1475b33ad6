//! What a step runs here: its words, its environment and the folder it runs in.
//!
//! Programs see the variables that they would see in a cluster. Data has a path of this machine instead of an address;
//! `mount=` is not obeyed, since it names a place in a container.

mod data;
mod text;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest as _, Sha256};

use super::folder::{self, RunFolder};
use crate::graph::{DataId, EachId, EnvValue, Graph, Items, Program, RunField, Step};
use crate::lower::names::environment as shouted;
use crate::profile::ProfiledGraph;
use crate::quantity::Seconds;
use crate::run::{Run, TaskId};
use crate::source::{SourceMap, Span};

/// Local copies of data sets.
pub type Copies = BTreeMap<DataId, Utf8PathBuf>;

/// What all steps of a run share.
pub struct Surroundings<'s> {
    /// Needs.
    pub profiled: &'s ProfiledGraph<'s>,
    /// For folders beside files.
    pub sources: &'s SourceMap,
    /// The run.
    pub folder: &'s RunFolder,
    /// Data that the user has here.
    pub copies: Copies,
}

/// An attempt that can be started.
pub struct Prepared {
    /// Program and arguments.
    pub words: Vec<String>,
    /// Variables, beside those of ours.
    pub env: Vec<(String, String)>,
    /// Where it runs.
    pub folder: Utf8PathBuf,
    /// When it is stopped.
    pub timeout: Option<Seconds>,
    /// What it writes: where it leaves it, and where it belongs.
    pub writes: Vec<(Utf8PathBuf, Utf8PathBuf)>,
    /// Where it leaves what it emits, by name.
    pub emits: BTreeMap<String, Utf8PathBuf>,
    /// Of all that decides what it makes.
    pub digest: String,
    /// Of the local data that it is given.
    pub input_bytes: u64,
}

/// One task as its command sees it.
pub struct Seen<'s, 'g> {
    /// What all steps share.
    pub around: &'s Surroundings<'s>,
    /// The run so far.
    pub run: &'s Run<'g>,
    /// The task.
    pub task: &'s TaskId,
}

impl Seen<'_, '_> {
    fn graph(&self) -> &Graph {
        self.around.profiled.graph
    }

    fn step(&self) -> &Step {
        &self.graph()[self.task.step]
    }

    /// Names of the items of the task, one for each fan-out around it.
    pub fn items(&self) -> Vec<String> {
        let eaches = self.step().each.iter().zip(&self.task.path);
        eaches.map(|(each, at)| self.item(*each, *at)).collect()
    }

    /// The item's value where that can be the name of a file, else its position.
    fn item(&self, each: EachId, at: usize) -> String {
        let text = self.run.item(self.task, each, None).text();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let whole = match &self.graph()[each].items {
            Items::Output { fields, .. } => fields.is_empty(),
            Items::Known(_) | Items::Parameter { .. } | Items::Partitions { .. } => true,
        };
        if whole && !text.is_empty() && !text.starts_with('.') && text.chars().all(plain) {
            text
        } else {
            at.to_string()
        }
    }

    /// The folder of the task.
    pub fn folder(&self) -> Utf8PathBuf {
        self.around.folder.task(&self.step().name.value, &self.items())
    }

    /// Everything that is needed to start it.
    ///
    /// # Errors
    /// Says why it cannot run here.
    pub fn prepared(&self, attempt: &Utf8Path) -> Result<Prepared, String> {
        let step = self.step();
        let words = self.words(attempt)?;
        let folder = match &step.program {
            Program::Build(build) => self.beside(build.source.span).join(&build.source.value),
            Program::Image(_) | Program::Stock(_) => attempt.to_owned(),
        };
        let folder = folder
            .canonicalize_utf8()
            .map_err(|error| format!("{folder}: {error}"))?;
        let mut env = self.known();
        let (digest, input_bytes) = self.digest(&words, &env);
        env.extend(self.needs());
        let writes: Vec<(String, Utf8PathBuf, Utf8PathBuf)> = step
            .writes
            .iter()
            .map(|write| self.write(write, attempt))
            .collect();
        env.extend(
            writes
                .iter()
                .map(|(name, from, _)| (name.clone(), from.to_string())),
        );
        let emits: BTreeMap<String, Utf8PathBuf> = step
            .emits
            .iter()
            .map(|emit| {
                (
                    emit.name.value.clone(),
                    attempt.join("emits").join(&emit.name.value),
                )
            })
            .collect();
        env.extend(
            emits
                .iter()
                .map(|(name, path)| (format!("EMITS_{}", shouted(name)), path.to_string())),
        );
        if step.checkpoint.is_some() {
            // All attempts share it: that is what it is for.
            env.push((
                "CHECKPOINT".to_owned(),
                self.folder().join("checkpoint").to_string(),
            ));
        }
        Ok(Prepared {
            words,
            env,
            folder,
            timeout: step.timeout.as_ref().map(|timeout| timeout.value),
            writes: writes.into_iter().map(|(_, from, to)| (from, to)).collect(),
            emits,
            digest,
            input_bytes,
        })
    }

    /// Program and arguments. A script is a file beside the attempt.
    fn words(&self, attempt: &Utf8Path) -> Result<Vec<String>, String> {
        let step = self.step();
        if let Some(script) = &step.script {
            let path = attempt.join("script");
            std::fs::write(&path, &script.text.value).map_err(|error| format!("{path}: {error}"))?;
            return Ok(vec![script.shell.clone(), path.to_string()]);
        }
        let mut words: Vec<String> = step.command.iter().map(|text| self.text(text)).collect();
        if words.is_empty() {
            match &step.program {
                Program::Build(build) if build.dockerfile.is_none() => {
                    words = ["python", "main.py"].map(str::to_owned).to_vec();
                }
                Program::Build(_) | Program::Image(_) | Program::Stock(_) => {
                    return Err(
                        "its program is in its image, and images are not run here; give it a `command`"
                            .to_owned(),
                    );
                }
            }
        }
        words.extend(step.args.iter().map(|text| self.text(text)));
        if let Some(first) = words.first_mut()
            && first == "python"
            && !on_path("python")
        {
            *first = "python3".to_owned();
        }
        Ok(words)
    }

    /// Variables that do not depend on the attempt.
    fn known(&self) -> Vec<(String, String)> {
        let (graph, step) = (self.graph(), self.step());
        let mut env = vec![
            ("RUN_ID".to_owned(), self.around.folder.id.clone()),
            ("RUN_DATE".to_owned(), self.field(RunField::Date)),
            // What is compiled beside the sources would be part of their digest.
            ("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned()),
        ];
        for read in &step.reads {
            let name = format!("READS_{}", shouted(&graph[read.data].name.value));
            env.push((name, self.read(read)));
        }
        for each in &step.each {
            let name = format!("EACH_{}", shouted(&graph[*each].variable.value));
            let fields = fields(&graph[*each].items);
            if !matches!(&graph[*each].items, Items::Output { fields, .. } if !fields.is_empty()) {
                env.push((name.clone(), self.run.item(self.task, *each, None).text()));
            }
            env.extend(fields.into_iter().map(|field| {
                let value = self.run.item(self.task, *each, Some(&field)).text();
                (format!("{name}_{}", shouted(&field)), value)
            }));
        }
        env.extend(step.env.iter().filter_map(|variable| match &variable.value {
            EnvValue::Text(text) => Some((variable.name.value.clone(), self.text(text))),
            // A secret comes from who starts the run, under the same name.
            EnvValue::Secret(_) => None,
        }));
        env
    }

    /// What it was predicted to need. Every run teaches more, which is no reason to make anything anew.
    fn needs(&self) -> [(String, String); 3] {
        let profile = &self.around.profiled[self.task.step];
        let gpus = profile.accelerators.as_ref().map_or(0, |need| need.count.p95);
        [
            ("NEEDS_CORES".to_owned(), profile.cores.p95.0.to_string()),
            ("NEEDS_MEMORY".to_owned(), profile.memory.p95.0.to_string()),
            ("NEEDS_GPUS".to_owned(), gpus.to_string()),
        ]
    }

    /// Of the words, the variables, the sources and the inputs; and the size of the inputs.
    fn digest(&self, words: &[String], env: &[(String, String)]) -> (String, u64) {
        let step = self.step();
        let mut parts: Vec<String> = words.to_vec();
        // The script's file has another path in each attempt.
        if let Some(script) = &step.script {
            parts = vec![script.shell.clone(), script.text.value.clone()];
        }
        parts.extend(env.iter().map(|(name, value)| format!("{name}={value}")));
        if let Program::Build(build) = &step.program {
            parts.push(folder::digest(&self.beside(build.source.span).join(&build.source.value)).0);
        }
        let mut size = 0;
        for read in &step.reads {
            let (digest, bytes) = folder::digest(Utf8Path::new(&self.read(read)));
            parts.push(digest);
            size += bytes;
        }
        let mut sum = Sha256::new();
        for part in &parts {
            sum.update(part.len().to_le_bytes());
            sum.update(part);
        }
        (format!("{:x}", sum.finalize()), size)
    }

    /// The folder of the file in which something was written.
    fn beside(&self, span: Span) -> Utf8PathBuf {
        let path = Utf8Path::new(self.around.sources.path(span));
        match path.parent() {
            Some(parent) if !parent.as_str().is_empty() => parent.to_owned(),
            Some(_) | None => Utf8PathBuf::from("."),
        }
    }
}

fn fields(items: &Items) -> Vec<String> {
    match items {
        Items::Known(items) => {
            let first = items.first().into_iter().flat_map(|item| &item.fields);
            first.map(|(name, _)| name.clone()).collect()
        }
        Items::Output { fields, .. } => fields.iter().map(|(name, _)| name.clone()).collect(),
        Items::Parameter { .. } | Items::Partitions { .. } => Vec::new(),
    }
}

fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
