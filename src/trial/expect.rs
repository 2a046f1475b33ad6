//! One `expect` held against what happened.

use super::lost;
use super::planned::Planned;
use crate::diag::{Code, Diagnostic};
use crate::graph::{Binding, Expectation, Expected, Graph, SiteRef, StepId, Test};
use crate::place::{Plan, PoolId, Site};
use crate::quantity::MicroUsd;
use crate::run::condition::Found;
use crate::run::value::Value;
use crate::run::{Run, State};
use crate::simulate::PipelinePlay;

/// Judges the expectations of one test.
pub(super) struct Judge<'j, 'g> {
    pub graph: &'g Graph,
    pub test: &'g Test,
    pub run: &'j Run<'g>,
    pub planned: Option<&'j Planned<'j>>,
}

impl Judge<'_, '_> {
    /// Why the expectation does not hold; `None`: it does.
    pub fn failure(&self, expectation: &Expectation) -> Option<Diagnostic> {
        let fails = |label: &str, message: String| {
            let found = Diagnostic::new(Code::TestFailed, expectation.span, label, message);
            found.and(self.test.name.span, "in this test")
        };
        match &expectation.what {
            Expected::Ran { step, items } => self.fate(*step, State::Succeeded, *items, fails),
            Expected::Failed { step, items } => self.fate(*step, State::Failed, *items, fails),
            Expected::Skipped { step } => self.fate(*step, State::Skipped, None, fails),
            Expected::At { step, site } => match self.plan() {
                Ok((plan, _)) => self.place(plan, *step, site, fails),
                Err(why) => Some(fails("there is no plan", why)),
            },
            Expected::Promise { kind, step } => match self.plan() {
                Ok((_, play)) => self.promise(play, kind, *step, fails),
                Err(why) => Some(fails("there is no plan", why)),
            },
            Expected::Cost(most) => match self.plan() {
                Ok((_, play)) => cost(play, *most, fails),
                Err(why) => Some(fails("there is no plan", why)),
            },
        }
    }

    fn plan(&self) -> Result<(&Plan<'_>, &PipelinePlay), String> {
        let without: Vec<String> = lost(self.test).map(SiteRef::to_string).collect();
        let situation = match without.as_slice() {
            [] => String::new(),
            lost => format!(" without {}", lost.join(", ")),
        };
        match self.planned {
            Some(Planned::Plan(plan, play)) => Ok((plan, play)),
            Some(Planned::None(why)) => Err(format!("nothing can be placed{situation}: {why}")),
            None => Err("nothing can be placed: there is no platform".to_owned()),
        }
    }

    /// What became of a step, and of how many of its items.
    fn fate(
        &self,
        step: StepId,
        wanted: State,
        items: Option<u64>,
        fails: impl Fn(&str, String) -> Diagnostic,
    ) -> Option<Diagnostic> {
        let name = &self.graph[step].name;
        let state = self.run.step(step).unwrap_or(State::Unknown);
        let count = self.run.tasks(step).filter(|(_, state)| *state == wanted).count() as u64;
        let holds = match items {
            Some(items) => count == items && state != State::Unknown,
            None => state == wanted,
        };
        if holds {
            return None;
        }
        if state == State::Unknown {
            let message = format!("nobody can say whether `{}` {}", name.value, past(wanted));
            let found = fails("it depends on what is not given", message);
            return Some(found.maybe_help(self.missing(step)));
        }
        let message = match items {
            Some(items) => format!(
                "{} of `{}` {}, not {items}",
                counted(count),
                name.value,
                past(wanted)
            ),
            None => format!("`{}` {}", name.value, past(state)),
        };
        let found = fails(&format!("it {}", past(state)), message);
        Some(self.because(step, found))
    }

    /// Labels the condition that decided it.
    fn because(&self, step: StepId, found: Diagnostic) -> Diagnostic {
        let Some(when) = &self.graph[step].when else {
            return found;
        };
        let mut tasks = self.run.tasks(step);
        match tasks.next().and_then(|(task, _)| self.run.condition(task)) {
            Some(true) => found.and(when.span, "this holds"),
            Some(false) => found.and(when.span, "this does not hold"),
            None => found,
        }
    }

