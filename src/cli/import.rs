//! `portolan import`: what others wrote -> a pipeline of the language.

use clap::{Args, Subcommand};

use super::{Outcome, load, print, usage};
use crate::history::wfformat::{Instance, pipeline};

/// Make a pipeline of what another program wrote
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// Print the graph of a WfFormat file (1.4 or 1.5) as a pipeline; its runs are for `history import`
    Wfformat {
        /// The file
        file: String,
    },
}

/// Prints the pipeline.
pub fn run(options: &Options) -> Outcome {
    let What::Wfformat { file } = &options.what;
    let instance = load::unpacked(file).and_then(|text| {
        serde_json::from_str::<Instance>(&text)
            .map_err(|error| format!("{file}: it is not WfFormat: {error}"))
    });
    match instance {
        Ok(instance) => print(&pipeline::text(&instance.name, &instance.workflow.specification)),
        Err(why) => usage(&why),
    }
}
