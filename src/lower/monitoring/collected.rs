//! The rules of a compilation as they are gathered: by cluster and pipeline, none twice, no two alerts of one name.

use std::collections::{BTreeMap, BTreeSet};

use super::alertmanager::NOBODY;
use super::kpi::{self, Kpi, Recorded};
use super::places::Places;
use super::rule::{Alert, Record};
use super::runbook;
use crate::graph::{self, PipelineId, StepId};
use crate::lower::Lowering;
use crate::place::SiteId;

/// What is recorded and alerted about one pipeline in one cluster.
#[derive(Debug, Default)]
pub struct Part {
    /// Series that are computed.
    pub records: Vec<Record>,
    /// Alerts, which may use them.
    pub alerts: Vec<Alert>,
}

/// All parts.
#[derive(Debug)]
pub struct Collected<'a> {
    input: &'a Lowering<'a>,
    /// Where each step runs.
    pub places: Places<'a>,
    /// Those of no pipeline are about what all share.
    parts: BTreeMap<(SiteId, Option<PipelineId>), Part>,
    /// What is recorded already: several alerts may watch one series.
    recorded: BTreeSet<(SiteId, Option<PipelineId>, Record)>,
    /// Steps whose outputs are watched, by how long these are good for.
    outputs: BTreeMap<(SiteId, PipelineId, String), BTreeSet<StepId>>,
    names: BTreeMap<(SiteId, String), usize>,
}

impl<'a> Collected<'a> {
    /// None yet.
    pub fn new(input: &'a Lowering<'a>) -> Collected<'a> {
        Collected {
            input,
            places: Places::of(input),
            parts: BTreeMap::new(),
            recorded: BTreeSet::new(),
            outputs: BTreeMap::new(),
            names: BTreeMap::new(),
        }
    }

    /// What is about a pipeline, or about no pipeline in particular, at a site.
    pub fn part(&self, site: SiteId, pipeline: Option<PipelineId>) -> Option<&Part> {
        self.parts.get(&(site, pipeline))
    }

    /// All alerts of a site.
    pub fn alerts(&self, site: SiteId) -> Vec<Alert> {
        let here = self.parts.iter().filter(|((other, _), _)| *other == site);
        here.flat_map(|(_, part)| part.alerts.iter().cloned()).collect()
    }

    fn at(&mut self, site: SiteId, pipeline: Option<PipelineId>) -> &mut Part {
        self.parts.entry((site, pipeline)).or_default()
    }

    /// Adds a record, once.
    pub fn record(&mut self, site: SiteId, pipeline: impl Into<Option<PipelineId>>, record: Record) {
        let pipeline = pipeline.into();
        if self.recorded.insert((site, pipeline, record.clone())) {
            self.at(site, pipeline).records.push(record);
        }
    }

    /// Adds an alert. Names tell alerts of a cluster apart, in its unit tests for one; a second of the same name is numbered, in
    /// a form that no name has by itself, unless the series tells them apart. No alert is without a place, a team and a runbook.
    pub fn alert(&mut self, site: SiteId, pipeline: impl Into<Option<PipelineId>>, mut alert: Alert) {
        let (graph, pipeline) = (self.input.graph(), pipeline.into());
        if let Some(pipeline) = pipeline {
            self.places.label(pipeline, &mut alert);
            let owner = graph[pipeline].owner.as_ref();
            alert.owner = alert.owner.or_else(|| owner.map(|owner| owner.value.clone()));
        }
        let nobody = || NOBODY.to_owned();
        alert.owner = alert
            .owner
            .or_else(|| first_team(graph))
            .or_else(|| Some(nobody()));
        let link = runbook::link(graph, alert.kind());
        alert.runbook.get_or_insert(link);
        let count = self.names.entry((site, alert.name.clone())).or_default();
        *count += 1;
        let told = alert
            .case
            .as_ref()
            .is_some_and(|case| case.labels.contains_key("step"));
        if *count > 1 && !told {
            alert.name = format!("{}_{count}", alert.name);
        }
        self.at(site, pipeline).alerts.push(alert);
    }

    /// Records a KPI.
    pub fn watch(&mut self, kpi: &Kpi) {
        match &kpi.recorded {
            Recorded::Alone(record) => self.record(kpi.site, kpi.pipeline, record.clone()),
            Recorded::WithOutputs { window } => {
                let outputs = self.outputs.entry((kpi.site, kpi.pipeline, window.clone()));
                outputs.or_default().insert(kpi.step);
            }
        }
    }

    /// Records the outputs that are watched, when all of them are known.
    pub fn record_outputs(&mut self) {
        for ((site, pipeline, window), steps) in std::mem::take(&mut self.outputs) {
            let record = kpi::outputs(self.input, (pipeline, site), &steps, &window);
            self.record(site, pipeline, record);
        }
    }
}

/// The team of the platform's first receiver.
fn first_team(graph: &graph::Graph) -> Option<String> {
    let receiver = graph.platform.as_ref()?.receivers.first()?;
    Some(receiver.team.value.clone())
}
