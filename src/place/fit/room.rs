//! How many of a step's containers one machine holds.

use super::Misfit;
use crate::catalog::{AcceleratorFacts, Architecture, Catalog};
use crate::graph::model::Step;
use crate::place::offers::{Device, Offer};
use crate::profile::model::{AcceleratorNeed, Profile, Work};
use crate::quantity::Cores;

/// Items that one machine holds at p95.
pub fn capacity(step: &Step, profile: &Profile, offer: &Offer, catalog: &Catalog) -> Result<u64, Misfit> {
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
    let gpus = accelerators(step, profile, offer, catalog)?;
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
    let most = if profile.nodes > 1 { 1 } else { u64::MAX };
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
pub fn instances(profile: &Profile) -> u64 {
    match &profile.load {
        Some(load) => load.bounds.1.max(1),
        None => profile.parallel.max(1).saturating_mul(profile.nodes.max(1)),
    }
}

/// Cores that one container keeps busy: what it needs, and where its work spreads, as many as help.
pub fn cores_used(profile: &Profile, offer: &Offer) -> Cores {
    let needed = profile.cores.p95;
    match &profile.work {
        Work::CoreSeconds { scales_to, .. } => {
            let useful = Cores(scales_to.0 / profile.nodes.max(1) as f64);
            needed.max(useful.min(offer.cores))
        }
        Work::Time(_) | Work::Flop { .. } => needed,
    }
}

/// Items that the machine's accelerators serve. What needs none stays off the clouds' accelerated machines,
/// unless its author names one.
fn accelerators(step: &Step, profile: &Profile, offer: &Offer, catalog: &Catalog) -> Result<u64, Misfit> {
    let Some(need) = &profile.accelerators else {
        let named = step.needs.machine.is_some();
        let wasteful = !named && offer.accelerator.is_some() && !offer.shared();
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
