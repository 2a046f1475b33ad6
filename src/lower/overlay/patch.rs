//! Merging a patch into an object, as `kubectl` and Kustomize do where they do not know its schema better.
//!
//! Fields that the patch has replace or extend those of the object; a field that is `null` goes. Lists whose items all
//! have a `name` (containers, variables, volumes, templates) are merged item by item, and an item with `$patch: delete`
//! goes; other lists are replaced.

use serde_yaml::{Mapping, Value};

const DIRECTIVE: &str = "$patch";

/// Brings `patch` into `target`.
pub(super) fn merge(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Mapping(target), Value::Mapping(patch)) if !says(patch, "replace") => fields(target, patch),
        (Value::Sequence(target), Value::Sequence(patch)) if named(target) && named(patch) => {
            items(target, patch)
        }
        (target, patch) => *target = plain(patch),
    }
}

fn fields(target: &mut Mapping, patch: &Mapping) {
    for (key, new) in patch {
        if new.is_null() {
            target.shift_remove(key);
        } else if let Some(old) = target.get_mut(key) {
            merge(old, new);
        } else {
            target.insert(key.clone(), plain(new));
        }
    }
}

fn items(target: &mut Vec<Value>, patch: &[Value]) {
    for new in patch {
        let at = target.iter().position(|old| name(old) == name(new));
        let gone = new.as_mapping().is_some_and(|fields| says(fields, "delete"));
        match at {
            Some(at) if gone => {
                target.remove(at);
            }
            Some(at) => target.iter_mut().skip(at).take(1).for_each(|old| merge(old, new)),
            None if gone => {}
            None => target.push(plain(new)),
        }
    }
}

/// A new value without the marks that are only for merging.
fn plain(patch: &Value) -> Value {
    match patch {
        Value::Mapping(fields) => {
            let kept = fields
                .iter()
                .filter(|(key, value)| key.as_str() != Some(DIRECTIVE) && !value.is_null());
            Value::Mapping(kept.map(|(key, value)| (key.clone(), plain(value))).collect())
        }
        Value::Sequence(items) => Value::Sequence(items.iter().map(plain).collect()),
        Value::Tagged(tagged) => plain(&tagged.value),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => patch.clone(),
    }
}

fn says(fields: &Mapping, directive: &str) -> bool {
    fields.get(DIRECTIVE).and_then(Value::as_str) == Some(directive)
}

fn named(items: &[Value]) -> bool {
    items.iter().all(|item| name(item).is_some())
}

fn name(item: &Value) -> Option<&str> {
    item.get("name")?.as_str()
}
