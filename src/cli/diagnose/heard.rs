//! What goes wrong in gathering what is known of an incident. None of it ends the diagnosis: the rest is used.

use std::collections::BTreeSet;

use super::server::Fault;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::SourceMap;

/// So many names are told; the rest is counted.
const SHOWN: usize = 5;

/// Diagnostics and the texts that they are about.
#[derive(Default)]
pub struct Heard {
    /// Files and servers.
    pub sources: SourceMap,
    /// What is wrong with them.
    pub found: Diagnostics,
}

impl Heard {
    /// Something is wrong with what is called `name`, of which there is no text to show.
    pub fn say(&mut self, code: Code, name: &str, message: &str) {
        let source = self.sources.quote(name, name);
        let span = self.sources.line(source, 1);
        let diagnostic = Diagnostic::new(code, span, "not used", message.to_owned());
        self.found
            .push(diagnostic.help("the answer rests on what else is known"));
    }

    /// A server did not answer, or not as it should.
    pub fn fault(&mut self, fault: &Fault) {
        let name = fault.message.split_once(": ").map_or("", |(address, _)| address);
        self.say(fault.code, name, &fault.message);
    }

    /// `names` of `source` have no counterpart, if there are any.
    pub fn unmatched(&mut self, source: &str, why: &str, names: BTreeSet<&str>) {
        if names.is_empty() {
            return;
        }
        let more = names.len().saturating_sub(SHOWN);
        let shown: Vec<&str> = names.into_iter().take(SHOWN).collect();
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let message = format!("{why}: {}{more}", shown.join(", "));
        self.say(Code::MetricsUnmatched, source, &message);
    }
}
