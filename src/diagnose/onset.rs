//! Since when a series is not as it was.

/// So many rows must stand on either side of a change.
const SIDE: usize = 2;

/// The time of the first row after the most likely single change of level: the split that leaves the least squares (the
/// largest statistic of a cumulative sum; Page, "Continuous Inspection Schemes", Biometrika 41, 1954). `None` if fewer than
/// four rows were measured or nothing changes.
pub(super) fn onset(times: &[f64], values: &[f64]) -> Option<f64> {
    let measured = times.iter().zip(values).filter(|(_, value)| value.is_finite());
    let known: Vec<(f64, f64)> = measured.map(|(time, value)| (*time, *value)).collect();
    let count = known.len();
    let total: f64 = known.iter().map(|(_, value)| value).sum();
    let mut below = 0.0;
    let mut best: Option<(f64, f64)> = None;
    for (rows, (time, value)) in known.iter().enumerate() {
        // `rows` rows stand before this one.
        if rows >= SIDE && count - rows >= SIDE {
            let (before, after) = (rows as f64, (count - rows) as f64);
            let apart = below / before - (total - below) / after;
            let gain = apart * apart * before * after / count as f64;
            if gain > best.map_or(0.0, |(known, _)| known) {
                best = Some((gain, *time));
            }
        }
        below += value;
    }
    best.map(|(_, time)| time)
}

#[cfg(test)]
mod tests {
    use super::onset;

    #[test]
    fn a_step_is_found_and_a_constant_has_none() {
        let times: Vec<f64> = (0..10).map(f64::from).collect();
        let mut values = vec![1.0, 1.1, 0.9, 1.0, f64::NAN, 1.0, 5.0, 5.2, 4.9, 5.0];
        assert_eq!(onset(&times, &values), Some(6.0));
        values.fill(3.0);
        assert_eq!(onset(&times, &values), None);
        assert_eq!(onset(&times, &[1.0, 9.0]), None);
    }
}
