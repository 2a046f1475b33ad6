//! Diagnostics for people and machines. One file a format.

mod github;
mod gitlab;
mod junit;
mod place;
mod pretty;
mod sarif;
mod short;

pub use junit::tests as junit_tests;

use std::io::IsTerminal as _;

use clap::{Args, ValueEnum};

use super::Outcome;
use crate::diag::line::Line;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::source::SourceMap;

/// How diagnostics are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Format {
    /// With the source around them.
    Pretty,
    /// `file:line:column: error[code]: message`, one a line.
    Short,
    /// One JSON object a line.
    Json,
    /// A SARIF 2.1.0 log, for code scanning.
    Sarif,
    /// Workflow commands of GitHub Actions, one a line.
    Github,
    /// A Code Quality report of GitLab.
    Gitlab,
    /// JUnit's XML.
    Junit,
}

impl Format {
    /// True if a remark on standard error would be a mistake in the report.
    fn is_for_programs(self) -> bool {
        match self {
            Format::Pretty | Format::Short | Format::Github => false,
            Format::Json | Format::Sarif | Format::Gitlab | Format::Junit => true,
        }
    }
}

/// Options that every command with diagnostics has.
#[derive(Args, Clone, Debug)]
pub struct ReportOptions {
    /// How diagnostics are written
    #[arg(long, value_enum, default_value = "pretty", global = true)]
    pub format: Format,
    /// Make warnings errors
    #[arg(long, value_name = "warnings", value_parser = ["warnings"])]
    pub deny: Option<String>,
    /// Drop warnings with this code; may be repeated
    #[arg(long, value_name = "CODE", value_parser = parse_code)]
    pub allow: Vec<Code>,
    /// Say nothing but mistakes: no remarks, no progress
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

impl ReportOptions {
    /// A remark for people, beside the report.
    pub fn remark(&self, text: &str) {
        if !self.quiet && !self.format.is_for_programs() {
            eprintln!("{text}");
        }
    }

    /// The exit code that this format allows. What uploads SARIF takes 1 for findings and the others for a tool that broke.
    pub fn exit(&self, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::Stale | Outcome::Infeasible if self.format == Format::Sarif => Outcome::Errors,
            Outcome::Ok
            | Outcome::Errors
            | Outcome::Usage
            | Outcome::Stale
            | Outcome::Infeasible
            | Outcome::Interrupted => outcome,
        }
    }
}

fn parse_code(text: &str) -> Result<Code, String> {
    Code::find(text).ok_or_else(|| {
        let near = crate::diag::suggest::did_you_mean(text, Code::ALL.iter().map(|code| code.name()));
        format!(
            "no such code{}",
            near.map(|near| format!("; {near}")).unwrap_or_default()
        )
    })
}

/// Applies `--deny` and `--allow`, writes everything to stderr and says whether there are errors.
pub fn report(mut found: Diagnostics, sources: &SourceMap, options: &ReportOptions) -> bool {
    found.allow(&options.allow);
    if options.deny.is_some() {
        found.deny_warnings();
    }
    let text = render(&found, sources, options.format, std::io::stderr().is_terminal());
    eprint!("{text}");
    found.has_errors()
}

/// The exit code for what was found: infeasible, or stale, only when nothing else is wrong.
pub fn exit_for(found: &Diagnostics, options: &ReportOptions) -> Outcome {
    const INFEASIBLE: [Code; 4] = [
        Code::PromiseConflict,
        Code::PlaceNone,
        Code::NeedsQuota,
        Code::ResidencyEmpty,
    ];
    let denied = options.deny.is_some();
    let errors = found
        .sorted()
        .into_iter()
        .filter(|one| one.severity == Severity::Error || denied);
    let codes: Vec<Code> = errors.map(|one| one.code).collect();
    let only = |these: &[Code]| !codes.is_empty() && codes.iter().all(|code| these.contains(code));
    options.exit(if only(&INFEASIBLE) {
        Outcome::Infeasible
    } else if only(&[Code::LockStale]) {
        Outcome::Stale
    } else {
        Outcome::Errors
    })
}

/// Longer lines, which only programs write, are not shown.
const READABLE: usize = 2000;

/// All diagnostics as text, sorted by place.
pub fn render(found: &Diagnostics, sources: &SourceMap, format: Format, colour: bool) -> String {
    let all = found.sorted();
    let lines = |line: &dyn Fn(&Diagnostic) -> String| all.iter().copied().map(line).collect::<String>();
    match format {
        Format::Pretty if all.is_empty() => String::new(),
        Format::Pretty => {
            let readable = |one: &Diagnostic| sources.line_text(one.span()).len() <= READABLE;
            let drawn = lines(&|one| {
                if readable(one) {
                    pretty::drawing(one, sources, colour)
                } else {
                    short::line(one, sources)
                }
            });
            drawn + &summary(&all)
        }
        Format::Short => lines(&|one| short::line(one, sources)),
        Format::Json => lines(&|one| json_line(&Line::of(one, sources))),
        Format::Sarif => sarif::document(&all, sources),
        Format::Github => lines(&|one| github::line(one, sources)),
        Format::Gitlab => gitlab::document(&all, sources),
        Format::Junit => junit::document(&all, sources),
    }
}

fn summary(all: &[&Diagnostic]) -> String {
    let errors = all
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .count();
    let warnings = all.len() - errors;
    let count = |n: usize, what: &str| match n {
        0 => None,
        1 => Some(format!("1 {what}")),
        n => Some(format!("{n} {what}s")),
    };
    let parts: Vec<String> = [count(errors, "error"), count(warnings, "warning")]
        .into_iter()
        .flatten()
        .collect();
    format!("{}; `portolan explain CODE` tells more\n", parts.join(", "))
}

/// A diagnostic in words: the mistake, the other places that explain it, and what to write instead.
fn told(found: &Diagnostic, sources: &SourceMap) -> String {
    let elsewhere = found.labels.iter().skip(1);
    let cited = elsewhere.map(|label| format!("\n{}: {}", sources.cite(label.span), label.text));
    let help = found.help.iter().map(|help| format!("\nhelp: {help}"));
    std::iter::once(found.message.clone())
        .chain(cited)
        .chain(help)
        .collect()
}

fn json_line(line: &Line<'_>) -> String {
    let line = serde_json::to_string(line);
    line.unwrap_or_else(|error| unreachable!("our values always serialise: {error}")) + "\n"
}
