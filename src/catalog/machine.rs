//! Machine types: shapes without a price.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::provider::Provider;
use super::table;
use crate::quantity::{Bytes, Cores};

const MACHINES: &str = include_str!("data/machines.csv");

/// Instruction set of a machine's processor, by the name that Kubernetes and container registries use.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// x86-64.
    Amd64,
    /// 64-bit ARM: Graviton, Cobalt, Ampere, Axion.
    Arm64,
}

impl Architecture {
    /// Both.
    pub const ALL: [Architecture; 2] = [Architecture::Amd64, Architecture::Arm64];

    /// `amd64` or `arm64`.
    pub fn word(self) -> &'static str {
        match self {
            Architecture::Amd64 => "amd64",
            Architecture::Arm64 => "arm64",
        }
    }

    /// Reads `amd64` or `arm64`.
    pub fn parse(word: &str) -> Option<Architecture> {
        Architecture::ALL
            .into_iter()
            .find(|architecture| architecture.word() == word)
    }

    /// By the vendor's naming of families: AWS puts a `g` behind the generation (`m7g`), Azure a `p` behind the size
    /// (`Standard_D4ps_v6`), Google has families of its own (`t2a`, `c4a`, `n4a`).
    pub(super) fn of(provider: Provider, machine: &str) -> Architecture {
        let after_digits = |text: &str, letter: char| {
            let rest = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
            let letters = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            rest.len() > letters.len()
                && letters
                    .chars()
                    .take_while(char::is_ascii_lowercase)
                    .any(|c| c == letter)
        };
        let arm = match provider {
            Provider::Aws => machine
                .split('.')
                .next()
                .is_some_and(|family| after_digits(family, 'g')),
            Provider::Azure => after_digits(machine.trim_start_matches("Standard_"), 'p'),
            Provider::Gcp => matches!(machine.split('-').next(), Some("t2a" | "c4a" | "n4a")),
        };
        if arm {
            Architecture::Arm64
        } else {
            Architecture::Amd64
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// The accelerators in one machine.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Accelerator {
    /// As its maker spells it: `H100`, `A100-80GB`, `Trainium`.
    pub model: String,
    /// How many. Below one it is a share of a device (Azure sells sixths of an A10), with that share of its memory.
    pub count: f64,
    /// Memory of one whole device.
    pub memory: Bytes,
}

/// A machine type of one cloud.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Machine {
    /// Whose it is.
    pub provider: Provider,
    /// The vendor's name: `m7i.8xlarge`. Google's older GPUs are attached to a host: `n1-standard-8+T4x1`.
    pub name: String,
    /// Hardware threads, as clouds sell them.
    pub cores: Cores,
    /// Main memory.
    pub memory: Bytes,
    /// What it accelerates with.
    pub accelerator: Option<Accelerator>,
    /// Its instruction set.
    pub architecture: Architecture,
}

impl Machine {
    /// Whole accelerators of any model; a share counts as none.
    pub fn accelerators(&self) -> u32 {
        self.accelerator
            .as_ref()
            .map_or(0, |accelerator| accelerator.count.floor() as u32)
    }
}

#[derive(Deserialize)]
struct Row {
    cloud: Provider,
    machine: String,
    cores: f64,
    memory_gib: f64,
    accelerator: Option<String>,
    count: Option<f64>,
    accelerator_memory_gib: Option<f64>,
}

/// Every machine type that is compiled in.
pub(super) fn built_in() -> impl Iterator<Item = Machine> {
    table::read(MACHINES).into_iter().map(|row: Row| Machine {
        provider: row.cloud,
        architecture: Architecture::of(row.cloud, &row.machine),
        name: row.machine,
        cores: Cores(row.cores),
        memory: Bytes::gib(row.memory_gib),
        accelerator: row.accelerator.map(|model| Accelerator {
            model,
            count: row.count.unwrap_or(1.0),
            memory: Bytes::gib(row.accelerator_memory_gib.unwrap_or(0.0)),
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_family_tells_the_architecture() {
        let of = |provider, machine| Architecture::of(provider, machine).word();
        for (provider, machine, architecture) in [
            (Provider::Aws, "m7g.large", "arm64"),
            (Provider::Aws, "c6gn.large", "arm64"),
            (Provider::Aws, "g4dn.xlarge", "amd64"),
            (Provider::Aws, "p6-b200.48xlarge", "amd64"),
            (Provider::Azure, "Standard_D16ps_v6", "arm64"),
            (Provider::Azure, "Standard_D16s_v6", "amd64"),
            (Provider::Azure, "Standard_NC24ads_A100_v4", "amd64"),
            (Provider::Gcp, "c4a-standard-4", "arm64"),
            (Provider::Gcp, "c4-standard-4", "amd64"),
        ] {
            assert_eq!(of(provider, machine), architecture, "{machine}");
        }
    }
}
