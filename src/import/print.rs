//! A pipeline -> its text in the language. Spacing and line breaks are the formatter's.

mod program;
mod spell;
mod types;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::condition::{Condition, Operand};
use super::pipeline::{Block, Over, Parameter, Pipeline, Step, Variable};
use super::text::{Piece, Reference};
use spell::{formatted, quoted};
use types::Types;

/// The text.
pub fn pipeline(pipeline: &Pipeline) -> String {
    let printer = Printer {
        pipeline,
        types: Types::of(pipeline),
    };
    let mut text = String::new();
    for loss in &pipeline.losses {
        // A comment ends with its line.
        let _ = writeln!(text, "// Left out: {}", loss.replace(char::is_control, " "));
    }
    let _ = writeln!(text, "pipeline {} {{", pipeline.name);
    text += &printer.head();
    text += &printer.inside(None);
    text += "}\n";
    text
}

struct Printer<'p> {
    pipeline: &'p Pipeline,
    types: Types,
}

impl Printer<'_> {
    fn head(&self) -> String {
        let mut text = String::new();
        if let Some(description) = &self.pipeline.description {
            let _ = writeln!(text, "description {}", quoted(description));
        }
        for schedule in &self.pipeline.schedules {
            let _ = write!(text, "schedule {}", quoted(&schedule.cron));
            if let Some(zone) = &schedule.timezone {
                let _ = write!(text, " timezone={}", quoted(zone));
            }
            let _ = write!(text, " overlap={}", schedule.overlap);
            if let Some(late) = &schedule.late {
                let _ = write!(text, " late={}", quoted(late));
            }
            text.push('\n');
        }
        for parameter in &self.pipeline.parameters {
            text += &self.parameter(parameter);
        }
        text
    }

    fn parameter(&self, parameter: &Parameter) -> String {
        let reference = Reference::Parameter(parameter.name.clone());
        let kind = self.types.of_reference(&reference);
        let list = || {
            let items: Option<Vec<serde_json::Value>> = parameter
                .default
                .as_ref()
                .and_then(|text| serde_json::from_str(text).ok());
            items.unwrap_or_default()
        };
        let values: Vec<String> = match (&parameter.default, kind) {
            (None, _) => Vec::new(),
            (Some(_), "list") => list().iter().map(|item| quoted(&plain(item))).collect(),
            (Some(text), "number") => vec![text.clone()],
            (Some(text), _) => vec![quoted(text)],
        };
        format!("parameter {} {} type={kind}\n", parameter.name, values.join(" "))
    }

    /// What stands directly in a block, or in none: steps and blocks by the first step in them.
    fn inside(&self, outer: Option<usize>) -> String {
        let mut text = String::new();
        let mut done: BTreeSet<usize> = BTreeSet::new();
        for step in &self.pipeline.steps {
            match self.child(outer, step.block) {
                None if step.block == outer => text += &self.step(step, None),
                Some(block) if done.insert(block) => text += &self.block(block),
                Some(_) | None => {}
            }
        }
        text
    }

    /// The block directly in `outer` that `block` is or stands in.
    fn child(&self, outer: Option<usize>, block: Option<usize>) -> Option<usize> {
        let mut at = block?;
        loop {
            let around = self.pipeline.blocks.get(at)?.outer;
            if around == outer {
                return (Some(at) != outer).then_some(at);
            }
            at = around?;
        }
    }

    fn block(&self, index: usize) -> String {
        let Some(block) = self.pipeline.blocks.get(index) else {
            return String::new();
        };
        let mut within = self
            .pipeline
            .steps
            .iter()
            .filter(|step| step.block == Some(index) || self.child(Some(index), step.block).is_some());
        match (within.next(), within.next()) {
            (Some(step), None) if step.block == Some(index) => self.step(step, Some(block)),
            (_, _) => {
                let (head, items) = self.each(block);
                format!("{head} {{\n{items}{}}}\n", self.inside(Some(index)))
            }
        }
    }

    /// The line of a fan-out, and its children.
    fn each(&self, block: &Block) -> (String, String) {
        let mut head = format!("each {}", block.variable);
        let mut rows = String::new();
        match &block.over {
            Over::Values(values) => {
                for value in values {
                    let _ = write!(head, " {}", quoted(value));
                }
            }
            Over::Rows(items) => {
                for (index, item) in items.iter().enumerate() {
                    let _ = write!(rows, "item row-{}", index + 1);
                    for (column, value) in item {
                        let _ = write!(rows, " {column}={}", quoted(value));
                    }
                    rows.push('\n');
                }
            }
            Over::List(reference, _) => {
                let _ = write!(head, " from={}", self.reference(reference));
            }
            Over::Count(count) => {
                let _ = write!(head, " count={count}");
            }
        }
        if let Some(concurrency) = &block.concurrency {
            let _ = write!(head, " concurrency={concurrency}");
        }
        (head, rows)
    }

    fn step(&self, step: &Step, each: Option<&Block>) -> String {
        let mut text = format!("step {} {{\n", step.name);
        if let Some(block) = each {
            let (head, rows) = self.each(block);
            let rows = if rows.is_empty() {
                String::new()
            } else {
                format!(" {{\n{rows}}}")
            };
            let _ = writeln!(text, "{head}{rows}");
        }
        if step.last {
            text += "finally\n";
        }
        if let Some(condition) = self.conditions(step) {
            let _ = writeln!(text, "when {}", quoted(&condition));
        }
        let _ = writeln!(text, "image {}", quoted(&step.image));
        text += &self.words(step);
        text += &self.surroundings(step);
        text += &self.flow(step);
        text += &effort(step);
        text += "}\n";
        text
    }

    fn words(&self, step: &Step) -> String {
        let (node, words) = program::words(step);
        if words.is_empty() {
            return String::new();
        }
        let words: Vec<String> = words.iter().map(|word| self.text(word)).collect();
        format!("{node} {}\n", words.join(" "))
    }

    fn surroundings(&self, step: &Step) -> String {
        let mut text = String::new();
        for (name, variable) in &step.environment {
            let _ = match variable {
                Variable::Text(value) => writeln!(text, "env {name} {}", self.text(value)),
                Variable::Secret(key) => writeln!(text, "env {name} secret={}", quoted(key)),
            };
        }
        for (name, mount) in &step.secrets {
            let _ = writeln!(text, "secret {} mount={}", quoted(name), quoted(mount));
        }
        for volume in &step.volumes {
            let medium = if volume.memory { " medium=memory" } else { "" };
            let (size, mount) = (quoted(&volume.size), quoted(&volume.mount));
            let _ = writeln!(text, "volume {} size={size} mount={mount}{medium}", volume.name);
        }
        text
    }

    /// What it reads, writes, emits and waits for.
    fn flow(&self, step: &Step) -> String {
        let mut text = String::new();
        for data in step.reads.keys() {
            let _ = writeln!(text, "reads {data} mount={}", quoted(&program::mount(data)));
        }
        for data in step.writes.keys() {
            let _ = writeln!(text, "writes {data} mount={}", quoted(&program::mount(data)));
        }
        for name in program::emitted(step) {
            text += &self.types.emits(self.number(step), name);
        }
        let mut known: BTreeSet<usize> = self.types.outputs_of(step);
        known.extend(self.listed(step.block));
        let ordered = |before: &Step| before.writes.keys().any(|data| step.reads.contains_key(data));
        let after = step.after.iter().filter(|number| !known.contains(number));
        let steps = after.filter_map(|number| self.pipeline.steps.get(*number));
        let names: Vec<&str> = steps
            .filter(|before| !ordered(before))
            .map(|before| before.name.as_str())
            .collect();
        if !names.is_empty() {
            let _ = writeln!(text, "after {}", names.join(" "));
        }
        text
    }

    /// The steps that emit the lists which the blocks around a step go over: it waits for them as it is.
    fn listed(&self, block: Option<usize>) -> Vec<usize> {
        let outer = |block: &&Block| block.outer.and_then(|outer| self.pipeline.blocks.get(outer));
        let innermost = block.and_then(|block| self.pipeline.blocks.get(block));
        let around = std::iter::successors(innermost, outer);
        let lists = around.filter_map(|block| match &block.over {
            Over::List(Reference::Output(step, _), _) => Some(*step),
            Over::List(_, _) | Over::Values(_) | Over::Rows(_) | Over::Count(_) => None,
        });
        lists.collect()
    }

    fn number(&self, step: &Step) -> usize {
        let same = |other: &Step| other.name == step.name;
        self.pipeline.steps.iter().position(same).unwrap_or_default()
    }

    fn conditions(&self, step: &Step) -> Option<String> {
        let mut conditions = step
            .conditions
            .iter()
            .filter(|it| **it != Condition::Constant(true))
            .peekable();
        conditions.peek()?;
        let alone = step.conditions.len() == 1;
        let each = conditions.map(|condition| match (condition, alone) {
            (Condition::Either(_, _), false) => format!("({})", self.condition(condition)),
            (_, _) => self.condition(condition),
        });
        Some(each.collect::<Vec<_>>().join(" and "))
    }

    fn condition(&self, condition: &Condition) -> String {
        let inner = |of: &Condition| match of {
            Condition::Both(_, _) | Condition::Either(_, _) => format!("({})", self.condition(of)),
            Condition::Constant(_) | Condition::Compare(_, _, _) | Condition::Not(_) => self.condition(of),
        };
        match condition {
            Condition::Constant(true) => "1 == 1".to_owned(),
            Condition::Constant(false) => "1 == 2".to_owned(),
            Condition::Compare(left, operator, right) => {
                let (a, b) = (self.operand(left, right), self.operand(right, left));
                format!("{a} {operator} {b}")
            }
            Condition::Not(of) => format!("not ({})", self.condition(of)),
            Condition::Both(left, right) => format!("{} and {}", inner(left), inner(right)),
            Condition::Either(left, right) => format!("{} or {}", inner(left), inner(right)),
        }
    }

    fn operand(&self, operand: &Operand, other: &Operand) -> String {
        let numeric = match other {
            Operand::Reference(reference) => self.types.of_reference(reference) == "number",
            Operand::Literal(_) => false,
        };
        match operand {
            Operand::Reference(reference) => self.reference(reference),
            Operand::Literal(text) if numeric => text.clone(),
            Operand::Literal(text) => format!("'{text}'"),
        }
    }

    fn reference(&self, reference: &Reference) -> String {
        match reference {
            Reference::Parameter(name) => name.clone(),
            Reference::Output(step, output) => {
                let step = self
                    .pipeline
                    .steps
                    .get(*step)
                    .map_or("", |step| step.name.as_str());
                format!("{step}.{output}")
            }
            Reference::Item(variable, None) => variable.clone(),
            Reference::Item(variable, Some(field)) => format!("{variable}.{field}"),
            Reference::Run(what) => format!("run.{what}"),
        }
    }

    fn text(&self, text: &super::text::Text) -> String {
        if let Some(constant) = text.constant() {
            return quoted(constant);
        }
        let pieces = text.pieces().iter().map(|piece| match piece {
            Piece::Literal(text) => text.replace('{', "{{").replace('}', "}}"),
            Piece::Reference(reference) => format!("{{{}}}", self.reference(reference)),
        });
        formatted(&pieces.collect::<String>())
    }
}

/// Retries, timeout, cache, needs.
fn effort(step: &Step) -> String {
    let mut text = String::new();
    for retry in &step.retries {
        let _ = write!(text, "retry {} on={}", retry.attempts, retry.cause);
        if let Some(backoff) = &retry.backoff {
            let _ = write!(text, " backoff={}", quoted(backoff));
        }
        if let Some(factor) = &retry.factor {
            let _ = write!(text, " factor={}", quoted(factor));
        }
        text.push('\n');
    }
    if let Some(timeout) = &step.timeout {
        let _ = writeln!(text, "timeout {}", quoted(timeout));
    }
    if let Some(age) = &step.cache {
        let age = age
            .as_ref()
            .map_or(String::new(), |age| format!(" for={}", quoted(age)));
        let _ = writeln!(text, "cache{age}");
    }
    if !step.needs.is_empty() {
        let needs = step.needs.iter().map(|(what, amount)| match *what {
            "cores" | "gpus" => format!(" {what}={amount}"),
            _ => format!(" {what}={}", quoted(amount)),
        });
        let _ = writeln!(text, "needs{}", needs.collect::<String>());
    }
    text
}

/// A JSON value as a program gets it.
fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
