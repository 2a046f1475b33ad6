//! Texts of a certain form: schedules, zones, dates, addresses, images, places.

use jiff::civil;

use super::Read;
use crate::catalog::Place;
use crate::diag::{Code, Diagnostic, suggest};
use crate::quantity::Seconds;
use crate::source::Span;
use crate::syntax::document::Value;
use crate::syntax::grammar::{Slot, Type};
use crate::syntax::tree::RawEntry;

/// The fields of a cron expression, and what each may hold.
const CRON: [(&str, &str); 5] = [
    ("minute", "0 to 59"),
    ("hour", "0 to 23"),
    ("day", "1 to 31"),
    ("month", "1 to 12"),
    ("weekday", "0 to 7, 0 and 7 are Sunday"),
];

pub(super) fn cron(text: &str, entry: &RawEntry) -> Read {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let reads = |text: &str| <croner::Cron as std::str::FromStr>::from_str(text).is_ok();
    if fields.len() == CRON.len() && reads(text) {
        return Ok(Value::Text(text.to_owned()));
    }
    let example = "write minute, hour, day, month and weekday, such as `\"0 2 * * *\"`";
    if fields.len() != CRON.len() {
        let count = match fields.len() {
            1 => "1 field".to_owned(),
            n => format!("{n} fields"),
        };
        let message = "a schedule has five fields";
        return Err(Diagnostic::new(Code::ValueCron, entry.span, count, message).help(example));
    }
    // The field that is wrong is wrong by itself.
    let wrong = fields.iter().zip(CRON).enumerate().find(|(at, (field, _))| {
        let mut alone = ["*"; CRON.len()];
        alone.iter_mut().skip(*at).take(1).for_each(|own| *own = field);
        !reads(&alone.join(" "))
    });
    Err(match wrong {
        Some((_, (field, (name, range)))) => {
            let message = format!("`{field}` is no {name}");
            Diagnostic::new(
                Code::ValueCron,
                part(entry, text, field),
                format!("{name}: {range}"),
                message,
            )
            .help(example)
        }
        None => {
            let message = format!("there is no time like `{text}`");
            Diagnostic::new(Code::ValueCron, entry.span, "not a cron expression", message).help(example)
        }
    })
}

/// Where `part`, a slice of `text`, stands; the whole of the entry if it was written with escapes.
fn part(entry: &RawEntry, text: &str, part: &str) -> Span {
    let offset = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    match entry.span.length().checked_sub(text.len()) {
        Some(2) => entry.span.part(offset + 1, part.len()),
        Some(0) => entry.span.part(offset, part.len()),
        _ => entry.span,
    }
}

pub(super) fn timezone(text: &str, entry: &RawEntry) -> Read {
    if jiff::tz::TimeZone::get(text).is_ok() {
        return Ok(Value::Text(text.to_owned()));
    }
    let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    let near = suggest::nearest(text, names.iter().map(String::as_str));
    let message = format!("there is no time zone `{text}`");
    Err(Diagnostic::new(
        Code::ValueTimezone,
        entry.span,
        "not in the IANA database",
        message,
    )
    .did_you_mean(near))
}

pub(super) fn date(text: &str, entry: &RawEntry) -> Read {
    let ok = text.len() == 10 && text.parse::<civil::Date>().is_ok();
    if ok {
        Ok(Value::Text(text.to_owned()))
    } else {
        Err(calendar(text, "a date", "2027-06-30", entry))
    }
}

pub(super) fn time(text: &str, entry: &RawEntry) -> Read {
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

pub(super) fn uri(text: &str, slot: &Slot, entry: &RawEntry) -> Read {
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
pub(super) fn image(text: &str, entry: &RawEntry) -> Read {
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

pub(super) fn place(text: &str, entry: &RawEntry) -> Read {
    Place::parse(text).map(Value::Place).ok_or_else(|| {
        let all: Vec<String> = Place::all().map(|place| place.code().to_owned()).collect();
        let near = suggest::nearest(text, all.iter().map(String::as_str));
        let message = format!("`{text}` is not a country or bloc");
        let found = Diagnostic::new(
            Code::ValuePlace,
            entry.span,
            "an ISO 3166 code, `eu`, `eea` or `world`",
            message,
        );
        match Place::parse(&text.to_lowercase()) {
            Some(lower) => found
                .help(format!("write `{}`", lower.code()))
                .fix(entry.span, lower.code()),
            None => found.did_you_mean(near),
        }
    })
}
