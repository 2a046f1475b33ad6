//! Every site: what it would cost to have the step there, or why it cannot be.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Best, Inquiry, Worse};
use crate::catalog::Pricing;
use crate::place::evaluate::evaluate;
use crate::place::instance::Choice;
use crate::place::reasons::{cheapest, mates, misses};
use crate::place::solve::Failure;
use crate::quantity::MicroUsd;

/// So many sites, the most promising ones, are solved for; of the others it is told what they cost if nothing else
/// moves.
const SOLVED: usize = 10;

/// A site, and what to say of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SiteVerdict {
    /// Its name.
    pub site: String,
    /// What the step would run on there.
    pub on: Option<On>,
    /// What to say.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// Machines of one kind.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct On {
    /// At once.
    pub machines: u64,
    /// Machine type, or the node group's name.
    pub machine: String,
    /// How they are bought.
    pub pricing: Pricing,
}

/// What to say of a site.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// The plan has the step there; `worse` than the best plan by what later goals and the lock may cost.
    Chosen(Worse),
    /// The best plan with the step there.
    Worse(Worse),
    /// Dearer by at most so much: what it is if nothing else moves.
    AtMost {
        /// Money.
        by: MicroUsd,
    },
    /// With the step there, these lines cannot hold.
    Breaks {
        /// What they say.
        lines: Vec<String>,
    },
    /// If nothing else moves, these lines cannot hold; whether other moves would help was not found out.
    Undecided {
        /// What they say.
        lines: Vec<String>,
    },
    /// These lines close the site to the step.
    Closed {
        /// What they say.
        lines: Vec<String>,
    },
    /// Nothing that it sells fits.
    Unfit {
        /// The nearest miss.
        reason: String,
    },
}

impl Inquiry<'_, '_, '_> {
    /// All sites, the best first.
    pub fn sites(&self) -> Vec<SiteVerdict> {
        let quick: Vec<Option<Best>> = (0..self.problem.sites.len())
            .map(|site| self.exchange(site))
            .collect();
        let cost = |site: &usize| {
            let exchanged = quick.get(*site).and_then(Option::as_ref);
            exchanged.map_or(f64::INFINITY, |best| best.evaluation.cost)
        };
        let mut order: Vec<usize> = (0..self.problem.sites.len()).collect();
        order.sort_by(|a, b| cost(a).total_cmp(&cost(b)));
        let ranked = order.iter().enumerate();
        let verdicts =
            ranked.filter_map(|(rank, site)| self.site(*site, quick.get(*site)?.as_ref(), rank < SOLVED));
        let mut verdicts: Vec<(u8, i64, SiteVerdict)> = verdicts.collect();
        verdicts.sort_by(|a, b| (a.0, a.1, &a.2.site).cmp(&(b.0, b.1, &b.2.site)));
        verdicts.into_iter().map(|(.., verdict)| verdict).collect()
    }

    /// The best plan at `site` if only the step and those that have to be with it move; `None` if no line lets it.
    fn exchange(&self, site: usize) -> Option<Best> {
        let mut picks = self.picks.to_vec();
        let mut mates = mates(self.problem, self.at());
        mates.push(self.at());
        for mate in mates {
            let pick = *cheapest(self.problem, mate, site).first()?;
            picks.iter_mut().skip(mate).take(1).for_each(|slot| *slot = pick);
        }
        Some(Best {
            evaluation: evaluate(&self.problem.instance, &picks),
            picks,
        })
    }

    /// What to say of a site, with its place in the order: kind of verdict, then money.
    fn site(&self, site: usize, quick: Option<&Best>, solved: bool) -> Option<(u8, i64, SiteVerdict)> {
        let name = self.problem.sites.get(site)?.name.clone();
        let (on, verdict) = self.verdict(site, quick, solved);
        let rank = match &verdict {
            Verdict::Chosen(_) => (0, 0),
            Verdict::Worse(worse) => (1, worse.by.0),
            Verdict::AtMost { by } => (2, by.0),
            Verdict::Undecided { .. } => (3, 0),
            Verdict::Breaks { .. } => (4, 0),
            Verdict::Closed { .. } => (5, 0),
            Verdict::Unfit { .. } => (6, 0),
        };
        let verdict = SiteVerdict {
            site: name,
            on,
            verdict,
        };
        Some((rank.0, rank.1, verdict))
    }

    fn verdict(&self, site: usize, quick: Option<&Best>, solved: bool) -> (Option<On>, Verdict) {
        let Some(quick) = quick else {
            return (None, self.closed(site));
        };
        let chosen = self.choices().get(self.picked()).map(|choice| choice.site) == Some(site);
        if solved || chosen {
            if chosen {
                let own = Best {
                    picks: self.picks.to_vec(),
                    evaluation: evaluate(&self.problem.instance, self.picks),
                };
                return (self.on(&own), Verdict::Chosen(self.worse(&self.best, &own)));
            }
            match self.solve(|_, choice| choice.site == site, &[]) {
                Ok(best) => return (self.on(&best), Verdict::Worse(self.worse(&self.best, &best))),
                Err(Failure::Infeasible) => {
                    let lines = self.broken(&quick.evaluation);
                    return (self.on(quick), Verdict::Breaks { lines });
                }
                Err(Failure::Undecided) => {}
            }
        }
        let verdict = match quick.evaluation.feasible(&self.problem.instance) {
            true => Verdict::AtMost {
                by: MicroUsd::usd(quick.evaluation.cost - self.best.evaluation.cost),
            },
            false => Verdict::Undecided {
                lines: self.broken(&quick.evaluation),
            },
        };
        (self.on(quick), verdict)
    }

    /// What the step runs on in a plan.
    fn on(&self, best: &Best) -> Option<On> {
        let (candidate, offer) = self.taken(*best.picks.get(self.at())?)?;
        Some(On {
            machines: candidate.fit.machines,
            machine: offer.machine.clone(),
            pricing: offer.pricing,
        })
    }

    /// Why no choice is left at `site`.
    fn closed(&self, site: usize) -> Verdict {
        let look = self.problem.looks.get(self.at());
        let miss = look.and_then(|look| look.misses.get(site)?.as_ref());
        if let Some(miss) = miss {
            let reason = misses(self.step, self.problem, miss);
            return Verdict::Unfit { reason };
        }
        // The lines that forbid the choice with the fewest against it: all of these would have to go.
        let here = self.choices().iter().filter(|choice| choice.site == site);
        let lines = here.map(|choice| self.bars(choice)).min_by_key(Vec::len);
        let lines = lines.filter(|lines| !lines.is_empty());
        Verdict::Closed {
            lines: lines.unwrap_or_else(|| self.mates_lines()),
        }
    }

    /// Texts of the rules that must hold and forbid the choice.
    fn bars(&self, choice: &Choice) -> Vec<String> {
        let rules = &self.problem.instance.rules;
        let hard = |rule: &&usize| rules.get(**rule).is_some_and(|rule| rule.weight.is_none());
        let origins = choice.barred.iter().filter(hard);
        let origins = origins.filter_map(|rule| self.problem.origins.get(*rule));
        origins.map(|origin| origin.text.clone()).collect()
    }

    /// The step itself could be there, but not those that have to be with it.
    fn mates_lines(&self) -> Vec<String> {
        let graph = self.problem.profiled.graph;
        let mates = mates(self.problem, self.at());
        let names = mates.iter().filter_map(|mate| graph.steps.get(*mate));
        let names: Vec<&str> = names.map(|step| step.name.value.as_str()).collect();
        vec![format!(
            "it has to be with {}, which may not be there",
            names.join(", ")
        )]
    }
}
