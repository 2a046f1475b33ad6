//! Being asked to stop, by SIGINT (Ctrl-C) or SIGTERM.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};

use super::process::LOOK;
use super::turn::Turn;

/// How long programs may take to end when they are asked to, as `docker stop` gives them.
const GRACE: Duration = Duration::from_secs(10);

/// Signals that have come and were not looked at.
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on such a signal no longer ends the program, but is noted.
    ///
    /// # Errors
    /// The system does not let it.
    pub fn watch() -> Result<Interrupt, String> {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            signal_hook::flag::register(signal, Arc::clone(&flag))
                .map_err(|error| format!("signals cannot be watched: {error}"))?;
        }
        Ok(Interrupt(flag))
    }

    /// True if one has come since this was last asked.
    pub fn came(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

impl Turn<'_, '_> {
    /// Asks all that runs to end, and ends at once what does not in time, or when the signal comes again. Nothing is
    /// recorded of these attempts: they neither failed nor say what a whole one takes.
    pub(super) fn halt(&mut self) -> Result<(), String> {
        let id = &self.around.folder.id;
        self.progress.line(&format!(
            "{id} is interrupted: {} running; `--resume` goes on with it",
            self.running.len()
        ));
        self.waiting.clear();
        for running in &mut self.running {
            running.attempt.ask_to_end();
        }
        let asked = Instant::now();
        while !self.running.is_empty() {
            if asked.elapsed() > GRACE || self.interrupt.came() {
                self.running.iter_mut().for_each(|running| running.attempt.stop());
            }
            for running in std::mem::take(&mut self.running) {
                self.settle(running)?;
            }
            std::thread::sleep(LOOK);
        }
        Ok(())
    }

    fn settle(&mut self, mut running: super::turn::Running) -> Result<(), String> {
        if running.attempt.look()?.is_none() {
            self.running.push(running);
            return Ok(());
        }
        // What it started and left behind.
        running.attempt.stop();
        self.progress.line(&format!("{}: interrupted", running.name));
        self.interrupted.insert(running.start.task);
        Ok(())
    }
}
