//! What a format costs: bytes a value takes, how much it swells in memory, how fast a core reads it.

use crate::graph::model::{DataSet, Store};

/// A value in memory: a 64-bit number, as dataframes and Arrow hold it.
pub(super) const BYTES_IN_MEMORY: f64 = 8.0;

/// Columns of a table of which nothing is said. A stated default.
pub(super) const USUAL_COLUMNS: f64 = 50.0;

/// How a data set is encoded, as far as prediction cares.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Format {
    /// Stored bytes of one value of a table.
    pub bytes_per_value: f64,
    /// Bytes in memory of one stored byte.
    pub expansion: f64,
    /// Stored bytes that one core reads and transforms in a second.
    pub per_core: f64,
}

/// Rates of the table are our estimates for one hardware thread that decodes and does some work on what it reads
/// (2026-11); formats differ by more than machines do. Sizes rest on the published example of 1 TB of CSV that takes
/// 130 GB as Parquet (Databricks glossary "Parquet"): 8 B a value in CSV, 1 B; numbers compress worse, hence 3 B.
const fn format(bytes_per_value: f64, expansion: f64, megabytes_per_second: f64) -> Format {
    Format {
        bytes_per_value,
        expansion,
        per_core: megabytes_per_second * 1e6,
    }
}

const COLUMNAR: Format = format(3.0, 3.0, 100.0);
const BINARY_ROWS: Format = format(5.0, 2.0, 80.0);
const DELIMITED: Format = format(8.0, 1.5, 50.0);
const JSON: Format = format(20.0, 2.0, 40.0);
const MEDIA: Format = format(1.0, 10.0, 20.0);
const TENSORS: Format = format(4.0, 1.0, 1000.0);
const DATABASE: Format = format(10.0, 1.0, 20.0);

impl Format {
    /// As declared, else what its store uses.
    pub fn of(data: &DataSet) -> Format {
        match data.format.as_deref() {
            Some("parquet" | "orc" | "arrow" | "feather" | "delta" | "iceberg" | "lance") => COLUMNAR,
            Some("avro" | "tfrecord" | "protobuf" | "npy" | "hdf5") => BINARY_ROWS,
            Some("csv" | "tsv" | "text" | "vcf") => DELIMITED,
            Some("json" | "jsonl" | "ndjson" | "xml") => JSON,
            Some("jpeg" | "jpg" | "png" | "webp" | "mp4" | "wav" | "flac" | "dicom") => MEDIA,
            Some("safetensors" | "onnx" | "gguf" | "pt" | "pickle") => TENSORS,
            Some(_) | None => Format::of_store(data.store),
        }
    }

    /// True if it holds the weights of a model.
    pub fn is_model(self) -> bool {
        self == TENSORS
    }

    fn of_store(store: Store) -> Format {
        match store {
            Store::Bucket | Store::Warehouse | Store::Disk => COLUMNAR,
            Store::Sql | Store::Nosql => DATABASE,
            Store::Cache | Store::Vector => BINARY_ROWS,
            Store::Stream => JSON,
        }
    }
}
