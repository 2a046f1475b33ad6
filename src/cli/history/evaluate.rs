//! `portolan history evaluate`: how well the past would have been predicted before it happened.

use camino::Utf8PathBuf;
use clap::Args;

use super::{load, replay, tasks};
use crate::cli::{Outcome, usage};
use crate::write;

/// Predict the past as if it had not happened yet, to measure how well that works
///
/// Without `--tasks` and `--load`, the project's own history is replayed in the order in which its runs ended, and
/// compared with simpler rules and with what was requested.
#[derive(Args, Debug)]
pub struct Options {
    #[command(flatten)]
    tasks: Option<tasks::Options>,
    #[command(flatten)]
    load: Option<load::Options>,
    /// Where to write predictions, or, of the project's own history, a report as HTML
    #[arg(long, value_name = "FILE")]
    out: Option<Utf8PathBuf>,
    #[command(flatten)]
    own: replay::Options,
}

/// Predicts and writes.
pub fn run(options: &Options) -> Outcome {
    let text = match (&options.tasks, &options.load) {
        (Some(tasks), _) => tasks::predictions(tasks),
        (None, Some(load)) => load::forecasts(load),
        (None, None) => return replay::run(&options.own, options.out.as_deref()),
    };
    let Some(out) = &options.out else {
        return usage("say where to write with `--out FILE`");
    };
    match text.and_then(|text| write::replace(out, &text).map_err(|error| error.to_string())) {
        Ok(()) => Outcome::Ok,
        Err(why) => usage(&why),
    }
}
