//! Data: who writes it, and whether it is there when it is read.

use super::Rules;
use crate::diag::{Code, Diagnostic};
use crate::graph::model::{DataSet, Partitions, Step, StepId, Write};

impl Rules<'_, '_> {
    /// Two steps may write one data set only if at most one of them can run.
    pub(super) fn writers(&mut self, data: &DataSet) {
        let pairs = data.writers.iter().enumerate().flat_map(|(at, first)| {
            let others = data.writers.iter().skip(at + 1);
            others.map(move |second| (*first, *second))
        });
        let both = |(a, b): &(StepId, StepId)| self.runs.runs(*a).and(&self.runs.runs(*b));
        let mut clashes =
            pairs.filter(|pair| pair.0 != pair.1 && !self.unread(pair) && !both(pair).is_never());
        let Some(first) = clashes.next() else { return };
        let example = both(&first).example();
        let mut steps = vec![first.0, first.1];
        for (a, b) in clashes {
            steps.extend([a, b]);
        }
        steps.sort_unstable();
        steps.dedup();
        self.report_writers(data, &steps, example);
    }

    /// The condition that could not be read may be the one that excludes.
    fn unread(&self, pair: &(StepId, StepId)) -> bool {
        let unread = |step| super::unread(self.outlines, &self.graph[step]);
        unread(pair.0) || unread(pair.1)
    }

    fn report_writers(&mut self, data: &DataSet, steps: &[StepId], example: Option<String>) {
        let place = |step: &Step| {
            let own = |write: &&Write| self.graph[write.data].name == data.name;
            step.writes.iter().find(own).map_or(step.span, |write| write.span)
        };
        // By place in the file, whichever runs first.
        let mut writers: Vec<&Step> = steps.iter().map(|step| &self.graph[*step]).collect();
        writers.sort_by_key(|step| place(step));
        let Some((first, others)) = writers.split_first() else {
            return;
        };
        let Some(last) = others.last() else { return };
        let names: Vec<String> = others
            .iter()
            .map(|step| format!("`{}`", step.name.value))
            .collect();
        let message = format!(
            "`{}` and {} may both write `{}` in one run",
            first.name.value,
            names.join(" and "),
            data.name.value
        );
        let mut found = Diagnostic::new(Code::GraphWriters, place(last), "written again here", message)
            .and(place(first), "written here");
        for middle in others.iter().rev().skip(1) {
            found = found.and(place(middle), "and here");
        }
        let exclusive = format!("write `otherwise {}` in `{}`", first.name.value, last.name.value);
        let conditions = steps.iter().any(|step| self.graph[*step].when.is_some());
        self.out.push(found.help(match example.filter(|_| conditions) {
            Some(example) => {
                format!("both run when {example}: {exclusive}, or let their conditions exclude each other")
            }
            None => format!(
                "{exclusive} beside a `when` in `{}`, or write two data sets",
                first.name.value
            ),
        }));
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
            if matches!(data.partitions, Some(Partitions::By(_))) || self.unsure_of(data) {
                continue;
            }
            let message = match data.partitions {
                Some(_) => format!(
                    "the partitions of `{}` are counted, so none is the newest",
                    data.name.value
                ),
                None => format!(
                    "`{}` has no partitions to choose the newest from",
                    data.name.value
                ),
            };
            self.out.push(
                Diagnostic::new(
                    Code::DataPartition,
                    read.span,
                    "`last=` needs partitions by time",
                    message,
                )
                .and(data.span, "this data set")
                .help("write `partitions by=day` in it"),
            );
        }
    }
}
