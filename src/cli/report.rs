//! Diagnostics for people and machines. One function a format.

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

/// The exit code for what was found: infeasible only when nothing else is wrong.
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
    if !codes.is_empty() && codes.iter().all(|code| INFEASIBLE.contains(code)) {
        Outcome::Infeasible
    } else {
        Outcome::Errors
    }
}

/// Longer lines, which only programs write, are not shown.
const READABLE: usize = 2000;

/// All diagnostics as text, sorted by place.
pub fn render(found: &Diagnostics, sources: &SourceMap, format: Format, colour: bool) -> String {
    let mut text = String::new();
    let all = found.sorted();
    for diagnostic in &all {
        match format {
            Format::Pretty => text.push_str(&pretty(diagnostic, sources, colour)),
            Format::Short => text.push_str(&short(diagnostic, sources)),
            Format::Json => text.push_str(&json_line(diagnostic, sources)),
        }
    }
    if format == Format::Pretty && !all.is_empty() {
        text.push_str(&summary(&all));
    }
    text
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

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn short(found: &Diagnostic, sources: &SourceMap) -> String {
    let span = found.span();
    let at = sources.position(span);
    let help = found
        .help
        .as_ref()
        .map(|help| format!(" ({help})"))
        .unwrap_or_default();
    let line = format!(
        "{}:{}:{}: {}[{}]: {}{help}",
        sources.path(span),
        at.line,
        at.column,
        word(found.severity),
        found.code,
        found.message
    );
    line.replace('\n', " ") + "\n"
}

fn json_line(found: &Diagnostic, sources: &SourceMap) -> String {
    let line = serde_json::to_string(&Line::of(found, sources));
    line.unwrap_or_else(|error| unreachable!("our values always serialise: {error}")) + "\n"
}

/// What miette draws: one diagnostic with the labels of its own file; other files are cited in words.
#[derive(Debug)]
struct Drawn {
    found: Diagnostic,
    source: miette::NamedSource<String>,
    elsewhere: Vec<String>,
}

impl std::fmt::Display for Drawn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.found.message)
    }
}

impl std::error::Error for Drawn {}

impl miette::Diagnostic for Drawn {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(self.found.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.found.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        let lines = self
            .elsewhere
            .iter()
            .cloned()
            .chain(self.found.help.clone())
            .collect::<Vec<_>>();
        (!lines.is_empty()).then(|| Box::new(lines.join("\n")) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        let file = self.found.span().source;
        let own = self
            .found
            .labels
            .iter()
            .filter(move |label| label.span.source == file);
        Some(Box::new(own.enumerate().map(|(index, label)| {
            let text = (!label.text.is_empty()).then(|| label.text.clone());
            let span = (label.span.start as usize, label.span.length());
            if index == 0 {
                miette::LabeledSpan::new_primary_with_span(text, span)
            } else {
                miette::LabeledSpan::new_with_span(text, span)
            }
        })))
    }
}

fn pretty(found: &Diagnostic, sources: &SourceMap, colour: bool) -> String {
    let span = found.span();
    if sources.line(span).len() > READABLE {
        return short(found, sources);
    }
    let elsewhere = found
        .labels
        .iter()
        .filter(|label| label.span.source != span.source);
    let cited = elsewhere
        .map(|label| format!("{}: {}", sources.cite(label.span), label.text))
        .collect();
    let text = sources
        .get(span.source)
        .map(|source| source.text.clone())
        .unwrap_or_default();
    let drawn = Drawn {
        found: found.clone(),
        source: miette::NamedSource::new(sources.path(span), text),
        elsewhere: cited,
    };
    let theme = match (colour, no_color()) {
        (true, false) => miette::GraphicalTheme::unicode(),
        _ => miette::GraphicalTheme::unicode_nocolor(),
    };
    let handler = miette::GraphicalReportHandler::new_themed(theme)
        .with_width(110)
        .with_links(false);
    let mut text = String::new();
    match handler.render_report(&mut text, &drawn) {
        Ok(()) => text + "\n",
        // Drawing fails only on a place outside the text; the message must not be lost for it.
        Err(_) => short(found, sources),
    }
}

fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}
