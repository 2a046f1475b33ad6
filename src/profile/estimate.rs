//! Arithmetic of estimates: how they are made, combined and bounded.

use super::model::{Basis, Estimate};
use crate::quantity::{Bytes, Seconds};

/// 99 % quantile over 95 % quantile of the standard normal distribution: 2.326 / 1.645.
const P99_OVER_P95: f64 = 1.414;

/// Attempts are stopped after so many times their predicted p99.
const TIMEOUT_FACTOR: f64 = 3.0;

/// No attempt is stopped earlier: pulling images and waking machines take minutes.
const SHORTEST_TIMEOUT: Seconds = Seconds(600.0);

impl Estimate<f64> {
    /// `p50` from a formula whose 95th percentile is `spread` times that.
    pub fn analytic(p50: f64, spread: f64, source: &'static str, formula: String) -> Estimate<f64> {
        Estimate {
            p50,
            p95: p50 * spread,
            basis: Basis::Analytic { formula, source },
        }
    }

    /// `p50` by a rule of ours, because nothing better is known; `spread` as above.
    pub fn guess(p50: f64, spread: f64, rule: &'static str) -> Estimate<f64> {
        Estimate {
            p50,
            p95: p50 * spread,
            basis: Basis::Default { rule },
        }
    }

    /// As bytes.
    pub fn bytes(&self) -> Estimate<Bytes> {
        self.map(|value| Bytes::round(*value))
    }

    /// As seconds.
    pub fn seconds(&self) -> Estimate<Seconds> {
        self.map(|value| Seconds(*value))
    }
}

impl<T: Clone + PartialOrd> Estimate<T> {
    /// Cut to what the author allows: `at-least`, then `at-most`.
    #[must_use]
    pub fn between(mut self, least: Option<T>, most: Option<T>) -> Estimate<T> {
        for end in [&mut self.p50, &mut self.p95] {
            if let Some(least) = least.as_ref().filter(|least| *least > end) {
                *end = least.clone();
            }
            if let Some(most) = most.as_ref().filter(|most| *most < end) {
                *end = most.clone();
            }
        }
        self
    }
}

impl<T: Copy + std::ops::Add<Output = T>> Estimate<T> {
    /// The sum, taking the two to be high together (which overstates p95 a little); its basis is the weaker one.
    #[must_use]
    pub fn plus(&self, other: &Estimate<T>) -> Estimate<T> {
        Estimate {
            p50: self.p50 + other.p50,
            p95: self.p95 + other.p95,
            basis: self.basis.clone().max(other.basis.clone()),
        }
    }
}

impl Estimate<Seconds> {
    /// 99th percentile, if the logarithm is normally distributed.
    pub fn p99(&self) -> Seconds {
        if self.p50.0 > 0.0 && self.p95 > self.p50 {
            Seconds(self.p50.0 * (self.p95.0 / self.p50.0).powf(P99_OVER_P95))
        } else {
            self.p95
        }
    }

    /// When an attempt that was predicted to take so long is stopped, unless the author says: 3 x p99, at least 10 min,
    /// in whole minutes.
    pub fn timeout(&self) -> Seconds {
        let timeout = self.p99().times(TIMEOUT_FACTOR).max(SHORTEST_TIMEOUT);
        Seconds((timeout.0 / 60.0).ceil() * 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_cut_both_ends() {
        let guess = Estimate::guess(10.0, 4.0, "test");
        let cut = guess.clone().between(Some(20.0), Some(30.0));
        assert_eq!((cut.p50, cut.p95), (20.0, 30.0));
        assert_eq!(guess.clone().between(None, None), guess);
    }

    #[test]
    fn a_sum_rests_on_its_weakest_term() {
        let sum = Estimate::declared(Bytes(1)).plus(&Estimate::guess(2.0, 2.0, "test").bytes());
        assert_eq!((sum.p50, sum.p95), (Bytes(3), Bytes(5)));
        assert_eq!(sum.basis, Basis::Default { rule: "test" });
    }

    #[test]
    fn timeouts_are_three_times_the_p99_and_never_short() {
        assert_eq!(Estimate::declared(Seconds(10.0)).timeout(), Seconds(600.0));
        assert_eq!(Estimate::declared(Seconds(3600.0)).timeout(), Seconds(10_800.0));
        let spread = Estimate::guess(3600.0, 2.0, "test").seconds();
        assert!(spread.p99() > spread.p95);
        assert!(spread.timeout() > spread.p95.times(3.0));
    }
}
