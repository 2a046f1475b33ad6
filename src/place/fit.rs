//! A step on an offer: does it fit, how long does it take, what does it cost.

mod interruption;
mod room;

use super::instance::Time;
use super::offers::{Device, Offer};
use crate::catalog::{Catalog, FlopsPerSecond, Provider};
use crate::graph::model::Step;
use crate::profile::model::{Load, Profile, Work};
use crate::quantity::{MONTH, Seconds};
use interruption::{expected_reruns, reruns};
use room::{capacity, cores_used, instances};

/// Starting a node, which is paid for; an estimate of what managed clusters take (2026-11). Starting the pod is part
/// of the profile's time.
const BOOT: Seconds = Seconds(120.0);

/// Watts of one busy vCPU and of one GiB: the mean of the Cloud Carbon Footprint project's minimum and maximum for
/// clouds (0.74 and 3.5 W; 0.392 W/GB; methodology of 2023).
const WATTS_PER_CORE: f64 = 2.12;
const WATTS_PER_GIB: f64 = 0.392;

/// How a step runs on an offer.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Items (or replicas) that one machine would hold, be there so many or not.
    pub per_machine: u64,
    /// Machines at once, at most.
    pub machines: u64,
    /// The same in parts of machines: what a step takes of machines that stand.
    pub parts: f64,
    /// Run time of all items.
    pub time: Time,
    /// Run time of one item, without interruptions.
    pub item: Time,
    /// Hours that a machine takes to start.
    pub start: f64,
    /// USD per hour of all its machines with their disks, while it runs.
    pub hourly: f64,
    /// USD per month, expected and at p95.
    pub cost: (f64, f64),
    /// Machine hours per month, expected.
    pub hours: f64,
    /// Kilograms per month.
    pub carbon: f64,
}

/// Why a step cannot run on an offer; the last in this order is the nearest miss.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Misfit {
    /// It has to be another machine type.
    Machine,
    /// Another instruction set.
    Architecture,
    /// The accelerator is missing, or another model.
    Accelerator,
    /// Too few accelerators, or with too little memory each.
    Accelerators,
    /// Too few cores.
    Cores,
    /// Too little memory.
    Memory,
    /// Too small a disk.
    Disk,
}

/// The step on the offer.
pub fn fit(
    step: &Step,
    profile: &Profile,
    offer: &Offer,
    catalog: &Catalog,
    provider: Option<Provider>,
) -> Result<Fit, Misfit> {
    let per_machine = capacity(step, profile, offer, catalog)?;
    let run = run_time(profile, offer, catalog).ok_or(Misfit::Accelerators)?;
    let (machines, parts, p50, p95) = if step.kind.always_on() {
        always_on(profile, offer, per_machine)
    } else {
        to_its_end(step, profile, offer, per_machine, run)
    };
    let held = per_machine.min(instances(profile).max(1)) as f64;
    let usd = |hours: f64| hours * (offer.hourly.in_usd() + disk_hourly(profile, offer) * held);
    let waves = profile.items.max(1).div_ceil(profile.parallel.max(1)) as f64;
    let start = boot(offer).in_hours();
    let paid = if offer.shared() { parts } else { machines as f64 };
    let reruns = reruns(step, profile, offer, run);
    let time = Time {
        p50: start + waves * run.p50,
        p95: start + waves * (run.p95 + reruns),
    };
    Ok(Fit {
        per_machine,
        machines,
        parts,
        time,
        item: run,
        start,
        hourly: usd(paid),
        cost: (usd(p50), usd(p95)),
        hours: p50,
        carbon: p50 * kilograms_per_hour(offer, catalog, provider),
    })
}

impl Fit {
    /// Machines to set aside so that this and all others fit on whole ones: the room of an item is rounded up to a half,
    /// a quarter and so on, and such rooms fill machines without a rest.
    pub fn set_aside(&self) -> f64 {
        let halvings = self.per_machine.max(1).ilog2();
        self.parts * self.per_machine as f64 / f64::from(halvings).exp2()
    }
}

