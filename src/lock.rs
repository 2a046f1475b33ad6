//! `portolan.lock`: what a compilation decided, so that the next one decides the same.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::Catalog;
use crate::history::{Learned, LearnedSize};
use crate::lower::{Artifact, Images};
use crate::place::{Placements, Plan};
use crate::profile::{Basis, Estimate, ProfiledGraph};
use crate::quantity::Bytes;
use crate::render;

/// Version of the file's form.
pub const VERSION: u32 = 1;

/// The lock file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Lock {
    /// Version of this form.
    pub version: u32,
    /// Digest of the catalogue, with the platform's own prices, that placements rest on.
    pub catalog: String,
    /// What each step was predicted to need, by `pipeline/step`.
    pub profiles: BTreeMap<String, Needs>,
    /// Sizes of data sets that were learned from the past, by `pipeline/data`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sizes: BTreeMap<String, LearnedSize>,
    /// Where each step runs, by `pipeline/step`.
    pub placements: Placements,
    /// Terraform addresses that exist, by site.
    pub addresses: BTreeMap<String, Vec<String>>,
    /// Digests of images, by reference as written.
    pub images: Images,
}

/// A step's predicted needs: what is bought.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Needs {
    /// Cores at p95, in thousandths.
    pub millicores: u64,
    /// Memory at p50 and p95, in bytes.
    pub memory: [u64; 2],
    /// Accelerators of one machine.
    pub accelerators: u64,
    /// Run time at p50 and p95 where it was placed, in seconds.
    pub run_time: [u64; 2],
    /// What was learned from past runs; it holds until `profile --update`, or until the step's input changes in size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learned: Option<Learned>,
}

impl Lock {
    /// What to remember of a compilation.
    pub fn of(plan: &Plan<'_>, catalog: &Catalog, images: Images, artifacts: &[Artifact]) -> Lock {
        let graph = plan.profiled.graph;
        let needs = plan.assignments.iter().map(|assignment| {
            let profile = &plan.profiled[assignment.step];
            let step = &graph[assignment.step];
            let key = format!("{}/{}", graph[step.pipeline].name.value, step.name.value);
            let bytes = |memory: &Estimate<Bytes>| [memory.p50.0, memory.p95.0];
            let needs = Needs {
                millicores: (profile.cores.p95.0 * 1000.0).round() as u64,
                memory: bytes(&profile.memory),
                accelerators: profile.accelerators.as_ref().map_or(0, |need| need.count.p95),
                run_time: [
                    assignment.duration.0.round() as u64,
                    assignment.duration_p95.0.round() as u64,
                ],
                learned: profile.learned.clone(),
            };
            (key, needs)
        });
        Lock {
            version: VERSION,
            catalog: catalog.digest(),
            profiles: needs.collect(),
            sizes: sizes(&plan.profiled),
            placements: Placements::of(plan),
            addresses: addresses(artifacts),
            images,
        }
    }

    /// What is pinned of past runs, by `pipeline/step`.
    pub fn learned(&self) -> BTreeMap<String, Learned> {
        let pins = self.profiles.iter();
        pins.filter_map(|(step, needs)| Some((step.clone(), needs.learned.clone()?)))
            .collect()
    }

    /// Takes over what was learned anew of steps and data sets; the rest stays until the next compilation.
    pub fn learn(&mut self, profiled: &ProfiledGraph<'_>) {
        let graph = profiled.graph;
        for profile in &profiled.steps {
            let step = &graph[profile.step];
            let key = format!("{}/{}", graph[step.pipeline].name.value, step.name.value);
            if let Some(needs) = self.profiles.get_mut(&key) {
                needs.learned = profile.learned.clone();
            }
        }
        self.sizes = sizes(profiled);
    }

    /// The file's text.
    pub fn text(&self) -> String {
        render::json(self)
    }

    /// Reads a lock file.
    ///
    /// # Errors
    /// Says why the text is not a lock file of this version.
    pub fn read(text: &str) -> Result<Lock, String> {
        let lock: Lock = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if lock.version == VERSION {
            Ok(lock)
        } else {
            Err(format!(
                "it is of version {}, and this program reads version {VERSION}",
                lock.version
            ))
        }
    }
}

/// Sizes that rest on the past, by `pipeline/data`.
fn sizes(profiled: &ProfiledGraph<'_>) -> BTreeMap<String, LearnedSize> {
    let graph = profiled.graph;
    let learned = graph.data.iter().zip(&profiled.data).filter_map(|(data, size)| {
        let Basis::History { runs } = size.basis else {
            return None;
        };
        let key = format!("{}/{}", graph[data.pipeline].name.value, data.name.value);
        let size = LearnedSize {
            samples: runs,
            p50: size.p50.0,
            p95: size.p95.0,
        };
        Some((key, size))
    });
    learned.collect()
}

/// `resource "TYPE" "NAME"` lines of the Terraform files: our own output, so their form is known.
fn addresses(artifacts: &[Artifact]) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for artifact in artifacts {
        let Some(site) = artifact
            .path
            .strip_prefix("terraform/")
            .and_then(|rest| rest.split('/').next())
        else {
            continue;
        };
        for line in artifact.text.lines() {
            let Some(rest) = line.strip_prefix("resource \"") else {
                continue;
            };
            let mut parts = rest.split('"');
            if let (Some(ty), Some(_), Some(name)) = (parts.next(), parts.next(), parts.next()) {
                found
                    .entry(site.to_owned())
                    .or_default()
                    .push(format!("{ty}.{name}"));
            }
        }
    }
    found.values_mut().for_each(|addresses| addresses.sort());
    found
}
