//! `file:line:column: error[code]: message`, one a line, for editors and `grep`.

use crate::diag::Diagnostic;
use crate::source::SourceMap;

/// One line.
pub fn line(found: &Diagnostic, sources: &SourceMap) -> String {
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
        found.severity.word(),
        found.code,
        found.message
    );
    line.replace('\n', " ") + "\n"
}
