//! What past runs say of steps. Fitted elsewhere, or pinned in the lock: predictions stay a function of their inputs.

use std::collections::BTreeMap;

use super::model::{Basis, Estimate};
use super::reading::Reading;
use super::serving;
use crate::graph::model::{DataSet, Graph, Step};
use crate::history::fit::{Fitted, Question};
use crate::history::{Learned, LearnedLoad, LearnedSize};
use crate::quantity::{Bytes, Cores, PerSecond, Seconds};

/// What is known of the past. Empty: every step is predicted from its description.
#[derive(Clone, Debug, Default)]
pub struct History<'h> {
    /// What an earlier compilation learned, by `pipeline/step`. It holds as long as a step's input has the same size.
    pub pins: BTreeMap<String, Learned>,
    /// Sizes of data sets that an earlier compilation learned, by `pipeline/data`.
    pub sizes: BTreeMap<String, LearnedSize>,
    /// Predictors for all others; none where nothing may be learned anew.
    pub fitted: Option<&'h Fitted>,
}

/// What past runs say of one step; all of one item of a fan-out.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    /// Memory of one machine.
    pub memory: Option<Estimate<Bytes>>,
    /// Memory of a step without runs, as similar steps bound it.
    pub similar: Option<Estimate<Bytes>>,
    /// Whole cores in use.
    pub cores: Option<Estimate<Cores>>,
    /// Memory of each accelerator.
    pub accelerator_memory: Option<Estimate<Bytes>>,
    /// Run time of one attempt.
    pub run_time: Option<Estimate<Seconds>>,
    /// Load by the hour of the week, most likely and at p95.
    pub week: Option<(Vec<PerSecond>, Vec<PerSecond>)>,
}

impl History<'_> {
    /// What is known of `step`, which reads `inputs`.
    pub(super) fn of(&self, graph: &Graph, step: &Step, inputs: &[Reading]) -> Option<Learned> {
        let pipeline = &graph[step.pipeline].name.value;
        let name = &step.name.value;
        let sum =
            |end: fn(&Estimate<Bytes>) -> Bytes| inputs.iter().map(|input| end(&input.bytes)).sum::<Bytes>();
        let input = [sum(|bytes| bytes.p50), sum(|bytes| bytes.p95)];
        let pin = self.pins.get(&format!("{pipeline}/{name}"));
        let [usual, _] = input;
        // What other steps told holds until the step itself has run.
        let outgrown = |pin: &Learned| {
            pin.similar.is_some() && self.fitted.is_some_and(|fitted| fitted.knows(pipeline, name))
        };
        if let Some(pin) = pin.filter(|pin| pin.input == usual.0 && !outgrown(pin)) {
            return Some(pin.clone());
        }
        let traffic = serving::traffic(graph, step);
        self.fitted?.learned(&Question {
            pipeline,
            step: name,
            input,
            cores: step.needs.cores.as_ref().map(|cores| cores.value),
            memory: step.at_most.memory.as_ref().map(|memory| memory.value),
            // What a model needs follows from its shape, which names of steps do not tell.
            alike: !step.kind.always_on() && step.model.is_none(),
            zone: traffic.as_ref().map(|traffic| traffic.timezone.as_str()),
        })
    }
}

impl History<'_> {
    /// Size of one version of a data set, from past sizes; p95 is after a year of the growth that was seen.
    pub(super) fn size(&self, graph: &Graph, data: &DataSet) -> Option<Estimate<Bytes>> {
        let pipeline = &graph[data.pipeline].name.value;
        let name = &data.name.value;
        let pin = self.sizes.get(&format!("{pipeline}/{name}")).copied();
        let learned = pin.or_else(|| self.fitted?.size(pipeline, name))?;
        Some(Estimate {
            p50: Bytes(learned.p50),
            p95: Bytes(learned.p95),
            basis: Basis::History {
                runs: learned.samples,
            },
        })
    }
}

impl Past {
    pub(super) fn of(learned: &Learned) -> Past {
        let basis = Basis::History { runs: learned.runs };
        let pair = |[p50, p95]: [u64; 2]| Estimate {
            p50,
            p95,
            basis: basis.clone(),
        };
        Past {
            memory: learned
                .memory
                .map(|memory| pair(memory).map(|bytes| Bytes(*bytes))),
            similar: learned.similar.as_ref().map(|similar| Estimate {
                p50: Bytes(similar.memory[0]),
                p95: Bytes(similar.memory[1]),
                basis: Basis::Similar {
                    steps: similar.steps.clone(),
                },
            }),
            cores: learned
                .cores
                .map(|cores| pair(cores).map(|cores| whole_cores(*cores))),
            accelerator_memory: learned
                .accelerator_memory
                .map(|memory| pair(memory).map(|bytes| Bytes(*bytes))),
            run_time: learned
                .run_time
                .map(|time| pair(time).map(|ms| Seconds(*ms as f64 / 1e3))),
            week: learned.load.as_ref().map(rates),
        }
    }
}

/// A step that kept 1.3 cores busy on average had 2 at some time; the clock that counts is coarse, so a tenth is none.
fn whole_cores(millicores: u64) -> Cores {
    Cores(millicores.saturating_sub(100).div_ceil(1000).max(1) as f64)
}

fn rates(load: &LearnedLoad) -> (Vec<PerSecond>, Vec<PerSecond>) {
    let rates = |whole: &[u64]| whole.iter().map(|rate| PerSecond(*rate as f64 / 1e3)).collect();
    (rates(&load.p50), rates(&load.p95))
}
