//! What `{{…}}` means at a place.

use std::collections::{BTreeMap, BTreeSet};

use super::Importer;
use crate::import::pipeline::{Over, PRINTED};
use crate::import::text::{Reference, Text};

/// The names that a template's texts may use.
#[derive(Clone, Default)]
pub struct Scope<'t> {
    /// Inputs by name.
    pub parameters: BTreeMap<String, Text>,
    /// Data sets that come in, by the name of the artifact.
    pub artifacts: BTreeMap<String, String>,
    /// Where a program finds files: `inputs.artifacts.x.path` and its like.
    pub paths: BTreeMap<String, &'t str>,
    /// What tasks beside this one have made.
    pub siblings: BTreeMap<&'t str, Made>,
    /// The item of the innermost fan-out.
    pub item: Option<Item>,
}

/// What a call left behind.
#[derive(Clone, Default)]
pub struct Made {
    /// The steps that end last.
    pub ends: BTreeSet<usize>,
    /// The step, if it is one.
    pub step: Option<usize>,
    /// Outputs by name.
    pub parameters: BTreeMap<String, Text>,
    /// Data sets by the name of the artifact.
    pub artifacts: BTreeMap<String, String>,
    /// True if it may be skipped.
    pub conditional: bool,
}

/// An item, by what a fan-out goes over.
#[derive(Clone)]
pub enum Item {
    /// One value.
    Value(String),
    /// A row: the variable, and its columns by key.
    Row(String, BTreeMap<String, String>),
    /// An item of a list known at run time: the variable, and its block.
    Listed(String, usize),
}

impl<'t> Importer<'t, '_> {
    /// A text with its tags resolved.
    ///
    /// # Errors
    /// The first tag that has no counterpart.
    pub fn resolve(&mut self, scope: &Scope<'t>, text: &str) -> Result<Text, String> {
        let mut made = Text::default();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((tag, after)) = after.split_once("}}") else {
                break;
            };
            made.push_str(before);
            made.append(&self.tag(scope, tag).ok_or_else(|| tag.trim().to_owned())?);
            rest = after;
        }
        made.push_str(rest);
        Ok(made)
    }

    /// What one tag, or a name in an expression, means.
    pub fn tag(&mut self, scope: &Scope<'t>, tag: &str) -> Option<Text> {
        let tag = tag.trim();
        let path = dotted(tag.strip_prefix('=').unwrap_or(tag).trim());
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        match parts.as_slice() {
            ["inputs", "parameters", name] => scope.parameters.get(*name).cloned(),
            ["inputs" | "outputs", "parameters" | "artifacts", _, "path"] => {
                scope.paths.get(&parts.join(".")).map(|path| Text::literal(*path))
            }
            ["workflow", "parameters", name] => Some(self.given_at_start(name)),
            ["workflow", "name" | "uid"] => Some(Text::reference(Reference::Run("id"))),
            ["workflow", "status"] => Some(Text::reference(Reference::Run("status"))),
            ["workflow", "creationTimestamp" | "scheduledTime"] => {
                Some(Text::reference(Reference::Run("time")))
            }
            ["steps" | "tasks", name, "outputs", "result"] => {
                let step = scope.siblings.get(*name)?.step?;
                self.pipeline.steps.get_mut(step)?.printed = true;
                Some(Text::reference(Reference::Output(step, PRINTED.to_owned())))
            }
            ["steps" | "tasks", name, "outputs", "parameters", output] => {
                scope.siblings.get(*name)?.parameters.get(*output).cloned()
            }
            ["item"] => self.item(scope.item.as_ref()?, None),
            ["item", field] => self.item(scope.item.as_ref()?, Some(field)),
            _ => None,
        }
    }

    fn item(&mut self, item: &Item, field: Option<&str>) -> Option<Text> {
        let reference = |variable: &String, field: Option<&str>| {
            let field = field.map(str::to_owned);
            Some(Text::reference(Reference::Item(variable.clone(), field)))
        };
        match (item, field) {
            (Item::Value(variable), None) => reference(variable, None),
            (Item::Row(variable, columns), Some(field)) => {
                reference(variable, Some(columns.get(field)?.as_str()))
            }
            (Item::Listed(variable, _), None) => reference(variable, None),
            (Item::Listed(variable, block), Some(field)) => {
                if let Over::List(_, fields) = &mut self.pipeline.blocks.get_mut(*block)?.over {
                    fields.insert(field.to_owned());
                }
                reference(variable, Some(field))
            }
            (Item::Value(_), Some(_)) | (Item::Row(_, _), None) => None,
        }
    }
}

/// `a.b['c']` as its three parts.
fn dotted(path: &str) -> Vec<String> {
    let plain = path
        .replace("['", ".")
        .replace("[\"", ".")
        .replace("']", "")
        .replace("\"]", "");
    plain.split('.').map(str::to_owned).collect()
}
