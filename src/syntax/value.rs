//! Reading a value as its place demands.

mod form;
mod kubernetes;
mod name;
mod quantity;

use super::condition;
use super::document::Value;
use super::format;
use super::grammar::{Slot, Type};
use super::tree::{RawEntry, RawValue};
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::quantity::QuantityType;
use crate::source::{SourceMap, Spanned};
use form::{cron, date, image, place, time, timezone, uri};
pub use name::is_name;
use name::{is_env_name, name_form};
use quantity::quantity;

/// Reads `entry` as `slot` demands, or reports why it cannot be.
pub fn read(
    entry: &RawEntry,
    slot: &Slot,
    sources: &SourceMap,
    out: &mut Diagnostics,
) -> Option<Spanned<Value>> {
    if entry.value == RawValue::Lost {
        return None;
    }
    if let (None, RawValue::Text(text), Type::Condition) = (&entry.annotation, &entry.value, slot.ty) {
        let condition = condition::parse(text, entry.span, out)?;
        return Some(Spanned::new(Value::Condition(condition), entry.span));
    }
    let found = match (&entry.annotation, &entry.value) {
        (Some(annotation), RawValue::Text(text)) if annotation == "f" => {
            if !slot.formatted {
                let message = format!("`{}` takes no `(f)` string outside a template", slot.name);
                out.push(
                    Diagnostic::new(
                        Code::FormatPlace,
                        entry.span,
                        "references are not filled in here",
                        message,
                    )
                    .help("`(f)` stands in `command`, `args`, `env` and `uri=`, and in templates"),
                );
                return None;
            }
            Ok(Value::Formatted(format::split(
                text,
                entry.span,
                sources.text(entry.span),
                out,
            )))
        }
        (Some(annotation), _) if annotation == "f" => Err(wrong(slot, entry, Code::ValueType)),
        (Some(annotation), _) => {
            let message = format!("`({annotation})` means nothing here");
            Err(Diagnostic::new(
                Code::SyntaxArgument,
                entry.span,
                "an annotation before this",
                message,
            )
            .help("the only annotation is `(f)`, for strings with references in braces"))
        }
        (None, value) => plain(value, entry, slot),
    };
    match found {
        Ok(value) => Some(Spanned::new(value, entry.span)),
        Err(diagnostic) => {
            out.push(diagnostic);
            meant(entry, slot).map(|value| Spanned::new(value, entry.span))
        }
    }
}

/// What a value that was reported stands for all the same: a badly formed name still names its thing, and a word that
/// is nearly one of those allowed is taken for it.
fn meant(entry: &RawEntry, slot: &Slot) -> Option<Value> {
    let RawValue::Text(text) = &entry.value else {
        return None;
    };
    if !slot.one_of.is_empty() {
        let near = suggest::nearest(text, slot.one_of.iter().map(String::as_str));
        return near.map(|word| Value::Text(word.to_owned()));
    }
    let kept = matches!(slot.ty, Type::Name | Type::EnvName | Type::Image);
    kept.then(|| Value::Text(text.clone()))
}

type Read = Result<Value, Diagnostic>;

fn plain(value: &RawValue, entry: &RawEntry, slot: &Slot) -> Read {
    match value {
        RawValue::Null | RawValue::Lost => {
            Err(wrong(slot, entry, Code::ValueType).help("leave it out instead of writing `#null`"))
        }
        RawValue::Boolean(flag) => match slot.ty {
            Type::Boolean | Type::Scalar => Ok(Value::Boolean(*flag)),
            _ => Err(wrong(slot, entry, Code::ValueType)),
        },
        RawValue::Integer(number) => whole(*number, entry, slot),
        RawValue::Number(number) => fraction(*number, entry, slot),
        RawValue::Text(text) => self::text(text, entry, slot),
    }
}

fn whole(number: i128, entry: &RawEntry, slot: &Slot) -> Read {
    let Ok(small) = i64::try_from(number) else {
        return Err(Diagnostic::new(
            Code::ValueRange,
            entry.span,
            "too large",
            format!("`{number}` is out of range"),
        ));
    };
    match slot.ty {
        Type::Scalar => Ok(Value::Integer(small)),
        Type::Integer | Type::Number | Type::CountOrPercent if small < 0 => Err(negative(slot, entry)),
        Type::Integer | Type::CountOrPercent => Ok(Value::Integer(small)),
        Type::Number => Ok(Value::Number(small as f64)),
        Type::Text | Type::LabelValue => Ok(Value::Text(small.to_string())),
        ty => Err(no_unit(ty, slot, entry)),
    }
}

