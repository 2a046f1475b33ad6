//! Starts that nobody watches over: triggers that would set themselves off, and values that nobody gives.

use std::collections::BTreeSet;

use super::Rules;
use crate::diag::{Code, Diagnostic};
use crate::graph::model::{Pipeline, PipelineId, Store, Trigger};

impl Rules<'_, '_> {
    /// Where runs start by themselves, every parameter has a default.
    pub(super) fn unattended(&mut self, pipeline: &Pipeline) {
        let schedules = pipeline.schedules.iter().map(|schedule| schedule.cron.span);
        let mut starts = schedules.chain(pipeline.triggers.iter().map(|trigger| trigger.span));
        let Some(start) = starts.next() else {
            return;
        };
        let outline = self.outlines.get(pipeline.id.0 as usize);
        // What was wrong with a value was said.
        let damaged = |name: &str| {
            let node = outline.and_then(|outline| outline.parameters.get(name));
            node.is_some_and(|node| node.damaged)
        };
        let missing = pipeline.parameters.iter();
        let missing = missing.filter(|it| it.default.is_empty() && !damaged(&it.name.value));
        for parameter in missing {
            let name = &parameter.name;
            let message = format!(
                "nobody gives `{}` a value when runs start by themselves",
                name.value
            );
            let found = Diagnostic::new(Code::ParameterDefault, name.span, "no default", message);
            let found = found.and(start, "starts runs by itself");
            self.out
                .push(found.help("write a value behind its name, or start runs by hand"));
        }
    }

    /// What a trigger watches has versions, and no run that it starts makes another.
    pub(super) fn triggers(&mut self, pipeline: &Pipeline) {
        for trigger in &pipeline.triggers {
            let data = &self.graph[trigger.data];
            let name = &data.name.value;
            if data.store == Store::Stream {
                let message = format!("`{name}` is a stream: it has no versions to wait for");
                let found = Diagnostic::new(Code::TriggerData, trigger.span, "never a new version", message);
                let found = found.and(data.span, "the stream");
                self.out
                    .push(found.help("read it in a step of `kind=streaming`, or write a `schedule`"));
            } else if let Some(writer) = self.started_by(pipeline.id, trigger) {
                let message = format!("a new `{name}` starts runs that write `{name}` again, without end");
                let writer = self.graph[writer].name.clone();
                let found = Diagnostic::new(Code::TriggerData, trigger.span, "sets itself off", message);
                let found = found.and(writer.span, "runs for it, and leads to a new version");
                self.out
                    .push(found.help("write a `schedule` instead, or watch what comes from outside"));
            }
        }
    }

    /// The pipeline that writes what `trigger` watches, if `pipeline` starts it, by itself or through others.
    fn started_by(&self, pipeline: PipelineId, trigger: &Trigger) -> Option<PipelineId> {
        let writers = self.graph[trigger.data].writers.iter();
        let writer = writers.map(|writer| self.graph[*writer].pipeline).next()?;
        let mut reached = BTreeSet::from([pipeline]);
        let mut open = vec![pipeline];
        while let Some(at) = open.pop() {
            for other in &self.graph.pipelines {
                let starts = other.triggers.iter().any(|trigger| {
                    let mut writers = self.graph[trigger.data].writers.iter();
                    writers.any(|writer| self.graph[*writer].pipeline == at)
                });
                if starts && reached.insert(other.id) {
                    open.push(other.id);
                }
            }
        }
        // Of a circle of pipelines, the first tells.
        (reached.contains(&writer) && pipeline <= writer).then_some(writer)
    }
}
