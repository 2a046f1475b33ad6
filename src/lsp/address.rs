//! Addresses of documents and the paths by which sources are known.

use std::str::FromStr as _;

use lsp_types::Uri;
use percent_encoding::percent_decode_str;

use crate::render;

/// The path of a file, with forward slashes; the address itself of what is no file.
pub fn path(uri: &Uri) -> String {
    let Some(encoded) = uri.as_str().strip_prefix("file://") else {
        return uri.as_str().to_owned();
    };
    // A host, as in `file://server/share`, stays part of the path.
    let path = percent_decode_str(encoded).decode_utf8_lossy().into_owned();
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
    Uri::from_str(&format!("file://{root}{}", render::uri::path(path))).ok()
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
