//! What exists already and is used instead of being made.

use super::Context;
use super::platform::address;
use crate::catalog::Provider;
use crate::diag::{Code, Diagnostic};
use crate::graph::model::Adopted;
use crate::source::Spanned;
use crate::syntax::Node;

/// What a node of the platform, of a region of `provider` or of a cluster names as existing.
pub(super) fn adopted(node: &Node, provider: Option<Provider>, context: &mut Context<'_, '_>) -> Adopted {
    let network = node.child("network");
    Adopted {
        network: network.and_then(address),
        subnets: network
            .into_iter()
            .flat_map(|network| network.all("subnet"))
            .filter_map(|subnet| subnet.text("existing"))
            .collect(),
        key: node.child("key").and_then(address),
        bucket: node
            .child("bucket")
            .and_then(address)
            .and_then(|said| bucket(said, provider, context)),
        registry: node.child("registry").and_then(address),
    }
}

/// The bucket's address: in a cloud whose buckets have one name each, the name will do.
fn bucket(
    said: Spanned<String>,
    provider: Option<Provider>,
    context: &mut Context<'_, '_>,
) -> Option<Spanned<String>> {
    let (schemes, form): (&[&str], _) = match provider {
        Some(Provider::Aws) => (&["s3"], "s3://NAME"),
        Some(Provider::Gcp) => (&["gs"], "gs://NAME"),
        Some(Provider::Azure) => (
            &["abfss", "abfs", "wasbs"],
            "abfss://CONTAINER@ACCOUNT.dfs.core.windows.net",
        ),
        None => (&[], "s3://HOST/NAME"),
    };
    let (what, message) = match (said.value.split_once("://"), provider) {
        (Some((scheme, _)), Some(provider)) if !schemes.contains(&scheme) => {
            let message = format!("`{}` is not a bucket of {provider}", said.value);
            ("of another cloud", message)
        }
        (Some(_), _) => return Some(said),
        (None, provider) => {
            let name = said.value.strip_prefix("arn:aws:s3:::").unwrap_or(&said.value);
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            let named = name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(plain);
            match provider {
                Some(Provider::Aws) if named => {
                    return Some(Spanned::new(format!("s3://{name}"), said.span));
                }
                Some(Provider::Gcp) if named => {
                    return Some(Spanned::new(format!("gs://{name}"), said.span));
                }
                Some(_) | None => {
                    let message = format!("`{}` does not say where the bucket is", said.value);
                    ("no address of a bucket", message)
                }
            }
        }
    };
    let found = Diagnostic::new(Code::ValueUri, said.span, what, message);
    context.out.push(found.help(format!("write `{form}`")));
    None
}
