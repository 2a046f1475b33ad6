//! Serving transformers: prompts are bound by arithmetic, answers by the bandwidth of memory (Pope et al. 2022).

use super::device;
use super::load;
use super::model::{AcceleratorNeed, Estimate};
use super::need::{CORES_PER_DEVICE, HOST_PER_DEVICE, MEMORY_SPREAD, Need};
use super::neural::READING_UTILISATION;
use super::serving;
use super::transformer::Transformer;
use crate::catalog::{AcceleratorFacts, Catalog};
use crate::graph::model::{LatencyOf, Step, Traffic};
use crate::quantity::{Bytes, Cores, Seconds};

/// Share of peak memory bandwidth that decoding reaches: 0.6 with 70 to 85 % at best in tuned engines. An estimate
/// (2026-11).
const DECODING_BANDWIDTH: f64 = 0.6;

/// Share of a device's memory that an engine fills: vLLM's default `gpu_memory_utilization`.
const FILLED: f64 = 0.9;

/// Tokens of a request and of an answer when `traffic` does not say. Stated defaults.
const USUAL_INPUT: f64 = 500.0;
const USUAL_OUTPUT: f64 = 200.0;

/// Answers in progress on one replica, most first: larger batches share the reading of the weights.
const BATCHES: [f64; 9] = [256.0, 128.0, 64.0, 32.0, 16.0, 8.0, 4.0, 2.0, 1.0];

/// Devices of one replica (tensor parallel).
const PARALLEL: [u64; 4] = [1, 2, 4, 8];

/// What is left of the speed with each doubling of the devices: they exchange their parts of each layer. An estimate
/// (2026-11); links between devices matter.
const DOUBLING_EFFICIENCY: f64 = 0.9;

/// A promise is on a percentile and seen from afar; the mean without network must stay below this share of it.
const SHARE_OF_PROMISE: f64 = 0.8;

/// A new prompt waits for the one before it.
const PROMPTS_IN_LINE: f64 = 2.0;

/// p95 over p50 of the time of an answer: lengths vary. An estimate.
const TIME_SPREAD: f64 = 1.5;

/// How one replica answers.
pub(super) struct Reply {
    /// Time of one request from start to end.
    pub time: Estimate<Seconds>,
    /// Requests that one replica has in progress at a time.
    pub slots: f64,
}

/// Sizes of a request, in tokens.
#[derive(Clone, Copy, Debug)]
struct Request {
    input: f64,
    output: f64,
}

/// One way to serve: so many devices of a kind, so many answers together.
#[derive(Clone, Copy, Debug)]
struct Way<'c> {
    device: &'c AcceleratorFacts,
    devices: u64,
    batch: f64,
    /// Seconds to read one prompt.
    prompt: f64,
    /// Seconds of a decoding step of the whole batch.
    decode: f64,
    /// Seconds of a whole request.
    time: f64,
    /// Seconds between tokens, with the prompts of other answers read in between.
    token: f64,
}

/// What one replica needs, and how it answers: the cheapest devices with which every promise holds within the replicas
/// that `scale` allows; else the largest. `None` if the catalogue knows no accelerator.
pub(super) fn need(
    catalog: &Catalog,
    step: &Step,
    model: &Transformer,
    traffic: &Traffic,
) -> Option<(Need, Reply)> {
    let tokens = |declared: Option<u64>, usual: f64| declared.map_or(usual, |tokens| tokens as f64);
    let request = Request {
        input: tokens(traffic.input_tokens, USUAL_INPUT),
        output: tokens(traffic.output_tokens, USUAL_OUTPUT).max(1.0),
    };
    let way = choose(catalog, step, model, traffic, request)?;
    let formula = format!(
        "{} prompts x {:.0} ms + {} tokens x {:.1} ms on {} x {}",
        way.batch,
        way.prompt * 1e3,
        request.output,
        way.decode * 1e3,
        way.devices,
        way.device.model,
    );
    let source = "2 N a prompt token at half of peak; weights and cache read once a step at 0.6 of bandwidth: Pope et al. 2022";
    let reply = Reply {
        time: Estimate::analytic(way.time, TIME_SPREAD, source, formula).seconds(),
        slots: way.batch,
    };
    Some((on_devices(step, model, &way, request), reply))
}

