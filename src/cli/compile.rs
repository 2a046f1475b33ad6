//! `portolan compile`: sources -> files.

use std::io::IsTerminal as _;

use camino::Utf8PathBuf;
use clap::Args;

use super::emit::{Emit, emit};
use super::report::{exit_for, report};
use super::session::{Session, SessionOptions};
use super::{Outcome, load, table};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::lower::Templates;
use crate::source::{SourceMap, Span};
use crate::syntax::Files as _;
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
    /// Folder of templates to use instead of built-in ones, by the same names (`terraform/aws/cluster.tf.hbs`)
    #[arg(long, value_name = "DIR")]
    templates: Option<Utf8PathBuf>,
    /// Print an intermediate form as JSON and write nothing
    #[arg(long, value_enum, conflicts_with_all = ["check", "locked", "force"])]
    emit: Option<Emit>,
}

/// Compiles and writes.
pub fn run(options: &Options) -> Outcome {
    let mut session = match Session::open(&options.session) {
        Ok(session) => session,
        Err(why) => return super::usage(&why),
    };
    let mut found = Diagnostics::new();
    if let Some(what) = options.emit {
        let text = emit(what, &mut session, &options.session, &mut found);
        let outcome = exit_for(&found, &options.session.report);
        return match (report(found, &session.sources, &options.session.report), text) {
            (false, Some(text)) => super::print(&text),
            _ => outcome,
        };
    }
    let templates = match templates(options, &mut session.sources, &mut found) {
        Ok(templates) => templates,
        Err(why) => return super::usage(&why),
    };
    let input = Input {
        files: &load::Disk,
        platform: options.session.platform.as_deref(),
        lock: session.lock.as_ref(),
        // What is locked is not learned anew.
        history: session.history.as_ref().filter(|_| !options.locked),
        limits: &session.limits,
    };
    let output = crate::plan(&mut session.sources, input, &mut found, |plan, catalog, out| {
        (
            table::plan(plan),
            crate::lower(plan, catalog, input.lock, &templates, out),
        )
    });
    if let Some((_, output)) = output.as_ref().filter(|_| options.locked) {
        locked(&mut session, output, &mut found);
    }
    let outcome = exit_for(&found, &options.session.report);
    let failed = report(found, &session.sources, &options.session.report);
    match output {
        Some((table, output)) if !failed => match finish(&session, options, &output) {
            Outcome::Ok if !options.check => super::print(&table),
            outcome => options.session.report.exit(outcome),
        },
        _ => outcome,
    }
}

/// The user's templates.
///
/// # Errors
/// Says what of the folder cannot be read.
fn templates(
    options: &Options,
    sources: &mut SourceMap,
    found: &mut Diagnostics,
) -> Result<Templates, String> {
    let mut templates = Templates::default();
    let Some(folder) = &options.templates else {
        return Ok(templates);
    };
    for path in load::below(folder)? {
        let whole = folder.join(&path);
        let text = load::Disk
            .read(whole.as_str())
            .map_err(|why| format!("{whole}: {why}"))?;
        let source = sources.quote(whole, text.clone());
        if let Err(wrong) = templates.replace(path.as_str(), text, source) {
            found.push(*wrong);
        }
    }
    Ok(templates)
}

/// Under `--locked`, a lock that would change is a mistake: its first line that would.
fn locked(session: &mut Session, output: &Output, found: &mut Diagnostics) {
    let now = output.lock.text();
    let before = session.lock_text.clone().unwrap_or_default();
    if before == now {
        return;
    }
    let path = session.lock_path.as_str();
    let path = path.strip_prefix("./").unwrap_or(path);
    let (message, label) = match session.lock_text {
        Some(_) => (format!("`--locked` forbids to change {path}"), "would change"),
        None => (format!("`--locked` forbids to write {path}"), "is not there"),
    };
    let mut offset = 0;
    let mut length = 0;
    for (old, new) in before.split_inclusive('\n').zip(now.split_inclusive('\n')) {
        if old != new {
            length = old.trim_end().len();
            break;
        }
        offset += old.len();
    }
    let source = session.sources.add(path, before);
    let span = Span::new(source, offset, length);
    found.push(
        Diagnostic::new(Code::LockStale, span, label, message)
            .help("compile without `--locked` and commit the lock file"),
    );
}

fn finish(session: &Session, options: &Options, output: &Output) -> Outcome {
    let lock = output.lock.text();
    let moved = session.lock_text.as_deref() != Some(lock.as_str());
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
    options.session.report.remark(&format!(
        "{}: {} files, {changed} written, {} removed",
        options.out,
        changed + written.unchanged,
        written.removed.len()
    ));
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
            options
                .session
                .report
                .remark(&format!("{}: up to date", options.out));
        }
        return Outcome::Ok;
    }
    options.session.report.remark(&format!(
        "portolan: {} is stale; compile and commit it",
        options.out
    ));
    Outcome::Stale
}
