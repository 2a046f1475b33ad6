//! `withItems`, `withParam`, `withSequence` -> fan-outs.

use std::collections::{BTreeMap, BTreeSet};

use super::Importer;
use super::call::Place;
use super::scope::{Item, Scope};
use crate::import::names::Names;
use crate::import::pipeline::{Block, Over};
use crate::import::yaml::{Node, Value};

/// More items than a fan-out over numbers is written out with.
const MOST_ITEMS: i64 = 1_000;

impl<'t> Importer<'t, '_> {
    /// Puts a fan-out around a task, if it has one.
    pub fn fan_out(&mut self, node: &'t Node, scope: &mut Scope<'t>, place: &mut Place) {
        if let Some(items) = node.get("withItems") {
            self.items(items, items.items(), scope, place);
        } else if let Some(list) = node.get("withParam") {
            self.list(list, scope, place);
        } else if let Some(sequence) = node.get("withSequence") {
            self.sequence(sequence, scope, place);
        }
    }

    fn items(&mut self, node: &Node, items: &[Node], scope: &mut Scope<'t>, place: &mut Place) {
        let values: Option<Vec<String>> = items.iter().map(|item| item.text().map(str::to_owned)).collect();
        if let Some(values) = values.filter(|values| !values.is_empty()) {
            if let Some(value) = values.iter().find(|value| value.contains("{{")) {
                self.stop(
                    node.span,
                    &format!("the item `{value}`"),
                    "items are constants, or a list that a step emits",
                );
            }
            let variable = self.block(Over::Values(values), place);
            scope.item = Some(Item::Value(variable));
            return;
        }
        let mut names = Names::default();
        let mut columns: BTreeMap<String, String> = BTreeMap::new();
        let mut rows = Vec::new();
        for item in items {
            let mut row = Vec::new();
            for (key, value) in item.entries() {
                let Some(text) = value.text() else { continue };
                let column = columns.entry(key.clone()).or_insert_with(|| names.fresh(key));
                row.push((column.clone(), text.to_owned()));
            }
            row.sort();
            rows.push(row);
        }
        let scalar = |value: &Node| matches!(value.value, Value::Scalar(_));
        let flat =
            |item: &Node| !item.entries().is_empty() && item.entries().iter().all(|(_, value)| scalar(value));
        if rows.is_empty() || !items.iter().all(flat) {
            return self.stop(node.span, "these items", "an item is a text, or a row of texts");
        }
        let variable = self.block(Over::Rows(rows), place);
        scope.item = Some(Item::Row(variable, columns));
    }

    fn list(&mut self, node: &'t Node, scope: &mut Scope<'t>, place: &mut Place) {
        let list = self.text(scope, node);
        if let Some(constant) = list.constant() {
            let json: Option<serde_json::Value> = serde_json::from_str(constant).ok();
            let Some(serde_json::Value::Array(values)) = json else {
                return self.stop(node.span, "this list", "it is not a JSON list");
            };
            let items: Vec<Node> = values.into_iter().map(|value| tree(value, node)).collect();
            return self.items(node, &items, scope, place);
        }
        let Some(reference) = list.single() else {
            return self.stop(
                node.span,
                "a list that is put together",
                "a fan-out goes over one list",
            );
        };
        let block = self.pipeline.blocks.len();
        let variable = self.block(Over::List(reference.clone(), BTreeSet::new()), place);
        scope.item = Some(Item::Listed(variable, block));
    }

    fn sequence(&mut self, node: &'t Node, scope: &mut Scope<'t>, place: &mut Place) {
        let mut number = |key: &str| match node.get(key) {
            None => Some(None),
            Some(node) => {
                let text = self.text(scope, node);
                text.constant()
                    .and_then(|text| text.trim().parse::<i64>().ok())
                    .map(Some)
            }
        };
        let (Some(count), Some(start), Some(end)) = (number("count"), number("start"), number("end")) else {
            return self.stop(
                node.span,
                "a sequence as long as a run says",
                "`each … count=` is a constant",
            );
        };
        let start = start.unwrap_or(0);
        let last = match count {
            Some(count) => start.saturating_add(count).saturating_sub(1),
            None => end.unwrap_or(start),
        };
        if last.abs_diff(start) > MOST_ITEMS.unsigned_abs() || count == Some(0) {
            return self.stop(node.span, "a sequence of so many", "a workflow cannot hold it");
        }
        let numbers: Vec<i64> = if last < start {
            (last..=start).rev().collect()
        } else {
            (start..=last).collect()
        };
        let over = match (start, node.text_of("format")) {
            (0, None) => Over::Count(numbers.len() as u64),
            (_, None) => Over::Values(numbers.iter().map(i64::to_string).collect()),
            (_, Some(format)) => match numbers.iter().map(|n| printed(format, *n)).collect() {
                Some(values) => Over::Values(values),
                None => {
                    return self.stop(
                        node.span,
                        &format!("the format `{format}`"),
                        "it has no such number",
                    );
                }
            },
        };
        let variable = self.block(over, place);
        scope.item = Some(Item::Value(variable));
    }

    /// A new innermost fan-out; its variable.
    fn block(&mut self, over: Over, place: &mut Place) -> String {
        let variable = self.names.fresh("item");
        self.pipeline.blocks.push(Block {
            variable: variable.clone(),
            over,
            outer: place.block,
            concurrency: place.concurrency.take(),
        });
        place.block = Some(self.pipeline.blocks.len() - 1);
        variable
    }
}

/// A value of JSON at the place of the text that it stood in.
fn tree(value: serde_json::Value, at: &Node) -> Node {
    let value = match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::String(text) => Value::Scalar(text),
        serde_json::Value::Array(items) => {
            Value::List(items.into_iter().map(|item| tree(item, at)).collect())
        }
        serde_json::Value::Object(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| (key, tree(value, at)))
                .collect(),
        ),
        other => Value::Scalar(other.to_string()),
    };
    Node { span: at.span, value }
}

/// A number as C's `printf` writes it: `%d`, `%X`, `%x`, `%o`, padded with zeros or spaces.
fn printed(format: &str, number: i64) -> Option<String> {
    let (before, rest) = format.split_once('%')?;
    let at = rest.find(|c: char| !c.is_ascii_digit())?;
    let (width, rest) = rest.split_at_checked(at)?;
    let kind = rest.chars().next()?;
    let digits = match kind {
        'd' => number.to_string(),
        'x' => format!("{number:x}"),
        'X' => format!("{number:X}"),
        'o' => format!("{number:o}"),
        _ => return None,
    };
    let fill = if width.starts_with('0') { "0" } else { " " };
    let wide: usize = if width.is_empty() {
        0
    } else {
        width.parse().ok().filter(|wide| *wide < 64)?
    };
    let padding = fill.repeat(wide.saturating_sub(digits.len()));
    Some(format!("{before}{padding}{digits}{}", rest.get(1..)?))
}
