//! `portolan plan`: where everything would run, at what cost, and why.

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;

use super::emit::{Emit, emit};
use super::report::{Format, exit_for, report};
use super::session::{Session, SessionOptions};
use super::watch::Watch;
use super::whatif::{self, Suppositions};
use super::{Outcome, table};
use crate::diag::Diagnostics;
use crate::{place, render, report as page, write};

/// Show where every step would run, at what cost, and why
#[derive(Args, Debug)]
pub struct Options {
    #[command(flatten)]
    session: SessionOptions,
    /// Print an intermediate form as JSON instead of the table
    #[arg(long, value_enum)]
    emit: Option<Emit>,
    /// Write the plan as one page for a browser to FILE; `-` prints it instead of the table
    #[arg(long, value_name = "FILE", conflicts_with = "emit")]
    html: Option<Utf8PathBuf>,
    /// Write the plan as Markdown for a pull request to FILE; `-` prints it instead of the table
    #[arg(long, value_name = "FILE", conflicts_with = "emit")]
    markdown: Option<Utf8PathBuf>,
    #[command(flatten)]
    suppositions: Suppositions,
}

/// A plan as it is printed and as it is written.
struct Told {
    printed: String,
    html: Option<String>,
    markdown: Option<String>,
}

/// Plans and prints.
pub fn run(options: &Options) -> Outcome {
    if !options.suppositions.is_empty() {
        if options.html.is_some() || options.markdown.is_some() {
            return super::usage(
                "`--html` and `--markdown` show the plan as things are, not what would be different",
            );
        }
        return whatif::run(&options.session, &options.suppositions);
    }
    let mut session = match Session::open(&options.session) {
        Ok(session) => session,
        Err(why) => return super::usage(&why),
    };
    let watch = Watch::of("placing", options.session.report.quiet);
    let mut found = Diagnostics::new();
    let told = match options.emit {
        Some(what) => {
            let text = emit(what, &mut session, &options.session, &mut found);
            text.map(|printed| Told {
                printed,
                html: None,
                markdown: None,
            })
        }
        None => tell(&mut session, options, &mut found),
    };
    drop(watch);
    let outcome = exit_for(&found, &options.session.report);
    let failed = report(found, &session.sources, &options.session.report);
    match told {
        Some(told) if !failed => finish(options, &told),
        _ => outcome,
    }
}

fn tell(session: &mut Session, options: &Options, found: &mut Diagnostics) -> Option<Told> {
    let (sources, input) = session.parts();
    crate::plan(sources, input, found, |plan, catalog, _| Told {
        printed: match options.session.report.format {
            Format::Json => render::json(&place::view(plan)),
            Format::Pretty
            | Format::Short
            | Format::Sarif
            | Format::Github
            | Format::Gitlab
            | Format::Junit => table::plan(plan),
        },
        html: options.html.as_ref().map(|_| page::page(plan, catalog)),
        markdown: options.markdown.as_ref().map(|_| page::summary(plan, catalog)),
    })
}

/// Writes the files, then prints the table, or a file that goes to standard output.
fn finish(options: &Options, told: &Told) -> Outcome {
    let mut printed = &told.printed;
    for (path, text) in [(&options.html, &told.html), (&options.markdown, &told.markdown)] {
        let (Some(path), Some(text)) = (path, text) else {
            continue;
        };
        if path == Utf8Path::new("-") {
            printed = text;
        } else if let Err(error) = write::replace(path, text) {
            return super::usage(&error.to_string());
        }
    }
    super::print(printed)
}
