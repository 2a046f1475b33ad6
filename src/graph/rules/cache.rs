//! `cache`: outputs may be used again only if every input has a version.

use super::Rules;
use crate::diag::{Code, Diagnostic};
use crate::graph::model::{Step, StepKind, Store};

impl Rules<'_, '_> {
    pub(super) fn cached(&mut self, step: &Step) {
        if step.cache.is_none() {
            return;
        }
        for read in &step.reads {
            let data = &self.graph[read.data];
            let name = &data.name.value;
            let streamed = data
                .writers
                .iter()
                .any(|writer| self.graph[*writer].kind == StepKind::Streaming);
            let why = if streamed || data.store == Store::Stream {
                "it changes while it is read"
            } else if data.writers.is_empty() && !data.at.is_empty() {
                "no step writes it, so nothing tells when it changes"
            } else {
                continue;
            };
            let cache = self.outline(step).and_then(|(_, own)| own.child("cache"));
            let message = format!(
                "`{}` is cached, and its input `{name}` has no version",
                step.name.value
            );
            let found = Diagnostic::new(Code::CacheUnversioned, read.span, why, message);
            let found = match cache {
                Some(cache) => found.and(cache.span, "asks to use outputs again"),
                None => found,
            };
            self.out.push(found.help(format!(
                "remove `cache`, or let a step copy `{name}` first and read the copy"
            )));
        }
    }
}
