//! `portolan history`: what past runs say.

mod evaluate;

use clap::{Args, Subcommand};

use super::Outcome;

/// Keep what past runs needed, and see how well it predicts
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    Evaluate(evaluate::Options),
}

/// Does what was asked.
pub fn run(options: &Options) -> Outcome {
    match &options.what {
        What::Evaluate(options) => evaluate::run(options),
    }
}
