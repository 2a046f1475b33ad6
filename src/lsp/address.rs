//! Addresses of documents and the paths by which sources are known.

use std::str::FromStr as _;

use lsp_types::Uri;

/// The path of a file, with forward slashes; the address itself of what is no file.
pub fn path(uri: &Uri) -> String {
    let Some(encoded) = uri.as_str().strip_prefix("file://") else {
        return uri.as_str().to_owned();
    };
    // A host, as in `file://server/share`, stays part of the path.
    let path = decoded(encoded);
    match path.strip_prefix('/') {
        Some(rest) if on_drive(rest) => rest.to_owned(),
        Some(_) => path,
        None => format!("//{path}"),
    }
}

/// The address of a path; `None` for what can have none.
pub fn uri(path: &str) -> Option<Uri> {
    let scheme = path.split_once(':').map(|(scheme, _)| scheme);
    if scheme.is_some_and(|scheme| scheme.len() > 1 && !scheme.contains('/')) {
        return Uri::from_str(path).ok();
    }
    let root = if on_drive(path) { "/" } else { "" };
    Uri::from_str(&format!("file://{root}{}", encoded(path))).ok()
}

/// The folder of a path: all before its last `/`.
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// `C:/…`
fn on_drive(path: &str) -> bool {
    let mut chars = path.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':')
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let code = code.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// All but what RFC 3986 leaves unreserved, slashes and the colon of a drive is percent-encoded.
fn encoded(path: &str) -> String {
    let mut made = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b':' => {
                made.push(byte.into())
            }
            other => made += &format!("%{other:02X}"),
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_its_address_are_each_others_inverse() {
        for known in ["/srv/a b/ü#1.kdl", "C:/pipes/pipeline.kdl", "untitled:Untitled-1"] {
            let address = uri(known);
            assert_eq!(address.as_ref().map(path).as_deref(), Some(known), "{address:?}");
        }
        let drive = Uri::from_str("file:///c%3A/pipes/a.kdl").ok();
        assert_eq!(drive.as_ref().map(path).as_deref(), Some("c:/pipes/a.kdl"));
    }
}
