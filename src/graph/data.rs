//! Data sets: what exists before a run, and what steps write.

use serde::Serialize;

use super::model::{Overlay, PipelineId, StepId};
use super::residency::Inherited;
use super::serving::Traffic;
use super::site::SiteRef;
use super::value::Text;
use crate::catalog::Place;
use crate::quantity::{Bytes, Percent, Seconds};
use crate::source::{Span, Spanned};

/// A data set of a pipeline.
#[derive(Clone, Debug, Serialize)]
pub struct DataSet {
    /// The pipeline that declares or writes it.
    pub pipeline: PipelineId,
    /// Its name.
    pub name: Spanned<String>,
    /// Earlier name, after a rename.
    pub was: Option<String>,
    /// One line for humans.
    pub description: Option<String>,
    /// Where it is kept.
    pub store: Store,
    /// Where it is, when it exists before the run or is published there; several are copies.
    pub at: Vec<Location>,
    /// Steps that write it; several are alternatives of which at most one runs.
    pub writers: Vec<StepId>,
    /// Size of one version, as declared (of one item, if written in a fan-out).
    pub size: Option<Spanned<Bytes>>,
    /// Rows, as declared.
    pub rows: Option<u64>,
    /// Columns, as declared.
    pub columns: Option<u64>,
    /// Growth per month.
    pub growth: Percent,
    /// `parquet`, `csv`, …: for prediction.
    pub format: Option<String>,
    /// Independent parts.
    pub partitions: Option<Partitions>,
    /// `keep`: older versions are deleted after this.
    pub keep: Option<Seconds>,
    /// Number of versions kept.
    pub versions: Option<u64>,
    /// Load of a stream.
    pub traffic: Option<Traffic>,
    /// Residency as written here (not what is inherited).
    pub residency: Option<Spanned<Vec<Place>>>,
    /// Sensitivity as written here.
    pub sensitivity: Option<Spanned<Sensitivity>>,
    /// Where it may be and how sensitive it is, with what it inherits.
    pub inherited: Inherited,
    /// Patches.
    pub overlays: Vec<Overlay>,
    /// The node that declares it.
    #[serde(skip)]
    pub span: Span,
}

/// Where a data set is.
#[derive(Clone, Debug, Serialize)]
pub struct Location {
    /// The site.
    pub site: Spanned<SiteRef>,
    /// Its address; references to parameters and `run` only, never in the bucket or host.
    pub uri: Option<Spanned<Text>>,
}

/// Independent parts of a data set.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Partitions {
    /// So many.
    Count(u64),
    /// One per value of this key: `day`, …
    By(String),
}

/// What kind of store holds a data set.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Store {
    /// Object storage.
    Bucket,
    /// Analytical tables.
    Warehouse,
    /// A relational database.
    Sql,
    /// A key-value or document database.
    Nosql,
    /// In memory.
    Cache,
    /// A vector index.
    Vector,
    /// A log of events.
    Stream,
    /// A shared file system.
    Disk,
}

impl Store {
    /// All, in the order of the language reference.
    pub const ALL: [Store; 8] = [
        Store::Bucket,
        Store::Warehouse,
        Store::Sql,
        Store::Nosql,
        Store::Cache,
        Store::Vector,
        Store::Stream,
        Store::Disk,
    ];

    /// The word of the language.
    pub fn word(self) -> &'static str {
        match self {
            Store::Bucket => "bucket",
            Store::Warehouse => "warehouse",
            Store::Sql => "sql",
            Store::Nosql => "nosql",
            Store::Cache => "cache",
            Store::Vector => "vector",
            Store::Stream => "stream",
            Store::Disk => "disk",
        }
    }
}

/// How sensitive data is, from least to most restrictive handling.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sensitivity {
    /// Anybody may see it.
    Public,
    /// For the company.
    Internal,
    /// For those who need it.
    Confidential,
    /// Personal data.
    Pii,
    /// Health data.
    Phi,
    /// Payment card data.
    Pci,
}

impl Sensitivity {
    /// All, in order.
    pub const ALL: [Sensitivity; 6] = [
        Sensitivity::Public,
        Sensitivity::Internal,
        Sensitivity::Confidential,
        Sensitivity::Pii,
        Sensitivity::Phi,
        Sensitivity::Pci,
    ];

    /// The word of the language.
    pub fn word(self) -> &'static str {
        match self {
            Sensitivity::Public => "public",
            Sensitivity::Internal => "internal",
            Sensitivity::Confidential => "confidential",
            Sensitivity::Pii => "pii",
            Sensitivity::Phi => "phi",
            Sensitivity::Pci => "pci",
        }
    }
}
