//! Texts that Kubernetes gets as they are: names, keys and values of labels, paths in containers. It refuses what does
//! not have its forms, and Argo would take `{{` in them for a placeholder.

use super::Read;
use crate::diag::{Code, Diagnostic};
use crate::syntax::document::Value;
use crate::syntax::grammar::Type;
use crate::syntax::tree::RawEntry;

/// Reads a text whose type has a form that Kubernetes demands.
pub(super) fn object(text: &str, ty: Type, entry: &RawEntry) -> Read {
    let help = match ty {
        Type::Secret | Type::ObjectName if !is_object_name(text) => {
            "small letters, digits and `-`, with a letter or digit at both ends, such as `kafka-tls`"
        }
        Type::SecretReference if !is_secret_reference(text) => {
            "the name of a secret, a dot and one of its keys, such as `huggingface.token`"
        }
        Type::LabelKey if !is_label_key(text) => {
            "letters, digits, `-`, `_` and `.`, perhaps after a domain and `/`, such as `acme.example/zone`"
        }
        Type::LabelValue if !is_label_value(text) => {
            "at most 63 letters, digits, `-`, `_` and `.`, such as `hall-2`"
        }
        Type::Mount if !is_mount(text) => "an absolute path in the container, such as `/data`",
        _ => return Ok(Value::Text(text.to_owned())),
    };
    let message = format!("`{text}` is not {}", ty.phrase());
    Err(Diagnostic::new(Code::NameForm, entry.span, "not of this form", message).help(help))
}

/// A DNS subdomain, RFC 1123.
fn is_object_name(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let label = |part: &str| {
        part.bytes().all(|b| plain(b) || b == b'-')
            && part.bytes().next().is_some_and(plain)
            && part.bytes().next_back().is_some_and(plain)
    };
    text.len() <= 253 && text.split('.').all(label)
}

/// `NAME.KEY`; that there is a key is checked where it is read, which says how to add one.
fn is_secret_reference(text: &str) -> bool {
    let (name, key) = text.split_once('.').unwrap_or((text, "key"));
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    is_object_name(name) && key.len() <= 253 && key.bytes().all(plain) && !matches!(key, "." | "..")
}

fn is_label_key(text: &str) -> bool {
    let (domain, name) = match text.split_once('/') {
        Some((domain, name)) => (Some(domain), name),
        None => (None, text),
    };
    domain.is_none_or(is_object_name) && !name.is_empty() && is_label_value(name)
}

fn is_label_value(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric();
    let ends = [text.bytes().next(), text.bytes().next_back()];
    text.len() <= 63
        && ends.into_iter().flatten().all(plain)
        && text.bytes().all(|b| plain(b) || matches!(b, b'-' | b'_' | b'.'))
}

/// Kubernetes refuses `:`; an opening `{{` would be Argo's.
fn is_mount(text: &str) -> bool {
    text.starts_with('/')
        && !text.contains(':')
        && !text.contains("{{")
        && !text.split('/').any(|part| part == "..")
        && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_those_of_kubernetes() {
        assert!(is_object_name("kafka-tls.v2") && !is_object_name("Kafka") && !is_object_name("a..b"));
        assert!(
            is_secret_reference("tls.ca.crt")
                && is_secret_reference("tls")
                && !is_secret_reference("tls.a b")
        );
        assert!(is_label_key("acme.example/zone") && is_label_key("zone") && !is_label_key("acme.example/"));
        assert!(is_label_value("") && is_label_value("Hall_2") && !is_label_value("-a"));
        assert!(is_mount("/etc/my app") && !is_mount("etc") && !is_mount("/a/../b") && !is_mount("/{{x}}"));
    }
}
