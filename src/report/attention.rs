//! What a reviewer should look at first.

use super::needs::is_guessed;
use super::pipeline::counted;
use super::promise::percent;
use crate::graph::model::StepId;
use crate::place::{Outcome, Plan};

/// Less room than this, and a promise hangs on how good the prediction is.
const THIN: f64 = 0.1;
/// Names that are listed before the rest is only counted.
const MOST_NAMES: usize = 5;

/// One thing to look at.
#[derive(Clone, Debug)]
pub struct Notice {
    /// `broken` or `look`: how it looks.
    pub class: &'static str,
    /// In two or three words.
    pub what: String,
    /// In one sentence.
    pub why: String,
}

/// All of a plan, the worst first.
pub fn notices(plan: &Plan<'_>) -> Vec<Notice> {
    let mut notices: Vec<Notice> = Vec::new();
    notices.extend(
        plan.promises
            .iter()
            .filter(|outcome| !outcome.holds)
            .map(|outcome| broken(plan, outcome)),
    );
    notices.extend(
        plan.promises
            .iter()
            .filter(|outcome| is_thin(outcome))
            .map(|outcome| thin(plan, outcome)),
    );
    notices.extend(unproven(plan));
    notices.extend(guesses(plan));
    notices.extend(estimates(plan));
    notices.extend(spot(plan));
    notices
}

fn subject(plan: &Plan<'_>, outcome: &Outcome) -> String {
    let graph = plan.profiled.graph;
    let step = outcome.step.map(|step| graph[step].name.value.as_str());
    let name = step.unwrap_or(&graph[outcome.pipeline].name.value);
    format!("{} of {name}", outcome.what)
}

fn broken(plan: &Plan<'_>, outcome: &Outcome) -> Notice {
    let (class, what) = match outcome.required {
        true => ("broken", "Promise broken"),
        false => ("look", "Preference not kept"),
    };
    Notice {
        class,
        what: what.to_owned(),
        why: format!("{}: {}", subject(plan, outcome), outcome.result),
    }
}

fn is_thin(outcome: &Outcome) -> bool {
    outcome.holds && outcome.required && outcome.margin < THIN
}

fn thin(plan: &Plan<'_>, outcome: &Outcome) -> Notice {
    Notice {
        class: "look",
        what: "Little room".to_owned(),
        why: format!(
            "{} has {} to spare, which predictions can be off by",
            subject(plan, outcome),
            percent(outcome.margin)
        ),
    }
}

fn unproven(plan: &Plan<'_>) -> Option<Notice> {
    (!plan.solution.optimal).then(|| Notice {
        class: "look",
        what: "Not proven the best".to_owned(),
        why: format!("a better plan could save at most {}", percent(plan.solution.gap)),
    })
}

fn guesses(plan: &Plan<'_>) -> Option<Notice> {
    let guessed = plan.profiled.steps.iter().filter(|profile| is_guessed(profile));
    let guessed: Vec<StepId> = guessed.map(|profile| profile.step).collect();
    let names = guessed
        .iter()
        .map(|step| plan.profiled.graph[*step].name.value.clone());
    (!guessed.is_empty()).then(|| Notice {
        class: "look",
        what: "Stated defaults".to_owned(),
        why: format!(
            "nothing better is known of what {} needs: a past run would tell, or its author",
            listed(names)
        ),
    })
}

/// Prices that nobody listed. What is declared or already paid for is the platform's own word.
fn estimates(plan: &Plan<'_>) -> Option<Notice> {
    let unsure = |basis: &str| {
        ["scaled", "imputed", "estimate"]
            .iter()
            .any(|word| basis.contains(word))
    };
    let pools = plan.pools.iter().filter(|pool| unsure(&pool.price_basis));
    let pools: Vec<String> = pools
        .map(|pool| format!("{} ({})", pool.machine, pool.price_basis))
        .collect();
    (!pools.is_empty()).then(|| Notice {
        class: "look",
        what: "Estimated prices".to_owned(),
        why: format!("no list price is known of {}", listed(pools.into_iter())),
    })
}

fn spot(plan: &Plan<'_>) -> Option<Notice> {
    let pools = plan.pools.iter().filter_map(|pool| {
        let share = pool.interruption.filter(|share| *share > 0.0)?;
        Some(format!(
            "{} at {} ({:.0} % a month)",
            pool.machine,
            plan[pool.site].name,
            share * 100.0
        ))
    });
    let pools: Vec<String> = pools.collect();
    (!pools.is_empty()).then(|| Notice {
        class: "look",
        what: "May be interrupted".to_owned(),
        why: format!("spot machines: {}", listed(pools.into_iter())),
    })
}

fn listed(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    let shown = names
        .iter()
        .take(MOST_NAMES)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(MOST_NAMES) {
        0 => shown,
        more => format!("{shown} and {}", counted(more, "other")),
    }
}
