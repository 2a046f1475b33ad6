//! What is worth a look in a plan that holds.

use super::assemble::Problem;
use super::model::{Outcome, Plan};
use super::offers::current;
use crate::catalog::Pricing;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::model::{Reservation, Step};
use crate::quantity::{Percent, Seconds};
use crate::syntax::grammar::GRAMMAR;

/// A promise with less to spare is worth a warning.
const THIN: f64 = 0.05;
/// A run on spot machines from which on losing it hurts.
const LONG: Seconds = Seconds(2.0 * 3600.0);

/// Thin margins, timeouts that are too short, long runs on spot without checkpoints, reservations that are over or idle.
pub fn warnings(problem: &Problem<'_, '_>, plan: &Plan<'_>, out: &mut Diagnostics) {
    for outcome in plan
        .promises
        .iter()
        .filter(|outcome| outcome.required && outcome.margin < THIN)
    {
        out.push(thin(outcome));
    }
    let graph = problem.profiled.graph;
    for assignment in &plan.assignments {
        let step = &graph[assignment.step];
        let attempt = problem.profiled[assignment.step].of_one(assignment.duration_p95);
        hasty(step, attempt).into_iter().for_each(|found| out.push(found));
        let long = attempt >= LONG && !step.kind.always_on();
        if plan[assignment.pool].pricing == Pricing::Spot && step.checkpoint.is_none() && long {
            out.push(fragile(step, attempt));
        }
    }
    let steps = graph.steps.iter();
    steps.filter_map(scattered).for_each(|found| out.push(found));
    let clouds = problem.platform.clouds.iter();
    for reservation in clouds
        .flat_map(|cloud| &cloud.regions)
        .flat_map(|region| &region.reservations)
    {
        reserved(problem, plan, reservation, out);
    }
}

/// A step whose attempts are stopped before they are likely to be done. `attempt`: what one takes at p95 where it is placed.
fn hasty(step: &Step, attempt: Seconds) -> Option<Diagnostic> {
    let timeout = step.timeout.as_ref().filter(|timeout| timeout.value < attempt)?;
    let text = format!(
        "{} is stopped after {} and is predicted to take up to {attempt}",
        step.name.value, timeout.value
    );
    let label = "more than one attempt in twenty does not end by then";
    let found = Diagnostic::new(Code::NeedsTimeout, timeout.span, label, text);
    Some(found.help("leave more time, or say what is known with `needs run-time=`"))
}

/// A long step that starts anew whenever its spot machine is taken away.
fn fragile(step: &Step, attempt: Seconds) -> Diagnostic {
    let text = format!(
        "{} runs {attempt} on spot machines and would start anew",
        step.name.value
    );
    let resumable = GRAMMAR
        .rule("step", "checkpoint")
        .is_some_and(|rule| rule.allowed_in(step.kind));
    let (label, help) = if resumable {
        (
            "no `checkpoint`",
            "add `checkpoint every=\"20min\"`, or `never pricing=spot`",
        )
    } else {
        (
            "of this kind, so without a `checkpoint`",
            "add `never pricing=spot`, or split it into shorter steps",
        )
    };
    Diagnostic::new(Code::NeedsCheckpoint, step.name.span, label, text).help(help)
}

/// A step that is to be at several sites at once: it is placed at one.
fn scattered(step: &Step) -> Option<Diagnostic> {
    let sites = step.at_least.sites.as_ref().filter(|sites| sites.value > 1)?;
    let text = format!("{} runs at one site, not at {}", step.name.value, sites.value);
    let found = Diagnostic::new(Code::UnsupportedNode, sites.span, "has no effect yet", text);
    Some(found.help("write one step for each site, behind one `endpoint`"))
}

/// A promise that predictions, which are never exact, may yet break.
fn thin(outcome: &Outcome) -> Diagnostic {
    let what = &outcome.what;
    let text = if outcome.holds {
        format!(
            "`{what}` has {} to spare, which predictions can be off by",
            percent(outcome.margin)
        )
    } else {
        format!("`{what}` is likely to be broken")
    };
    let help = "leave more room, or make predictions better: `needs` and `size` say what is known";
    Diagnostic::new(Code::PromiseQuality, outcome.span, outcome.result.clone(), text).help(help)
}

/// With one decimal: less than that is nothing.
fn percent(share: f64) -> Percent {
    Percent((share * 1000.0).round() / 1000.0)
}

fn reserved(problem: &Problem<'_, '_>, plan: &Plan<'_>, reservation: &Reservation, out: &mut Diagnostics) {
    let id = &reservation.id.value;
    let used = plan
        .pools
        .iter()
        .any(|pool| pool.reservation.as_ref() == Some(id));
    let (text, label) = if !current(reservation, problem.catalog) {
        let text = format!("reservation {id} does not hold on the catalogue's date");
        (text, "over or not yet begun, so not planned with")
    } else if !used {
        (format!("no step uses reservation {id}"), "paid for all the same")
    } else {
        return;
    };
    out.push(Diagnostic::new(
        Code::PlatformReservation,
        reservation.span,
        label,
        text,
    ));
}
