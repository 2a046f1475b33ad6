//! Whether another attempt is made, as the workflow would decide it.

use crate::graph::{Cause, Step};
use crate::quantity::Seconds;

/// How an attempt failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Failure {
    /// Why.
    pub cause: Cause,
    /// The exit code, if there is one.
    pub code: Option<i64>,
}

/// Waits grow no further than this.
const LONGEST: f64 = 1800.0;

/// The wait before the attempt after `attempt`; `None`: there is none. All attempts count, whatever ended them, and the
/// wait is that of the line which waits longest, since a workflow has one.
pub(super) fn wait(step: &Step, attempt: u32, failure: Failure) -> Option<Seconds> {
    let fits = |cause: Cause, code: Option<i64>| match cause {
        Cause::Exit => failure.code.is_some() && failure.code == code,
        Cause::Error | Cause::Oom | Cause::Preemption | Cause::Lost | Cause::Timeout => {
            cause == failure.cause
        }
    };
    let lines = || step.retry.iter().filter(|line| line.limit > 0);
    lines().find(|line| attempt < line.limit && fits(line.cause, line.code))?;
    let slowest = lines().max_by(|a, b| a.backoff.0.total_cmp(&b.backoff.0))?;
    let wait = slowest.backoff.0 * slowest.factor.max(1.0).powi(attempt as i32);
    Some(Seconds(wait.min(LONGEST)))
}