    /// The outputs that the conditions on the way to a step need and the test does not give.
    fn missing(&self, step: StepId) -> Option<String> {
        let mut names: Vec<String> = Vec::new();
        for at in std::iter::once(step).chain(self.before(step)) {
            let Some((task, _)) = self.run.tasks(at).next() else {
                continue;
            };
            let own = self.graph[at]
                .otherwise
                .iter()
                .filter_map(|other| self.graph[other.value].when.as_ref());
            let conditions = self.graph[at].when.iter().chain(own);
            for binding in conditions.flat_map(|when| when.value.references()) {
                let unknown = match self.run.lookup(task, binding) {
                    Found::One(value) => value == Value::Unknown,
                    Found::Many(values) => values.contains(&Value::Unknown),
                    Found::Missing => false,
                };
                if let (true, Binding::Output { steps, output, .. }) = (unknown, binding)
                    && let Some(first) = steps.first()
                {
                    let name = format!("`given {}.{output} …`", self.graph[*first].name.value);
                    names.extend((!names.contains(&name)).then_some(name));
                }
            }
        }
        (!names.is_empty()).then(|| format!("add {}", names.join(" and ")))
    }

    /// All steps that the step waits for, directly or not.
    fn before(&self, step: StepId) -> Vec<StepId> {
        let mut found = self.graph[step].predecessors.clone();
        let mut at = 0;
        while let Some(next) = found.get(at).copied() {
            let more: Vec<StepId> = self.graph[next].predecessors.clone();
            found.extend(more.into_iter().filter(|step| *step != next));
            at += 1;
            let mut seen = std::collections::BTreeSet::new();
            found.retain(|step| seen.insert(*step));
        }
        found
    }

    fn place(
        &self,
        plan: &Plan<'_>,
        step: StepId,
        wanted: &SiteRef,
        fails: impl Fn(&str, String) -> Diagnostic,
    ) -> Option<Diagnostic> {
        let assigned = &plan[step];
        let site = &plan[assigned.site];
        if is_at(plan, site, assigned.pool, wanted) {
            return None;
        }
        let name = &self.graph[step].name.value;
        let message = format!("`{name}` runs at {}, not at {wanted}", site.name);
        Some(fails(&format!("it runs at {}", site.name), message).help(assigned.because.clone()))
    }

    /// All promises of a kind hold: in as many runs as they have to, or as the plan says of those that no chance decides.
    fn promise(
        &self,
        play: &PipelinePlay,
        kind: &str,
        step: Option<StepId>,
        fails: impl Fn(&str, String) -> Diagnostic,
    ) -> Option<Diagnostic> {
        let name = step.map(|step| self.graph[step].name.value.as_str());
        let about = play
            .promises
            .iter()
            .filter(|promise| promise.kind == kind && promise.required)
            .filter(|promise| name.is_none() || promise.step.as_deref() == name);
        let broken = about.into_iter().find(|promise| !promise.holds)?;
        let of = broken
            .step
            .as_ref()
            .map(|step| format!(" of `{step}`"))
            .unwrap_or_default();
        let (label, why) = match (&broken.odds, broken.needed) {
            (Some(odds), Some(needed)) => (
                "it holds too rarely",
                format!(
                    "in {:.1} % of runs, where {:.1} % are needed",
                    odds.share * 100.0,
                    needed * 100.0
                ),
            ),
            _ => ("it does not hold", broken.claimed.clone()),
        };
        Some(fails(label, format!("`{}`{of} holds {why}", broken.what)))
    }
}

fn cost(
    play: &PipelinePlay,
    most: MicroUsd,
    fails: impl Fn(&str, String) -> Diagnostic,
) -> Option<Diagnostic> {
    let reached = play.run_cost.p95;
    let message = format!("a run costs {reached} USD at p95, more than {most} USD");
    (reached > most).then(|| fails(&format!("it costs {reached} USD"), message))
}

/// True if the planned site, with the pool, is what `wanted` names, or in it.
fn is_at(plan: &Plan<'_>, site: &Site, pool: PoolId, wanted: &SiteRef) -> bool {
    match wanted {
        SiteRef::Cloud(provider) => site.region.as_ref().is_some_and(|(of, _)| of == provider),
        SiteRef::Region(provider, name) => site
            .region
            .as_ref()
            .is_some_and(|(of, region)| of == provider && region == name),
        SiteRef::Cluster { region, cluster } => site.region == *region && site.cluster == *cluster,
        SiteRef::Nodes { cluster, nodes } => site.cluster == *cluster && plan[pool].name == *nodes,
    }
}

fn past(state: State) -> &'static str {
    match state {
        State::Succeeded => "ran",
        State::Skipped => "was skipped",
        State::Failed => "failed",
        State::Running(_) | State::Unknown => "cannot be told",
    }
}

fn counted(items: u64) -> String {
    if items == 1 {
        "1 item".to_owned()
    } else {
        format!("{items} items")
    }
}
