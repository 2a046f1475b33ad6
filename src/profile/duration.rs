//! From work to time: how long a step takes on a given machine.

use super::model::{Basis, Estimate, Profile, Work};
use crate::catalog::FlopsPerSecond;
use crate::quantity::{Cores, Seconds};

/// Operations per second of one core where there is no accelerator: AVX2 at 3 GHz has 48 x 10⁹ single-precision
/// operations per hardware thread at peak. An estimate (2026-11); the utilisation of [`Work::Flop`] applies to it too.
const FLOP_PER_CORE: f64 = 48e9;

impl Work {
    /// Time of one run (one item) on `nodes` machines with `cores` cores each and accelerators that reach `peak`
    /// operations per second together on one machine, in the number format of the work. Zero where there are none.
    /// Getting a machine and an image comes before it; placement knows how long that takes.
    pub fn on(&self, cores: Cores, nodes: u64, peak: FlopsPerSecond) -> Estimate<Seconds> {
        let nodes = nodes.max(1) as f64;
        match self {
            Work::Time(time) => time.clone(),
            Work::CoreSeconds { total, scales_to } => {
                let used = cores.times(nodes).min(*scales_to).0.max(f64::EPSILON);
                total.map(|work| work.times(1.0 / used))
            }
            Work::Flop {
                total, utilisation, ..
            } => {
                let on_cores = cores.0.max(f64::EPSILON) * FLOP_PER_CORE;
                let peak = if peak.0 > 0.0 { peak.0 } else { on_cores };
                total.map(|work| Seconds(work / (peak * nodes * utilisation)))
            }
        }
    }
}

impl Profile {
    /// Time of one attempt (one item); the arguments are as in [`Work::on`]. Within what the author allows.
    pub fn attempt(&self, cores: Cores, peak: FlopsPerSecond) -> Estimate<Seconds> {
        let (least, most) = self.run_time_bounds;
        self.work.on(cores, self.nodes, peak).between(least, most)
    }

    /// Time of the whole step: its items in waves of as many as run side by side.
    pub fn duration(&self, cores: Cores, peak: FlopsPerSecond) -> Estimate<Seconds> {
        let waves = self.waves();
        self.attempt(cores, peak).map(|time| time.times(waves))
    }

    /// The part of one attempt in the time of a step with all its items.
    pub fn of_one(&self, all: Seconds) -> Seconds {
        all.times(1.0 / self.waves())
    }

    /// When one attempt is stopped, of a step planned to take so long with all its items.
    pub fn timeout(&self, p50: Seconds, p95: Seconds) -> Seconds {
        let basis = Basis::Declared;
        Estimate {
            p50: self.of_one(p50),
            p95: self.of_one(p95),
            basis,
        }
        .timeout()
    }

    fn waves(&self) -> f64 {
        self.items.max(1).div_ceil(self.parallel.max(1)) as f64
    }
}
