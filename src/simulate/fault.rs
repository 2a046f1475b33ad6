//! What goes wrong in a play: read from the command line, or from what a test says is so.

use crate::diag::suggest::did_you_mean;
use crate::graph::{Cause, DataId, Graph, StepId};
use crate::place::{Plan, SiteId};
use crate::quantity::{Percent, Quantity, QuantityType, Seconds, parse};

/// One thing that goes wrong.
#[derive(Clone, PartialEq, Debug)]
pub enum Fault {
    /// A site is away; what runs there is lost.
    Outage {
        /// Which.
        site: SiteId,
        /// After the run's start.
        from: Seconds,
        /// Absent: it does not come back.
        lasts: Option<Seconds>,
    },
    /// Attempts of a step fail.
    Fails {
        /// The step.
        step: StepId,
        /// So many items of its fan-out; absent: all.
        items: Option<u64>,
        /// So many attempts; absent: all.
        times: Option<u64>,
        /// Why.
        cause: Cause,
    },
    /// Data that exists before a run is not there when it starts.
    Late {
        /// Which.
        data: DataId,
        /// So much later.
        by: Seconds,
    },
    /// Machines cost so many times as much.
    Price {
        /// There; absent: everywhere.
        site: Option<SiteId>,
        /// So many times.
        factor: f64,
    },
}

/// How faults are written, for who wrote one otherwise.
const FORMS: &str = "write `site=SITE[,from=1h][,for=2h]`, `step=STEP[,fails=2]`, `data=DATA,late=2h` or `price=2x[,at=SITE]`";

impl Fault {
    /// Reads `site=aws.sa-east-1,from=1h,for=2h` and its like.
    ///
    /// # Errors
    /// Says what cannot be read, or is not in the plan.
    pub fn read(text: &str, plan: &Plan<'_>) -> Result<Fault, String> {
        let graph = plan.profiled.graph;
        let parts: Option<Vec<(&str, &str)>> = text.split(',').map(|part| part.split_once('=')).collect();
        let parts = parts.ok_or_else(|| format!("fault `{text}`: {FORMS}"))?;
        let time = |text: &str| duration(text).ok_or_else(|| format!("`{text}` is no time such as `2h`"));
        match parts.as_slice() {
            [("site", name), rest @ ..] => {
                let (mut from, mut lasts) = (Seconds::ZERO, None);
                for (key, value) in rest {
                    match *key {
                        "from" => from = time(value)?,
                        "for" => lasts = Some(time(value)?),
                        _ => return Err(format!("fault `{text}`: {FORMS}")),
                    }
                }
                let site = site(name, plan)?;
                Ok(Fault::Outage { site, from, lasts })
            }
            [("step", name)] => fails(name, None, graph),
            [("step", name), ("fails", times)] => {
                let times = times
                    .parse()
                    .map_err(|_| format!("`{times}` is no number of attempts"))?;
                fails(name, Some(times), graph)
            }
            [("data", name), ("late", by)] => Ok(Fault::Late {
                data: data(name, graph)?,
                by: time(by)?,
            }),
            [("price", by)] => Ok(Fault::Price {
                site: None,
                factor: factor(by)?,
            }),
            [("price", by), ("at", name)] => Ok(Fault::Price {
                site: Some(site(name, plan)?),
                factor: factor(by)?,
            }),
            _ => Err(format!("fault `{text}`: {FORMS}")),
        }
    }
}

/// Reads `train=80%`: the chance that a step's condition holds.
///
/// # Errors
/// Says what cannot be read, or that the step has no condition.
pub fn chance(text: &str, graph: &Graph) -> Result<(StepId, f64), String> {
    let form = || format!("chance `{text}`: write `STEP=80%`");
    let (name, share) = text.split_once('=').ok_or_else(form)?;
    let share = match parse(QuantityType::Percent, share) {
        Ok(Quantity::Percent(Percent(share))) if (0.0..=1.0).contains(&share) => share,
        _ => return Err(form()),
    };
    let step = step(name, graph)?;
    match graph[step].when {
        Some(_) => Ok((step, share)),
        None => Err(format!(
            "`{name}` has no condition, so there is no chance that it holds"
        )),
    }
}

fn fails(name: &str, times: Option<u64>, graph: &Graph) -> Result<Fault, String> {
    Ok(Fault::Fails {
        step: step(name, graph)?,
        items: None,
        times,
        cause: Cause::Error,
    })
}

fn duration(text: &str) -> Option<Seconds> {
    match parse(QuantityType::Duration, text) {
        Ok(Quantity::Duration(seconds)) => Some(seconds),
        _ => None,
    }
}

fn factor(text: &str) -> Result<f64, String> {
    match parse(QuantityType::Factor, text) {
        Ok(Quantity::Factor(factor)) => Ok(factor),
        _ => Err(format!("`{text}` is no factor such as `2x`")),
    }
}

/// `train`, or `churn/train` where pipelines share a name.
fn step(name: &str, graph: &Graph) -> Result<StepId, String> {
    let (pipeline, own) = name
        .split_once('/')
        .map_or((None, name), |(of, own)| (Some(of), own));
    let named = graph.steps.iter().find(|step| {
        step.name.value == own && pipeline.is_none_or(|of| graph[step.pipeline].name.value == of)
    });
    let names = graph.steps.iter().map(|step| step.name.value.as_str());
    named
        .map(|step| step.id)
        .ok_or_else(|| nothing("step", own, names))
}

fn data(name: &str, graph: &Graph) -> Result<DataId, String> {
    let outside = |at: &usize| graph.data.get(*at).is_some_and(|data| data.writers.is_empty());
    let at = graph
        .data
        .iter()
        .position(|data| data.name.value == name)
        .filter(outside);
    let names = graph.data.iter().filter(|data| data.writers.is_empty());
    let names = names.map(|data| data.name.value.as_str());
    at.map(|at| DataId(at as u32))
        .ok_or_else(|| nothing("data set from outside a run", name, names))
}

fn site(name: &str, plan: &Plan<'_>) -> Result<SiteId, String> {
    let at = plan.sites.iter().position(|site| site.name == name);
    let names = plan.sites.iter().map(|site| site.name.as_str());
    at.map(|at| SiteId(at as u32))
        .ok_or_else(|| nothing("site of the plan", name, names))
}

fn nothing<'n>(what: &str, name: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    let near = did_you_mean(name, names).map(|near| format!("; {near}"));
    format!("there is no {what} `{name}`{}", near.unwrap_or_default())
}
