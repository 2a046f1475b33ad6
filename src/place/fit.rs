//! A step on an offer: does it fit, how long does it take, what does it cost.

use super::instance::Time;
use super::offers::{Device, Offer};
use crate::catalog::{AcceleratorFacts, Architecture, Catalog, FlopsPerSecond, Pricing, Provider};
use crate::graph::model::Step;
use crate::profile::model::{AcceleratorNeed, Load, Profile, Work};
use crate::quantity::{Cores, MONTH, Seconds};

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
    /// Items (or replicas) that one machine holds.
    pub per_machine: u64,
    /// Machines at once, at most.
    pub machines: u64,
    /// The same in parts of machines: what a step takes of machines that stand.
    pub parts: f64,
    /// Run time of all items.
    pub time: Time,
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
    let usd = |hours: f64| hours * (offer.hourly.in_usd() + disk_hourly(profile, offer) * per_machine as f64);
    let waves = profile.items.max(1).div_ceil(profile.parallel.max(1)) as f64;
    let start = boot(offer).in_hours();
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
        cost: (usd(p50), usd(p95)),
        hours: p50,
        carbon: p50 * kilograms_per_hour(offer, catalog, provider),
    })
}

fn boot(offer: &Offer) -> Seconds {
    if offer.shared() { Seconds::ZERO } else { BOOT }
}

/// Items that one machine holds at p95.
fn capacity(step: &Step, profile: &Profile, offer: &Offer, catalog: &Catalog) -> Result<u64, Misfit> {
    match &step.needs.machine {
        Some(machine) if machine.value != offer.machine => return Err(Misfit::Machine),
        None if is_peculiar(&offer.machine) => return Err(Misfit::Machine),
        Some(_) | None => {}
    }
    // An image is only known to run elsewhere if its author says so.
    let arch = step
        .needs
        .arch
        .as_ref()
        .map_or(Architecture::Amd64.word(), |arch| arch.value.as_str());
    if arch != offer.arch.word() {
        return Err(Misfit::Architecture);
    }
    let gpus = accelerators(profile, offer, catalog)?;
    let needed = cores_used(profile, offer);
    let share = |available: f64, needed: f64, misfit: Misfit| {
        if needed <= 0.0 {
            Ok(u64::MAX)
        } else if needed > available * (1.0 + 1e-9) {
            Err(misfit)
        } else {
            Ok((available / needed + 1e-9).floor() as u64)
        }
    };
    // Who names a machine takes it as it is.
    let named = step.needs.machine.is_some();
    let (cores, memory) = if named {
        (offer.sold_cores, offer.sold_memory)
    } else {
        (offer.cores, offer.memory)
    };
    let by_cores = share(cores.0, needed.0, Misfit::Cores)?;
    let by_memory = share(memory.as_f64(), profile.memory.p95.as_f64(), Misfit::Memory)?;
    let by_disk = match offer.disk {
        Some(disk) => share(disk.as_f64(), profile.disk.p95.as_f64(), Misfit::Disk)?,
        None => u64::MAX,
    };
    // Nodes that are started together are separate machines.
    let most = if profile.nodes > 1 {
        1
    } else {
        instances(profile).max(1)
    };
    Ok(gpus.min(by_cores).min(by_memory).min(by_disk).min(most).max(1))
}

/// True for machines that have to be asked for by name: without a hypervisor they take ten minutes and more to start,
/// and burstable ones do not give all the time the cores they are sold with.
fn is_peculiar(machine: &str) -> bool {
    const BURSTABLE: [&str; 8] = [
        "t2.",
        "t3.",
        "t3a.",
        "t4g.",
        "Standard_B",
        "e2-micro",
        "e2-small",
        "e2-medium",
    ];
    machine.contains("metal") || BURSTABLE.iter().any(|family| machine.starts_with(family))
}

/// Containers that run at once.
fn instances(profile: &Profile) -> u64 {
    match &profile.load {
        Some(load) => load.bounds.1.max(1),
        None => profile.parallel.max(1).saturating_mul(profile.nodes.max(1)),
    }
}

