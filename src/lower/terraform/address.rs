//! Addresses of objects in the three clouds' object stores.

use crate::catalog::Provider;
use crate::graph::{Piece, Text};

/// Objects under one path of one bucket.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Address {
    /// Whose object store.
    pub provider: Provider,
    /// Azure storage account; empty elsewhere.
    pub account: String,
    /// Bucket or container.
    pub bucket: String,
    /// Path without slashes at its ends; empty: all objects. A `*` stands for any text.
    pub path: String,
}

impl Address {
    /// `s3://bucket/path`, `gs://bucket/path`, `abfss://container@account.dfs.core.windows.net/path` or
    /// `https://account.blob.core.windows.net/container/path`.
    pub fn parse(uri: &str) -> Option<Address> {
        let (scheme, rest) = uri.split_once("://")?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (provider, account, bucket, path) = match scheme {
            "s3" | "s3a" => (Provider::Aws, "", host, path),
            "gs" => (Provider::Gcp, "", host, path),
            "abfs" | "abfss" | "wasbs" => {
                let (container, domain) = host.split_once('@')?;
                (Provider::Azure, first_label(domain), container, path)
            }
            "https" if host.ends_with(".blob.core.windows.net") => {
                let (container, path) = path.split_once('/').unwrap_or((path, ""));
                (Provider::Azure, first_label(host), container, path)
            }
            _ => return None,
        };
        (!bucket.is_empty()).then(|| Address {
            provider,
            account: account.to_owned(),
            bucket: bucket.to_owned(),
            path: path.trim_matches('/').to_owned(),
        })
    }

    /// The address that a text with references stands for: what they refer to may be anything.
    pub fn of_text(uri: &Text) -> Option<Address> {
        let pieces = uri.0.iter().map(|piece| match piece {
            Piece::Literal(text) => text.as_str(),
            Piece::Reference(_) => "*",
        });
        Address::parse(&pieces.collect::<String>())
    }

    /// The same bucket, further down.
    pub fn below(&self, path: &str) -> Address {
        let path = [self.path.as_str(), path.trim_matches('/')];
        let path: Vec<&str> = path.into_iter().filter(|part| !part.is_empty()).collect();
        Address {
            path: path.join("/"),
            ..self.clone()
        }
    }

    /// True if both lie in one bucket.
    pub fn shares_bucket(&self, other: &Address) -> bool {
        (self.provider, &self.account, &self.bucket) == (other.provider, &other.account, &other.bucket)
    }

    /// The pattern that prefixes of listings must match: from the first `*` on, anything goes.
    pub fn listing(&self) -> String {
        match self.path.split_once('*') {
            Some((before, _)) => format!("{before}*"),
            None if self.path.is_empty() => "*".to_owned(),
            None => format!("{}/*", self.path),
        }
    }
}

fn first_label(domain: &str) -> &str {
    domain.split('.').next().unwrap_or_default()
}
