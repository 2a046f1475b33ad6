//! Why there is no plan: the smallest set of lines that cannot all hold, and what would be enough.

mod conflict;
mod enough;

use super::assemble::Problem;
use super::fit::Misfit;
use super::instance::RuleKind;
use super::reasons::misses;
use super::rules::Family;
use super::solve::Limits;
use crate::diag::{Code, Diagnostic, Diagnostics, Label};
use crate::graph::model::Step;
use crate::source::Span;
use conflict::Conflict;
#[cfg(test)]
pub use conflict::irreducible;

/// Reports each step that fits no offer of any site; true if there is none.
pub fn all_fit_somewhere(problem: &Problem<'_, '_>, out: &mut Diagnostics) -> bool {
    let tasks = problem.instance.tasks.iter().zip(&problem.looks);
    let mut all = true;
    for (step, (task, look)) in problem.profiled.graph.steps.iter().zip(tasks) {
        if task.choices.is_empty() {
            all = false;
            let nearest = look.misses.iter().flatten().max().cloned();
            out.push(unfit(problem, step, &nearest.unwrap_or(Misfit::Machine)));
        }
    }
    all
}

fn unfit(problem: &Problem<'_, '_>, step: &Step, miss: &Misfit) -> Diagnostic {
    let (code, span) = match miss {
        Misfit::Accelerator | Misfit::Accelerators => (Code::NeedsGpu, needs_span(step)),
        Misfit::Machine | Misfit::Architecture | Misfit::Cores | Misfit::Memory | Misfit::Disk => {
            (Code::NeedsMachine, needs_span(step))
        }
    };
    let text = format!("{} fits no machine of the platform", step.name.value);
    Diagnostic::new(code, span, misses(step, problem, miss), text).maybe_help(largest(problem, step, miss))
}

/// The line that says most about what the step needs; else its name.
fn needs_span(step: &Step) -> Span {
    let (needs, least) = (&step.needs, &step.at_least);
    let lines = [
        needs.gpu.as_ref().map(|it| it.span),
        needs.gpus.as_ref().or(least.gpus.as_ref()).map(|it| it.span),
        needs.machine.as_ref().map(|it| it.span),
        needs.memory.as_ref().or(least.memory.as_ref()).map(|it| it.span),
        needs.cores.as_ref().or(least.cores.as_ref()).map(|it| it.span),
    ];
    lines.into_iter().flatten().next().unwrap_or(step.name.span)
}

/// What there is instead.
fn largest(problem: &Problem<'_, '_>, step: &Step, miss: &Misfit) -> Option<String> {
    let offers = &problem.offers;
    let most =
        |of: &dyn Fn(&super::offers::Offer) -> f64| offers.iter().max_by(|a, b| of(a).total_cmp(&of(b)));
    match miss {
        Misfit::Accelerator | Misfit::Accelerators => {
            // Of the model that is asked for, if only the number is wrong.
            let need = problem.profiled[step.id].accelerators.as_ref();
            let model = need.and_then(|need| need.model.as_ref());
            let model = model.filter(|_| *miss == Misfit::Accelerators);
            let devices = offers.iter().filter_map(|offer| offer.accelerator.as_ref());
            let mut models: Vec<String> = devices
                .filter(|device| model.is_none_or(|model| *model == device.model))
                .map(|device| format!("{} x {}", device.count, device.model))
                .collect();
            models.sort_unstable();
            models.dedup();
            (!models.is_empty()).then(|| format!("machines here have {}", models.join(", ")))
        }
        Misfit::Memory => {
            let offer = most(&|offer| offer.memory.as_f64())?;
            Some(format!(
                "the largest is {} with {} to spare",
                offer.machine, offer.memory
            ))
        }
        Misfit::Cores => {
            let offer = most(&|offer| offer.cores.0)?;
            Some(format!(
                "the largest is {} with {} cores to spare",
                offer.machine, offer.cores
            ))
        }
        Misfit::Machine | Misfit::Architecture | Misfit::Disk => None,
    }
}

/// Reports smallest sets of lines that cannot all hold.
pub fn conflict(problem: &Problem<'_, '_>, limits: &Limits, out: &mut Diagnostics) {
    let conflicts = conflict::conflicts(problem, limits);
    if conflicts.is_empty() {
        let text = format!("no plan was found within {} branches of the search", limits.nodes);
        out.push(Diagnostic::new(
            Code::PromiseConflict,
            problem.platform.name.span,
            "for this platform",
            text,
        ));
    }
    for conflict in &conflicts {
        let others = conflicts.iter().filter(|other| *other != conflict);
        let others: Vec<usize> = others.flat_map(|other| &other.rules).copied().collect();
        out.push(report(problem, conflict, &others, limits));
    }
}

