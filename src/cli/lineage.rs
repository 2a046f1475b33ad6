//! Why a step or data set is restricted: from it back to the lines that say so.

use std::fmt::Write as _;

use crate::catalog::{Catalog, Country};
use crate::graph::{DataId, Graph, Hop, Inherited, Source, StepId, Surroundings, Trait, build, chain};
use crate::source::{SourceMap, Span};
use crate::syntax::{Files, parse};

/// What there is to say about everything called `what` (`train`, `churn/train`); empty if nothing is called so, or the
/// files have mistakes.
pub fn of(what: &str, mut sources: SourceMap, files: &dyn Files, platform: Option<&str>) -> String {
    // Mistakes are reported by whoever looks for more than this.
    let mut found = crate::diag::Diagnostics::new();
    let document = parse(&mut sources, files, &mut found);
    let catalog = Catalog::built_in();
    let around = Surroundings {
        sources: &sources,
        files,
        catalog: &catalog,
        platform,
    };
    let Some((graph, _)) = build(&document, around, &mut found) else {
        return String::new();
    };
    let told = Told {
        graph: &graph,
        sources: &sources,
    };
    let named = |pipeline, name: &str| what == name || what == format!("{}/{name}", told.pipeline(pipeline));
    let steps = graph
        .steps
        .iter()
        .filter(|step| named(step.pipeline, &step.name.value));
    let steps = steps.map(|step| told.step(step.id));
    let data = graph
        .data
        .iter()
        .filter(|data| named(data.pipeline, &data.name.value));
    let data = data.map(|data| told.data(data.writers.first().copied(), &data.inherited, told.id(data)));
    steps.chain(data).collect::<Vec<String>>().join("\n")
}

struct Told<'t> {
    graph: &'t Graph,
    sources: &'t SourceMap,
}

impl Told<'_> {
    fn pipeline(&self, id: crate::graph::PipelineId) -> &str {
        &self.graph[id].name.value
    }

    fn id(&self, data: &crate::graph::DataSet) -> Option<DataId> {
        let at = self.graph.data.iter().position(|own| std::ptr::eq(own, data));
        at.and_then(|at| u32::try_from(at).ok()).map(DataId)
    }

    fn step(&self, id: StepId) -> String {
        let step = &self.graph[id];
        let title = format!("{}/{}  (step)\n\n", self.pipeline(step.pipeline), step.name.value);
        title + &self.all(&step.inherited, Some(id), None)
    }

    fn data(&self, writer: Option<StepId>, inherited: &Inherited, id: Option<DataId>) -> String {
        let Some(id) = id else { return String::new() };
        let data = &self.graph[id];
        let title = format!("{}/{}  (data)\n\n", self.pipeline(data.pipeline), data.name.value);
        title + &self.all(inherited, writer, Some(id))
    }

    fn all(&self, inherited: &Inherited, step: Option<StepId>, data: Option<DataId>) -> String {
        let mut text = String::new();
        for line in &inherited.residency {
            let places: Vec<&str> = line.places.iter().map(|place| place.code()).collect();
            let said = format!(
                "{}, as `{}` says ({})",
                places.join(" "),
                line.origin,
                self.cite(line.span)
            );
            entry(&mut text, "residency", &said);
            self.hops(&mut text, step, data, Trait::Residency(line));
        }
        for level in &inherited.sensitivity {
            let own = |set: &&crate::graph::DataSet| {
                set.sensitivity.as_ref().is_some_and(|own| own.value == *level)
            };
            let origin = data.map(|id| &self.graph[id]).filter(own);
            let from = origin.and_then(|set| set.sensitivity.as_ref());
            let cited = from.map(|own| format!(", as it says itself ({})", self.cite(own.span)));
            entry(
                &mut text,
                "sensitivity",
                &format!("{}{}", level.word(), cited.unwrap_or_default()),
            );
            if from.is_none() {
                self.hops(&mut text, step, data, Trait::Sensitivity(*level));
            }
        }
        if inherited.residency.is_empty() {
            entry(
                &mut text,
                "residency",
                "anywhere: nothing that it derives from says a `residency`",
            );
        } else {
            let allowed = Country::all().filter(|country| inherited.allows(country.code()));
            let allowed: Vec<&str> = allowed.map(Country::code).collect();
            let allowed = if allowed.is_empty() {
                "none".to_owned()
            } else {
                allowed.join(" ")
            };
            entry(&mut text, "countries", &allowed);
        }
        text
    }

    /// The steps that hand it on, from the data that it is said of.
    fn hops(&self, text: &mut String, step: Option<StepId>, data: Option<DataId>, of: Trait<'_>) {
        let hops = step.map(|step| chain(self.graph, step, of)).unwrap_or_default();
        for hop in hops.iter().rev() {
            entry(text, "", &self.hop(hop));
        }
        if let (Some(data), Some(last)) = (data, hops.first()) {
            let writes = self.graph[last.step]
                .writes
                .iter()
                .find(|write| write.data == data);
            let cited = writes.map(|write| self.cite(write.span)).unwrap_or_default();
            let line = format!(
                "{} writes {} ({cited})",
                self.graph[last.step].name.value, self.graph[data].name.value
            );
            entry(text, "", &line);
        }
    }

    fn hop(&self, hop: &Hop) -> String {
        let step = &self.graph[hop.step].name.value;
        let (verb, source) = match hop.source {
            Source::Data(data) => ("reads", &self.graph[data].name.value),
            Source::Outputs(maker) => ("is given texts of", &self.graph[maker].name.value),
        };
        format!("{step} {verb} {source} ({})", self.cite(hop.span))
    }

    fn cite(&self, span: Span) -> String {
        self.sources.cite(span)
    }
}

fn entry(text: &mut String, name: &str, value: &str) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "  {name:<12}  {value}");
}
