//! A fact has one home: what a step says twice.

use std::collections::BTreeMap;

use super::Rules;
use crate::diag::{Code, Diagnostic};
use crate::graph::model::{DataId, Emit, Pipeline, Step, ValueType};
use crate::graph::outline::duplicate;
use crate::source::{Span, Spanned};

impl Rules<'_, '_> {
    /// Data read or written twice, and names of one step that are given twice.
    pub(super) fn once(&mut self, step: &Step) {
        let reads = step
            .reads
            .iter()
            .map(|read| ((read.data, read.previous), read.span));
        for (again, first, (data, _)) in repeated(reads) {
            self.data_again("reads", step, data, again, first);
        }
        let writes = step.writes.iter().map(|write| (write.data, write.span));
        for (again, first, data) in repeated(writes) {
            self.data_again("writes", step, data, again, first);
        }
        self.names(step.emits.iter().map(|emit| &emit.name), "an output of this step");
        self.names(
            step.volumes.iter().map(|volume| &volume.name),
            "a volume of this step",
        );
        let env = step
            .env
            .iter()
            .map(|env| (env.name.value.as_str(), env.name.span));
        for (again, first, name) in repeated(env) {
            let message = format!("`{name}` has two values");
            let found = Diagnostic::new(Code::SyntaxRepeated, again, "again here", message);
            self.out
                .push(found.and(first, "first here").help("remove one of them"));
        }
        self.mounts(step);
        for emit in &step.emits {
            self.fields(step, emit);
        }
    }

    fn data_again(&mut self, verb: &str, step: &Step, data: DataId, again: Span, first: Span) {
        let message = format!(
            "`{}` {verb} `{}` twice",
            step.name.value, self.graph[data].name.value
        );
        let found = Diagnostic::new(Code::SyntaxRepeated, again, "again here", message);
        self.out
            .push(found.and(first, "first here").help("remove one of the two lines"));
    }

    fn names<'n>(&mut self, names: impl Iterator<Item = &'n Spanned<String>>, noun: &str) {
        let names = names.map(|name| (name.clone(), name.span));
        for (again, first, name) in repeated(names.map(|(name, span)| (name.value, span))) {
            self.out
                .push(duplicate(&Spanned::new(name, again), noun, first, noun));
        }
    }

    /// Two things at one path of a container: one would hide the other.
    fn mounts(&mut self, step: &Step) {
        let reads = step.reads.iter().filter_map(|read| read.mount.as_ref());
        let writes = step.writes.iter().filter_map(|write| write.mount.as_ref());
        let volumes = step.volumes.iter().map(|volume| &volume.mount);
        let files = step.files.iter().map(|file| &file.mount);
        let secrets = step.secrets.iter().map(|secret| &secret.mount);
        let all = reads.chain(writes).chain(volumes).chain(files).chain(secrets);
        let all = all.map(|mount| (mount.value.trim_end_matches('/'), mount.span));
        for (again, first, path) in repeated(all) {
            let message = format!("two things would be at `{path}`");
            let found = Diagnostic::new(Code::SyntaxConflict, again, "this one", message);
            self.out.push(
                found
                    .and(first, "and this one")
                    .help("give each a path of its own"),
            );
        }
    }

    /// Fields belong to lists, and each has its own name.
    fn fields(&mut self, step: &Step, emit: &Emit) {
        let Some((_, own)) = self.outline(step) else {
            return;
        };
        let node = own.all("emits").find(|node| {
            let name = node.argument_text(0);
            name.is_some_and(|name| name.span == emit.name.span)
        });
        let Some(node) = node.filter(|node| !node.damaged) else {
            return;
        };
        let names: Vec<Spanned<String>> = node
            .all("field")
            .filter_map(|field| field.argument_text(0))
            .collect();
        self.names(names.iter(), "a field of this list");
        if let Some(field) = node.child("field").filter(|_| emit.ty != ValueType::List) {
            let message = format!("`{}` is no list, so it has no fields", emit.name.value);
            let found = Diagnostic::new(Code::SyntaxConflict, field.span, "a field of an item", message);
            let ty = node.property("type").map_or(node.span, |ty| ty.span);
            self.out.push(
                found
                    .and(ty, "not a list")
                    .help("write `type=list`, or remove the fields"),
            );
        }
    }

    /// Starts and alerts of a pipeline that are given twice.
    pub(super) fn starts(&mut self, pipeline: &Pipeline) {
        let alerts = pipeline.monitor.alerts.iter().map(|alert| &alert.name);
        self.names(alerts, "an alert of this pipeline");
        let schedules = pipeline.schedules.iter();
        let schedules = schedules.map(|start| ((&start.cron.value, &start.timezone), start.cron.span));
        for (again, first, _) in repeated(schedules) {
            let message = "this schedule is given twice";
            let found = Diagnostic::new(Code::SyntaxRepeated, again, "again here", message);
            self.out
                .push(found.and(first, "first here").help("remove one of the two lines"));
        }
        let triggers = pipeline
            .triggers
            .iter()
            .map(|trigger| (trigger.data, trigger.span));
        for (again, first, data) in repeated(triggers) {
            let message = format!("two triggers watch `{}`", self.graph[data].name.value);
            let found = Diagnostic::new(Code::SyntaxRepeated, again, "again here", message);
            self.out
                .push(found.and(first, "first here").help("remove one of the two lines"));
        }
    }

    /// An earlier name that is given twice, or that something has now: the old resource can go to one of them only.
    pub(super) fn renamed(&mut self, pipeline: &Pipeline) {
        let steps = pipeline.steps.iter().map(|step| &self.graph[*step]);
        let steps: Vec<_> = steps.map(|step| (&step.name, step.was.as_deref())).collect();
        let data = pipeline.data.iter().map(|data| &self.graph[*data]);
        let data: Vec<_> = data.map(|data| (&data.name, data.was.as_deref())).collect();
        for all in [steps, data] {
            let mut taken: BTreeMap<&str, Span> = all
                .iter()
                .map(|(name, _)| (name.value.as_str(), name.span))
                .collect();
            for (name, was) in &all {
                let Some(was) = was else { continue };
                if let Some(other) = taken.insert(was, name.span) {
                    let message = format!(
                        "`{}` cannot have been `{was}`: something else is or was",
                        name.value
                    );
                    let found =
                        Diagnostic::new(Code::NameDuplicate, name.span, format!("`was={was}`"), message);
                    let found = if other == name.span {
                        found
                    } else {
                        found.and(other, "this")
                    };
                    self.out
                        .push(found.help("leave `was=` out where nothing was renamed"));
                }
            }
        }
    }
}

/// Things of one key after the first: where, where the first is, and the key.
pub(in crate::graph) fn repeated<K: Ord + Clone>(
    all: impl Iterator<Item = (K, Span)>,
) -> Vec<(Span, Span, K)> {
    let mut first: BTreeMap<K, Span> = BTreeMap::new();
    let mut found = Vec::new();
    for (key, span) in all {
        match first.get(&key) {
            // Of one line that was pasted or read twice, nothing is said.
            Some(own) if *own != span => found.push((span, *own, key)),
            Some(_) => {}
            None => {
                first.insert(key, span);
            }
        }
    }
    found
}
