//! One step: where it runs, on what, why, and what else was possible.

use std::collections::BTreeMap;

use super::needs::{self, Figure, Scale};
use super::site::mark;
use super::span::Span;
use crate::catalog::Pricing;
use crate::graph::model::Step;
use crate::place::{Plan, Pool};

/// All that the tables say of a step.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its id on the page.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What its author says of it.
    pub description: Option<String>,
    /// `training`
    pub kind: &'static str,
    /// Where it runs.
    pub site: String,
    /// Colour and pattern of the site.
    pub mark: u32,
    /// `4 x m6i.xlarge spot`
    pub on: String,
    /// Machines that other steps use, too.
    pub shared: bool,
    /// Items of its fan-outs, and how many run side by side.
    pub items: Option<(u64, u64)>,
    /// Run time at p95, or `always`.
    pub runs: String,
    /// Run time at p50, if that is another.
    pub runs_p50: Option<String>,
    /// What the run time was predicted from.
    pub work: (String, String),
    /// When it ends at p95; none for what never ends.
    pub ends: Option<String>,
    /// Per month, expected.
    pub monthly: String,
    /// Per month at p95.
    pub monthly_p95: String,
    /// Why there.
    pub because: String,
    /// The next best site, and how much dearer it is per month.
    pub runner_up: Option<(String, String)>,
    /// Offers that would do.
    pub offers: u64,
    /// Sites that are out of the question, by reason.
    pub excluded: Vec<(String, String)>,
    /// What it needs.
    pub needs: [Figure; 5],
    /// The condition under which it runs, in words.
    pub conditional: bool,
}

/// What a row is seen beside.
pub struct Beside<'a> {
    /// The greatest needs of the pipeline.
    pub scale: Scale,
    /// Steps by pool.
    pub users: &'a [usize],
}

/// The row of one step.
pub fn row(plan: &Plan<'_>, step: &Step, span: &Span, beside: &Beside<'_>) -> Row {
    let (assignment, profile) = (&plan[step.id], &plan.profiled[step.id]);
    let always = step.kind.always_on();
    let (p50, p95) = (
        assignment.duration.to_string(),
        assignment.duration_p95.to_string(),
    );
    let runner_up = assignment.runner_up.as_ref();
    Row {
        id: format!("s{}", step.id.0),
        name: step.name.value.clone(),
        description: step.description.clone(),
        kind: step.kind.word(),
        site: plan[assignment.site].name.clone(),
        mark: mark(assignment.site),
        on: format!(
            "{} \u{d7} {}",
            assignment.machines,
            machine(&plan[assignment.pool])
        ),
        shared: beside
            .users
            .get(assignment.pool.0 as usize)
            .is_some_and(|users| *users > 1),
        items: (profile.items > 1).then_some((profile.items, profile.parallel)),
        runs_p50: (!always && p50 != p95).then_some(p50),
        runs: if always { "always".to_owned() } else { p95 },
        work: needs::work(profile),
        ends: (!always).then(|| span.end_p95.to_string()),
        monthly: assignment.monthly.to_string(),
        monthly_p95: assignment.monthly_p95.to_string(),
        because: assignment.because.clone(),
        runner_up: runner_up.map(|(site, by)| (site.clone(), by.to_string())),
        offers: assignment.considered.offers,
        excluded: by_reason(&assignment.considered.excluded),
        needs: needs::figures(profile, &beside.scale),
        conditional: step.when.is_some() || !step.otherwise.is_empty(),
    }
}

/// `m6i.xlarge`, and how it is bought if not by the hour.
pub fn machine(pool: &Pool) -> String {
    match pool.pricing {
        Pricing::OnDemand => pool.machine.clone(),
        Pricing::Spot | Pricing::Reserved => format!("{} {}", pool.machine, pool.pricing),
    }
}

/// Reasons, each with all the sites that it rules out.
fn by_reason(excluded: &[(String, String)]) -> Vec<(String, String)> {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (site, reason) in excluded {
        reasons.entry(reason).or_default().push(site);
    }
    let line = |(reason, sites): (&str, Vec<&str>)| (reason.to_owned(), sites.join(", "));
    reasons.into_iter().map(line).collect()
}
