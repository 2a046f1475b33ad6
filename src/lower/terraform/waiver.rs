//! Findings of security scanners that are accepted, each with its reason, beside the resource they are about.

use std::collections::BTreeMap;

use serde::Serialize;

use super::stack::Stack;
use crate::catalog::Provider;
use crate::render::hcl;

/// One accepted finding.
#[derive(Serialize)]
pub struct Waiver {
    rule: String,
    /// Printed in a comment: on one line.
    reason: String,
}

/// Rule, the resource it is about, and why it is accepted; `None`: only if the platform waives it. What is open to
/// networks that a variable names is closed unless the variable is given, so it is no finding until then.
type Row = (&'static str, &'static str, Option<&'static str>);

const AWS: &[Row] = &[
    (
        "CKV_AWS_144",
        "bucket",
        Some("A second region would break residency; runs can be repeated."),
    ),
    ("CKV_AWS_18", "bucket", None),
    ("CKV_AWS_38", "cluster", None),
    ("CKV_AWS_39", "cluster", None),
];
const GCP: &[Row] = &[("CKV_GCP_62", "bucket", None), ("CKV_GCP_65", "cluster", None)];
const AZURE: &[Row] = &[
    (
        "CKV_AZURE_33",
        "account",
        Some("There are no queues in this account."),
    ),
    (
        "CKV_AZURE_206",
        "account",
        Some("A second region would break residency; zones are redundant."),
    ),
    ("CKV_AZURE_59", "account", None),
    ("CKV_AZURE_115", "cluster", None),
    (
        "CKV2_AZURE_21",
        "container",
        Some("Reads are logged by the diagnostic setting of the blob service."),
    ),
    (
        "CKV2_AZURE_38",
        "files",
        Some("It holds shares only, and what is deleted of them is kept for a week."),
    ),
    (
        "CKV_AZURE_33",
        "files",
        Some("There are no queues in this account."),
    ),
    (
        "CKV_AZURE_206",
        "files",
        Some("A second region would break residency; zones are redundant."),
    ),
    (
        "CKV_AZURE_136",
        "database",
        Some("A second region would break residency."),
    ),
    (
        "CKV_AZURE_40",
        "key",
        Some("Its rotation policy replaces it before it expires."),
    ),
    (
        "CKV_AZURE_139",
        "registry",
        Some("It is public only to the addresses in var.client_cidrs."),
    ),
    (
        "CKV_AZURE_164",
        "registry",
        Some("Content trust is being retired; images are pinned by digest."),
    ),
    (
        "CKV_AZURE_165",
        "registry",
        Some("Only this region pulls from it."),
    ),
    (
        "CKV_AZURE_189",
        "vault",
        Some("It is public only to the addresses in var.client_cidrs."),
    ),
];

/// The waivers of a stack, by resource.
pub fn waivers(stack: &Stack<'_>) -> BTreeMap<&'static str, Vec<Waiver>> {
    let mut made: BTreeMap<&'static str, Vec<Waiver>> = BTreeMap::new();
    for (rule, resource, reason) in table(stack.provider) {
        let own = stack.platform.waivers.iter().find(|(waived, _)| waived == rule);
        let reason = own.map(|(_, reason)| reason.as_str()).or(*reason);
        let list = made.entry(resource).or_default();
        list.extend(reason.map(|reason| Waiver {
            rule: (*rule).to_owned(),
            reason: hcl::comment(reason),
        }));
    }
    made
}

/// Waivers of the platform about this cloud's resources that the table does not know: rule and reason.
pub fn others(stack: &Stack<'_>) -> Vec<(String, String)> {
    let family = match stack.provider {
        Provider::Aws => "AWS_",
        Provider::Gcp => "GCP_",
        Provider::Azure => "AZURE_",
    };
    let known = |rule: &str| table(stack.provider).iter().any(|(known, _, _)| *known == rule);
    let ours = |rule: &str| {
        let rest = rule.strip_prefix("CKV_").or_else(|| rule.strip_prefix("CKV2_"));
        let number = rest.and_then(|rest| rest.strip_prefix(family));
        number.is_some_and(|number| number.parse::<u32>().is_ok())
    };
    let waivers = stack.platform.waivers.iter();
    waivers
        .filter(|(rule, _)| ours(rule) && !known(rule))
        .cloned()
        .collect()
}

fn table(provider: Provider) -> &'static [Row] {
    match provider {
        Provider::Aws => AWS,
        Provider::Gcp => GCP,
        Provider::Azure => AZURE,
    }
}
