//! One row of an overlay, in either form.

use csv::StringRecord;

use super::form::Form;
use crate::catalog::Catalog;
use crate::catalog::basis::{AsOf, Basis, Evidence};
use crate::catalog::machine::{Accelerator, Architecture, Machine};
use crate::catalog::provider::Provider;
use crate::quantity::{Bytes, Cores, MicroUsd};

/// No machine is sold for more dollars an hour; who needs this bound raised has made a mistake by a factor of 1000.
const DEAREST: f64 = 10_000.0;
const MOST_CORES: f64 = 100_000.0;
const MOST_GIB: f64 = 1e6;
const MOST_ACCELERATORS: f64 = 10_000.0;

/// A machine in a region and its prices, checked.
pub(super) struct Row {
    pub region: String,
    pub machine: Machine,
    pub on_demand: Option<MicroUsd>,
    pub spot: Option<MicroUsd>,
    pub basis: Basis,
}

impl Form {
    /// Reads one record; none if it prices a bare accelerator.
    pub fn row(&self, catalog: &Catalog, record: &StringRecord) -> Result<Option<Row>, Vec<String>> {
        let (cells, columns) = (record.len(), self.header.len());
        if cells != columns {
            let message = format!("this row has {cells} cells, the header has {columns}");
            return Err(vec![message]);
        }
        let cells = Cells { form: self, record };
        match cells.text(self.names.machine) {
            "" if self.skypilot => Ok(None),
            "" => Err(vec![format!("`{}` is empty", self.names.machine)]),
            name => cells.row(catalog, name).map(Some),
        }
    }
}

/// The cells of one record, by column name.
struct Cells<'r> {
    form: &'r Form,
    record: &'r StringRecord,
}

impl<'r> Cells<'r> {
    /// The row, or everything that is wrong with it.
    fn row(&self, catalog: &Catalog, name: &str) -> Result<Row, Vec<String>> {
        let names = self.form.names;
        let provider = self.provider(catalog).map_err(|message| vec![message])?;
        let machine = self.machine(catalog, provider, name);
        match (self.price(names.on_demand), self.price(names.spot), machine) {
            (Ok(None), Ok(None), Ok(_)) => Err(vec![format!("`{name}` has no price")]),
            (Ok(on_demand), Ok(spot), Ok(machine)) => Ok(Row {
                region: self.text(names.region).to_owned(),
                machine,
                on_demand,
                spot,
                basis: Basis {
                    evidence: Evidence::Own,
                    as_of: AsOf::at_end_of(self.text(names.basis)),
                },
            }),
            (on_demand, spot, machine) => {
                let errors = [on_demand.err(), spot.err(), machine.err()];
                Err(errors.into_iter().flatten().collect())
            }
        }
    }

