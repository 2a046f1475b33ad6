//! `portolan place`: solves a placement problem of another program.

use std::cell::Cell;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::meter::{Meter, peak_memory};
use super::report::{ReportOptions, report};
use super::watch::Watch;
use super::{Outcome, load};
use crate::diag::Diagnostics;
use crate::place::engine::Limits;
use crate::place::interchange::{self, Instance, Report, Status};
use crate::render;
use crate::source::SourceMap;

/// Solve a placement instance (JSON, see `portolan schema instance`) and print the answer as JSON
#[derive(Args, Debug)]
pub struct Options {
    /// A file, or `-`
    instance: PathBuf,
    /// Relative gap that is good enough
    #[arg(long, default_value_t = 1e-6, value_parser = gap)]
    gap: f64,
    /// Work limit in million looks at a candidate or an edge; the same on every machine
    #[arg(long, value_name = "MILLIONS", default_value_t = 100)]
    work: u64,
    /// Stop after so many seconds, too: the answer then depends on the machine
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    time_limit: Option<f64>,
    #[command(flatten)]
    report: ReportOptions,
}

fn gap(text: &str) -> Result<f64, String> {
    let gap = text.parse().ok().filter(|gap| (0.0..1.0).contains(gap));
    gap.ok_or_else(|| "it is a number from 0 to below 1".to_owned())
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok();
    let sensible = seconds.filter(|seconds| Duration::try_from_secs_f64(*seconds).is_ok());
    sensible.ok_or_else(|| "it is a number of seconds".to_owned())
}

/// Solves and prints.
pub fn run(options: &Options) -> Outcome {
    let mut sources = SourceMap::default();
    let source = match load::text(&options.instance) {
        Ok((path, text)) => sources.add(path, text),
        Err(why) => return super::usage(&why),
    };
    let mut found = Diagnostics::new();
    let Some(instance) = interchange::read(&sources, source, &mut found) else {
        report(found, &sources, &options.report);
        return Outcome::Errors;
    };
    let watch = Watch::of("solving", options.report.quiet);
    let answer = measured(&instance, options);
    drop(watch);
    let outcome = match answer.status {
        Status::Optimal | Status::Feasible => Outcome::Ok,
        Status::Infeasible | Status::Undecided => Outcome::Infeasible,
    };
    match super::print(&render::json(&answer)) {
        Outcome::Ok => outcome,
        failed => failed,
    }
}

/// The answer with what it took.
fn measured(instance: &Instance<'_>, options: &Options) -> Report {
    let meter = Meter::start();
    let built = Cell::new(0.0);
    let late = || options.time_limit.is_some_and(|limit| meter.seconds() >= limit);
    let limits = Limits {
        gap: options.gap,
        work: options.work.saturating_mul(1_000_000),
        interrupted: &late,
        ..Limits::default()
    };
    let mut answer = interchange::solve(instance, &limits, || built.set(meter.seconds()));
    answer.build_s = Some(built.get());
    answer.solve_s = Some(meter.seconds() - built.get());
    answer.cpu_s = meter.processor_seconds();
    answer.peak_rss_mb = peak_memory();
    answer
}
