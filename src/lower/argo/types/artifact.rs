//! Files that Argo brings to a pod or takes from it.

use serde::Serialize;

use super::Empty;

#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Artifact {
    pub name: String,
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archive: Option<Archive>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s3: Option<S3>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gcs: Option<Gcs>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub azure: Option<Azure>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Archive {
    pub none: Empty,
}

#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct S3 {
    pub endpoint: String,
    pub bucket: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    pub key: String,
    #[serde(rename = "useSDKCreds")]
    pub use_sdk_creds: bool,
}

#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Gcs {
    pub bucket: String,
    pub key: String,
}

#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Azure {
    pub endpoint: String,
    pub container: String,
    pub blob: String,
    #[serde(rename = "useSDKCreds")]
    pub use_sdk_creds: bool,
}
