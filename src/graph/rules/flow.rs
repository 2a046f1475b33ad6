//! Order: `otherwise`, `after` and `finally`.

use super::Rules;
use crate::diag::{Code, Diagnostic};
use crate::graph::model::{Binding, Step, StepId};

impl Rules<'_, '_> {
    pub(super) fn alternatives(&mut self, step: &Step) {
        for other in &step.otherwise {
            let before = &self.graph[other.value];
            if self.conditional(before) {
                continue;
            }
            let name = &before.name.value;
            let message = format!("`{name}` always runs, so this never does");
            let found = Diagnostic::new(Code::GraphOtherwise, other.span, "has no `when`", message)
                .and(before.span, "this step");
            self.out.push(found.help(format!("give `{name}` a `when`")));
        }
    }

    pub(super) fn after(&mut self, step: &Step) {
        for after in &step.after {
            let before = &self.graph[after.value];
            let name = &before.name.value;
            if before.kind.always_on() {
                let message = format!("`{name}` never ends");
                let label = format!("a step of kind `{}`", before.kind.word());
                let found = Diagnostic::new(Code::GraphKind, after.span, label, message)
                    .and(before.span, "runs always");
                self.out
                    .push(found.help("remove it: what it writes is read as it stands"));
            } else if self.data_orders(step, after.value) {
                let message = format!("data flow already orders `{}` after `{name}`", step.name.value);
                let found = Diagnostic::new(Code::GraphRedundant, after.span, "says it again", message);
                let found = match step.after.as_slice() {
                    // `after` has to name a step: with the only one it goes as a whole.
                    [_] => found,
                    _ => found.fix(after.span, ""),
                };
                self.out.push(found.help("remove it"));
            }
        }
    }

    /// True if the step needs data or an output of `before`.
    fn data_orders(&self, step: &Step, before: StepId) -> bool {
        let mut reads = step.reads.iter().filter(|read| read.orders);
        let read = reads.any(|read| self.graph[read.data].writers.contains(&before));
        let refers =
            |binding: &&Binding| matches!(binding, Binding::Output { steps, .. } if steps.contains(&before));
        read || step.bindings().iter().any(refers)
    }

    pub(super) fn finally(&mut self, step: &Step) {
        if step.finally {
            return self.needs_nothing(step);
        }
        for before in &step.predecessors {
            let before = &self.graph[*before];
            if before.finally {
                let message = format!("`{}` runs last: nothing may wait for it", before.name.value);
                let label = format!("waits for `{}`", before.name.value);
                self.out.push(
                    Diagnostic::new(Code::GraphFinally, step.name.span, label, message)
                        .and(before.name.span, "a `finally` step"),
                );
            }
        }
    }

    fn needs_nothing(&mut self, step: &Step) {
        let before = step
            .predecessors
            .first()
            .map(|before| &self.graph[*before].name.value);
        let read = step.reads.first();
        let (span, label) = match (read, before) {
            (Some(read), _) => (read.span, "reads data".to_owned()),
            (None, Some(before)) => (step.name.span, format!("waits for `{before}`")),
            (None, None) => return,
        };
        let name = &step.name.value;
        let message = format!("`{name}` runs whatever happened, so it cannot need what other steps make");
        let found = Diagnostic::new(Code::GraphFinally, span, label, message);
        self.out.push(
            found.help("a `finally` step knows only parameters and `run`, such as `(f)\"{run.status}\"`"),
        );
    }
}
