//! `portolan history evaluate --load`: forecasts from many moments of long series, for measuring on them.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use serde::Deserialize;

use crate::cli::load::unpacked;
use crate::forecast::{Series, forecast};
use crate::quantity::Seconds;

/// Series that are nobody's history.
#[derive(Args, Debug)]
#[group(id = "series")]
pub struct Options {
    /// A table of load over time, plain or compressed with gzip, to forecast from the moments in `--origins`
    #[arg(
        long,
        value_name = "CSV",
        required = false,
        requires = "origins",
        conflicts_with = "tasks"
    )]
    load: Utf8PathBuf,
    /// A table of moments to forecast from
    #[arg(long, value_name = "CSV", required = false, requires = "load")]
    origins: Utf8PathBuf,
}

/// A row of the table of load; other columns are passed over.
#[derive(Deserialize)]
struct Row {
    series: String,
    metric: String,
    bin_s: f64,
    t_s: f64,
    value: f64,
}

/// A moment to forecast from: only what came before it is seen.
#[derive(Deserialize)]
struct Origin {
    series: String,
    metric: String,
    origin_index: usize,
    horizon: usize,
}

/// One series as it was read.
#[derive(Default)]
struct Known {
    bin: f64,
    /// Times and values.
    samples: Vec<(f64, f64)>,
}

/// Forecasts as `series,metric,origin_index,step,point,p95`.
///
/// # Errors
/// Says which table is not as it should be, or that an origin is of no series.
pub fn forecasts(options: &Options) -> Result<String, String> {
    let mut known: BTreeMap<(String, String), Known> = BTreeMap::new();
    for row in rows::<Row>(&options.load)? {
        let series = known.entry((row.series, row.metric)).or_default();
        series.bin = row.bin_s;
        series.samples.push((row.t_s, row.value));
    }
    for series in known.values_mut() {
        series.samples.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| error.to_string();
    writer
        .write_record(["series", "metric", "origin_index", "step", "point", "p95"])
        .map_err(failed)?;
    for origin in rows::<Origin>(&options.origins)? {
        let name = (origin.series, origin.metric);
        let missing = || format!("{}: nothing is known of {} {}", options.origins, name.0, name.1);
        let series = known.get(&name).ok_or_else(missing)?;
        let past = series.samples.get(..origin.origin_index).ok_or_else(missing)?;
        let series = Series {
            start: 0.0,
            bin: Seconds(series.bin),
            values: past.iter().map(|(_, value)| *value).collect(),
        };
        let made = forecast(&series, origin.horizon);
        for (step, (point, p95)) in made.point.iter().zip(&made.p95).enumerate() {
            let numbers = [
                origin.origin_index.to_string(),
                step.to_string(),
                point.to_string(),
                p95.to_string(),
            ];
            writer
                .write_record([name.0.clone(), name.1.clone()].iter().chain(&numbers))
                .map_err(failed)?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

fn rows<T: serde::de::DeserializeOwned>(path: &Utf8Path) -> Result<Vec<T>, String> {
    let text = unpacked(path.as_str())?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Result<Vec<T>, csv::Error> = reader.deserialize().collect();
    rows.map_err(|error| format!("{path}: {error}"))
}
