//! The stock serving runtimes: ports, health, arguments, and where they look for models.

use crate::graph::{Runtime, Serving, Step, Text};
use crate::lower::monitoring::METRICS_PORT;
use crate::lower::pod;

/// Folder that stock runtimes load models from.
pub(super) const MODELS: &str = "/models";

/// Program, arguments and environment that a stock runtime needs besides the author's.
#[derive(Default)]
pub(super) struct Stock {
    /// Empty: the image's own program.
    pub(super) command: Vec<String>,
    /// Before the author's.
    pub(super) args: Vec<String>,
    pub(super) env: Vec<(&'static str, &'static str)>,
}

/// Path that says that the process is alive, if not ready.
pub(super) fn alive(serving: &Serving) -> &str {
    match serving.runtime {
        Runtime::Triton | Runtime::Sklearn | Runtime::Xgboost => "/v2/health/live",
        Runtime::Vllm | Runtime::Torchserve | Runtime::Custom => &serving.health,
    }
}

/// Names and numbers of the ports that a step listens on; the first one takes requests.
pub(in crate::lower::kubernetes) fn ports(step: &Step) -> Vec<(&'static str, u16)> {
    let Some(serving) = &step.serving else {
        return Vec::new();
    };
    let mut ports = vec![("http", serving.port)];
    ports.extend(match serving.runtime {
        Runtime::Triton => vec![("grpc", 8001), (METRICS_PORT, 8002)],
        Runtime::Torchserve => vec![(METRICS_PORT, 8082)],
        Runtime::Vllm | Runtime::Sklearn | Runtime::Xgboost | Runtime::Custom => {
            vec![(METRICS_PORT, serving.port)]
        }
    });
    ports
}

/// How a stock runtime is started. `models` are the names and folders of what it reads, `gpus` the accelerators of one
/// replica.
pub(super) fn stock(step: &Step, serving: &Serving, models: &[(&str, String)], gpus: u64) -> Stock {
    let port = serving.port;
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    match serving.runtime {
        Runtime::Triton => Stock {
            command: words(&["tritonserver"]),
            args: vec![
                format!("--model-repository={MODELS}"),
                format!("--http-port={port}"),
                "--grpc-port=8001".to_owned(),
                "--metrics-port=8002".to_owned(),
                "--metrics-config=summary_latencies=true".to_owned(),
            ],
            env: Vec::new(),
        },
        Runtime::Vllm => Stock {
            args: vllm(step, port, models, gpus),
            ..Stock::default()
        },
        Runtime::Torchserve => torchserve(),
        Runtime::Sklearn | Runtime::Xgboost => Stock {
            args: vec![
                format!("--model_name={}", step.name.value),
                format!(
                    "--model_dir={}",
                    models.first().map_or(MODELS, |(_, folder)| folder)
                ),
                format!("--http_port={port}"),
            ],
            ..Stock::default()
        },
        Runtime::Custom => Stock::default(),
    }
}

fn torchserve() -> Stock {
    let store = format!("--model-store={MODELS}");
    let args = [
        "--start",
        "--foreground",
        &store,
        "--models=all",
        "--disable-token-auth",
    ];
    Stock {
        command: vec!["torchserve".to_owned()],
        args: args.map(str::to_owned).to_vec(),
        // Its own folder is read-only.
        env: vec![
            ("LOG_LOCATION", "/tmp/logs"),
            ("METRICS_LOCATION", "/tmp/logs"),
            ("TS_METRICS_MODE", "prometheus"),
            ("TS_ENABLE_ENVVARS_CONFIG", "true"),
        ],
    }
}

/// The first thing read is the model; with `--enable-lora` the others are its adapters.
fn vllm(step: &Step, port: u16, models: &[(&str, String)], gpus: u64) -> Vec<String> {
    let mut args = vec!["--host=0.0.0.0".to_owned(), format!("--port={port}")];
    let mut models = models.iter();
    if let Some((name, folder)) = models.next() {
        args.push(format!("--model={}", pod::inert(folder, false)));
        args.push(format!("--served-model-name={name}"));
    }
    if gpus > 1 {
        args.push(format!("--tensor-parallel-size={gpus}"));
    }
    let lora = step
        .args
        .iter()
        .filter_map(Text::as_literal)
        .any(|word| word == "--enable-lora");
    let adapters: Vec<String> = models
        .map(|(name, folder)| format!("{name}={}", pod::inert(folder, false)))
        .collect();
    if lora && !adapters.is_empty() {
        args.push("--lora-modules".to_owned());
        args.extend(adapters);
    }
    args
}
