//! The index of diagnostic codes: `docs/codes.md`.

use crate::diag::{Code, Severity};

/// The page: every code with its mistake, those that begin alike together.
pub fn page() -> String {
    let mut text = HEAD.to_owned();
    let mut group = "";
    for code in Code::ALL {
        let name = code.name();
        let start = name.split('.').next().unwrap_or(name);
        if start != group {
            group = start;
            text.push_str(&format!("\n## {group}\n| Code | Mistake |\n|---|---|\n"));
        }
        let mark = match code.severity() {
            Severity::Error => "",
            Severity::Warning => " ⚠",
        };
        let title = code.title().replace('|', "\\|");
        text.push_str(&format!("| [`{name}`](codes/{name}.md){mark} | {title} |\n"));
    }
    text
}

const HEAD: &str = "# Diagnostic codes

Every message has a code, and every code a page: what is wrong, why it is refused, an example, the fix.
`portolan explain CODE` prints that page. ⚠ is a warning, which `--deny warnings` makes an error.

This page is made from the table of codes.
";
