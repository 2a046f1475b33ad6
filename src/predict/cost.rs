//! What an allocation costs, as the literature on task memory counts it (Witt et al., HPCS 2019; Tovar et al., TPDS 2018).

/// After a failure: this much above the most ever seen …
const ABOVE_MOST: f64 = 1.1;

/// … and this much above what was not enough.
const ABOVE_FAILED: f64 = 1.5;

/// Attempts that are simulated at most.
const ATTEMPTS: u32 = 12;

/// What to allocate after `upper` was not enough.
pub(super) fn retry(upper: f64, most_seen: f64) -> f64 {
    (most_seen * ABOVE_MOST).max(upper * ABOVE_FAILED)
}

/// Byte-seconds allocated and not used: a failed attempt is lost whole, the last one less what it used. The first
/// failure is followed by [`retry`], others by doubling.
pub(super) fn wasted(upper: f64, peak: f64, seconds: f64, most_seen: f64) -> f64 {
    let (mut allocated, mut lost, mut failed) = (upper, 0.0, 0);
    while allocated < peak && failed < ATTEMPTS {
        lost += allocated * seconds;
        failed += 1;
        allocated = if failed == 1 { retry(allocated, most_seen) } else { allocated * 2.0 };
    }
    lost + (allocated - peak).max(0.0) * seconds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waste_is_what_is_not_used() {
        assert_eq!(wasted(10.0, 8.0, 3.0, 0.0), 6.0);
        assert_eq!(wasted(8.0, 8.0, 3.0, 0.0), 0.0);
        // 8 fails, 12 is enough: 8 x 3 lost and 2 x 3 too much.
        assert_eq!(wasted(8.0, 10.0, 3.0, 0.0), 30.0);
        // After a failure the most seen is what counts.
        assert_eq!(retry(8.0, 20.0), 22.0);
    }
}
