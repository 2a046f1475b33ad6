//! Where Terraform keeps its state: a bucket that exists, named in a file beside the configuration.
//!
//! The kind of backend follows the address, not the site's cloud. The configuration itself only names the kind
//! (partial configuration), so that no root depends on where its state is.

use serde::Serialize;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::State;
use crate::render::hcl::Expression;

/// One backend.
#[derive(Serialize)]
pub struct Backend {
    /// Terraform's word for it.
    pub kind: &'static str,
    /// The file that configures it.
    pub file: String,
    /// What stands in that file.
    pub settings: Vec<Setting>,
}

/// `key = value`
#[derive(Serialize)]
pub struct Setting {
    key: &'static str,
    value: Expression,
}

/// The backend of the root called `cluster`.
pub fn backend(state: &State, cluster: &str, out: &mut Diagnostics) -> Option<Backend> {
    let uri = state.uri.value.as_str();
    let (scheme, rest) = uri.split_once("://").unwrap_or(("", uri));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let path = path.trim_matches('/');
    let (kind, settings) = match scheme {
        "s3" => (
            "s3",
            s3(
                host,
                &joined(path, &format!("{cluster}.tfstate")),
                state.region.as_deref(),
            ),
        ),
        "gs" => (
            "gcs",
            vec![text("bucket", host), text("prefix", &joined(path, cluster))],
        ),
        "azurerm" => {
            let (container, path) = path.split_once('/').unwrap_or((path, ""));
            (
                "azurerm",
                azure(host, container, &joined(path, &format!("{cluster}.tfstate"))),
            )
        }
        _ => {
            let message = format!("no Terraform backend is known for `{uri}`");
            let found = Diagnostic::new(Code::ValueUri, state.uri.span, "not a bucket for state", message);
            out.push(
                found.help(
                    "write `s3://bucket/path`, `gs://bucket/path` or `azurerm://account/container/path`",
                ),
            );
            return None;
        }
    };
    Some(Backend {
        kind,
        file: format!("state.{kind}.tfbackend"),
        settings,
    })
}

fn s3(bucket: &str, key: &str, region: Option<&str>) -> Vec<Setting> {
    let mut settings = vec![text("bucket", bucket), text("key", key)];
    settings.extend(region.map(|region| text("region", region)));
    settings.push(truth("encrypt"));
    settings.push(truth("use_lockfile"));
    settings
}

fn azure(account: &str, container: &str, key: &str) -> Vec<Setting> {
    vec![
        text("storage_account_name", account),
        text("container_name", container),
        text("key", key),
        truth("use_azuread_auth"),
    ]
}

fn joined(path: &str, file: &str) -> String {
    if path.is_empty() {
        file.to_owned()
    } else {
        format!("{path}/{file}")
    }
}

fn text(key: &'static str, value: &str) -> Setting {
    Setting {
        key,
        value: Expression::text(value),
    }
}

fn truth(key: &'static str) -> Setting {
    Setting {
        key,
        value: Expression::reference("true"),
    }
}
