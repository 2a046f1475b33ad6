//! Lower bounds above upper ones.

use super::Rules;
use crate::diag::{Code, Diagnostic};
use crate::graph::model::Step;
use crate::source::{Span, Spanned};

impl Rules<'_, '_> {
    /// `at-least` and `at-most` leave something between them.
    pub(super) fn bounds(&mut self, step: &Step) {
        let (low, high) = (&step.at_least, &step.at_most);
        let whole = |n: Spanned<u64>| (n.value as f64, n.span);
        let pairs = [
            (
                "cores",
                low.cores.map(|v| (v.value.0, v.span)),
                high.cores.map(|v| (v.value.0, v.span)),
            ),
            (
                "memory",
                low.memory.map(|v| (v.value.as_f64(), v.span)),
                high.memory.map(|v| (v.value.as_f64(), v.span)),
            ),
            (
                "disk",
                low.disk.map(|v| (v.value.as_f64(), v.span)),
                high.disk.map(|v| (v.value.as_f64(), v.span)),
            ),
            ("gpus", low.gpus.map(whole), high.gpus.map(whole)),
            ("nodes", low.nodes.map(whole), high.nodes.map(whole)),
            ("sites", low.sites.map(whole), high.sites.map(whole)),
            (
                "run-time",
                low.run_time.map(|v| (v.value.0, v.span)),
                high.run_time.map(|v| (v.value.0, v.span)),
            ),
        ];
        for (name, least, most) in pairs {
            if let (Some(least), Some(most)) = (least, most)
                && least.0 > most.0
            {
                self.crossed(name, least.1, most.1);
            }
        }
    }

    fn crossed(&mut self, name: &str, least: Span, most: Span) {
        let message = format!("`at-least` is above `at-most` for `{name}`");
        let found =
            Diagnostic::new(Code::ValueBounds, most, "at most this", message).and(least, "at least this");
        self.out.push(found.help("swap them, or leave one out"));
    }
}
