//! `portolan compile`: sources -> files.

use std::io::IsTerminal as _;

use camino::Utf8PathBuf;
use clap::Args;

use super::report::{exit_for, report};
use super::session::{Session, SessionOptions};
use super::{Outcome, load, table};
use crate::diag::{Code, Diagnostics};
use crate::write::{self, Difference};
use crate::{Input, Output};

/// Compile pipelines into Terraform, Kubernetes, Argo, Dockerfiles and monitoring
#[derive(Args, Debug)]
pub struct Options {
    #[command(flatten)]
    session: SessionOptions,
    /// Folder to write to
    #[arg(short, long, value_name = "DIR", default_value = "out")]
    out: Utf8PathBuf,
    /// Write nothing; show how the folder differs from what would be written, and exit with 3 if it does
    #[arg(long)]
    check: bool,
    /// Refuse to change portolan.lock
    #[arg(long)]
    locked: bool,
    /// Overwrite files that no earlier compilation wrote
    #[arg(long)]
    force: bool,
}

/// Compiles and writes.
pub fn run(options: &Options) -> Outcome {
    let mut session = match Session::open(&options.session) {
        Ok(session) => session,
        Err(why) => return super::usage(&why),
    };
    let mut found = Diagnostics::new();
    let input = Input {
        files: &load::Disk,
        platform: options.session.platform.as_deref(),
        lock: session.lock.as_ref(),
        // What is locked is not learned anew.
        history: session.history.as_ref().filter(|_| !options.locked),
        limits: &session.limits,
    };
    let output = crate::plan(&mut session.sources, input, &mut found, |plan, catalog, out| {
        (table::plan(plan), crate::lower(plan, catalog, input.lock, out))
    });
    let outcome = exit_for(&found, &options.session.report);
    let failed = report(found, &session.sources, &options.session.report);
    match output {
        Some((table, output)) if !failed => match finish(&session, options, &output) {
            Outcome::Ok if !options.check => super::print(&table),
            outcome => outcome,
        },
        _ => outcome,
    }
}

fn finish(session: &Session, options: &Options, output: &Output) -> Outcome {
    let lock = output.lock.text();
    let before = std::fs::read_to_string(&session.lock_path).ok();
    let moved = before.as_deref() != Some(lock.as_str());
    if moved && options.locked {
        let what = if before.is_some() {
            "would change"
        } else {
            "is not there"
        };
        eprintln!(
            "portolan: {}: {} {what}, and `--locked` forbids it",
            Code::LockStale,
            session.lock_path
        );
        eprintln!("  help: compile without `--locked` and commit the lock file");
        return Outcome::Stale;
    }
    if options.check {
        return check(session, options, output, moved);
    }
    let written = match write::write(&options.out, &output.artifacts, options.force) {
        Ok(written) => written,
        Err(error) => return super::usage(&error.to_string()),
    };
    if moved && let Err(error) = write::replace(&session.lock_path, &lock) {
        return super::usage(&error.to_string());
    }
    let changed = written.changed.len();
    eprintln!(
        "{}: {} files, {changed} written, {} removed",
        options.out,
        changed + written.unchanged,
        written.removed.len()
    );
    Outcome::Ok
}

/// Shows what would change.
fn check(session: &Session, options: &Options, output: &Output, moved: bool) -> Outcome {
    let differences = match write::check(&options.out, &output.artifacts) {
        Ok(differences) => differences,
        Err(error) => return super::usage(&error.to_string()),
    };
    for difference in &differences {
        match difference {
            Difference::Missing { path } => println!("missing: {path}"),
            Difference::Stale { path } => println!("no longer generated: {path}"),
            Difference::Changed { diff, .. } => print!("{diff}"),
        }
    }
    if moved {
        println!("changed: {}", session.lock_path);
    }
    if differences.is_empty() && !moved {
        if std::io::stderr().is_terminal() {
            eprintln!("{}: up to date", options.out);
        }
        return Outcome::Ok;
    }
    eprintln!("portolan: {} is stale; compile and commit it", options.out);
    Outcome::Stale
}
