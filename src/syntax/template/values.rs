//! The parameters of a template, and their values at one `use`.

use std::collections::BTreeMap;

use super::wanted::Wanted;
use super::{Parameter, Template, Walk};
use crate::diag::{Code, Diagnostic, suggest};
use crate::source::Spanned;
use crate::syntax::tree::{RawEntry, RawNode, RawValue};

/// The parameters that a template declares, by name.
pub(super) fn parameters(template: &RawNode) -> BTreeMap<&str, Parameter<'_>> {
    let declared = template
        .children
        .iter()
        .filter(|child| child.name.value == "parameter");
    declared
        .filter_map(|node| {
            let default = node.entries.iter().filter(|entry| entry.name.is_none()).nth(1);
            let wanted = match node.property("type") {
                Some(ty) => Wanted::of_type(&ty.value.to_string()),
                None => default.and_then(|default| Wanted::like(&default.value)),
            };
            Some((node.title()?.value, Parameter { default, wanted }))
        })
        .collect()
}

impl<'a> Walk<'a, '_> {
    /// The value of each parameter at this `use`.
    pub(super) fn values(&mut self, usage: &RawNode, template: &Template<'a>) -> BTreeMap<String, RawEntry> {
        let mut values = BTreeMap::new();
        for entry in &usage.entries {
            let Some(name) = &entry.name else { continue };
            if let Some(parameter) = template.parameters.get(name.value.as_str()) {
                let mut value = entry.clone();
                if !self.of_type(entry, name, parameter, template) {
                    value.value = RawValue::Lost;
                }
                values.insert(name.value.clone(), value);
            } else if template.torn {
                values.insert(name.value.clone(), entry.clone());
            } else {
                let near = suggest::nearest(&name.value, template.parameters.keys().copied());
                let help = near.map(|near| format!("did you mean `{near}`?"));
                if let Some(near) = near {
                    values.entry(near.to_owned()).or_insert_with(|| entry.clone());
                }
                let message = format!("this template has no parameter `{}`", name.value);
                self.out.push(
                    Diagnostic::new(
                        Code::TemplateParameter,
                        name.span,
                        "not one of its parameters",
                        message,
                    )
                    .and(template.node.name.span, "the template")
                    .maybe_help(help),
                );
            }
        }
        for (name, parameter) in &template.parameters {
            match parameter.default {
                _ if values.contains_key(*name) => {}
                Some(default) => {
                    values.insert((*name).to_owned(), default.clone());
                }
                None => {
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
                    let lost = RawEntry {
                        name: None,
                        value: RawValue::Lost,
                        span: usage.name.span,
                        annotation: None,
                    };
                    values.insert((*name).to_owned(), lost);
                }
            }
        }
        values
    }

    /// Reports a value of another type than the parameter's; false if it is.
    fn of_type(
        &mut self,
        entry: &RawEntry,
        name: &Spanned<String>,
        parameter: &Parameter<'a>,
        template: &Template<'a>,
    ) -> bool {
        let Some(wanted) = parameter.wanted else {
            return true;
        };
        // What another template fills in is checked where it is known.
        if entry.annotation.is_some() || wanted.takes(&entry.value) {
            return true;
        }
        let message = format!("`{}` is {}, not `{}`", name.value, wanted.noun(), entry.value);
        let found = Diagnostic::new(Code::TemplateParameter, entry.span, "of another type", message)
            .and(template.node.name.span, "the template");
        self.out
            .push(found.help(format!("write it like `{}={}`", name.value, wanted.example())));
        false
    }
}
