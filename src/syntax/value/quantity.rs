//! Quantities: a number and its unit, within what is possible.

use super::Read;
use crate::diag::{Code, Diagnostic};
use crate::quantity::{self, Per, Quantity, QuantityError, QuantityType};
use crate::syntax::document::Value;
use crate::syntax::grammar::{Slot, Type};
use crate::syntax::tree::RawEntry;

pub(super) fn quantity(text: &str, kind: QuantityType, slot: &Slot, entry: &RawEntry) -> Read {
    let quantity = quantity::parse(kind, text).map_err(|error| bad_quantity(text, &error, slot, entry))?;
    let range = |what: &str| {
        let message = format!("`{text}` is {what}");
        Err(Diagnostic::new(
            Code::ValueRange,
            entry.span,
            "out of range",
            message,
        ))
    };
    match &quantity {
        Quantity::Money { currency, .. } if currency != "USD" => {
            let message = format!("prices are in USD, not {currency}");
            Err(
                Diagnostic::new(Code::ValueUnit, entry.span, "another currency", message).help(
                    "write the amount in `USD`: the catalogue has no exchange rates, which change daily",
                ),
            )
        }
        Quantity::Money { per, .. } if !per_fits(slot.ty, *per) => {
            let message = format!("`{text}` is not per the right thing");
            Err(Diagnostic::new(Code::ValueUnit, entry.span, "per what?", message)
                .help(format!("write {}", slot.ty.phrase())))
        }
        Quantity::Carbon { per, .. } if (slot.ty == Type::Carbon) != (*per == Per::KWh) => {
            let message = format!("`{text}` is not per the right thing");
            Err(Diagnostic::new(Code::ValueUnit, entry.span, "per what?", message)
                .help(format!("write {}", slot.ty.phrase())))
        }
        Quantity::Percent(share) if share.0 < 0.0 => range("below 0 %"),
        Quantity::Percent(share) if share.0 > 1.0 => range("above 100 %"),
        Quantity::Duration(seconds) if seconds.0 < 0.0 => range("a negative duration"),
        Quantity::Rate(rate) if rate.0 < 0.0 => range("a negative rate"),
        Quantity::Bandwidth(rate) if rate.0 <= 0.0 => range("no bandwidth at all"),
        Quantity::Factor(factor) if *factor < 1.0 => range("below `1x`"),
        Quantity::Money { amount, .. } if amount.0 < 0 => range("a negative amount"),
        Quantity::Carbon { amount, .. } if amount.0 < 0.0 => range("a negative amount"),
        Quantity::Bytes(_) if text.trim_start().starts_with('-') => range("a negative size"),
        _ => Ok(Value::Quantity(quantity)),
    }
}

fn per_fits(ty: Type, per: Option<Per>) -> bool {
    match ty {
        Type::MoneyRate => matches!(per, Some(Per::Hour | Per::Day | Per::Month | Per::Run)),
        Type::TransferPrice => per == Some(Per::Gb),
        _ => true,
    }
}

fn bad_quantity(text: &str, error: &QuantityError, slot: &Slot, entry: &RawEntry) -> Diagnostic {
    let phrase = slot.ty.phrase();
    match error {
        QuantityError::NoNumber => Diagnostic::new(
            Code::ValueType,
            entry.span,
            "no number here",
            format!("`{}` needs {phrase}, not `{text}`", slot.name),
        ),
        QuantityError::NoUnit => Diagnostic::new(
            Code::ValueUnit,
            entry.span,
            "of what?",
            format!("`{text}` has no unit"),
        )
        .help(format!("write {phrase}")),
        QuantityError::LoneM => Diagnostic::new(
            Code::ValueUnit,
            entry.span,
            "metres? months?",
            format!("`{text}`: a lone `m` is no unit"),
        )
        .help(format!("minutes are `min`: write `\"{}in\"`", text.trim()))
        .fix(entry.span, format!("\"{}in\"", text.trim())),
        QuantityError::Unit { unit, belongs_to } => {
            let other = belongs_to
                .map(describe)
                .map(|other| format!("; `\"{text}\"` is {other}"))
                .unwrap_or_default();
            let message = format!("`{}` has no unit `{unit}`", slot.name);
            Diagnostic::new(Code::ValueUnit, entry.span, "this unit", message)
                .help(format!("write {phrase}{other}"))
        }
    }
}

fn describe(kind: QuantityType) -> &'static str {
    match kind {
        QuantityType::Bytes => "a size",
        QuantityType::Duration => "a duration",
        QuantityType::Rate => "a rate",
        QuantityType::Bandwidth => "a bandwidth",
        QuantityType::Money => "money",
        QuantityType::Percent => "a percentage",
        QuantityType::Growth => "a growth",
        QuantityType::Factor => "a factor",
        QuantityType::Carbon => "an amount of carbon",
    }
}
