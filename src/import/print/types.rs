//! Types of parameters and outputs, which others leave open: by how they are used. What is ordered is a number, what
//! is gone over is a list, all else is text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::import::condition::Operand;
use crate::import::pipeline::{Over, Pipeline, Step};
use crate::import::text::{Reference, Text};

/// What is known of the use of references.
pub struct Types {
    numbers: BTreeSet<Reference>,
    lists: BTreeMap<Reference, BTreeSet<String>>,
}

impl Types {
    /// The types in a pipeline.
    pub fn of(pipeline: &Pipeline) -> Types {
        let mut lists: BTreeMap<Reference, BTreeSet<String>> = BTreeMap::new();
        for block in &pipeline.blocks {
            if let Over::List(reference, fields) = &block.over {
                lists
                    .entry(reference.clone())
                    .or_default()
                    .extend(fields.iter().cloned());
            }
        }
        let conditions = pipeline.steps.iter().flat_map(|step| &step.conditions);
        let comparisons = conditions.flat_map(|condition| condition.comparisons());
        let ordered = comparisons.filter(|(_, operator, _)| operator.starts_with(['<', '>']));
        let sides = ordered.flat_map(|(left, _, right)| [left, right]);
        let numbers = sides.filter_map(|side| match side {
            Operand::Reference(reference) => Some(reference.clone()),
            Operand::Literal(_) => None,
        });
        Types {
            numbers: numbers.collect(),
            lists,
        }
    }

    /// The type of a reference.
    pub fn of_reference(&self, reference: &Reference) -> &'static str {
        if self.lists.contains_key(reference) {
            "list"
        } else if self.numbers.contains(reference) {
            "number"
        } else {
            "string"
        }
    }

    /// The line that declares an output.
    pub fn emits(&self, step: usize, name: &str) -> String {
        let reference = Reference::Output(step, name.to_owned());
        let mut text = format!("emits {name} type={}", self.of_reference(&reference));
        if let Some(fields) = self.lists.get(&reference).filter(|fields| !fields.is_empty()) {
            text += " {\n";
            for field in fields {
                let _ = writeln!(text, "field {field} type=string");
            }
            text.push('}');
        }
        text.push('\n');
        text
    }

    /// The steps whose outputs a step uses, which is an order already.
    pub fn outputs_of(&self, step: &Step) -> BTreeSet<usize> {
        let texts = step.texts().flat_map(Text::references);
        let conditions = step
            .conditions
            .iter()
            .flat_map(|condition| condition.references());
        let outputs = texts.chain(conditions).filter_map(|reference| match reference {
            Reference::Output(step, _) => Some(*step),
            Reference::Parameter(_) | Reference::Item(_, _) | Reference::Run(_) => None,
        });
        outputs.collect()
    }
}
