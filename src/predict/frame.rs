//! What is known of a run as numbers.

use std::collections::BTreeMap;

use super::run::Query;

/// Columns of one step's numbers, in the order in which they were first seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    names: Vec<String>,
    machines: Vec<String>,
}

/// One run as numbers.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Features {
    raw: Vec<f64>,
    log: Vec<f64>,
    /// Position of the machine's kind; `None` if it was never seen.
    pub machine: Option<usize>,
}

impl Features {
    /// A column as it was given; zero if the run is older than the column. The first is the input in bytes.
    pub fn raw(&self, column: usize) -> f64 {
        self.raw.get(column).copied().unwrap_or_default()
    }

    /// The inverse hyperbolic sine of a column: a logarithm that allows zero and negative numbers.
    pub fn log(&self, column: usize) -> f64 {
        self.log.get(column).copied().unwrap_or_default()
    }
}

impl Columns {
    /// Takes in the columns that `query` is the first to have.
    pub fn extend(&mut self, query: &Query) {
        for (name, _) in columns(query) {
            if !self.names.iter().any(|known| known == name) {
                self.names.push(name.to_owned());
            }
        }
        if !self.machines.contains(&query.machine) {
            self.machines.push(query.machine.clone());
        }
    }

    /// Number of columns.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Number of kinds of machine.
    pub fn machines(&self) -> usize {
        self.machines.len()
    }

    /// `query` in these columns; what it lacks is zero.
    pub fn features(&self, query: &Query) -> Features {
        let values: BTreeMap<&str, f64> = columns(query).collect();
        let of = |name: &String| values.get(name.as_str()).copied().unwrap_or_default();
        let raw: Vec<f64> = self.names.iter().map(of).collect();
        Features {
            log: raw.iter().map(|value| value.asinh()).collect(),
            raw,
            machine: self.machines.iter().position(|known| *known == query.machine),
        }
    }
}

fn columns(query: &Query) -> impl Iterator<Item = (&str, f64)> {
    let size = |bytes: Option<crate::quantity::Bytes>| bytes.map(|bytes| bytes.as_f64()).unwrap_or_default();
    let fixed = [
        ("input", size(query.input)),
        ("cores", query.cores.map(|cores| cores.0).unwrap_or_default()),
        ("memory request", size(query.memory_request)),
    ];
    let parameters = query.parameters.iter().map(|(name, value)| (name.as_str(), *value));
    fixed.into_iter().chain(parameters)
}
