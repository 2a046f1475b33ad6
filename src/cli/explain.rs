//! `portolan explain`: what a diagnostic code means.

use clap::Args;

use super::Outcome;
use crate::diag::{Code, suggest};

/// Tell more about a diagnostic code
#[derive(Args, Debug)]
pub struct Options {
    /// A code such as `name.unknown`
    what: String,
}

/// Prints the page.
pub fn run(options: &Options) -> Outcome {
    match Code::find(&options.what) {
        Some(code) => super::print(code.page()),
        None => {
            let near = suggest::did_you_mean(&options.what, Code::ALL.iter().map(|code| code.name()));
            let near = near.map(|near| format!("; {near}")).unwrap_or_default();
            super::usage(&format!("there is no code `{}`{near}", options.what))
        }
    }
}
