//! What a `use` gives to the parameters of its template.

use std::collections::BTreeMap;

use super::Template;
use super::expand::Walk;
use crate::diag::{Code, Diagnostic, suggest};
use crate::source::Spanned;
use crate::syntax::tree::{RawEntry, RawNode, RawValue};

impl<'a> Walk<'a, '_> {
    /// The value of each parameter at this `use`. What is wrong is reported and counts as given, but lost.
    pub(super) fn values(&mut self, usage: &RawNode, template: &Template<'a>) -> BTreeMap<String, RawEntry> {
        let mut values = BTreeMap::new();
        for entry in &usage.entries {
            let Some(name) = &entry.name else { continue };
            let parameter = template.parameters.get(name.value.as_str());
            if template.torn || parameter.is_some() {
                let mut entry = entry.clone();
                if let Some(found) = parameter.and_then(|parameter| parameter.wrong(&name.value, &entry)) {
                    self.out.push(found);
                    entry.value = RawValue::Lost;
                }
                values.insert(name.value.clone(), entry);
            } else if let Some(meant) = self.unknown(name, template) {
                values.entry(meant).or_insert_with(|| entry.clone());
            }
        }
        for (name, parameter) in &template.parameters {
            if values.contains_key(*name) {
                continue;
            }
            let value = match parameter.default {
                Some(default) => default.clone(),
                None => self.missing(name, usage, template),
            };
            values.insert((*name).to_owned(), value);
        }
        values
    }

    /// Reports a name that no parameter has; the parameter that was probably meant.
    fn unknown(&mut self, name: &Spanned<String>, template: &Template<'a>) -> Option<String> {
        let near = suggest::nearest(&name.value, template.parameters.keys().copied());
        let message = format!("this template has no parameter `{}`", name.value);
        self.out.push(
            Diagnostic::new(
                Code::TemplateParameter,
                name.span,
                "not one of its parameters",
                message,
            )
            .and(template.node.name.span, "the template")
            .did_you_mean(near),
        );
        near.map(str::to_owned)
    }

    /// Reports a parameter without a value; what stands for it.
    fn missing(&mut self, name: &str, usage: &RawNode, template: &Template<'a>) -> RawEntry {
        let message = format!("the template needs a value for `{name}`");
        self.out.push(
            Diagnostic::new(
                Code::TemplateParameter,
                usage.name.span,
                "a value is missing here",
                message,
            )
            .and(template.node.name.span, "the template")
            .help(format!("write `{name}=…` on this line")),
        );
        RawEntry {
            name: None,
            value: RawValue::Lost,
            span: usage.name.span,
            annotation: None,
        }
    }
}
