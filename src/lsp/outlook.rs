//! What prediction and placement say of a project. Both may take long, so this runs beside the editor, not before it.

use std::collections::BTreeMap;

use super::project::CATALOG;
use crate::diag::{Diagnostic, Diagnostics};
use crate::graph::Graph;
use crate::history::Fitted;
use crate::lock::Lock;
use crate::place::{self, Plan};
use crate::profile::{self, ProfiledGraph, evidence};
use crate::quantity::{Bytes, MicroUsd};
use crate::source::SourceMap;
use crate::syntax::Files;
use crate::{graph, syntax};

/// A project to look at.
pub struct Job {
    /// Where it lies; its lock and its history lie there, too.
    pub folder: String,
    /// Its last change.
    pub edition: u64,
    /// Its texts as they were then.
    pub sources: SourceMap,
    /// Which platform, if there are several.
    pub platform: Option<String>,
}

/// What was found.
#[derive(Default)]
pub struct Outlook {
    /// Where the project lies.
    pub folder: String,
    /// The change it is about.
    pub edition: u64,
    /// By pipeline and step. Empty if there was nothing to predict.
    pub steps: BTreeMap<(String, String), StepOutlook>,
    /// What is wrong that only prediction and placement see.
    pub found: Vec<Diagnostic>,
}

/// What is expected of one step.
pub struct StepOutlook {
    /// Predicted needs: name, value from p50 to p95, and what that rests on.
    pub needs: Vec<(&'static str, String, String)>,
    /// Memory of one machine at p95.
    pub memory: Bytes,
    /// Where it runs, if the project has a platform with room for it.
    pub home: Option<Home>,
}

/// Where a step is placed.
pub struct Home {
    /// The site.
    pub site: String,
    /// `2 x r7i.4xlarge spot`
    pub machines: String,
    /// Money per month, machines only, expected.
    pub monthly: MicroUsd,
    /// Why here, in one line.
    pub because: String,
}

/// Predicts, and places if there is a platform. `lock` and `history` are those beside the sources.
pub fn look(mut job: Job, files: &dyn Files, lock: Option<&Lock>, history: Option<&Fitted>) -> Outlook {
    let mut outlook = Outlook {
        folder: job.folder,
        edition: job.edition,
        ..Outlook::default()
    };
    // What checking finds is shown already.
    let mut checked = Diagnostics::new();
    let document = syntax::parse(&mut job.sources, files, &mut checked);
    let around = graph::Surroundings {
        sources: &job.sources,
        files,
        catalog: &CATALOG,
        platform: job.platform.as_deref(),
    };
    let built = graph::build(&document, around, &mut checked);
    let Some((graph, catalog)) = built.filter(|_| !checked.has_errors()) else {
        return outlook;
    };
    let past = profile::History {
        pins: lock.map(Lock::learned).unwrap_or_default(),
        sizes: lock.map(|lock| lock.sizes.clone()).unwrap_or_default(),
        fitted: history,
    };
    let mut found = Diagnostics::new();
    let profiled = profile::annotate(&graph, &past, &catalog, &mut found);
    let placements = lock.map(|lock| &lock.placements);
    let limits = place::Limits::default();
    let plan = graph
        .platform
        .is_some()
        .then(|| place::solve(&profiled, &catalog, placements, &limits, &mut found));
    let plan = plan.flatten();
    outlook.steps = steps(&graph, &profiled, plan.as_ref(), &catalog);
    outlook.found = found.sorted().into_iter().cloned().collect();
    outlook
}

fn steps(
    graph: &Graph,
    profiled: &ProfiledGraph<'_>,
    plan: Option<&Plan<'_>>,
    catalog: &crate::catalog::Catalog,
) -> BTreeMap<(String, String), StepOutlook> {
    let of = |step: &graph::Step| {
        let needs = evidence::of(&profiled[step.id], catalog).into_iter();
        let outlook = StepOutlook {
            needs: needs
                .map(|quantity| (quantity.name, quantity.value(), quantity.evidence))
                .collect(),
            memory: profiled[step.id].memory.p95,
            home: plan.map(|plan| home(plan, step)),
        };
        let pipeline = graph[step.pipeline].name.value.clone();
        ((pipeline, step.name.value.clone()), outlook)
    };
    graph.steps.iter().map(of).collect()
}

fn home(plan: &Plan<'_>, step: &graph::Step) -> Home {
    let assignment = &plan[step.id];
    let pool = &plan[assignment.pool];
    Home {
        site: plan[assignment.site].name.clone(),
        machines: format!(
            "{} x {} {}",
            assignment.machines,
            pool.machine,
            pool.pricing.word()
        ),
        monthly: assignment.monthly,
        because: assignment.because.clone(),
    }
}
