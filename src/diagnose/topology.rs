//! What stands on what, from `plan.json`: clouds, clusters, pools and steps, and how probably a fault of one makes another
//! alert.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::Calls;

/// A fault makes alert what stands on it with this probability: placement is certain, alerts are not.
const BELOW: f64 = 0.8;

/// A late or wrong output makes the next step alert with this probability, and so on along the DAG.
const NEXT: f64 = 0.6;

/// What has a fault alerts itself with this probability.
const ITSELF: f64 = 0.98;

/// How large a thing is that may fail.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// All clusters of one provider.
    Cloud,
    /// A cluster, which is also all of its site.
    Cluster,
    /// A node pool.
    Pool,
    /// A step.
    Step,
}

impl Level {
    /// Probability that one of these has a fault during a storm; the larger, the rarer.
    pub(super) fn prior(self) -> f64 {
        match self {
            Level::Cloud => 0.0002,
            Level::Cluster => 0.005,
            Level::Pool | Level::Step => 0.01,
        }
    }
}

/// Something that may fail, and may alert.
#[derive(Clone, PartialEq, Debug)]
pub struct Entity {
    /// `aws`, `lab`, `lab/dgx` or `cancer-risk/train`.
    pub name: String,
    /// How large it is.
    pub level: Level,
    /// What alerts when it has a fault, by position, with the probability; itself included.
    pub reaches: BTreeMap<usize, f64>,
}

/// All that a plan knows of.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Topology {
    entities: Vec<Entity>,
    positions: BTreeMap<String, usize>,
    /// Pairs of names: the first rests on the second.
    rests: BTreeSet<(String, String)>,
}

/// The part of `plan.json` that is read.
#[derive(Deserialize)]
struct Plan {
    pipelines: Vec<Pipeline>,
    sites: Vec<Site>,
}

#[derive(Deserialize)]
struct Pipeline {
    name: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    name: String,
    site: String,
    pool: String,
    #[serde(default)]
    after: Vec<String>,
}

#[derive(Deserialize)]
struct Site {
    name: String,
    cluster: String,
    region: Option<(String, String)>,
}

impl Topology {
    /// Reads `plan.json`.
    ///
    /// # Errors
    /// Says where it is not of that form.
    pub fn read(json: &str) -> Result<Topology, serde_json::Error> {
        let plan: Plan = serde_json::from_str(json)?;
        let mut topology = Topology::default();
        let sites: BTreeMap<&str, &Site> = plan.sites.iter().map(|site| (site.name.as_str(), site)).collect();
        for pipeline in &plan.pipelines {
            // Steps come in an order in which they can run, so a step's followers are complete from the last on.
            let mut after: BTreeMap<&str, BTreeMap<usize, f64>> = BTreeMap::new();
            for step in pipeline.steps.iter().rev() {
                let own = topology.add(&format!("{}/{}", pipeline.name, step.name), Level::Step);
                let mut reached = after.remove(step.name.as_str()).unwrap_or_default();
                reached.insert(own, ITSELF);
                for before in &step.after {
                    let name = |step: &str| format!("{}/{step}", pipeline.name);
                    topology.rests.insert((name(&step.name), name(before)));
                    let known = after.entry(before).or_default();
                    for (position, probability) in &reached {
                        // Itself alerts for sure here: only the way counts.
                        let way = if *position == own { 1.0 } else { *probability };
                        raise(known, *position, way * NEXT);
                    }
                }
                topology.stand(own, &reached, step, sites.get(step.site.as_str()).copied());
            }
        }
        Ok(topology)
    }

    /// Puts a step, and what it reaches, on its pool, cluster and cloud.
    fn stand(&mut self, step: usize, reached: &BTreeMap<usize, f64>, placed: &Step, site: Option<&Site>) {
        self.reach(step, reached, 1.0);
        let cluster = site.map_or(placed.site.as_str(), |site| &site.cluster);
        let pool = self.add(&format!("{cluster}/{}", placed.pool), Level::Pool);
        let cluster = self.add(cluster, Level::Cluster);
        let cloud = site.and_then(|site| site.region.as_ref());
        let cloud = cloud.map(|(provider, _)| self.add(provider, Level::Cloud));
        self.rest(&[Some(step), Some(pool), Some(cluster), cloud]);
        for (larger, parts) in [
            (Some(pool), vec![]),
            (Some(cluster), vec![pool]),
            (cloud, vec![pool, cluster]),
        ] {
            let Some(larger) = larger else { continue };
            self.reach(larger, &BTreeMap::from([(larger, ITSELF)]), 1.0);
            self.reach(larger, reached, BELOW);
            self.reach(
                larger,
                &parts.into_iter().map(|part| (part, 1.0)).collect(),
                BELOW,
            );
        }
    }

    /// Each rests on the next.
    fn rest(&mut self, chain: &[Option<usize>]) {
        let names: Vec<String> = chain
            .iter()
            .filter_map(|position| self.entities.get((*position)?))
            .map(|entity| entity.name.clone())
            .collect();
        let pairs = names.iter().cloned().zip(names.iter().skip(1).cloned());
        self.rests.extend(pairs);
    }

    fn add(&mut self, name: &str, level: Level) -> usize {
        if let Some(position) = self.positions.get(name) {
            return *position;
        }
        let position = self.entities.len();
        self.positions.insert(name.to_owned(), position);
        self.entities.push(Entity {
            name: name.to_owned(),
            level,
            reaches: BTreeMap::new(),
        });
        position
    }

    fn reach(&mut self, from: usize, reached: &BTreeMap<usize, f64>, factor: f64) {
        let Some(entity) = self.entities.get_mut(from) else {
            return;
        };
        for (position, probability) in reached {
            raise(&mut entity.reaches, *position, probability * factor);
        }
    }

    /// All that may fail.
    pub fn entities(&self) -> &[Entity] {
        &self.entities
    }

    /// Names of the pipelines, in order.
    pub fn pipelines(&self) -> impl Iterator<Item = &str> {
        let steps = self.entities.iter().filter(|entity| entity.level == Level::Step);
        let pipelines = steps.filter_map(|step| Some(step.name.split_once('/')?.0));
        pipelines.collect::<BTreeSet<&str>>().into_iter()
    }

    /// The same as dependencies: a step rests on those before it and on its pool, which rests on its cluster, which rests
    /// on its cloud.
    pub fn calls(&self) -> Calls {
        let names = self.entities.iter().map(|entity| entity.name.clone());
        Calls::new(names, self.rests.iter().cloned())
    }

    /// Position of the entity called `name`.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.positions.get(name).copied()
    }
}

fn raise(known: &mut BTreeMap<usize, f64>, position: usize, probability: f64) {
    let slot = known.entry(position).or_default();
    *slot = slot.max(probability);
}
