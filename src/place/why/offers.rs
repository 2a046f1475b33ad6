//! What else the chosen site sells that would do.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Candidate, Inquiry};
use crate::catalog::Pricing;
use crate::place::evaluate::evaluate;
use crate::place::fit::Fit;
use crate::place::offers::Offer;
use crate::place::reasons::allowed;
use crate::quantity::{MicroUsd, Seconds};

/// So many offers are shown.
const SHOWN: usize = 6;

/// An offer of the chosen site.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OfferVerdict {
    /// Machine type, or the node group's name.
    pub machine: String,
    /// How it is bought.
    pub pricing: Pricing,
    /// Machines at once.
    pub machines: u64,
    /// Money for machines.
    pub monthly: MicroUsd,
    /// Run time of all items at p95, unless it never ends.
    pub takes: Option<Seconds>,
    /// What to say of it.
    #[serde(flatten)]
    pub standing: Standing,
}

/// What to say of an offer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Standing {
    /// The plan has it.
    Chosen,
    /// Nothing is wrong with it but the money.
    Dearer {
        /// Money.
        by: MicroUsd,
    },
    /// Another is as good in every respect that counts.
    Dominated {
        /// Its machine type.
        machine: String,
        /// How it is bought.
        pricing: Pricing,
    },
    /// Cheaper, but these lines do not hold then, as the other steps are.
    Breaks {
        /// What they say.
        lines: Vec<String>,
    },
    /// Cheaper and allowed: a later goal, or the lock, made up the difference.
    Cheaper {
        /// Money.
        by: MicroUsd,
    },
}

/// A candidate of the step: its place among the choices, how the step runs on it, and the offer.
type Taken<'v> = (usize, &'v Fit, &'v Offer);

impl<'v> Inquiry<'v, '_, '_> {
    /// The cheapest offers of the chosen site on which the step may run, the plan's among them, and how many more there
    /// are. The problem has to be assembled with all of that site's offers.
    pub fn offers(&self) -> (Vec<OfferVerdict>, usize) {
        let Some((chosen, taken)) = self.taken(self.picked()) else {
            return (Vec::new(), 0);
        };
        let here = (0..self.candidates().len()).filter_map(|at| {
            let (candidate, offer) = self.taken(at)?;
            (offer.site == taken.site && self.is_open(at)).then_some((at, &candidate.fit, offer))
        });
        let mut here: Vec<Taken<'_>> = here.collect();
        here.sort_by(|a, b| a.1.cost.0.total_cmp(&b.1.cost.0));
        let own = here.iter().position(|(at, ..)| *at == self.picked());
        let own = own.unwrap_or(0);
        // The plan's is shown wherever it stands.
        let before = if own < SHOWN { SHOWN } else { SHOWN - 1 };
        let shown = here.iter().enumerate();
        let shown = shown.filter(|(rank, _)| *rank < before || *rank == own);
        let ends = !self.step.kind.always_on();
        let verdicts = shown.map(|(_, (at, fit, offer))| OfferVerdict {
            machine: offer.machine.clone(),
            pricing: offer.pricing,
            machines: fit.machines,
            monthly: MicroUsd::usd(fit.cost.0 * chosen.share),
            takes: ends.then_some(Seconds(fit.time.p95 * 3600.0)),
            standing: self.standing((*at, fit, offer), chosen, &here),
        });
        (verdicts.collect(), here.len().saturating_sub(SHOWN))
    }

    /// True if no line that must hold forbids the choice.
    fn is_open(&self, choice: usize) -> bool {
        let choice = self.choices().get(choice);
        choice.is_some_and(|choice| allowed(self.problem, choice))
    }

    fn standing(&self, (at, fit, offer): Taken<'v>, chosen: &Candidate, here: &[Taken<'v>]) -> Standing {
        if at == self.picked() {
            return Standing::Chosen;
        }
        let mut picks = self.picks.to_vec();
        picks
            .iter_mut()
            .skip(self.at())
            .take(1)
            .for_each(|slot| *slot = at);
        let evaluation = evaluate(&self.problem.instance, &picks);
        if !evaluation.feasible(&self.problem.instance) {
            return Standing::Breaks {
                lines: self.broken(&evaluation),
            };
        }
        if let Some((_, _, better)) = here.iter().find(|other| beats(**other, (at, fit, offer))) {
            return Standing::Dominated {
                machine: better.machine.clone(),
                pricing: better.pricing,
            };
        }
        let by = MicroUsd::usd((fit.cost.0 - chosen.fit.cost.0).abs() * chosen.share);
        if fit.cost.0 < chosen.fit.cost.0 {
            Standing::Cheaper { by }
        } else {
            Standing::Dearer { by }
        }
    }
}

/// True if `a` is bought the same way as `b`, costs no more and takes no longer, and is not the same in both.
fn beats(a: Taken<'_>, b: Taken<'_>) -> bool {
    let figures = |fit: &Fit| [fit.cost.0, fit.cost.1, fit.time.p50, fit.time.p95];
    let (own, other) = (figures(a.1), figures(b.1));
    let no_worse = own.iter().zip(&other).all(|(own, other)| own <= other);
    a.2.pricing == b.2.pricing && no_worse && own != other
}
