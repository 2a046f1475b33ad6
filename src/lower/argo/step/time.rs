//! How long a step may take.

use crate::graph::Step;
use crate::lower::Lowering;
use crate::lower::kubernetes::rollout;
use crate::quantity::Seconds;

/// Attempts that are never shorter, whatever was predicted.
const LEAST: Seconds = Seconds(600.0);

/// Of one attempt: what the author says, or three times the predicted 99th percentile, at least ten minutes.
///
/// The percentile is that of the log-normal distribution through the predicted 50th and 95th: its logarithm lies
/// 2.326 standard deviations above the median's, where the 95th lies 1.645 above.
pub fn timeout(input: &Lowering<'_>, step: &Step) -> Seconds {
    if let Some(timeout) = &step.timeout {
        return Seconds(timeout.value.0.ceil().max(1.0));
    }
    let assignment = &input.plan[step.id];
    let profile = &input.plan.profiled[step.id];
    let waves = profile.items.div_ceil(profile.parallel.max(1)).max(1) as f64;
    let (p50, p95) = (assignment.duration.0.max(1.0), assignment.duration_p95.0.max(1.0));
    let p99 = p50 * (p95 / p50).max(1.0).powf(2.326 / 1.645);
    Seconds((3.0 * p99 / waves).ceil()).max(LEAST)
}

/// Twice the time of an attempt, for all items one wave after another: a time-out is three times what is predicted, so
/// there is room for retries. A run that takes longer is stuck.
pub fn longest(input: &Lowering<'_>, step: &Step) -> Seconds {
    let profile = &input.plan.profiled[step.id];
    let waves = profile.items.div_ceil(profile.parallel.max(1)).max(1) as f64;
    let waiting = step.approval.as_ref();
    let waiting = waiting.map_or(0.0, |approval| approval.timeout.0);
    let rollout = step.serving.as_ref();
    let rollout = rollout.map_or(Seconds::ZERO, |serving| rollout::duration(&serving.rollout));
    Seconds(2.0 * timeout(input, step).0 * waves + waiting) + rollout
}
