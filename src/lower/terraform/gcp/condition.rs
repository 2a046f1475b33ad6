//! Conditions of IAM, in Google's expression language (CEL).

use crate::lower::terraform::address::Address;
use crate::render::hcl::Expression;

/// Alternatives of a condition in Google's CEL: objects below these paths. Listing is a right to the bucket, not to an object.
pub fn condition(bucket: &str, addresses: &[Address]) -> Expression {
    if addresses.iter().any(|address| address.path.is_empty()) {
        return Expression::texts(["true"]);
    }
    let path = |address: &Address| match address.path.split_once('*') {
        // `extract` is empty unless the name has both ends: the run in the middle may be any.
        Some((before, after)) if !after.is_empty() && !after.contains('*') => {
            let template = format!("/objects/{before}{{run}}{after}/");
            format!("resource.name.extract({}) != \"\"", quoted(&template))
        }
        Some((before, _)) => starts(bucket, before),
        None => starts(bucket, &format!("{}/", address.path)),
    };
    let listing = "resource.type != \"storage.googleapis.com/Object\"".to_owned();
    Expression::texts(std::iter::once(listing).chain(addresses.iter().map(path)))
}

fn starts(bucket: &str, path: &str) -> String {
    format!(
        "resource.name.startsWith({})",
        quoted(&format!("projects/_/buckets/{bucket}/objects/{path}"))
    )
}

/// A CEL string.
pub fn quoted(text: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        other => other.to_string(),
    };
    format!("\"{}\"", text.chars().map(escape).collect::<String>())
}
