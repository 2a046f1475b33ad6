//! Arguments and properties of a node.

use super::Checker;
use crate::diag::{Code, Diagnostic, suggest};
use crate::source::{Span, Spanned};
use crate::syntax::document::{Property, Value};
use crate::syntax::grammar::{Rule, Slot, Type};
use crate::syntax::tree::{RawEntry, RawNode};
use crate::syntax::value;

/// What was read of the line of a node.
#[derive(Default)]
pub(super) struct Entries {
    pub arguments: Vec<Spanned<Value>>,
    pub properties: Vec<Property>,
    /// Something was left out.
    pub damaged: bool,
}

impl Checker<'_> {
    /// Arguments and properties, read as `rules` demand: that of the node and, for promises, that of the kind.
    pub(super) fn entries(&mut self, raw: &RawNode, rules: &[&'static Rule]) -> Entries {
        let mut read = Entries::default();
        self.arguments(raw, rules, &mut read);
        for entry in &raw.entries {
            self.property(raw, rules, entry, &mut read);
        }
        self.missing_properties(raw, rules, &mut read);
        read
    }

    fn arguments(&mut self, raw: &RawNode, rules: &[&'static Rule], read: &mut Entries) {
        let slots: Vec<&'static Slot> = rules.iter().flat_map(|rule| &rule.arguments).collect();
        let typed: Vec<&RawEntry> = raw.entries.iter().filter(|entry| entry.name.is_none()).collect();
        let mut in_order = true;
        for (index, entry) in typed.iter().enumerate() {
            let Some(slot) = slots.get(index).or_else(|| slots.last().filter(|slot| slot.many)) else {
                self.too_many(raw, entry, slots.len());
                self.lose(raw.whole);
                read.damaged = true;
                // What follows is of the same mistake.
                break;
            };
            match value::read(entry, slot, self.sources, self.out) {
                Some(value) if in_order => {
                    self.misnamed(entry, slot);
                    read.arguments.push(value);
                }
                Some(_) => {}
                None => {
                    self.lose(entry.span);
                    read.damaged = true;
                    // What comes after must not move into its place.
                    in_order = slot.many;
                }
            }
        }
        if let Some(slot) = slots.get(typed.len()).filter(|slot| slot.required) {
            read.damaged = true;
            let message = format!("`{}` needs {}", raw.name.value, slot.ty.phrase());
            let label = format!("`{}` is missing", slot.name);
            self.report(
                raw,
                Diagnostic::new(Code::SyntaxArgument, raw.name.span, label, message),
            );
        }
    }

    fn too_many(&mut self, raw: &RawNode, entry: &RawEntry, most: usize) {
        let message = format!("`{}` takes {}", raw.name.value, count(most));
        let found = Diagnostic::new(Code::SyntaxArgument, entry.span, "one too many", message);
        self.report(raw, found);
    }

    /// Reports `kind serving` where `kind=serving` is meant, and takes it for that.
    pub(super) fn join(&mut self, raw: &RawNode, rules: &[&'static Rule]) -> Option<RawNode> {
        let slots: Vec<&'static Slot> = rules.iter().flat_map(|rule| &rule.arguments).collect();
        let typed = raw.entries.iter().filter(|entry| entry.name.is_none()).count();
        if typed <= slots.len() || slots.last().is_some_and(|slot| slot.many) {
            return None;
        }
        let index = raw.entries.windows(2).position(|pair| match pair {
            [name, value] if name.name.is_none() && value.name.is_none() => {
                let typed = name.value.to_string();
                raw.property(&typed).is_none() && rules.iter().any(|rule| rule.property(&typed).is_some())
            }
            _ => false,
        })?;
        let mut joined = raw.clone();
        let name = joined.entries.remove(index);
        let value = joined.entries.get_mut(index)?;
        let word = name.value.to_string();
        let message = format!("`{word}` and its value are two words");
        let found = Diagnostic::new(
            Code::SyntaxArgument,
            name.span,
            "a `=` is missing behind this",
            message,
        );
        let typed = self.sources.text(value.span);
        let both = Span {
            end: value.span.end,
            ..name.span
        };
        self.report(
            raw,
            found
                .help(format!("write `{word}={typed}`"))
                .fix(both, format!("{word}={typed}")),
        );
        value.name = Some(Spanned::new(word, name.span));
        Some(joined)
    }

    /// Others may spell rightly a name that is misspelt where it is given.
    fn misnamed(&mut self, entry: &RawEntry, slot: &Slot) {
        if slot.ty == Type::Name && !value::is_name(&entry.value.to_string()) {
            self.lose(entry.span);
        }
    }

    fn property(&mut self, raw: &RawNode, rules: &[&'static Rule], entry: &RawEntry, read: &mut Entries) {
        let Some(name) = &entry.name else { return };
        let first = read
            .properties
            .iter()
            .find(|property| property.name.value == name.value);
        if let Some(first) = first {
            let message = format!("`{}` is given twice", name.value);
            let found = Diagnostic::new(Code::SyntaxRepeated, name.span, "again here", message)
                .and(first.name.span, "first here");
            let again = Span {
                end: entry.span.end,
                ..name.span
            };
            return self.report(raw, found.help("remove one of them").fix(again, ""));
        }
        let open = rules.iter().find_map(|rule| rule.open.as_ref());
        let any = open.map(|open| Slot {
            name: name.value.clone(),
            ..open.clone()
        });
        let known = rules.iter().find_map(|rule| rule.property(&name.value));
        let slot = match known {
            Some(slot) => {
                if open.is_none() {
                    self.meant_here(raw, name, slot, rules);
                }
                slot
            }
            None => match &any {
                Some(any) => any,
                None => {
                    read.damaged = true;
                    let free =
                        |slot: &&Slot| read.properties.iter().all(|other| other.name.value != slot.name);
                    match self.unknown_property(raw, name, rules).filter(free) {
                        Some(slot) => slot,
                        None => return self.lose(entry.span),
                    }
                }
            },
        };
        match value::read(entry, slot, self.sources, self.out) {
            Some(value) => read.properties.push(Property {
                name: Spanned::new(slot.name.clone(), name.span),
                value,
            }),
            None => {
                self.lose(entry.span);
                read.damaged = true;
            }
        }
    }

    /// Reports a property that is meant only beside another first argument: `account=` beside `aws`. Beside one that is
    /// itself reported it may be right.
    fn meant_here(&mut self, raw: &RawNode, name: &Spanned<String>, slot: &Slot, rules: &[&'static Rule]) {
        let (Some(of), Some(title)) = (&slot.of, raw.title()) else {
            return;
        };
        let words = rules.iter().find_map(|rule| rule.arguments.first());
        let known = words.is_some_and(|words| words.one_of.iter().any(|word| word == title.value));
        if known && title.value != of {
            let message = format!("`{}` is only for `{} {of}`", name.value, raw.name.value);
            self.report(
                raw,
                Diagnostic::new(Code::SyntaxProperty, name.span, "not for this one", message),
            );
        }
    }

    /// Reports the property and finds the one that was probably meant.
    fn unknown_property(
        &mut self,
        raw: &RawNode,
        name: &Spanned<String>,
        rules: &[&'static Rule],
    ) -> Option<&'static Slot> {
        let all: Vec<&'static Slot> = rules.iter().flat_map(|rule| &rule.properties).collect();
        let near = suggest::nearest(&name.value, all.iter().map(|slot| slot.name.as_str()));
        let names: Vec<String> = all.iter().map(|slot| format!("`{}=`", slot.name)).collect();
        let help = match (near, names.is_empty()) {
            (Some(near), _) => format!("did you mean `{near}=`?"),
            (None, true) => format!("`{}` has no properties", raw.name.value),
            (None, false) => format!("it may have {}", names.join(" ")),
        };
        let fixed = |found: Diagnostic| match near {
            Some(near) => found.fix(name.span, near),
            None => found,
        };
        let message = format!("`{}` has no property `{}`", raw.name.value, name.value);
        let found = Diagnostic::new(
            Code::SyntaxProperty,
            name.span,
            "not one of its properties",
            message,
        );
        self.report(raw, fixed(found.help(help)));
        all.into_iter().find(|slot| Some(slot.name.as_str()) == near)
    }

    fn missing_properties(&mut self, raw: &RawNode, rules: &[&'static Rule], read: &mut Entries) {
        if read.damaged {
            return;
        }
        let required = rules
            .iter()
            .flat_map(|rule| &rule.properties)
            .filter(|slot| slot.required);
        for slot in required {
            let there = raw.property(&slot.name).is_some()
                || read
                    .properties
                    .iter()
                    .any(|property| property.name.value == slot.name);
            if !there {
                read.damaged = true;
                let message = format!("`{}` needs `{}=`", raw.name.value, slot.name);
                let label = format!("`{}=` is missing", slot.name);
                let found = Diagnostic::new(Code::SyntaxMissing, raw.name.span, label, message);
                self.report(
                    raw,
                    found.help(format!("add `{}=` with {}", slot.name, slot.ty.phrase())),
                );
            }
        }
    }
}

fn count(arguments: usize) -> String {
    match arguments {
        0 => "no argument".to_owned(),
        1 => "one argument".to_owned(),
        n => format!("{n} arguments"),
    }
}
