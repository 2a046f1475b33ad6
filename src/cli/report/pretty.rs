//! With the source around it, for people at a terminal.

use crate::diag::{Diagnostic, Severity};
use crate::source::SourceMap;

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

/// One diagnostic.
pub fn drawing(found: &Diagnostic, sources: &SourceMap, colour: bool) -> String {
    let span = found.span();
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
        Err(_) => super::short::line(found, sources),
    }
}

fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}
