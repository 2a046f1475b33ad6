//! Reading a value as its place demands.

use jiff::civil;

use super::condition;
use super::document::Value;
use super::format;
use super::grammar::{Slot, Type};
use super::tree::{RawEntry, RawValue};
use crate::catalog::Place;
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::quantity::{self, Per, Quantity, QuantityError, QuantityType, Seconds};
use crate::source::{SourceMap, Spanned};

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
        Type::Text => Ok(Value::Text(small.to_string())),
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
        Type::Place => place(text, entry),
        Type::CountOrPercent => quantity(text, QuantityType::Percent, slot, entry),
        _ => kept(),
    }
}

fn quantity(text: &str, kind: QuantityType, slot: &Slot, entry: &RawEntry) -> Read {
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
        .help(format!("minutes are `min`: write `\"{}in\"`", text.trim())),
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

fn wrong(slot: &Slot, entry: &RawEntry, code: Code) -> Diagnostic {
    let message = format!(
        "`{}` needs {}, not `{}`",
        slot.name,
        slot.ty.phrase(),
        entry.value
    );
    Diagnostic::new(code, entry.span, "this value", message)
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
    let near = suggest::did_you_mean(text, slot.one_of.iter().map(String::as_str));
    let help = near.unwrap_or_else(|| format!("one of {words}"));
    let message = format!("`{}` cannot be `{text}`", slot.name);
    Diagnostic::new(
        Code::ValueChoice,
        entry.span,
        "not one of the words allowed",
        message,
    )
    .help(help)
}

/// `[a-z][a-z0-9]*(-[a-z0-9]+)*`, at most 40 characters.
pub fn is_name(text: &str) -> bool {
    let part =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.len() <= 40 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.split('-').all(part)
}

fn is_env_name(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    text.starts_with(|c: char| c.is_ascii_uppercase() || c == '_') && text.bytes().all(plain)
}

fn name_form(text: &str, slot: &Slot, entry: &RawEntry) -> Diagnostic {
    if text.len() > 40 && text.is_ascii() {
        let message = format!("this name has {} characters; 40 are allowed", text.len());
        return Diagnostic::new(
            Code::NameLength,
            entry.span,
            "too long for what will be created",
            message,
        );
    }
    let mut suggestion = String::new();
    for c in text.chars().map(|c| c.to_ascii_lowercase()) {
        let plain = c.is_ascii_lowercase() || c.is_ascii_digit();
        if plain {
            suggestion.push(c);
        } else if !suggestion.is_empty() && !suggestion.ends_with('-') {
            suggestion.push('-');
        }
    }
    let suggestion = suggestion.trim_matches('-');
    let help = if is_name(suggestion) {
        format!("write `{suggestion}`")
    } else {
        "begin it with a letter, then small letters, digits and single hyphens".to_owned()
    };
    let message = format!(
        "`{text}` is not of the form of a {}",
        if slot.name == "variable" {
            "variable"
        } else {
            "name"
        }
    );
    Diagnostic::new(
        Code::NameForm,
        entry.span,
        "a name is `a-z`, `0-9` and `-`",
        message,
    )
    .help(help)
}

fn cron(text: &str, entry: &RawEntry) -> Read {
    let fields = text.split_whitespace().count();
    let parsed = <croner::Cron as std::str::FromStr>::from_str(text);
    match parsed {
        Ok(_) if fields == 5 => Ok(Value::Text(text.to_owned())),
        Ok(_) => Err(Diagnostic::new(
            Code::ValueCron,
            entry.span,
            format!("{fields} fields"),
            "a schedule has five fields",
        )
        .help("minute hour day month weekday, such as `\"0 2 * * *\"`")),
        Err(error) => Err(Diagnostic::new(
            Code::ValueCron,
            entry.span,
            error.to_string(),
            format!("`{text}` is not a cron expression"),
        )
        .help("minute hour day month weekday, such as `\"0 2 * * *\"`")),
    }
}

fn timezone(text: &str, entry: &RawEntry) -> Read {
    if jiff::tz::TimeZone::get(text).is_ok() {
        return Ok(Value::Text(text.to_owned()));
    }
    let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    let near = suggest::did_you_mean(text, names.iter().map(String::as_str));
    let message = format!("there is no time zone `{text}`");
    Err(Diagnostic::new(
        Code::ValueTimezone,
        entry.span,
        "not in the IANA database",
        message,
    )
    .maybe_help(near))
}

fn date(text: &str, entry: &RawEntry) -> Read {
    let ok = text.len() == 10 && text.parse::<civil::Date>().is_ok();
    if ok {
        Ok(Value::Text(text.to_owned()))
    } else {
        Err(calendar(text, "a date", "2027-06-30", entry))
    }
}

fn time(text: &str, entry: &RawEntry) -> Read {
    let parts: Option<(u32, u32)> = text
        .split_once(':')
        .and_then(|(h, m)| Some((h.parse().ok()?, m.parse().ok()?)));
    match parts {
        Some((hours @ 0..24, minutes @ 0..60)) if text.len() == 5 => {
            Ok(Value::Time(Seconds(f64::from(hours * 3600 + minutes * 60))))
        }
        _ => Err(calendar(text, "a time of day", "06:00", entry)),
    }
}

fn calendar(text: &str, what: &str, example: &str, entry: &RawEntry) -> Diagnostic {
    let message = format!("`{text}` is not {what}");
    Diagnostic::new(Code::ValueType, entry.span, format!("not {what}"), message)
        .help(format!("write it like `\"{example}\"`"))
}

const SCHEMES: [&str; 14] = [
    "s3",
    "gs",
    "abfs",
    "abfss",
    "azurerm",
    "https",
    "http",
    "hdfs",
    "file",
    "jdbc",
    "kafka",
    "postgresql",
    "redis",
    "nfs",
];

fn uri(text: &str, slot: &Slot, entry: &RawEntry) -> Read {
    let scheme = text.split(':').next().unwrap_or_default();
    let web = matches!(scheme, "http" | "https");
    let known = if slot.ty == Type::Url {
        web
    } else {
        SCHEMES.contains(&scheme)
    };
    let rest = text.get(scheme.len()..).unwrap_or_default();
    let has_place = rest
        .strip_prefix("://")
        .is_some_and(|rest| !rest.trim_matches('/').is_empty())
        || (scheme == "jdbc" && rest.len() > 1)
        || (matches!(scheme, "file" | "nfs") && rest.starts_with(':'));
    let clean = text.chars().all(|c| !c.is_control() && !c.is_whitespace());
    if known && has_place && clean {
        return Ok(Value::Text(text.to_owned()));
    }
    let near = suggest::did_you_mean(scheme, SCHEMES);
    let message = format!("`{text}` is not {}", slot.ty.phrase());
    Err(Diagnostic::new(
        Code::ValueUri,
        entry.span,
        "not an address of a kind known here",
        message,
    )
    .maybe_help(near.or_else(|| {
        Some(format!(
            "known are {}",
            SCHEMES.map(|s| format!("`{s}:`")).join(" ")
        ))
    })))
}

/// `[host[:port]/]path[:tag][@sha256:…]`
fn image(text: &str, entry: &RawEntry) -> Read {
    let (reference, digest) = text
        .split_once('@')
        .map_or((text, None), |(name, digest)| (name, Some(digest)));
    let hex = |digest: &str| {
        digest.len() == 64
            && digest
                .bytes()
                .all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
    };
    let digest_ok = digest.is_none_or(|digest| digest.strip_prefix("sha256:").is_some_and(hex));
    let last = reference.rsplit('/').next().unwrap_or(reference);
    let (name, tag) = last
        .split_once(':')
        .map_or((last, None), |(name, tag)| (name, Some(tag)));
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let tag_ok = tag.is_none_or(|tag| !tag.is_empty() && tag.len() <= 128 && tag.chars().all(word));
    let path_ok = reference.chars().all(|c| word(c) || matches!(c, '/' | ':'))
        && !name.is_empty()
        && !reference.contains("//");
    let lower = name.chars().all(|c| !c.is_ascii_uppercase());
    if digest_ok && tag_ok && path_ok && lower && !reference.starts_with(['/', '-', '.']) {
        return Ok(Value::Text(text.to_owned()));
    }
    let message = format!("`{text}` is not an image reference");
    Err(
        Diagnostic::new(Code::ValueImage, entry.span, "not `registry/name:tag`", message)
            .help("write it like `ghcr.io/acme/train:1.4.0` or `…/train@sha256:<64 hex digits>`"),
    )
}

fn place(text: &str, entry: &RawEntry) -> Read {
    Place::parse(text).map(Value::Place).ok_or_else(|| {
        let all: Vec<String> = Place::all().map(|place| place.code().to_owned()).collect();
        let upper = Place::parse(&text.to_lowercase()).map(|place| format!("write `{}`", place.code()));
        let help = upper.or_else(|| suggest::did_you_mean(text, all.iter().map(String::as_str)));
        let message = format!("`{text}` is not a country or bloc");
        Diagnostic::new(
            Code::ValuePlace,
            entry.span,
            "an ISO 3166 code, `eu`, `eea` or `world`",
            message,
        )
        .maybe_help(help)
    })
}