fn boot(offer: &Offer) -> Seconds {
    if offer.shared() { Seconds::ZERO } else { BOOT }
}

/// Hours of one item; `None` if nothing is known of the accelerator's arithmetic.
fn run_time(profile: &Profile, offer: &Offer, catalog: &Catalog) -> Option<Time> {
    let peak = match (&profile.work, &profile.accelerators, &offer.accelerator) {
        (Work::Flop { precision, .. }, Some(need), Some(device)) => {
            let one = precision.peak(catalog.accelerator(&device.model)?);
            FlopsPerSecond(one.0 * need.count.p95.max(1) as f64)
        }
        (Work::Flop { .. } | Work::Time(_) | Work::CoreSeconds { .. }, ..) => FlopsPerSecond::default(),
    };
    let time = profile.attempt(cores_used(profile, offer), peak);
    Some(Time {
        p50: time.p50.in_hours(),
        p95: time.p95.in_hours(),
    })
}

/// Machines, parts of machines, and machine hours per month at p50 and p95.
fn to_its_end(
    step: &Step,
    profile: &Profile,
    offer: &Offer,
    per_machine: u64,
    run: Time,
) -> (u64, f64, f64, f64) {
    let instances = instances(profile);
    let machines = instances.div_ceil(per_machine);
    let parts = instances as f64 / per_machine as f64;
    let paid = if offer.shared() { parts } else { machines as f64 };
    let waves = profile.items.max(1).div_ceil(profile.parallel.max(1)) as f64;
    let reruns = reruns(step, profile, offer, run);
    let start = boot(offer).in_hours();
    // What is started by hand is priced as if it ran once a month, so that cheaper is still better.
    let runs = if profile.runs_per_month > 0.0 {
        profile.runs_per_month
    } else {
        1.0
    };
    let hours = |run: f64| paid * runs * (start + waves * run);
    (
        machines,
        parts,
        hours(run.p50 + expected_reruns(step, profile, offer, run.p50)),
        hours(run.p95 + reruns),
    )
}

/// The same for what is always on: machines follow the load of the week.
fn always_on(profile: &Profile, offer: &Offer, per_machine: u64) -> (u64, f64, f64, f64) {
    let machines = |replicas: u64| {
        if offer.shared() {
            replicas as f64 / per_machine as f64
        } else {
            replicas.div_ceil(per_machine) as f64
        }
    };
    let nodes = profile.nodes.max(1);
    let mean = |load: &Load| {
        let total: f64 = load.replicas.iter().map(|replicas| machines(*replicas)).sum();
        total / load.replicas.len().max(1) as f64
    };
    let mean = profile.load.as_ref().map_or(machines(nodes), mean);
    let most = instances(profile);
    let hours = mean * MONTH.in_hours();
    (
        most.div_ceil(per_machine),
        most as f64 / per_machine as f64,
        hours,
        hours,
    )
}

/// Scratch disk of one container, per hour.
fn disk_hourly(profile: &Profile, offer: &Offer) -> f64 {
    profile.disk.p95.in_gb() * offer.disk_price.in_usd() / MONTH.in_hours()
}

/// Emissions of one machine hour; zero where the power's carbon intensity is not known.
fn kilograms_per_hour(offer: &Offer, catalog: &Catalog, provider: Option<Provider>) -> f64 {
    let device = |device: &Device| {
        let watts = catalog.accelerator(&device.model).and_then(|facts| facts.watts);
        watts.unwrap_or(0.0) * device.count as f64
    };
    let watts = offer.sold_cores.0 * WATTS_PER_CORE
        + offer.sold_memory.in_gib() * WATTS_PER_GIB
        + offer.accelerator.as_ref().map_or(0.0, device);
    // Power usage effectiveness, from the same methodology; outside clouds the survey mean of the Uptime Institute (2023).
    let overhead = match provider {
        Some(Provider::Aws) => 1.135,
        Some(Provider::Azure) => 1.185,
        Some(Provider::Gcp) => 1.1,
        None => 1.58,
    };
    watts * overhead * offer.carbon.unwrap_or(0.0) / 1e6
}
