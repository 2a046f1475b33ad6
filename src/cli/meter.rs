//! What a piece of work takes of the machine.

use std::time::Instant;

/// Measures from when it is made.
pub struct Meter {
    wall: Instant,
    processor: Option<f64>,
}

impl Meter {
    /// Starts.
    pub fn start() -> Meter {
        Meter {
            wall: Instant::now(),
            processor: processor(),
        }
    }

    /// Seconds by the clock.
    pub fn seconds(&self) -> f64 {
        self.wall.elapsed().as_secs_f64()
    }

    /// Processor seconds, where the system tells (Linux).
    pub fn processor_seconds(&self) -> Option<f64> {
        Some(processor()? - self.processor?)
    }
}

/// Processor seconds of the main thread, the only one that works.
fn processor() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    let nanoseconds: u64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds as f64 / 1e9)
}

/// Peak resident memory of this process in 10⁶ bytes, where the system tells (Linux).
pub fn peak_memory() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024.0 / 1e6)
}
