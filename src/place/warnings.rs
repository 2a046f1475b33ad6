//! What is worth a look in a plan that holds.

use super::assemble::Problem;
use super::model::Plan;
use super::offers::current;
use crate::catalog::Pricing;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::model::Reservation;
use crate::quantity::Seconds;

/// A promise with less to spare is worth a warning.
const THIN: f64 = 0.05;
/// A run on spot machines from which on losing it hurts.
const LONG: Seconds = Seconds(2.0 * 3600.0);

/// Thin margins, long runs on spot without checkpoints, reservations that are over or idle.
pub fn warnings(problem: &Problem<'_, '_>, plan: &Plan<'_>, out: &mut Diagnostics) {
    for outcome in plan
        .promises
        .iter()
        .filter(|outcome| outcome.required && outcome.margin < THIN)
    {
        let text = format!("{}: {}", outcome.what, outcome.result);
        out.push(Diagnostic::new(
            Code::PromiseQuality,
            outcome.span,
            outcome.result.clone(),
            text,
        ));
    }
    let graph = problem.profiled.graph;
    for assignment in &plan.assignments {
        let step = &graph[assignment.step];
        let long = assignment.duration_p95 >= LONG && !step.kind.always_on();
        if plan[assignment.pool].pricing == Pricing::Spot && step.checkpoint.is_none() && long {
            let text = format!(
                "{} runs {} on spot machines and would start anew",
                step.name.value, assignment.duration_p95
            );
            out.push(
                Diagnostic::new(Code::NeedsCheckpoint, step.name.span, "no `checkpoint`", text)
                    .help("add `checkpoint every=\"20min\"`, or `never pricing=spot`"),
            );
        }
    }
    let clouds = problem.platform.clouds.iter();
    for reservation in clouds
        .flat_map(|cloud| &cloud.regions)
        .flat_map(|region| &region.reservations)
    {
        reserved(problem, plan, reservation, out);
    }
}

fn reserved(problem: &Problem<'_, '_>, plan: &Plan<'_>, reservation: &Reservation, out: &mut Diagnostics) {
    let id = &reservation.id.value;
    let used = plan
        .pools
        .iter()
        .any(|pool| pool.reservation.as_ref() == Some(id));
    let text = if !current(reservation, problem.catalog) {
        format!("reservation {id} does not hold on the catalogue's date")
    } else if !used {
        format!("reservation {id} is not used by any step")
    } else {
        return;
    };
    out.push(Diagnostic::new(
        Code::PlatformReservation,
        reservation.span,
        "",
        text,
    ));
}
