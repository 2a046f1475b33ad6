//! Data: who writes it, and whether it is there when it is read.

use super::Rules;
use crate::diag::{Code, Diagnostic};
use crate::graph::model::{DataSet, Step};

impl Rules<'_, '_> {
    /// Two steps may write one data set only if at most one of them can run.
    pub(super) fn writers(&mut self, data: &DataSet) {
        let excludes = |a: &Step, b: &Step| a.otherwise.iter().any(|other| other.value == b.id);
        for (index, first) in data.writers.iter().enumerate() {
            for second in data.writers.iter().skip(index + 1) {
                let (a, b) = (&self.graph[*first], &self.graph[*second]);
                // An `otherwise` that could not be read may be the one that excludes.
                let unsure = |step: &Step| {
                    self.outline(step).is_none_or(|(_, outline)| {
                        outline.node.damaged
                            || outline
                                .child("otherwise")
                                .is_some_and(|line| line.arguments.len() > step.otherwise.len())
                    })
                };
                if !(excludes(a, b) || excludes(b, a) || unsure(a) || unsure(b)) {
                    self.report_writers(data, a, b);
                }
            }
        }
    }

    fn report_writers(&mut self, data: &DataSet, a: &Step, b: &Step) {
        let place = |step: &Step| {
            let write = step
                .writes
                .iter()
                .find(|write| self.graph[write.data].name == data.name);
            write.map_or(step.span, |write| write.span)
        };
        // By place in the file, whichever runs first.
        let (a, b) = if place(a) <= place(b) { (a, b) } else { (b, a) };
        let message = format!(
            "`{}` and `{}` may both write `{}` in one run",
            a.name.value, b.name.value, data.name.value
        );
        let help = format!("let one run `otherwise {}`, or write two data sets", a.name.value);
        let found = Diagnostic::new(Code::GraphWriters, place(b), "written again here", message)
            .and(place(a), "written here");
        self.out.push(found.help(help));
    }

    pub(super) fn unwritten(&mut self, step: &Step) {
        for read in &step.reads {
            let data = &self.graph[read.data];
            let declared = self.data_outline(data).and_then(|(_, data)| data.declared);
            let located = declared.is_some_and(|node| node.child("at").is_some());
            let name = &data.name.value;
            if data.writers.is_empty() && !located && !self.unsure_of(data) {
                let message = format!("nothing writes `{name}` and it has no `at`");
                self.out.push(
                    Diagnostic::new(Code::GraphUnwritten, read.span, "never there", message)
                        .and(data.span, "declared here")
                        .help("say where it is with `at`, or let a step write it"),
                );
            } else if read.previous
                && (data.writers.is_empty() || data.pipeline != step.pipeline)
                && !self.unsure_of(data)
            {
                let message =
                    format!("this pipeline does not write `{name}`, so there is no last run's version");
                let found = Diagnostic::new(Code::GraphPrevious, read.span, "not written here", message);
                self.out
                    .push(found.help("remove `version=previous`: what is there is read"));
            }
        }
    }

    pub(super) fn partitions(&mut self, step: &Step) {
        for read in step.reads.iter().filter(|read| read.last.is_some()) {
            let data = &self.graph[read.data];
            if data.partitions.is_some() || self.unsure_of(data) {
                continue;
            }
            let message = format!(
                "`{}` has no partitions to choose the newest from",
                data.name.value
            );
            self.out.push(
                Diagnostic::new(
                    Code::DataPartition,
                    read.span,
                    "`last=` needs partitions",
                    message,
                )
                .and(data.span, "this data set")
                .help("add `partitions by=day` to it"),
            );
        }
    }
}
