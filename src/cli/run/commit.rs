//! What an attempt leaves behind -> what the run has: as a whole, or not at all.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::command::Prepared;
use super::folder::Done;
use crate::graph::Step;
use crate::run::value::Value;

/// Moves what was written into place, then says that it is done; the inner error is the program's.
///
/// # Errors
/// Says what cannot be moved or written.
pub fn commit(
    prepared: &Prepared,
    folder: &Utf8Path,
    step: &Step,
) -> Result<Result<BTreeMap<String, Value>, String>, String> {
    let mut outputs = BTreeMap::new();
    for (name, path) in &prepared.emits {
        match std::fs::read_to_string(path) {
            Ok(text) => outputs.insert(name.clone(), text),
            Err(_) => return Ok(Err(format!("it did not emit `{name}`"))),
        };
    }
    let values = match values(step, &outputs) {
        Ok(values) => values,
        Err(why) => return Ok(Err(why)),
    };
    if let Some((from, _)) = prepared.writes.iter().find(|(from, _)| !from.exists()) {
        return Ok(Err(format!("it did not write {from}")));
    }
    for (from, to) in &prepared.writes {
        super::folder::commit(from, to)?;
    }
    let done = Done {
        digest: prepared.digest.clone(),
        outputs,
    };
    let task = folder.parent().unwrap_or(folder);
    super::folder::put(&task.join("done.json"), &done)?;
    Ok(Ok(values))
}

/// What was emitted, each of its type.
///
/// # Errors
/// Says what is missing or of another type.
pub fn values(step: &Step, texts: &BTreeMap<String, String>) -> Result<BTreeMap<String, Value>, String> {
    let read = step.emits.iter().map(|emit| {
        let name = &emit.name.value;
        let text = texts
            .get(name)
            .ok_or_else(|| format!("it did not emit `{name}`"))?;
        let value = Value::read(text, emit.ty).map_err(|why| format!("`{name}`: {why}"))?;
        Ok((name.clone(), value))
    });
    read.collect()
}