fn choose<'c>(
    catalog: &'c Catalog,
    step: &Step,
    model: &Transformer,
    traffic: &Traffic,
    request: Request,
) -> Option<Way<'c>> {
    let devices = device::to_serve(catalog, step);
    let counts = match &step.needs.gpus {
        Some(gpus) => vec![gpus.value.max(1)],
        None => PARALLEL.to_vec(),
    };
    let ways: Vec<Way> = counts
        .iter()
        .flat_map(|count| devices.iter().map(move |device| (*count, *device)))
        .filter_map(|(count, device)| largest_batch(step, model, device, count, request))
        .collect();
    let scale = step.serving.as_ref().map(|serving| &serving.scale);
    let most = scale.and_then(|scale| scale.max).unwrap_or(u64::MAX);
    let replicas = |way: &Way| load::replicas(traffic.peak, way.time, way.batch).max(1);
    // What is rented costs about as much as the bandwidth of its memory: 1.7 to 2.5 USD/h for a TB/s of T4 to H100.
    let rent = |way: &Way| (replicas(way) * way.devices) as f64 * way.device.bandwidth.0;
    let good = ways
        .iter()
        .filter(|way| holds(step, way) && replicas(way) <= most);
    let best = good.min_by(|one, other| rent(one).total_cmp(&rent(other)));
    // Where nothing is fast enough, placement reports the promise that breaks.
    best.or(ways.last()).copied().or_else(|| {
        let (count, device) = (counts.last()?, devices.last()?);
        Some(timed(model, device, *count, 1.0, request))
    })
}

/// The largest batch that fits in memory and keeps the promises; `None` if not even one answer fits.
fn largest_batch<'c>(
    step: &Step,
    model: &Transformer,
    device: &'c AcceleratorFacts,
    devices: u64,
    request: Request,
) -> Option<Way<'c>> {
    let memory = device.memory.as_f64() * devices as f64 * FILLED;
    let fits = |batch: f64| model.inference_memory(batch * (request.input + request.output)) <= memory;
    let ways: Vec<Way> = BATCHES
        .into_iter()
        .filter(|batch| fits(*batch))
        .map(|batch| timed(model, device, devices, batch, request))
        .collect();
    ways.iter().find(|way| holds(step, way)).or(ways.last()).copied()
}

fn timed<'c>(
    model: &Transformer,
    device: &'c AcceleratorFacts,
    devices: u64,
    batch: f64,
    request: Request,
) -> Way<'c> {
    let count = devices as f64 * DOUBLING_EFFICIENCY.powf((devices as f64).log2());
    let arithmetic = model.precision.peak(device).0 * count * READING_UTILISATION;
    let bandwidth = device.bandwidth.0 * count * DECODING_BANDWIDTH;
    let prompt = model.inference_flop(request.input / 2.0) * request.input / arithmetic;
    let context = request.input + request.output / 2.0;
    let decode = (model.weights_size() + batch * context * model.kv_cache()) / bandwidth;
    // The prompts of the other answers in progress are read between the tokens of this one.
    let time = batch * prompt + request.output * decode;
    Way {
        device,
        devices,
        batch,
        prompt,
        decode,
        time,
        token: time / request.output,
    }
}

/// True if the promises on latency hold, apart from the network.
fn holds(step: &Step, way: &Way) -> bool {
    let within = |what, seconds: f64| {
        serving::promised(step, what).is_none_or(|promise| seconds <= promise.0 * SHARE_OF_PROMISE)
    };
    within(LatencyOf::FirstToken, way.prompt * PROMPTS_IN_LINE)
        && within(LatencyOf::Token, way.token)
        && within(LatencyOf::Request, way.time)
}

fn on_devices(step: &Step, model: &Transformer, way: &Way, request: Request) -> Need {
    let devices = way.devices as f64;
    let tokens = request.input + request.output;
    let held = model.inference_memory(way.batch * tokens) / devices;
    let formula = format!(
        "({:.3e} B of weights + {} x {tokens} tokens x {} B) / {devices}",
        model.weights_size(),
        way.batch,
        model.kv_cache()
    );
    let source = "2 L heads size 2 bytes of keys and values a token: Pope et al. 2022";
    let count = format!("{} x {}", way.devices, way.device.model);
    let host = model.weights_size() + HOST_PER_DEVICE.as_f64() * devices;
    Need {
        cores: Estimate::analytic(CORES_PER_DEVICE * devices, 1.0, "3 cores a device", count.clone())
            .map(|cores| Cores(*cores)),
        memory: Estimate::analytic(
            host,
            MEMORY_SPREAD,
            "the weights once, and 4 GiB a device",
            count.clone(),
        )
        .bytes(),
        accelerators: Some(AcceleratorNeed {
            model: step.needs.gpu.as_ref().map(|gpu| gpu.value.clone()),
            count: Estimate::analytic(
                devices,
                1.0,
                "the cheapest devices with which the promises hold",
                count,
            )
            .map(|count| *count as u64),
            memory: Estimate::analytic(held, 1.0 / FILLED, source, formula).bytes(),
            bandwidth: way.device.bandwidth,
            peak: model.precision.peak(way.device),
        }),
        nodes: 1,
        work: serving::start_up(Bytes::round(model.weights_size())),
    }
}
