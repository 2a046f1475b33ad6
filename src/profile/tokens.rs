//! Serving transformers: prompts are bound by arithmetic, answers by the bandwidth of memory (Pope et al. 2022).

use super::device::{DEVICES, Device};
use super::load;
use super::model::{AcceleratorNeed, Estimate};
use super::need::{CORES_PER_DEVICE, HOST_PER_DEVICE, MEMORY_SPREAD, Need};
use super::neural::{self, READING_UTILISATION};
use super::serving;
use super::transformer::Transformer;
use crate::graph::model::{LatencyOf, Step, Traffic};
use crate::quantity::{Bytes, Cores, Seconds};

/// Share of peak memory bandwidth that decoding reaches: 0.6 with 70 to 85 % at best in tuned engines. An estimate
/// (2026-11).
const DECODING_BANDWIDTH: f64 = 0.6;

/// Share of a device's memory that an engine fills: vLLM's default `gpu_memory_utilization`.
const FILLED: f64 = 0.9;

/// Tokens of a request and of an answer when `traffic` does not say. Stated defaults.
const USUAL_TOKENS: (f64, f64) = (500.0, 200.0);

/// Answers in progress on one replica, most first: larger batches share the reading of the weights.
const BATCHES: [f64; 9] = [256.0, 128.0, 64.0, 32.0, 16.0, 8.0, 4.0, 2.0, 1.0];

/// Devices of one replica (tensor parallel).
const PARALLEL: [u64; 4] = [1, 2, 4, 8];

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

/// One way to serve: so many devices of a kind, so many answers together.
#[derive(Clone, Copy, Debug)]
struct Way {
    device: Device,
    devices: u64,
    batch: f64,
    /// Seconds to read one prompt.
    prompt: f64,
    /// Seconds of a whole request.
    request: f64,
    /// Seconds between tokens.
    token: f64,
}

/// What one replica needs, and how it answers: the smallest devices with which every promise holds within the replicas
/// that `scale` allows; else the largest.
pub(super) fn need(step: &Step, model: &Transformer, traffic: &Traffic) -> (Need, Reply) {
    let (input, output) = USUAL_TOKENS;
    let input = traffic.input_tokens.map_or(input, |tokens| tokens as f64);
    let output = traffic
        .output_tokens
        .map_or(output, |tokens| tokens as f64)
        .max(1.0);
    let way = choose(step, model, traffic, input, output);
    let formula = format!(
        "{} prompts x {:.0} ms + {output} tokens x {:.1} ms on {} x {}",
        way.batch,
        way.prompt * 1e3,
        (way.request - way.batch * way.prompt) / output * 1e3,
        way.devices,
        way.device.model,
    );
    let source = "2 N a prompt token at half of peak; weights and cache read once a step at 0.6 of bandwidth: Pope et al. 2022";
    let time = Estimate::analytic(way.request, TIME_SPREAD, source, formula).seconds();
    let reply = Reply {
        time,
        slots: way.batch,
    };
    (on_devices(step, model, &way, input + output), reply)
}

fn choose(step: &Step, model: &Transformer, traffic: &Traffic, input: f64, output: f64) -> Way {
    let named = neural::named(step);
    let kinds: Vec<Device> = named.map_or_else(|| DEVICES.to_vec(), |device| vec![device]);
    let counts = match &step.needs.gpus {
        Some(gpus) => vec![gpus.value.max(1)],
        None => PARALLEL.to_vec(),
    };
    let most = step
        .serving
        .as_ref()
        .and_then(|serving| serving.scale.max)
        .unwrap_or(u64::MAX);
    let mut last = None;
    for devices in counts {
        for device in &kinds {
            let Some(way) = way(step, model, *device, devices, (input, output)) else {
                continue;
            };
            let first = promise(step, LatencyOf::FirstToken);
            let whole = promise(step, LatencyOf::Request);
            let enough = load::replicas(traffic.peak, way.request, way.batch) <= most;
            if way.prompt * PROMPTS_IN_LINE <= first
                && way.request <= whole
                && way.token <= promise(step, LatencyOf::Token)
                && enough
            {
                return way;
            }
            last = Some(way);
        }
    }
    // Nothing is fast enough: the largest that holds the model, and placement reports the promise that breaks.
    let [.., largest] = DEVICES;
    last.unwrap_or_else(|| timed(model, named.unwrap_or(largest), 8, 1.0, (input, output)))
}

/// The largest batch that fits in memory and keeps the promises on tokens and requests; `None` if not even one does fit.
fn way(step: &Step, model: &Transformer, device: Device, devices: u64, tokens: (f64, f64)) -> Option<Way> {
    let memory = device.memory.as_f64() * devices as f64 * FILLED;
    let fits = |batch: f64| model.inference_memory(batch * (tokens.0 + tokens.1)) <= memory;
    let ways = BATCHES
        .into_iter()
        .filter(|batch| fits(*batch))
        .map(|batch| timed(model, device, devices, batch, tokens));
    let ways: Vec<Way> = ways.collect();
    let keeps = |way: &&Way| {
        way.token <= promise(step, LatencyOf::Token) && way.request <= promise(step, LatencyOf::Request)
    };
    ways.iter().find(keeps).or(ways.last()).copied()
}

fn timed(model: &Transformer, device: Device, devices: u64, batch: f64, (input, output): (f64, f64)) -> Way {
    let count = devices as f64;
    let arithmetic = device.peak(model.precision) * count * READING_UTILISATION;
    let bandwidth = device.bandwidth.0 * count * DECODING_BANDWIDTH;
    let prompt = model.inference_flop(input / 2.0) * input / arithmetic;
    let context = input + output / 2.0;
    let step = (model.weights_size() + batch * context * model.kv_cache()) / bandwidth;
    // The prompts of the other answers in progress are read between the tokens of this one.
    let request = batch * prompt + output * step;
    Way {
        device,
        devices,
        batch,
        prompt,
        request,
        token: request / output,
    }
}

fn promise(step: &Step, what: LatencyOf) -> f64 {
    serving::promised(step, what).map_or(f64::INFINITY, |time| time.0 * SHARE_OF_PROMISE)
}

fn on_devices(step: &Step, model: &Transformer, way: &Way, tokens: f64) -> Need {
    let devices = way.devices as f64;
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
                "the smallest devices with which the promises hold",
                count,
            )
            .map(|count| *count as u64),
            memory: Estimate::analytic(held, 1.0 / FILLED, source, formula).bytes(),
            bandwidth: way.device.bandwidth,
            peak: way.device.peak(model.precision),
        }),
        nodes: 1,
        work: serving::start_up(Bytes::round(model.weights_size())),
    }
}
