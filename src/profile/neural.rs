//! Training transformers and running them over data, on accelerators.

use super::device;
use super::model::{AcceleratorNeed, Estimate, Work};
use super::need::{CORES_PER_DEVICE, HOST_PER_DEVICE, Need};
use super::reading::Reading;
use super::transformer::{Method, Transformer};
use crate::catalog::{Catalog, FlopsPerSecond};
use crate::graph::model::Step;
use crate::quantity::{Bytes, BytesPerSecond, Cores};

/// Share of peak operations that training reaches, counting only the model's own: 0.46 in PaLM (Chowdhery et al.
/// 2022, table 3), 0.38 to 0.43 in Llama 3 405B (Llama Team 2024, table 4); teams with less tuning reach less.
const TRAINING_UTILISATION: f64 = 0.35;

/// The same for reading a prompt or encoding a text: no gradients to exchange. An estimate (2026-11).
pub(super) const READING_UTILISATION: f64 = 0.5;

/// Bytes of text in a token: about four characters of English (OpenAI, Tokenizer help page, 2024).
const BYTES_PER_TOKEN: f64 = 4.0;

/// Devices of one machine; larger jobs take several machines.
const DEVICES_PER_NODE: u64 = 8;

/// A training run is spread until it takes no longer than this, in seconds. A stated default.
const LONGEST_TRAINING: f64 = 24.0 * 3600.0;

/// Machines that are thought of when nothing bounds them.
const MOST_DEVICES: u64 = 512;

/// Share of a device's memory that a job can fill.
const USABLE: f64 = 0.95;

/// p95 over p50 of device memory and of time: formulas are close, sequences and networks vary. Estimates.
const MEMORY_SPREAD: f64 = 1.15;
const TIME_SPREAD: f64 = 1.3;

/// Sequences that a device encodes at a time.
const ENCODED_TOGETHER: f64 = 32.0;

/// Needs to train `model` on the tokens it declares, else on those of `inputs`, once over.
pub(super) fn train(catalog: &Catalog, step: &Step, model: &Transformer, inputs: &[Reading]) -> Need {
    let tokens = model.tokens.unwrap_or_else(|| tokens(inputs));
    let flop = model.training_flop() * tokens;
    let (per_node, nodes) = devices(catalog, step, model, flop);
    let devices = (per_node * nodes) as f64;
    let formula = format!(
        "{:.3e} FLOP per token x {tokens:.3e} tokens",
        model.training_flop()
    );
    let source = match model.method {
        Method::Full => "6 N + 12 L h s: Kaplan et al. 2020; Chowdhery et al. 2022, appendix B",
        Method::Lora | Method::Qlora => {
            "4 N + 12 L h s, no gradients of frozen weights: Kaplan et al. 2020; Hu et al. 2021"
        }
    };
    let held = format!(
        "({:.3e} trained x 16 B + frozen) / {devices} + activations of {} x {} tokens",
        model.trained(),
        model.batch,
        model.sequence
    );
    let memory = Estimate::analytic(
        model.training_memory(devices),
        MEMORY_SPREAD,
        "ZeRO-3 states (Rajbhandari et al. 2020), recomputed activations (Korthikanti et al. 2022)",
        held,
    );
    let work = Work::Flop {
        total: Estimate::analytic(flop, TIME_SPREAD, source, formula),
        utilisation: TRAINING_UTILISATION,
        precision: model.precision,
    };
    need(step, model, (per_node, nodes), memory.bytes(), work)
}

/// Needs to run `model` once over `tokens` tokens.
pub(super) fn read_through(step: &Step, model: &Transformer, tokens: f64) -> Need {
    let flop = model.inference_flop(model.sequence / 2.0) * tokens;
    let formula = format!(
        "2 x {:.3e} parameters x {tokens:.3e} tokens + attention",
        model.active
    );
    let source = "2 N + 4 L h context a token: Kaplan et al. 2020, table 1";
    let per_node = declared(step).unwrap_or(1).max(1);
    let together = ENCODED_TOGETHER * model.sequence;
    let memory = Estimate::analytic(
        model.inference_memory(together) / per_node as f64,
        MEMORY_SPREAD,
        "weights and keys and values of the texts in progress (Pope et al. 2022)",
        format!(
            "{:.3e} B of weights + {together} tokens x {} B",
            model.weights_size(),
            model.kv_cache()
        ),
    );
    let work = Work::Flop {
        total: Estimate::analytic(flop, TIME_SPREAD, source, formula),
        utilisation: READING_UTILISATION,
        precision: model.precision,
    };
    need(step, model, (per_node, 1), memory.bytes(), work)
}

/// Tokens of the texts among `inputs`; models are not texts.
pub(super) fn tokens(inputs: &[Reading]) -> f64 {
    let texts = inputs.iter().filter(|input| !input.is_model());
    texts.map(|input| input.bytes.p50.as_f64()).sum::<f64>() / BYTES_PER_TOKEN
}

/// Devices of one machine and machines: as declared, else the fewest that hold the model and end within a day.
fn devices(catalog: &Catalog, step: &Step, model: &Transformer, flop: f64) -> (u64, u64) {
    let nodes = step.needs.nodes.as_ref().map(|nodes| nodes.value.max(1));
    if let Some(per_node) = declared(step) {
        return (per_node.max(1), nodes.unwrap_or(1));
    }
    let device = device::to_train(catalog, step);
    let memory = device.map_or(f64::INFINITY, |device| device.memory.as_f64() * USABLE);
    let peak = device.map_or(f64::INFINITY, |device| model.precision.peak(device).0);
    let fits = |devices: u64| model.training_memory(devices as f64) * MEMORY_SPREAD <= memory;
    let in_time = |devices: u64| flop / (peak * TRAINING_UTILISATION * devices as f64) <= LONGEST_TRAINING;
    let most = step
        .at_most
        .gpus
        .as_ref()
        .map_or(MOST_DEVICES, |gpus| gpus.value.max(1));
    let mut devices = 1;
    while devices * 2 <= most && !(fits(devices) && in_time(devices)) {
        devices *= 2;
    }
    match nodes {
        Some(nodes) => (devices.div_ceil(nodes), nodes),
        None if devices > DEVICES_PER_NODE => (DEVICES_PER_NODE, devices.div_ceil(DEVICES_PER_NODE)),
        None => (devices, 1),
    }
}

fn declared(step: &Step) -> Option<u64> {
    step.needs.gpus.as_ref().map(|gpus| gpus.value)
}

fn need(
    step: &Step,
    model: &Transformer,
    (per_node, nodes): (u64, u64),
    memory: Estimate<Bytes>,
    work: Work,
) -> Need {
    let source = "the fewest devices that hold the model and end within a day";
    let formula = format!("{per_node} x {nodes} devices");
    let host = HOST_PER_DEVICE.as_f64() * per_node as f64 + model.weights_size();
    Need {
        cores: Estimate::analytic(
            CORES_PER_DEVICE * per_node as f64,
            1.0,
            "3 cores a device",
            formula.clone(),
        )
        .map(|cores| Cores(*cores)),
        memory: Estimate::analytic(
            host,
            MEMORY_SPREAD,
            "the weights once, and 4 GiB a device",
            formula.clone(),
        )
        .bytes(),
        accelerators: Some(AcceleratorNeed {
            model: step.needs.gpu.as_ref().map(|gpu| gpu.value.clone()),
            count: Estimate::analytic(per_node as f64, 1.0, source, formula).map(|count| *count as u64),
            memory,
            bandwidth: BytesPerSecond::ZERO,
            peak: FlopsPerSecond::default(),
        }),
        nodes,
        work,
    }
}
