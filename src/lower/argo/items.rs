//! The items of a fan-out: what is known of them, and how a loop says which one it is at.

use super::scope::{encode, encoded};
use crate::graph::{Binding, Each, EachId, Graph, Items, Scalar};

/// Field of an item that is tried in rungs: which one this is, from 1.
pub const RUNG: &str = "rung";

/// A loop over the items of a fan-out.
#[derive(Clone, Copy, Debug)]
pub struct Loop {
    /// Which fan-out.
    pub each: EachId,
    /// The rung that its items are at, from 1.
    pub rung: u64,
}

/// The parts of a fan-out's item: the whole, unless it is a record of a run, then its fields.
pub fn items(graph: &Graph, each: EachId) -> Vec<Binding> {
    let (whole, fields) = fields(&graph[each]);
    let item = |field| Binding::Item { each, field };
    let whole = whole.then(|| item(None));
    let rung = graph[each].early_stop.as_ref().map(|_| RUNG.to_owned());
    let fields = fields.into_iter().chain(rung).map(|field| item(Some(field)));
    whole.into_iter().chain(fields).collect()
}

/// Whether an item is a value of its own, and the names of its fields.
pub fn fields(each: &Each) -> (bool, Vec<String>) {
    match &each.items {
        Items::Known(items) => {
            let first = items.first().map(|item| item.fields.as_slice());
            let names = first.unwrap_or_default().iter().map(|(name, _)| name.clone());
            (true, names.collect())
        }
        Items::Output { fields, .. } => (
            fields.is_empty(),
            fields.iter().map(|(name, _)| name.clone()).collect(),
        ),
        Items::Parameter { .. } | Items::Partitions { .. } => (true, Vec::new()),
    }
}

/// The list that a fan-out goes over, each text in it encoded: Argo pastes it into the task.
pub fn encoded_list(each: &Each, list: &str) -> String {
    let (whole, fields) = fields(each);
    let item = match whole {
        true => encoded("string(#)"),
        false => {
            let field =
                |name: &String| format!(r#""{name}": {}"#, encoded(&format!(r#"string(#["{name}"])"#)));
            let fields: Vec<String> = fields.iter().map(field).collect();
            // The parentheses keep the object from being read as a block.
            format!("({{{}}})", fields.join(", "))
        }
    };
    format!("toJson(map(fromJSON({list}), {item}))")
}

/// An item as `within` passes it, encoded where its list is made ([`known`], [`encoded_list`]).
pub fn current(graph: &Graph, within: Loop, field: Option<&str>) -> String {
    let each = &graph[within.each];
    if each.early_stop.is_some() && field == Some(RUNG) {
        return within.rung.to_string();
    }
    match fields(each).1.is_empty() {
        true => "{{item}}".to_owned(),
        false => format!("{{{{item.{}}}}}", field.unwrap_or(WHOLE)),
    }
}

/// Key of a row's own name among its fields, which are never in capitals.
pub const WHOLE: &str = "NAME";

/// Items that are known already, for `withItems`.
pub fn known(each: &Each) -> Vec<serde_json::Value> {
    let Items::Known(items) = &each.items else {
        return Vec::new();
    };
    let plain = |value: &Scalar| serde_json::Value::from(encode(&value.to_string()));
    items
        .iter()
        .map(|item| {
            if item.fields.is_empty() {
                return plain(&item.value);
            }
            let whole = std::iter::once((WHOLE.to_owned(), plain(&item.value)));
            let fields = item
                .fields
                .iter()
                .map(|(name, value)| (name.clone(), plain(value)));
            serde_json::Value::Object(whole.chain(fields).collect())
        })
        .collect()
}
