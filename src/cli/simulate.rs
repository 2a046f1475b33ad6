//! `portolan simulate`: the plan played many times, and the odds of each promise.

mod text;

use clap::Args;

use super::Outcome;
use super::report::{Format, exit_for, report};
use super::session::{Session, SessionOptions};
use super::watch::Watch;
use crate::diag::Diagnostics;
use crate::place::Plan;
use crate::render;
use crate::simulate::{Fault, Scenario, fault, simulate};

/// Play the plan many times: odds of each promise, run times, money, what dominates
#[derive(Args, Debug)]
pub struct Options {
    /// Runs of each pipeline
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    runs: u64,
    /// Which runs: the same seed gives the same answer
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What goes wrong: `site=SITE[,from=1h][,for=2h]`, `step=STEP[,fails=2]`, `data=DATA,late=2h`,
    /// `price=2x[,at=SITE]`; may be repeated
    #[arg(long, value_name = "FAULT")]
    fault: Vec<String>,
    /// The chance that a step's condition holds, such as `train=80%`; may be repeated
    #[arg(long, value_name = "STEP=PERCENT")]
    chance: Vec<String>,
    /// Threads; the answer does not depend on them
    #[arg(long)]
    threads: Option<usize>,
    #[command(flatten)]
    session: SessionOptions,
}

/// Plans, plays and prints.
pub fn run(options: &Options) -> Outcome {
    let mut session = match Session::open(&options.session) {
        Ok(session) => session,
        Err(why) => return super::usage(&why),
    };
    let watch = Watch::of(
        format!("playing {} runs", options.runs),
        options.session.report.quiet,
    );
    let mut found = Diagnostics::new();
    let (sources, input) = session.parts();
    let played = crate::plan(sources, input, &mut found, |plan, _, _| played(plan, options));
    drop(watch);
    let outcome = exit_for(&found, &options.session.report);
    let failed = report(found, &session.sources, &options.session.report);
    match played {
        Some(Err(why)) => super::usage(&why),
        Some(Ok(text)) if !failed => super::print(&text),
        Some(Ok(_)) | None => outcome,
    }
}

fn played(plan: &Plan<'_>, options: &Options) -> Result<String, String> {
    let graph = plan.profiled.graph;
    let faults = options.fault.iter().map(|text| Fault::read(text, plan));
    let chances = options.chance.iter().map(|text| fault::chance(text, graph));
    let scenario = Scenario {
        runs: options.runs,
        seed: options.seed,
        faults: faults.collect::<Result<_, _>>()?,
        chances: chances.collect::<Result<_, _>>()?,
    };
    let simulation = simulate(plan, &scenario, threads(options.threads));
    Ok(match options.session.report.format {
        Format::Json => render::json(&simulation),
        Format::Pretty | Format::Short | Format::Sarif | Format::Github | Format::Gitlab | Format::Junit => {
            text::text(&simulation, &options.fault)
        }
    })
}

/// As many as asked for, or as the machine has.
pub fn threads(asked: Option<usize>) -> usize {
    let own = || std::thread::available_parallelism().map_or(1, usize::from);
    asked.unwrap_or_else(own).clamp(1, 256)
}