/// One conflict; `others` are the rules of other conflicts, which do not count while looking for a way out of this one.
fn report(problem: &Problem<'_, '_>, conflict: &Conflict, others: &[usize], limits: &Limits) -> Diagnostic {
    let mut labels: Vec<Label> = Vec::new();
    for rule in &conflict.rules {
        if let Some(origin) = problem.origins.get(*rule) {
            labels.push(Label {
                span: origin.span,
                // The message has the words of a line that is alone.
                text: match conflict.rules.as_slice() {
                    [_] => "no plan keeps it".to_owned(),
                    _ => origin.text.clone(),
                },
            });
            labels.extend(users(problem, *rule));
        }
    }
    labels.sort_by(|a, b| (a.span, &a.text).cmp(&(b.span, &b.text)));
    labels.dedup();
    let code = code(problem, conflict);
    Diagnostic {
        code,
        severity: code.severity(),
        message: message(problem, conflict),
        labels,
        help: enough::enough(problem, &conflict.rules, others, limits),
        fix: None,
    }
}

fn families(problem: &Problem<'_, '_>, conflict: &Conflict) -> Vec<Family> {
    let origins = conflict
        .rules
        .iter()
        .filter_map(|rule| problem.origins.get(*rule));
    let mut families: Vec<Family> = origins.map(|origin| origin.family).collect();
    families.sort_unstable();
    families.dedup();
    families
}

fn code(problem: &Problem<'_, '_>, conflict: &Conflict) -> Code {
    match families(problem, conflict).as_slice() {
        [Family::Residency] => Code::ResidencyEmpty,
        [Family::Narrowing] | [Family::Residency, Family::Narrowing] => Code::PlaceNone,
        [Family::Quota] | [Family::Capacity] | [Family::Quota, Family::Capacity] => Code::NeedsQuota,
        [Family::Proximity] => Code::PlaceTogether,
        [Family::Promise] if conflict.rules.len() == 1 => Code::PromiseImpossible,
        _ => Code::PromiseConflict,
    }
}

fn message(problem: &Problem<'_, '_>, conflict: &Conflict) -> String {
    const NUMBERS: [&str; 8] = ["two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let proven = if conflict.certain {
        ""
    } else {
        " (perhaps some of them could)"
    };
    match conflict.rules.as_slice() {
        [] => "no plan is possible, whatever the rules".to_owned(),
        [only] => {
            let text = problem.origins.get(*only).map_or("", |origin| &origin.text);
            format!("`{text}` cannot hold, even alone")
        }
        rules => {
            let number = NUMBERS
                .get(rules.len().saturating_sub(2))
                .map_or_else(|| rules.len().to_string(), |word| (*word).to_owned());
            let all = if rules.len() == 2 { "both" } else { "all" };
            format!("these {number} cannot {all} hold{proven}")
        }
    }
}

/// Steps that draw on a limit wherever they are put, each with the least it takes.
fn users(problem: &Problem<'_, '_>, rule: usize) -> Vec<Label> {
    let limit = match problem.instance.rules.get(rule).map(|rule| &rule.kind) {
        Some(RuleKind::Capacity { limit, .. }) => *limit,
        _ => return Vec::new(),
    };
    let steps = problem.profiled.graph.steps.iter().zip(&problem.instance.tasks);
    let label = |(step, task): (&Step, &super::instance::Task)| {
        let amount = |choice: &super::instance::Choice| {
            let own = choice.uses.iter().filter(|(of, _)| *of == rule);
            own.map(|(_, amount)| amount).sum::<f64>()
        };
        let here = task.choices.iter().map(amount).filter(|amount| *amount > 0.0);
        let least = here.fold(f64::INFINITY, f64::min);
        let text = format!("{} takes {} at once here", step.name.value, number(least));
        // Only those that matter: what takes a tenth of it is not to blame.
        (least.is_finite() && least * 10.0 >= limit).then(|| Label {
            span: needs_span(step),
            text,
        })
    };
    steps.filter_map(label).collect()
}

/// At most two decimals, none if whole.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