/// Cores that one container keeps busy: what it needs, and where its work spreads, as many as help.
fn cores_used(profile: &Profile, offer: &Offer) -> Cores {
    let needed = profile.cores.p95;
    match &profile.work {
        Work::CoreSeconds { scales_to, .. } => {
            let useful = Cores(scales_to.0 / profile.nodes.max(1) as f64);
            needed.max(useful.min(offer.cores))
        }
        Work::Time(_) | Work::Flop { .. } => needed,
    }
}

/// Items that the machine's accelerators serve. What needs none stays off the clouds' accelerated machines.
fn accelerators(profile: &Profile, offer: &Offer, catalog: &Catalog) -> Result<u64, Misfit> {
    let Some(need) = &profile.accelerators else {
        let wasteful = offer.accelerator.is_some() && !offer.shared();
        return if wasteful {
            Err(Misfit::Accelerator)
        } else {
            Ok(u64::MAX)
        };
    };
    let device = offer.accelerator.as_ref().ok_or(Misfit::Accelerator)?;
    let is_other = |model: &String| !model.eq_ignore_ascii_case(&device.model);
    if need.model.as_ref().is_some_and(is_other) {
        return Err(Misfit::Accelerator);
    }
    if device.count < need.count.p95 || (need.model.is_none() && !serves(need, device, catalog)) {
        return Err(Misfit::Accelerators);
    }
    Ok(device.count / need.count.p95.max(1))
}

/// True if a device that the author does not name does what is needed. Programs are taken to be written for CUDA:
/// what runs on other makers' devices is ported to them, and says so.
fn serves(need: &AcceleratorNeed, device: &Device, catalog: &Catalog) -> bool {
    const OTHERS: [&str; 4] = ["Inferentia", "Trainium", "TPU", "MI3"];
    let fast = |facts: &AcceleratorFacts| {
        let peak = facts.fp8.or(facts.half()).unwrap_or_default();
        facts.bandwidth.0 >= need.bandwidth.0 && peak.0 >= need.peak.0
    };
    let any_speed = need.bandwidth.0 <= 0.0 && need.peak.0 <= 0.0;
    !OTHERS.iter().any(|other| device.model.starts_with(other))
        && device.memory.is_none_or(|memory| memory >= need.memory.p95)
        && (any_speed || catalog.accelerator(&device.model).is_some_and(fast))
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

/// Interruptions per hour of what must not be interrupted together.
fn interruptions(profile: &Profile, offer: &Offer) -> f64 {
    match (offer.pricing, offer.interruption) {
        (Pricing::Spot, Some(interruption)) => interruption.rate().0 * 3600.0 * profile.nodes.max(1) as f64,
        (Pricing::Spot, None) | (Pricing::OnDemand | Pricing::Reserved, _) => 0.0,
    }
}

/// Hours lost to interruptions of a run of `hours`, expected. With checkpoints every c, an interruption costs c/2 and
/// a start. Without, the run begins anew: with rate r the expected time is (e^(rT) - 1)/r.
fn expected_reruns(step: &Step, profile: &Profile, offer: &Offer, hours: f64) -> f64 {
    let rate = interruptions(profile, offer);
    if rate <= 0.0 || hours <= 0.0 {
        return 0.0;
    }
    match &step.checkpoint {
        Some(checkpoint) => {
            let lost = checkpoint.every.in_hours().min(hours) / 2.0 + BOOT.in_hours();
            rate * hours * lost
        }
        None => (rate * hours).min(30.0).exp_m1() / rate - hours,
    }
}

/// Hours lost to interruptions at p95: one interruption at the worst moment where one in twenty runs has one, and
/// never less than expected.
fn reruns(step: &Step, profile: &Profile, offer: &Offer, run: Time) -> f64 {
    let rate = interruptions(profile, offer);
    let expected = expected_reruns(step, profile, offer, run.p95);
    if 1.0 - (-rate * run.p95).exp() < 0.05 {
        return expected;
    }
    let lost = step
        .checkpoint
        .as_ref()
        .map_or(run.p95, |checkpoint| checkpoint.every.in_hours().min(run.p95));
    expected.max(lost + BOOT.in_hours())
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