fn fraction(number: f64, entry: &RawEntry, slot: &Slot) -> Read {
    if !number.is_finite() {
        return Err(Diagnostic::new(
            Code::ValueRange,
            entry.span,
            "not a finite number",
            "this number is out of range",
        ));
    }
    match slot.ty {
        Type::Scalar => Ok(Value::Number(number)),
        Type::Number if number < 0.0 => Err(negative(slot, entry)),
        Type::Number => Ok(Value::Number(number)),
        // `7e9` is a whole number however it is written.
        Type::Integer if number.fract() == 0.0 && (0.0..9e15).contains(&number) => {
            Ok(Value::Integer(number as i64))
        }
        ty => Err(no_unit(ty, slot, entry)),
    }
}

fn text(text: &str, entry: &RawEntry, slot: &Slot) -> Read {
    if let Some(kind) = slot.ty.quantity() {
        return quantity(text, kind, slot, entry);
    }
    if !slot.one_of.is_empty() && !slot.one_of.iter().any(|word| word == text) {
        return Err(choice(text, slot, entry));
    }
    let kept = || Ok(Value::Text(text.to_owned()));
    match slot.ty {
        Type::Integer | Type::Number | Type::Boolean => Err(wrong(slot, entry, Code::ValueType)),
        Type::Name if !is_name(text) => Err(name_form(text, slot, entry)),
        Type::EnvName if !is_env_name(text) => Err(Diagnostic::new(
            Code::NameForm,
            entry.span,
            "not of this form",
            format!("`{text}` cannot name an environment variable"),
        )
        .help("capital letters, digits and `_`, such as `LOG_LEVEL`")),
        Type::Cron => cron(text, entry),
        Type::Timezone => timezone(text, entry),
        Type::Date => date(text, entry),
        Type::Time => time(text, entry),
        Type::Uri | Type::Url => uri(text, slot, entry),
        Type::Image => image(text, entry),
        Type::Secret
        | Type::SecretReference
        | Type::ObjectName
        | Type::LabelKey
        | Type::LabelValue
        | Type::Mount => kubernetes::object(text, slot.ty, entry),
        Type::Place => place(text, entry),
        Type::CountOrPercent => quantity(text, QuantityType::Percent, slot, entry),
        // An argument of a program may be empty, and so may any value that is handed on as it is.
        ty if text.trim().is_empty() && !slot.formatted && ty != Type::Scalar => Err(empty(slot, entry)),
        _ => kept(),
    }
}

fn wrong(slot: &Slot, entry: &RawEntry, code: Code) -> Diagnostic {
    let message = format!(
        "`{}` needs {}, not `{}`",
        slot.name,
        slot.ty.phrase(),
        entry.value
    );
    Diagnostic::new(code, entry.span, "this value", message)
}

fn empty(slot: &Slot, entry: &RawEntry) -> Diagnostic {
    let message = format!("`{}` is empty", slot.name);
    Diagnostic::new(Code::ValueType, entry.span, "nothing in it", message).help(format!(
        "write {} here, or leave `{}` out",
        slot.ty.phrase(),
        slot.name
    ))
}

fn no_unit(ty: Type, slot: &Slot, entry: &RawEntry) -> Diagnostic {
    let found = wrong(
        slot,
        entry,
        if ty.quantity().is_some() {
            Code::ValueUnit
        } else {
            Code::ValueType
        },
    );
    if ty.quantity().is_some() {
        found.help(format!("write {}, in quotes", ty.phrase()))
    } else {
        found
    }
}

fn negative(slot: &Slot, entry: &RawEntry) -> Diagnostic {
    let message = format!("`{}` cannot be negative", slot.name);
    Diagnostic::new(Code::ValueRange, entry.span, "below zero", message)
}

fn choice(text: &str, slot: &Slot, entry: &RawEntry) -> Diagnostic {
    let words = slot
        .one_of
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ");
    let near = suggest::nearest(text, slot.one_of.iter().map(String::as_str));
    let message = format!("`{}` cannot be `{text}`", slot.name);
    Diagnostic::new(
        Code::ValueChoice,
        entry.span,
        "not one of the words allowed",
        message,
    )
    .help(format!("one of {words}"))
    .did_you_mean(near)
}
