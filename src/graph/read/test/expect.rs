//! `expect`: what must then hold.

use super::Reader;
use crate::diag::{Code, Diagnostic};
use crate::graph::model::*;
use crate::graph::read::{Context, site};
use crate::quantity::Quantity;
use crate::source::Spanned;
use crate::syntax::Node;

impl Reader<'_, '_> {
    /// One `expect` line; reports what the pipeline does not have.
    pub(super) fn expect(&self, line: &Node, context: &mut Context<'_, '_>) -> Option<Expectation> {
        self.beside(line, "items", &["ran", "failed"], context);
        self.beside(line, "step", &["at", "promise"], context);
        let what = if line.property("ran").is_some() {
            let step = self.step(line, "ran", context)?.value;
            let items = self.items(line, step, context);
            Expected::Ran { step, items }
        } else if line.property("failed").is_some() {
            let step = self.step(line, "failed", context)?.value;
            let items = self.items(line, step, context);
            Expected::Failed { step, items }
        } else if line.property("skipped").is_some() {
            let step = self.step(line, "skipped", context)?.value;
            Expected::Skipped { step }
        } else if let Some(place) = line.text("at") {
            self.at(line, &place, context)?
        } else if let Some(kind) = line.text("promise") {
            self.promise(line, kind, context)?
        } else {
            match line.quantity("cost")?.value {
                Quantity::Money { amount, .. } => Expected::Cost(amount),
                _ => return None,
            }
        };
        Some(Expectation {
            what,
            span: line.whole,
        })
    }

    fn at(&self, line: &Node, place: &Spanned<String>, context: &mut Context<'_, '_>) -> Option<Expected> {
        if line.property("step").is_none() && !line.damaged {
            let message = "nothing says which step must run there";
            let found = Diagnostic::new(Code::SyntaxMissing, place.span, "`step=` is missing", message);
            context
                .out
                .push(found.help(format!("write `expect step=train at={}`", place.value)));
        }
        let step = self.step(line, "step", context)?.value;
        let site = site(place, context)?.value;
        Some(Expected::At { step, site })
    }

    /// A promise of this kind, which somebody must have made.
    fn promise(&self, line: &Node, kind: Spanned<String>, context: &mut Context<'_, '_>) -> Option<Expected> {
        let step = self.step(line, "step", context);
        if line.property("step").is_some() && step.is_none() {
            return None;
        }
        let pipeline = &self.graph[self.pipeline];
        let made = |promises: &[Promise]| promises.iter().any(|promise| promise.kind.word() == kind.value);
        let (named, found) = match step {
            Some(step) => (
                &self.graph[step.value].name,
                made(&self.graph[step.value].promises),
            ),
            None => {
                let steps = pipeline
                    .steps
                    .iter()
                    .any(|step| made(&self.graph[*step].promises));
                (&pipeline.name, made(&pipeline.promises) || steps)
            }
        };
        if !found && !self.outline.node.damaged {
            let message = format!("`{}` promises no {}", named.value, kind.value);
            let found = Diagnostic::new(Code::TestSubject, kind.span, "no such promise", message);
            let found = found.and(named.span, "nothing is promised of it");
            context
                .out
                .push(found.help(format!("add `promise {} …`, or remove this line", kind.value)));
            return None;
        }
        Some(Expected::Promise {
            kind: kind.value,
            step: step.map(|step| step.value),
        })
    }

    /// Reports a property that says something only beside one of `others`.
    fn beside(&self, line: &Node, name: &str, others: &[&str], context: &mut Context<'_, '_>) {
        let Some(own) = line.properties.iter().find(|own| own.name.value == name) else {
            return;
        };
        if line.damaged || others.iter().any(|other| line.property(other).is_some()) {
            return;
        }
        let others: Vec<String> = others.iter().map(|other| format!("`{other}=`")).collect();
        let message = format!("`{name}=` says something only beside {}", others.join(" or "));
        let found = Diagnostic::new(
            Code::SyntaxProperty,
            own.name.span,
            "alone it says nothing",
            message,
        );
        context
            .out
            .push(found.help(format!("add {}, or remove it", others.join(" or "))));
    }
}
