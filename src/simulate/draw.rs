//! Chance, counted: a draw is a function of the seed, the run and what is drawn, so that the order in which runs are
//! played, and on how many threads, changes nothing, and a fault changes only what it is about.

/// Standard deviations of the normal distribution at 95 %.
pub const P95: f64 = 1.644_853_626_951_472_2;

/// The draws of one run.
#[derive(Clone, Copy, Debug)]
pub struct Draws(u64);

/// What is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Of {
    /// Whether a condition holds.
    Condition,
    /// The time that the program takes.
    Time,
    /// The time until the machine is taken away, of the n-th attempt.
    Interruption(u32),
    /// The size of what is brought, of the n-th input.
    Size(u32),
}

impl Draws {
    /// Of run `run`.
    pub fn of(seed: u64, run: u64) -> Draws {
        Draws(mixed(mixed(0, seed), run))
    }

    /// A number above 0 and at most 1.
    pub fn uniform(self, step: usize, item: usize, of: Of) -> f64 {
        self.number(step, item, of, 0)
    }

    /// A number of the standard normal distribution (Box and Muller 1958).
    pub fn normal(self, step: usize, item: usize, of: Of) -> f64 {
        let radius = (-2.0 * self.number(step, item, of, 0).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.number(step, item, of, 1)).cos()
    }

    fn number(self, step: usize, item: usize, of: Of, part: u64) -> f64 {
        let (kind, nth) = match of {
            Of::Condition => (0, 0),
            Of::Time => (1, 0),
            Of::Interruption(nth) => (2, nth),
            Of::Size(nth) => (3, nth),
        };
        let what = u64::from(nth) << 3 | kind << 1 | part;
        let bits = mixed(mixed(mixed(self.0, step as u64), item as u64), what);
        // 53 bits are what a float holds.
        ((bits >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }
}

/// One more counter stirred in, by the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
fn mixed(state: u64, counter: u64) -> u64 {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut z = state ^ counter.wrapping_add(1).wrapping_mul(GOLDEN);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_spread_as_they_should_be() {
        let of = |at: usize| Draws::of(1, at as u64);
        let normal: Vec<f64> = (0..20_000).map(|at| of(at).normal(3, 0, Of::Time)).collect();
        let mean = normal.iter().sum::<f64>() / 20_000.0;
        let square = normal.iter().map(|x| x * x).sum::<f64>() / 20_000.0;
        let above = normal.iter().filter(|x| **x > P95).count();
        assert!(mean.abs() < 0.03, "{mean}");
        assert!((square - 1.0).abs() < 0.04, "{square}");
        assert!((900..1_100).contains(&above), "{above}");
    }

    #[test]
    fn what_is_drawn_depends_on_every_counter() {
        let one = Draws::of(1, 2).uniform(3, 4, Of::Interruption(5));
        assert_eq!(one, Draws::of(1, 2).uniform(3, 4, Of::Interruption(5)));
        for other in [
            Draws::of(2, 2).uniform(3, 4, Of::Interruption(5)),
            Draws::of(1, 3).uniform(3, 4, Of::Interruption(5)),
            Draws::of(1, 2).uniform(4, 4, Of::Interruption(5)),
            Draws::of(1, 2).uniform(3, 5, Of::Interruption(5)),
            Draws::of(1, 2).uniform(3, 4, Of::Interruption(6)),
            Draws::of(1, 2).uniform(3, 4, Of::Size(5)),
        ] {
            assert_ne!(one, other);
        }
    }
}
