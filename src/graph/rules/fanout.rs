//! Fan-outs: what is chosen from them, and fan-outs that are one.

use super::Rules;
use crate::diag::{Code, Diagnostic, suggest};
use crate::graph::model::{Each, EachId, Step, StepId, ValueType};
use crate::graph::outline::EachOutline;
use crate::graph::read::MOST_ITEMS;
use crate::source::Spanned;
use crate::syntax::Node;

impl Rules<'_, '_> {
    /// `highest=` and `lowest=` choose by an output that every writer emits.
    pub(super) fn choices(&mut self, step: &Step) {
        for read in &step.reads {
            let Some((_, output)) = &read.choose else { continue };
            let writers = &self.graph[read.data].writers;
            self.numeric(output, writers);
            let silent = writers
                .iter()
                .map(|writer| &self.graph[*writer])
                .find(|writer| !emits(writer, output));
            if let Some(writer) = silent.filter(|_| read.gathers) {
                self.not_emitted(output, &[writer]);
            }
        }
    }

    pub(super) fn early_stop(&mut self, each: &Each) {
        let Some(early_stop) = &each.early_stop else {
            return;
        };
        let Some(id) = self.graph.each.iter().position(|other| std::ptr::eq(other, each)) else {
            return;
        };
        let inside: Vec<&Step> = self
            .graph
            .steps
            .iter()
            .filter(|step| step.each.iter().any(|own| own.0 as usize == id))
            .collect();
        if !inside.iter().any(|step| emits(step, &early_stop.output)) {
            self.not_emitted(&early_stop.output, &inside);
        }
        let inside: Vec<StepId> = inside.iter().map(|step| step.id).collect();
        self.numeric(&early_stop.output, &inside);
    }

    /// What decides which item is best has an order.
    fn numeric(&mut self, output: &Spanned<String>, steps: &[StepId]) {
        let emits = steps.iter().flat_map(|step| &self.graph[*step].emits);
        let word = |ty: ValueType| match ty {
            ValueType::Boolean | ValueType::String | ValueType::List => Some(ty.word()),
            ValueType::Integer
            | ValueType::Number
            | ValueType::Duration
            | ValueType::Bytes
            | ValueType::Date => None,
        };
        let mut unordered = emits.filter_map(|emit| Some((emit, word(emit.ty)?)));
        if let Some((emit, word)) = unordered.find(|(emit, _)| emit.name.value == output.value) {
            let message = format!("`{}` is a {word}: of two, none is the higher", output.value);
            let found = Diagnostic::new(Code::EachChoose, output.span, "has no order", message);
            let found = found.and(emit.name.span, format!("of type {word}"));
            self.out
                .push(found.help("choose by a number, such as `emits auc type=number`"));
        }
    }

    /// Fan-outs around a step multiply.
    pub(super) fn combinations(&mut self, step: &Step) {
        let counts: Option<Vec<u64>> = step
            .each
            .iter()
            .map(|each| self.graph[*each].items.expected())
            .collect();
        let counts = counts.unwrap_or_default();
        let all = counts.iter().fold(1_u64, |all, count| all.saturating_mul(*count));
        // One that is too large by itself is reported where it is read.
        if all <= MOST_ITEMS || counts.iter().any(|count| *count > MOST_ITEMS) {
            return;
        }
        let message = format!(
            "`{}` would run {all} times, more than a workflow can hold",
            step.name.value
        );
        let mut found = Diagnostic::new(Code::EachSize, step.name.span, "every combination", message);
        for (each, count) in step.each.iter().zip(&counts) {
            let variable = &self.graph[*each].variable;
            found = found.and(variable.span, format!("{count} items"));
        }
        self.out
            .push(found.help(format!("at most {MOST_ITEMS} in all: let one run do more work")));
    }

    fn not_emitted(&mut self, output: &Spanned<String>, steps: &[&Step]) {
        let unsure = |step: &&&Step| {
            self.outline(step)
                .is_none_or(|(outline, own)| own.node.damaged || outline.lost.may_explain(&output.value))
        };
        if steps.iter().any(|step| unsure(&step)) {
            return;
        }
        let outputs = steps
            .iter()
            .flat_map(|step| &step.emits)
            .map(|emit| emit.name.value.as_str());
        let near = suggest::nearest(&output.value, outputs);
        let (name, span) = steps.first().map_or(("no step in it", output.span), |step| {
            (step.name.value.as_str(), step.span)
        });
        let message = format!("`{name}` emits no `{}` to choose by", output.value);
        let found =
            Diagnostic::new(Code::EachChoose, output.span, "not emitted", message).and(span, "by this step");
        let help = format!("add `emits {} type=number` to it", output.value);
        self.out.push(found.help(help).did_you_mean(near));
    }

    /// Two fan-outs over one list, the second reading what the first makes: it waits for all items of the first.
    pub(super) fn twins(&mut self, step: &Step) {
        for read in step
            .reads
            .iter()
            .filter(|read| read.gathers && read.part_of.is_none())
        {
            let writers = &self.graph[read.data].writers;
            let Some(writer) = writers.first().map(|writer| &self.graph[*writer]) else {
                continue;
            };
            let (own, other) = (self.own_lists(step, writer), self.own_lists(writer, step));
            let twin = own.iter().find_map(|(list, each)| {
                let (_, other) = other.iter().find(|(same, _)| same == list)?;
                Some((list, each, other))
            });
            if let Some((list, each, other)) = twin {
                let message = format!(
                    "`{}` waits for all of `{list}`, and then goes over `{list}` again",
                    step.name.value
                );
                self.out.push(
                    Diagnostic::new(Code::EachTwin, each.variable.span, "a second `each`", message)
                        .and(other.variable.span, "over the same list as this")
                        .and(read.span, "what all of them wrote")
                        .help(
                            "put both steps into one `each` block: every item then runs on at its own pace",
                        ),
                );
            }
        }
    }

    /// The lists that fan-outs around `step`, and not around `other`, go over.
    fn own_lists<'s>(&'s self, step: &Step, other: &Step) -> Vec<(String, &'s EachOutline<'s>)> {
        let own = step.each.iter().filter(|each| !other.each.contains(each));
        own.filter_map(|each| self.each_outline(step, *each))
            .filter_map(|each| Some((listed(each.node)?, each)))
            .collect()
    }

    fn each_outline(&self, step: &Step, id: EachId) -> Option<&EachOutline<'_>> {
        self.outline(step)?.0.each.iter().find(|each| each.id == id)
    }
}

/// What a fan-out goes over, as it is written; rows and draws are not compared.
fn listed(each: &Node) -> Option<String> {
    if let Some(from) = each.text("from") {
        return Some(from.value);
    }
    let values = each
        .arguments
        .iter()
        .skip(1)
        .filter_map(|value| value.value.as_text());
    let values: Vec<&str> = values.collect();
    (!values.is_empty()).then(|| values.join(" "))
}

fn emits(step: &Step, output: &Spanned<String>) -> bool {
    step.emits.iter().any(|emit| emit.name.value == output.value)
}
