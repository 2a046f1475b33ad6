//! Values in the spelling of the reference: no quotes around words, quantities in one form.
//!
//! What a value is follows from its place in the grammar table; what stands in no known place is left as typed.

use super::line::Entry;
use crate::quantity::{self, QuantityType};
use crate::syntax::grammar::{GRAMMAR, Rule, Slot, TOP, Type};

/// A node's place in the file: what its children and entries mean.
pub struct Place<'t> {
    name: &'t str,
    rule: Option<&'static Rule>,
    /// What follows `promise KIND`.
    promise: Option<&'static Rule>,
    arguments: usize,
}

impl<'t> Place<'t> {
    /// The top level.
    pub fn file() -> Place<'static> {
        Place {
            name: TOP,
            rule: None,
            promise: None,
            arguments: 0,
        }
    }

    /// A node in this place. What stands in a template means what it means where the template may be used, a step first.
    pub fn node(&self, typed: &'t str) -> Place<'t> {
        let name = unquoted(typed).unwrap_or(typed);
        let pasted = ["step"].into_iter().chain(GRAMMAR.parents(name));
        let pasted = pasted.filter(|_| self.name == "template");
        let mut parents = [self.name].into_iter().chain(pasted);
        Place {
            name,
            rule: parents.find_map(|parent| GRAMMAR.rule(parent, name)),
            promise: None,
            arguments: 0,
        }
    }

    /// The node's name without quotes it does not need.
    pub fn name(&self) -> &'t str {
        self.name
    }

    /// A property's name without quotes it does not need.
    pub fn property_name(typed: &str) -> &str {
        unquoted(typed).unwrap_or(typed)
    }

    /// The value of the next entry; `indent` is where the lines of a text of several lines begin.
    pub fn value(&mut self, entry: &Entry<'_>, indent: usize) -> String {
        let slot = self.slot(entry);
        if entry.value.contains(['\n', '\r']) {
            return several_lines(entry.value, indent);
        }
        let Some(content) = plain(entry.value).filter(|_| entry.annotation.is_none()) else {
            return entry.value.to_owned();
        };
        let Some(ty) = slot else { return quoted(content) };
        if let Some(kind) = quantity_type(ty) {
            return quoted(&quantity_form(kind, content));
        }
        let dotted = ty != Type::Scalar;
        if is_free_text(ty) || !is_word(content, dotted) {
            return quoted(content);
        }
        content.to_owned()
    }

    /// What the next entry takes, and one argument more is passed.
    fn slot(&mut self, entry: &Entry<'_>) -> Option<Type> {
        let rule = self.rule?;
        if let Some(name) = entry.name.map(Self::property_name) {
            let own = self.promise.and_then(|promise| promise.property(name));
            let slot = own.or_else(|| rule.property(name)).map(|slot| slot.ty);
            return slot.or(rule.open.as_ref().map(|open| open.ty));
        }
        if entry.dropped {
            return None;
        }
        let index = self.arguments;
        self.arguments += 1;
        if matches!(self.name, "promise" | "prefer") {
            if index == 0 {
                self.promise = GRAMMAR.promise(plain(entry.value).unwrap_or(entry.value));
                return Some(Type::Word);
            }
            return argument(self.promise?, index - 1);
        }
        argument(rule, index)
    }
}

fn argument(rule: &Rule, index: usize) -> Option<Type> {
    let last = rule.arguments.last().filter(|last: &&Slot| last.many);
    rule.arguments.get(index).or(last).map(|slot| slot.ty)
}

/// The content of a quoted string that has no escape, quote or line end in it, or a bare one.
fn plain(typed: &str) -> Option<&str> {
    let bare = typed.trim_matches('#');
    let content = bare.strip_prefix('"')?.strip_suffix('"')?;
    (!content.contains(['"', '\\', '\n', '\r'])).then_some(content)
}

fn unquoted(typed: &str) -> Option<&str> {
    plain(typed).filter(|content| is_word(content, true))
}

fn quoted(content: &str) -> String {
    format!("\"{content}\"")
}

/// True for what KDL reads as a string without quotes and people read as one word.
fn is_word(text: &str, dotted: bool) -> bool {
    const KEYWORDS: [&str; 6] = ["true", "false", "null", "inf", "-inf", "nan"];
    let first = text.chars().next();
    let rest = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || (dotted && c == '.');
    first.is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(rest)
        && !KEYWORDS.contains(&text)
}

/// What is prose, an address or code keeps the quotes it has.
fn is_free_text(ty: Type) -> bool {
    matches!(
        ty,
        Type::Text
            | Type::Path
            | Type::Mount
            | Type::Uri
            | Type::Url
            | Type::Image
            | Type::LabelKey
            | Type::LabelValue
            | Type::Cron
            | Type::Condition
            | Type::Promql
    )
}

fn quantity_type(ty: Type) -> Option<QuantityType> {
    match ty {
        Type::CountOrPercent => Some(QuantityType::Percent),
        ty => ty.quantity(),
    }
}

/// `800GiB`, `1h30min`, `3000 USD/month`: no spaces, except before a currency. What is no such quantity stays.
fn quantity_form(kind: QuantityType, text: &str) -> String {
    if quantity::parse(kind, text).is_err() {
        return text.to_owned();
    }
    let tight: String = text.split_whitespace().collect();
    match tight.find(|c: char| c.is_ascii_uppercase()) {
        Some(at) if kind == QuantityType::Money => {
            let (number, currency) = tight.split_at(at);
            format!("{number} {currency}")
        }
        _ => tight,
    }
}

/// A text of several lines, its lines moved so that they begin at `indent`. With escapes in it, it stays: an escape
/// may reach over the end of a line.
fn several_lines(typed: &str, indent: usize) -> String {
    let raw = typed.starts_with('#');
    if typed.contains('\\') && !raw {
        return typed.to_owned();
    }
    let lines: Vec<&str> = typed
        .split('\n')
        .map(|line| line.trim_end_matches('\r'))
        .collect();
    let Some((last, inner)) = lines.split_last() else {
        return typed.to_owned();
    };
    let old = last.len() - last.trim_start().len();
    let new = " ".repeat(indent);
    let mut text = String::new();
    for (index, line) in inner.iter().enumerate() {
        let moved = line
            .get(old..)
            .filter(|moved| index > 0 && !moved.trim().is_empty());
        match moved {
            Some(moved) => text.push_str(&format!("{new}{moved}")),
            None if index == 0 => text.push_str(line),
            None => {}
        }
        text.push('\n');
    }
    text + &new + last.trim_start()
}
