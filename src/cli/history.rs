//! `portolan history`: what past runs say.

mod compact;
mod evaluate;
mod export;
mod import;
mod load;
mod prometheus;
mod replay;
mod show;
mod tasks;

use std::path::{Path, PathBuf};

pub use import::append;

use clap::{Args, Subcommand};

use super::report::ReportOptions;
use super::{Outcome, session};
use crate::history::open::Opened;
use crate::history::store::FILE;

/// Keep what past runs needed, and see how well it predicts
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    Import(import::Options),
    Show(show::Options),
    Export(export::Options),
    Compact(compact::Options),
    Evaluate(evaluate::Options),
}

/// Does what was asked.
pub fn run(options: &Options) -> Outcome {
    match &options.what {
        What::Import(options) => import::run(options),
        What::Show(options) => show::run(options),
        What::Export(options) => export::run(options),
        What::Compact(options) => compact::run(options),
        What::Evaluate(options) => evaluate::run(options),
    }
}

/// Whose history.
#[derive(Args, Clone, Debug)]
pub struct Project {
    /// The project's folder, in which portolan.history lies, or a file of it
    #[arg(long, value_name = "PATH", default_value = ".")]
    project: PathBuf,
}

impl Project {
    /// The history file: beside the lock.
    fn path(&self) -> PathBuf {
        file_beside(&self.project)
    }
}

/// `portolan.history` in a folder, or beside a file.
fn file_beside(path: &Path) -> PathBuf {
    super::load::folder(&[path.to_path_buf()]).join(FILE)
}

/// The history of a project, which must be there.
///
/// # Errors
/// Says that it is not there or cannot be read.
fn existing(path: &Path, report: &ReportOptions) -> Result<Opened, String> {
    session::history(path, report)?.ok_or_else(|| {
        format!(
            "{}: no such file; `portolan history import` makes it",
            path.display()
        )
    })
}
