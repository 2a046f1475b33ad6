//! What a step runs, and what it is given besides data.

use serde::Serialize;

use super::serving::Runtime;
use super::value::Text;
use crate::quantity::Bytes;
use crate::source::Spanned;

/// What runs.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Program {
    /// A container image that exists.
    Image(Spanned<String>),
    /// An image built from the repository.
    Build(Build),
    /// A stock serving runtime's own image.
    Stock(Spanned<Runtime>),
}

/// How an image is built.
#[derive(Clone, Debug, Serialize)]
pub struct Build {
    /// Folder in the repository.
    pub source: Spanned<String>,
    /// Base image.
    pub base: Spanned<String>,
    /// Requirements file, relative to the source folder.
    pub requirements: Option<Spanned<String>>,
    /// The author's own Dockerfile, relative to the source folder.
    pub dockerfile: Option<Spanned<String>>,
    /// System packages.
    pub apt: Vec<Spanned<String>>,
}

/// A script instead of a command; never substituted.
#[derive(Clone, Debug, Serialize)]
pub struct Script {
    /// The text.
    pub text: Spanned<String>,
    /// The shell.
    pub shell: String,
}

/// An environment variable.
#[derive(Clone, Debug, Serialize)]
pub struct EnvVar {
    /// Its name.
    pub name: Spanned<String>,
    /// Where its value comes from.
    pub value: EnvValue,
}

/// Where the value of an environment variable comes from.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnvValue {
    /// A text.
    Text(Text),
    /// A key of a secret.
    Secret(SecretKey),
}

/// A key of a secret: only ever a reference.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct SecretKey {
    /// The secret.
    pub name: String,
    /// Its key.
    pub key: String,
}

/// All keys of a secret as files.
#[derive(Clone, Debug, Serialize)]
pub struct SecretMount {
    /// The secret.
    pub name: Spanned<String>,
    /// Absolute path in the container.
    pub mount: Spanned<String>,
}

/// A small file from the repository.
#[derive(Clone, Debug, Serialize)]
pub struct FileMount {
    /// Path relative to the file that names it.
    pub path: Spanned<String>,
    /// Absolute path in the container.
    pub mount: Spanned<String>,
    /// Its content, if it could be read.
    pub text: Option<String>,
}

/// Scratch space, gone when the step ends.
#[derive(Clone, Debug, Serialize)]
pub struct Volume {
    /// Its name.
    pub name: Spanned<String>,
    /// Its size.
    pub size: Bytes,
    /// Absolute path in the container.
    pub mount: Spanned<String>,
    /// In memory rather than on disk.
    pub memory: bool,
}
