//! `--fail-on`: which changes a pipeline of CI refuses.

use std::str::FromStr;

use crate::compare::{Action, Comparison};
use crate::quantity::{Percent, Quantity, QuantityType, parse};

/// A change that is refused.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum FailOn {
    /// Something goes away.
    Destroy,
    /// Something goes away, and another takes its place.
    Replace,
    /// Something goes away that holds data.
    Data,
    /// A step runs at another site.
    Move,
    /// A promise holds no longer.
    Promise,
    /// Monthly money grows by more than this.
    Cost(Percent),
}

impl FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<FailOn, String> {
        Ok(match text {
            "destroy" => FailOn::Destroy,
            "replace" => FailOn::Replace,
            "data" => FailOn::Data,
            "move" => FailOn::Move,
            "promise" => FailOn::Promise,
            _ => match text
                .strip_prefix("cost=")
                .map(|share| parse(QuantityType::Percent, share))
            {
                Some(Ok(Quantity::Percent(share))) => FailOn::Cost(share),
                _ => {
                    return Err(
                        "it is `destroy`, `replace`, `data`, `move`, `promise` or `cost=10%`".to_owned(),
                    );
                }
            },
        })
    }
}

impl FailOn {
    /// Why the comparison is refused, if it is.
    pub fn broken_by(self, comparison: &Comparison) -> Option<String> {
        let destroyed = comparison.count(Action::Destroy);
        let replaced = comparison.count(Action::Replace);
        match self {
            FailOn::Destroy => (destroyed + replaced > 0)
                .then(|| format!("{destroyed} destroyed and {replaced} replaced (--fail-on destroy)")),
            FailOn::Replace => (replaced > 0).then(|| format!("{replaced} replaced (--fail-on replace)")),
            FailOn::Data => {
                let lost = comparison
                    .changes
                    .iter()
                    .filter(|change| change.loses_data)
                    .count();
                (lost > 0).then(|| format!("data is lost in {lost} (--fail-on data)"))
            }
            FailOn::Move => {
                let moved = comparison.steps.iter().filter(|step| step.moves).count();
                (moved > 0).then(|| format!("{moved} of the steps move (--fail-on move)"))
            }
            FailOn::Promise => {
                let broken = comparison.promises.iter();
                let broken = broken.filter(|promise| {
                    let holds = |side: &Option<(String, bool)>| side.as_ref().is_none_or(|(_, holds)| *holds);
                    promise.required && holds(&promise.before) && !holds(&promise.after)
                });
                let count = broken.count();
                (count > 0).then(|| format!("{count} of the promises break (--fail-on promise)"))
            }
            FailOn::Cost(share) => {
                let cost = comparison.cost.as_ref()?;
                let limit = cost.before.0 as f64 * (1.0 + share.0);
                (cost.after.0 as f64 > limit).then(|| {
                    format!(
                        "{} -> {} USD/month is more than {share} above (--fail-on cost)",
                        cost.before, cost.after
                    )
                })
            }
        }
    }
}
