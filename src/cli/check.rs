//! `portolan check`: everything that can be known without placing.

use std::path::PathBuf;

use clap::Args;

use super::report::{ReportOptions, report};
use super::{Outcome, load};
use crate::catalog::Catalog;
use crate::diag::Diagnostics;
use crate::{graph, syntax};

/// Find mistakes without placing or writing anything
#[derive(Args, Debug)]
pub struct Options {
    /// Files, folders (all `*.kdl` directly in them), or `-`
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// Which platform, if there are several
    #[arg(long)]
    platform: Option<String>,
    #[command(flatten)]
    report: ReportOptions,
}

/// Checks and reports.
pub fn run(options: &Options) -> Outcome {
    let mut sources = match load::sources(&options.paths) {
        Ok(sources) => sources,
        Err(why) => {
            eprintln!("portolan: {why}");
            return Outcome::Usage;
        }
    };
    let mut found = Diagnostics::new();
    let document = syntax::parse(&mut sources, &load::Disk, &mut found);
    let catalog = Catalog::built_in();
    let around = graph::Surroundings {
        sources: &sources,
        files: &load::Disk,
        catalog: &catalog,
        platform: options.platform.as_deref(),
    };
    let built = graph::build(&document, around, &mut found);
    if report(found, &sources, &options.report) {
        return Outcome::Errors;
    }
    if let Some((graph, _)) = built {
        let counted = |n: usize, what: &str| {
            if n == 1 {
                format!("1 {what}")
            } else {
                format!("{n} {what}s")
            }
        };
        options.report.remark(&format!(
            "{}, {}: no mistakes",
            counted(graph.pipelines.len(), "pipeline"),
            counted(graph.steps.len(), "step")
        ));
    }
    Outcome::Ok
}
