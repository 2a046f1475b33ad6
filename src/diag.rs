//! Diagnostics: what is wrong, where, and what to write instead.
//!
//! A pass reports everything it finds into a [`Diagnostics`] and goes on; rendering happens once, in the command line.

pub mod code;
pub mod line;
pub mod suggest;

pub use code::Code;

use schemars::JsonSchema;
use serde::Serialize;

use crate::source::{SourceMap, Span};

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// There is no output.
    Error,
    /// There is output, and something to look at.
    Warning,
}

impl Severity {
    /// `error` or `warning`: what programs that read reports call it too.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// A place and what is to be said about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What, in a few words; may be empty.
    pub text: String,
}

/// A text to write in place of another: what a help says, done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// What goes; empty where something is only added.
    pub span: Span,
    /// What comes; empty where something is only removed.
    pub text: String,
}

/// One mistake.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Its kind; has a page.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one clause, in the words of the file.
    pub message: String,
    /// The place, then other places that explain it.
    pub labels: Vec<Label>,
    /// What to write instead, ready to copy.
    pub help: Option<String>,
    /// The same for programs, where one change mends it.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A mistake at `span`; the label is what the arrow says.
    pub fn new(code: Code, span: Span, label: impl Into<String>, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: code.severity(),
            message: message.into(),
            labels: vec![Label {
                span,
                text: label.into(),
            }],
            help: None,
            fix: None,
        }
    }

    /// Another place that explains it.
    #[must_use]
    pub fn and(mut self, span: Span, label: impl Into<String>) -> Diagnostic {
        self.labels.push(Label {
            span,
            text: label.into(),
        });
        self
    }

    /// What to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// The same, if there is something to say.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Diagnostic {
        self.help = help.or(self.help);
        self
    }

    /// The change that mends it: `text` in place of what stands at `span`.
    #[must_use]
    pub fn fix(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.fix = Some(Fix {
            span,
            text: text.into(),
        });
        self
    }

    /// The same, if there is one.
    #[must_use]
    pub fn maybe_fix(mut self, fix: Option<Fix>) -> Diagnostic {
        self.fix = fix.or(self.fix);
        self
    }

    /// ``did you mean `x`?`` if there is a word near the one at the place of the mistake, which is then the fix.
    #[must_use]
    pub fn did_you_mean(self, near: Option<&str>) -> Diagnostic {
        let span = self.span();
        self.did_you_mean_at(Some(span), near)
    }

    /// The same, where the word is a part of what is blamed. Without its exact place there is no fix.
    #[must_use]
    pub fn did_you_mean_at(self, span: Option<Span>, near: Option<&str>) -> Diagnostic {
        let Some(near) = near else { return self };
        let helped = self.help(format!("did you mean `{near}`?"));
        match span {
            Some(span) => helped.fix(span, suggest::word(near)),
            None => helped,
        }
    }

    /// The fix, if it can be applied: what a template makes of its parameters is not to be overwritten.
    pub fn applicable(&self, sources: &SourceMap) -> Option<&Fix> {
        let fix = self.fix.as_ref()?;
        let removes = fix.text.is_empty() && fix.span.length() > 0;
        (removes || !sources.text(fix.span).contains('{')).then_some(fix)
    }

    /// The place of the mistake.
    pub fn span(&self) -> Span {
        self.labels.first().map(|label| label.span).unwrap_or_default()
    }
}

/// Collects what all passes find.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
}

impl Diagnostics {
    /// An empty collection.
    pub fn new() -> Diagnostics {
        Diagnostics::default()
    }

    /// Adds one. A name that is unknown in many places of a file is one mistake, with all of them.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let span = diagnostic.span();
        let same = |known: &&mut Diagnostic| {
            diagnostic.code == Code::NameUnknown
                && known.code == Code::NameUnknown
                && known.message == diagnostic.message
                && known.span().source == span.source
        };
        match self.found.iter_mut().find(same) {
            Some(known) if known.labels.iter().any(|label| label.span == span) => {}
            Some(known) => known.labels.push(Label {
                span,
                text: "and here".to_owned(),
            }),
            None => self.found.push(diagnostic),
        }
    }

    /// True if any of them is an error.
    pub fn has_errors(&self) -> bool {
        self.found
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All of them by place, each once.
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut all: Vec<&Diagnostic> = self.found.iter().collect();
        all.sort_by(|a, b| (a.span(), a.code, &a.message).cmp(&(b.span(), b.code, &b.message)));
        // A template that is used twice has its mistakes once.
        all.dedup_by(|b, a| (a.span(), a.code, &a.message) == (b.span(), b.code, &b.message));
        all
    }

    /// Makes warnings errors, as `--deny warnings` asks.
    pub fn deny_warnings(&mut self) {
        for diagnostic in &mut self.found {
            diagnostic.severity = Severity::Error;
        }
    }

    /// Drops all with these codes, as `--allow CODE` asks; errors stay.
    pub fn allow(&mut self, codes: &[Code]) {
        self.found
            .retain(|found| found.severity == Severity::Error || !codes.contains(&found.code));
    }
}
