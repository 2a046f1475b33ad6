//! `portolan history compact`: many imports become one part.

use std::path::PathBuf;

use clap::Args;

use crate::cli::report::ReportOptions;
use crate::cli::{Outcome, usage};
use crate::history::{store, table};
use crate::write;

/// Join all imports into one, which is smaller; nothing that is known is dropped
#[derive(Args, Debug)]
pub struct Options {
    /// The project's folder, or a file of it
    #[arg(default_value = ".")]
    path: PathBuf,
    #[command(flatten)]
    report: ReportOptions,
}

/// Rewrites the file in one piece, unless a part of it cannot be read.
pub fn run(options: &Options) -> Outcome {
    match compact(options) {
        Ok(said) => {
            eprintln!("{said}");
            Outcome::Ok
        }
        Err(why) => usage(&why),
    }
}

fn compact(options: &Options) -> Result<String, String> {
    let path = super::file_beside(&options.path);
    let name = path.display().to_string();
    let opened = super::existing(&path, &options.report)?;
    if opened.damaged {
        return Err(format!(
            "{name}: a part of it cannot be read and would be lost; restore it, or start anew from `portolan history export`"
        ));
    }
    let before = std::fs::metadata(&path)
        .map_err(|error| format!("{name}: {error}"))?
        .len();
    let packed = store::pack(&table::text(&opened.records));
    let path =
        camino::Utf8PathBuf::from_path_buf(path).map_err(|path| format!("{}: not UTF-8", path.display()))?;
    write::replace(&path, &packed).map_err(|error| error.to_string())?;
    Ok(format!(
        "{name}: {} imports joined, {before} bytes became {}",
        opened.imports,
        packed.len()
    ))
}
