//! One item, from when it has what it needs to its end: attempts, interruptions, lost sites.

use super::draw::{Draws, Of};
use super::network::Task;
use crate::graph::Cause;

/// Argo's waits grow no further than this.
const LONGEST_WAIT: f64 = 1800.0;

/// More attempts than this are given up: the rate of interruptions is then such that nothing ever ends.
const MOST: u32 = 1_000;

/// What became of an item.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spell {
    /// When it ended.
    pub end: f64,
    /// Machine time that is paid for, in seconds.
    pub paid: f64,
    /// True if an attempt did the work.
    pub done: bool,
}

/// Plays item `item` of the task at `at`, which may begin at `ready`.
pub fn spell(task: &Task, at: usize, item: usize, ready: f64, draws: Draws) -> Spell {
    let work = task.time.at(draws.normal(at, item, Of::Time));
    let mut spell = Spell {
        end: ready,
        paid: 0.0,
        done: false,
    };
    // Items beyond those that start side by side take over a machine.
    let mut starts = item < task.parallel;
    let mut saved = 0.0;
    let mut tried = [0_u32; Cause::ALL.len()];
    for attempt in 0..MOST {
        let Some(begin) = after_outages(task, spell.end) else {
            return spell;
        };
        let running = begin + if starts { task.start } else { 0.0 };
        let (end, cause) = ending(task, at, item, attempt, running, work - saved, draws);
        spell.paid += end - begin;
        spell.end = end;
        let Some(cause) = cause else {
            spell.done = true;
            return spell;
        };
        if let Some(every) = task.checkpoint.filter(|every| *every > 0.0) {
            saved += ((end - running).max(0.0) / every).floor() * every;
        }
        let Some(wait) = wait(task, cause, &mut tried) else {
            return spell;
        };
        starts = match cause {
            Cause::Preemption | Cause::Lost => true,
            Cause::Error | Cause::Oom | Cause::Timeout | Cause::Exit => false,
        };
        spell.end += wait;
    }
    spell
}

/// When an attempt that runs from `running` ends, and why if it did not do its work.
fn ending(
    task: &Task,
    at: usize,
    item: usize,
    attempt: u32,
    running: f64,
    work: f64,
    draws: Draws,
) -> (f64, Option<Cause>) {
    let fails = item < task.fails.items && attempt < task.fails.attempts;
    let own = fails.then_some(task.fails.cause);
    let mut first = (running + work.max(0.0), own);
    if running + task.timeout < first.0 {
        first = (running + task.timeout, Some(Cause::Timeout));
    }
    if task.interruptions > 0.0 {
        let drawn = draws.uniform(at, item, Of::Interruption(attempt));
        let taken = running - drawn.ln() / task.interruptions;
        if taken < first.0 {
            first = (taken, Some(Cause::Preemption));
        }
    }
    for (from, _) in &task.outages {
        if *from < first.0 && *from >= running {
            first = (*from, Some(Cause::Lost));
        }
    }
    first
}

/// When the site is there; `None`: never again.
fn after_outages(task: &Task, mut at: f64) -> Option<f64> {
    let away = |at: f64| {
        task.outages
            .iter()
            .find(|(from, until)| *from <= at && at < *until)
    };
    while let Some((_, until)) = away(at) {
        if until.is_infinite() {
            return None;
        }
        at = *until;
    }
    Some(at)
}

/// The wait before the next attempt; `None`: there is none. A task that loses its site waits for it.
fn wait(task: &Task, cause: Cause, tried: &mut [u32]) -> Option<f64> {
    let before = tried.get_mut(cause as usize)?;
    let line = task
        .retries
        .iter()
        .find(|line| line.cause == cause && *before < line.limit)?;
    let wait = line.backoff * line.factor.max(1.0).powi(*before as i32);
    *before += 1;
    Some(wait.min(LONGEST_WAIT))
}
