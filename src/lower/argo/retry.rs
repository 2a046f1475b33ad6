//! `retry` lines: Argo has one strategy a template, so the causes become one expression over the last attempt.

use super::types::{Backoff, RetryStrategy};
use crate::graph::{Cause, Retry};

/// Exit codes of a container that was killed (SIGKILL, SIGTERM).
const KILLED: &str = "[137, 143]";
const OOM: &str = "lastRetry.message matches 'OOMKilled'";
const LATE: &str = "lastRetry.message matches '(?i)deadline|timed out'";
/// What the kubelet and the controller say of a pod whose node was taken away.
const TAKEN: &str =
    "lastRetry.message matches '(?i)preempt|evict|shutdown|pod deleted|node.*(lost|not ready)'";

/// The strategy for all of `retries`; `None` if there are none.
pub fn strategy(retries: &[Retry]) -> Option<RetryStrategy> {
    let lines: Vec<&Retry> = retries.iter().filter(|retry| retry.limit > 0).collect();
    let most: u32 = lines.iter().map(|retry| retry.limit).sum();
    let slowest = lines.iter().max_by(|a, b| a.backoff.0.total_cmp(&b.backoff.0))?;
    let causes: Vec<String> = lines
        .iter()
        .map(|retry| {
            let cause = cause(retry);
            // Argo counts all attempts, not those of one cause; the smaller budget is kept.
            match retry.limit < most {
                true => format!("({cause} and asInt(retries) < {})", retry.limit),
                false => format!("({cause})"),
            }
        })
        .collect();
    Some(RetryStrategy {
        limit: most.to_string(),
        retry_policy: "Always",
        expression: causes.join(" or "),
        backoff: Backoff {
            duration: format!("{}s", slowest.backoff.0.max(1.0).round()),
            factor: slowest.factor.max(1.0).round().to_string(),
            cap: Some("30m".to_owned()),
        },
    })
}

fn cause(retry: &Retry) -> String {
    let exit = "asInt(lastRetry.exitCode)";
    match retry.cause {
        Cause::Oom => OOM.to_owned(),
        Cause::Preemption => format!("({exit} in {KILLED} or {TAKEN}) and not ({OOM}) and not ({LATE})"),
        Cause::Lost => format!("lastRetry.status == 'Error' and not ({LATE})"),
        Cause::Timeout => LATE.to_owned(),
        Cause::Exit => format!("{exit} == {}", retry.code.unwrap_or(1)),
        Cause::Error => {
            format!("lastRetry.status == 'Failed' and {exit} not in [0, 137, 143] and not ({LATE})")
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test that panics is a test that fails")]

    use super::*;
    use crate::quantity::Seconds;

    fn retry(cause: Cause, limit: u32) -> Retry {
        Retry {
            limit,
            cause,
            code: (cause == Cause::Exit).then_some(42),
            backoff: Seconds(30.0),
            factor: 2.0,
            memory: None,
        }
    }

    #[test]
    fn one_cause_needs_no_count() {
        let strategy = strategy(&[retry(Cause::Error, 3)]).expect("a strategy");
        assert_eq!(strategy.limit, "3");
        assert_eq!(strategy.backoff.duration, "30s");
        assert!(
            !strategy.expression.contains("retries"),
            "{}",
            strategy.expression
        );
    }

    #[test]
    fn several_causes_are_told_apart() {
        let lines = [
            retry(Cause::Oom, 1),
            retry(Cause::Preemption, 5),
            retry(Cause::Exit, 2),
        ];
        let strategy = strategy(&lines).expect("a strategy");
        assert_eq!(strategy.limit, "8");
        for part in ["OOMKilled", "[137, 143]", "== 42", "asInt(retries) < 5"] {
            assert!(
                strategy.expression.contains(part),
                "{part}: {}",
                strategy.expression
            );
        }
    }

    #[test]
    fn no_line_is_no_strategy() {
        assert_eq!(strategy(&[]), None);
        assert_eq!(strategy(&[retry(Cause::Error, 0)]), None);
    }
}
