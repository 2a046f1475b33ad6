//! A user's own prices, on top of those that are compiled in.
//!
//! Two forms of CSV are read, told apart by their header. Ours: `cloud, region, instance_type, vcpus, memory_gib,
//! accelerator_name, accelerator_count, gpu_memory_gib, price_usd_per_hour, spot_price_usd_per_hour, price_basis`.
//! SkyPilot's: `InstanceType, vCPUs, MemoryGiB, AcceleratorName, AcceleratorCount, GpuInfo, Region, AvailabilityZone,
//! Price, SpotPrice, Arch`, and if it has one, `Cloud`. Columns may stand in any order; those of a machine's shape may
//! be left out or empty for machines the catalogue knows.

mod form;
mod row;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use self::form::Form;
use self::row::Row;
use super::Catalog;
use super::offer::{Price, Prices};
use super::provider::Provider;

/// What an overlay changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Applied {
    /// Prices that now hold.
    pub prices: usize,
    /// Rows of SkyPilot's form that price a bare accelerator, which nobody can rent.
    pub skipped: usize,
}

/// A mistake in an overlay.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct OverlayError {
    /// Line of the file, from 1.
    pub line: u64,
    /// What is wrong there.
    pub message: String,
}

impl Catalog {
    /// Lays the prices of `text` (CSV) over the catalogue. A row's prices replace those of the same cloud, region and
    /// machine; an empty cell leaves the price as it is; a shape replaces the machine's shape everywhere.
    ///
    /// # Errors
    /// Every distinct mistake at the first line it is on. Then nothing of the overlay holds.
    pub fn overlay(&mut self, text: &str) -> Result<Applied, Vec<OverlayError>> {
        let (rows, skipped) = read(self, text)?;
        let mut prices = 0;
        for row in rows {
            let Some(cloud) = self.clouds.get_mut(&row.machine.provider) else {
                continue;
            };
            let own = row.prices();
            prices += usize::from(own.on_demand.is_some()) + usize::from(own.spot.is_some());
            let known = cloud
                .own
                .entry(row.region)
                .or_default()
                .entry(row.machine.name.clone())
                .or_default();
            *known = known.updated(own);
            cloud.machines.insert(row.machine.name.clone(), row.machine);
        }
        self.overlays.push(text.to_owned());
        Ok(Applied { prices, skipped })
    }
}

impl Row {
    fn prices(&self) -> Prices {
        let price = |hourly| Price {
            hourly,
            basis: self.basis,
        };
        Prices {
            on_demand: self.on_demand.map(price),
            spot: self.spot.map(price),
            interruption: None,
        }
    }
}

/// All rows, those of SkyPilot's zones merged, and how many were skipped.
fn read(catalog: &Catalog, text: &str) -> Result<(Vec<Row>, usize), Vec<OverlayError>> {
    // Spreadsheets write a byte-order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let form = reader
        .headers()
        .map_err(|error| vec![csv_error(&error)])
        .and_then(|header| Form::of(header).map_err(|message| vec![OverlayError { line: 1, message }]))?;
    let (mut rows, mut errors, mut skipped) = (Rows::default(), Errors::default(), 0);
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                errors.push(csv_error(&error));
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        match form
            .row(catalog, &record)
            .and_then(|row| row.map_or(Ok(false), |row| rows.add(row, form.has_zones())))
        {
            Ok(true) => {}
            Ok(false) => skipped += 1,
            Err(messages) => messages
                .into_iter()
                .for_each(|message| errors.push(OverlayError { line, message })),
        }
    }
    errors.none().map(|()| (rows.0.into_values().collect(), skipped))
}

fn csv_error(error: &csv::Error) -> OverlayError {
    OverlayError {
        line: error.position().map_or(1, csv::Position::line),
        message: error.to_string(),
    }
}

/// Rows by cloud, region and machine.
#[derive(Default)]
struct Rows(BTreeMap<(Provider, String, String), Row>);

impl Rows {
    /// Adds a row; zones of a region are merged to their cheapest prices, other repetitions are mistakes.
    fn add(&mut self, row: Row, zones: bool) -> Result<bool, Vec<String>> {
        let key = (row.machine.provider, row.region.clone(), row.machine.name.clone());
        let Some(earlier) = self.0.get_mut(&key) else {
            self.0.insert(key, row);
            return Ok(true);
        };
        if !zones {
            return Err(vec![format!(
                "`{}` in `{}` has a row already",
                row.machine.name, row.region
            )]);
        }
        let cheapest = |a: Option<_>, b: Option<_>| a.into_iter().chain(b).min();
        earlier.on_demand = cheapest(earlier.on_demand, row.on_demand);
        earlier.spot = cheapest(earlier.spot, row.spot);
        Ok(true)
    }
}

/// Mistakes, each message once.
#[derive(Default)]
struct Errors {
    list: Vec<OverlayError>,
    seen: BTreeSet<String>,
}

impl Errors {
    fn push(&mut self, error: OverlayError) {
        if self.seen.insert(error.message.clone()) {
            self.list.push(error);
        }
    }

    fn none(self) -> Result<(), Vec<OverlayError>> {
        if self.list.is_empty() {
            Ok(())
        } else {
            Err(self.list)
        }
    }
}

#[cfg(test)]
mod tests;