    /// A cell, or nothing if there is no such column.
    fn text(&self, column: &str) -> &'r str {
        let at = self.form.header.iter().position(|name| name == column);
        at.and_then(|at| self.record.get(at)).unwrap_or_default()
    }

    /// A number above 0 and at most `most`; none if the cell is empty.
    fn number(&self, column: &str, most: f64) -> Result<Option<f64>, String> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        // `NaN` and `inf` parse as floats, but compare as outside of every range.
        match text.parse::<f64>() {
            Ok(value) if value > 0.0 && value <= most => Ok(Some(value)),
            Ok(_) => Err(format!(
                "`{column}` is {text}; it must be more than 0 and at most {most}"
            )),
            Err(_) => Err(format!("`{column}` is `{text}`, which is no number")),
        }
    }

    fn price(&self, column: &str) -> Result<Option<MicroUsd>, String> {
        let price = self.number(column, DEAREST)?.map(MicroUsd::usd);
        match price {
            Some(MicroUsd::ZERO) => Err(format!(
                "`{column}` is {}, less than a micro-dollar",
                self.text(column)
            )),
            price => Ok(price),
        }
    }

    /// The cloud, as said or else the one that has such a region; region names of the three do not overlap.
    fn provider(&self, catalog: &Catalog) -> Result<Provider, String> {
        let (cloud, region) = (
            self.text(self.form.names.cloud),
            self.text(self.form.names.region),
        );
        let said = match cloud {
            "" => None,
            cloud => Some(
                Provider::parse(&cloud.to_ascii_lowercase())
                    .ok_or_else(|| format!("`{cloud}` is no cloud of the catalogue"))?,
            ),
        };
        let mut candidates = Provider::ALL
            .into_iter()
            .filter(|provider| said.is_none_or(|said| said == *provider));
        candidates
            .find(|provider| catalog.region(*provider, region).is_some())
            .ok_or_else(|| match said {
                Some(provider) => format!("{provider} has no region `{region}` in the catalogue"),
                None => format!("no cloud has a region `{region}` in the catalogue"),
            })
    }

    /// The machine as the row describes it, filled up from the catalogue.
    fn machine(&self, catalog: &Catalog, provider: Provider, name: &str) -> Result<Machine, String> {
        let names = self.form.names;
        let known = catalog.machine(provider, name);
        let unknown = |column| format!("`{name}` is not in the catalogue, so its row needs `{column}`");
        let cores = self
            .number(names.cores, MOST_CORES)?
            .map(Cores)
            .or(known.map(|machine| machine.cores));
        let memory = self
            .number(names.memory, MOST_GIB)?
            .map(Bytes::gib)
            .or(known.map(|machine| machine.memory));
        Ok(Machine {
            provider,
            name: name.to_owned(),
            cores: cores.ok_or_else(|| unknown(names.cores))?,
            memory: memory.ok_or_else(|| unknown(names.memory))?,
            accelerator: self.accelerator(catalog, known)?,
            architecture: self
                .architecture(known)
                .unwrap_or_else(|| Architecture::of(provider, name)),
        })
    }

    fn accelerator(&self, catalog: &Catalog, known: Option<&Machine>) -> Result<Option<Accelerator>, String> {
        let names = self.form.names;
        let model = self.text(names.accelerator);
        let known = known.and_then(|machine| machine.accelerator.clone());
        if model.is_empty() {
            return Ok(known);
        }
        let same = known.filter(|accelerator| accelerator.model == model);
        let memory = match self.form.skypilot {
            true => self.gpu_info(),
            false => self.number(names.accelerator_memory, MOST_GIB)?.map(Bytes::gib),
        };
        let memory = memory
            .or(same.as_ref().map(|accelerator| accelerator.memory))
            .or(catalog.accelerator(model).map(|facts| facts.memory))
            .ok_or_else(|| {
                format!(
                    "the memory of `{model}` is not known: give `{}`",
                    names.accelerator_memory
                )
            })?;
        let count = self
            .number(names.count, MOST_ACCELERATORS)?
            .or(same.map(|accelerator| accelerator.count));
        Ok(Some(Accelerator {
            model: model.to_owned(),
            count: count.unwrap_or(1.0),
            memory,
        }))
    }

    /// Memory of a device in SkyPilot's `GpuInfo`, a Python dictionary with `'MemoryInfo': {'SizeInMiB': 81920}`.
    fn gpu_info(&self) -> Option<Bytes> {
        let (_, after) = self
            .text(self.form.names.accelerator_memory)
            .split_once("SizeInMiB")?;
        let digits = after.trim_start_matches(['\'', '"', ':', ' ']);
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let mebibytes: f64 = digits.get(..end)?.parse().ok()?;
        (mebibytes > 0.0 && mebibytes <= MOST_GIB * 1024.0).then(|| Bytes::gib(mebibytes / 1024.0))
    }

    fn architecture(&self, known: Option<&Machine>) -> Option<Architecture> {
        match self.text(self.form.names.architecture) {
            "arm64" | "aarch64" => Some(Architecture::Arm64),
            "amd64" | "x86_64" => Some(Architecture::Amd64),
            _ => known.map(|machine| machine.architecture),
        }
    }
}
