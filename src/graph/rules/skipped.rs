//! What is skipped with the steps it needs.

use super::Rules;
use crate::diag::{Code, Diagnostic};
use crate::graph::model::{DataSet, Step, StepId};
use crate::graph::order::references;
use crate::graph::reference::emit_of;
use crate::source::{Span, Spanned};
use crate::syntax::Path;

impl Rules<'_, '_> {
    /// `train.auc` where `risk-model.auc` would hold whichever alternative ran.
    pub(super) fn one_alternative(&mut self, step: &Step) {
        let mut told = Vec::new();
        for path in self.outputs_of_steps(step) {
            let [first, output] = path.value.0.as_slice() else {
                continue;
            };
            let Some((writer, data)) = self.shared(step, first, output) else {
                continue;
            };
            let other = data.writers.iter().find(|other| **other != writer.id);
            let Some(other) = other.map(|other| &self.graph[*other]) else {
                continue;
            };
            // Whatever else it needs may let it run only when this alternative did.
            let without = self.needs_but(step, writer.id);
            if without.and(&self.runs.fails(writer.id)).is_never() || told.contains(&path.value) {
                continue;
            }
            let (other, data) = (&other.name.value, &data.name.value);
            let message = format!("`{first}` may be skipped, and then `{}` is not there", path.value);
            let help = format!("`{other}` writes `{data}` when `{first}` is skipped: use `{data}.{output}`");
            let found = Diagnostic::new(Code::GraphSkipped, path.span, "of one alternative only", message);
            self.out.push(found.help(help));
            told.push(path.value);
        }
    }

    /// References of the step to outputs of steps, by name.
    fn outputs_of_steps(&self, step: &Step) -> Vec<Spanned<Path>> {
        let Some((outline, own)) = self.outline(step) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for child in &own.children {
            for value in &child.arguments {
                references(&value.value, &mut found);
            }
        }
        let of_step = |path: &Spanned<Path>| {
            path.value
                .0
                .first()
                .is_some_and(|first| outline.step(first).is_some())
        };
        found.retain(of_step);
        found
    }

    /// The step called `first`, and a data set that it and others write, all of which emit `output`.
    fn shared(&self, step: &Step, first: &str, output: &str) -> Option<(&Step, &DataSet)> {
        let (outline, _) = self.outline(step)?;
        let writer = &self.graph[outline.step(first)?.id];
        let emits = |writer: &StepId| {
            let (_, own) = self.outline(&self.graph[*writer])?;
            emit_of(own, output)
        };
        let shared = writer.writes.iter().map(|write| &self.graph[write.data]);
        let mut shared = shared.filter(|data| data.writers.len() > 1);
        let data = shared.find(|data| data.writers.iter().all(|writer| emits(writer).is_some()))?;
        Some((writer, data))
    }

    /// When the step runs, were it not for what it needs of `writer`'s outputs.
    fn needs_but(&self, step: &Step, writer: StepId) -> crate::graph::situation::Situations {
        let others = crate::graph::situation::inputs(self.graph, step)
            .into_iter()
            .filter(|makers| *makers != [writer]);
        let reads_alone = step.reads.iter().any(|read| {
            read.orders && self.graph[read.data].at.is_empty() && self.graph[read.data].writers == [writer]
        });
        let own = self.runs.holds(step.id);
        let needed = others.fold(own, |all, makers| all.and(&self.runs.any(makers)));
        if reads_alone {
            needed.and(&self.runs.runs(writer))
        } else {
            needed
        }
    }

    /// A step that never runs: whenever its condition holds, something that it needs has been skipped.
    pub(super) fn never_there(&mut self, step: &Step) {
        if !self.runs.runs(step.id).is_never() {
            return;
        }
        let holds = self.runs.holds(step.id);
        let inputs = crate::graph::situation::inputs(self.graph, step);
        // What can never be made is told where it is made.
        if holds.is_never() || inputs.iter().any(|makers| self.runs.any(makers).is_never()) {
            return;
        }
        let missing = inputs
            .iter()
            .find(|makers| holds.and(&self.runs.any(makers)).is_never());
        let Some(maker) = missing
            .and_then(|makers| makers.first())
            .map(|maker| &self.graph[*maker])
        else {
            return self.never_together(step);
        };
        let name = &maker.name.value;
        let message = format!(
            "`{}` never runs: when its condition holds, `{name}` is skipped",
            step.name.value
        );
        let label = format!("needs what `{name}` makes");
        let found = Diagnostic::new(Code::GraphSkipped, self.needed_at(step, maker.id), label, message);
        let found = match (self.condition_of(maker), self.condition_of(step)) {
            (Some(its), Some(own)) => found
                .and(its, format!("decides when `{name}` runs"))
                .and(own, format!("decides when `{}` does", step.name.value)),
            _ => found,
        };
        self.out
            .push(found.help("let the step need only what is there when it runs"));
    }

    fn never_together(&mut self, step: &Step) {
        let message = format!(
            "`{}` never runs: not all that it needs is made in one run",
            step.name.value
        );
        let found = Diagnostic::new(
            Code::GraphSkipped,
            step.name.span,
            "needs alternatives together",
            message,
        );
        self.out
            .push(found.help("let the step need the outcome of one alternative only"));
    }

    /// Where the step says that it needs something of `maker`.
    fn needed_at(&self, step: &Step, maker: StepId) -> Span {
        let mut reads = step.reads.iter().filter(|read| read.orders);
        let read = reads.find(|read| self.graph[read.data].writers.contains(&maker));
        let name = &self.graph[maker].name.value;
        let path = || {
            let all = self.outputs_of_steps(step);
            all.into_iter().find(|path| path.value.0.first() == Some(name))
        };
        read.map(|read| read.span)
            .or_else(|| path().map(|path| path.span))
            .unwrap_or(step.name.span)
    }

    fn condition_of(&self, step: &Step) -> Option<Span> {
        let otherwise = step.otherwise.first().map(|other| other.span);
        step.when.as_ref().map(|when| when.span).or(otherwise)
    }
}
