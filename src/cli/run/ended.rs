//! An attempt that has ended: what becomes of its task.

use super::commit::commit;
use super::folder::{self, Finished};
use super::process::Ended;
use super::summary::memory;
use super::turn::{Running, Turn};
use crate::graph::Cause;
use crate::quantity::Seconds;
use crate::run::Failure;

impl Turn<'_, '_> {
    /// Takes what it made, or finds out whether it is tried again.
    ///
    /// # Errors
    /// Says what of the run's folder cannot be written.
    pub(super) fn end(&mut self, running: &Running, how: &Ended) -> Result<(), String> {
        let task = &running.start.task;
        let step = &self.graph()[task.step];
        let made = if how.status.success() {
            commit(&running.prepared, &running.folder, step)?
        } else {
            Err(String::new())
        };
        let finished = Finished {
            step: step.name.value.clone(),
            item: running
                .name
                .split_once('/')
                .map_or(String::new(), |(_, item)| item.to_owned()),
            attempt: running.start.attempt,
            started: running.attempt.started,
            code: how.status.code(),
            succeeded: made.is_ok(),
            seconds: how.seconds,
            core_seconds: how.core_seconds,
            memory_peak: how.memory_peak,
            input_bytes: running.prepared.input_bytes,
        };
        folder::put(&running.folder.join("result.json"), &finished)?;
        let took = format!("{}, {}", Seconds(how.seconds), memory(how.memory_peak));
        self.finished.insert(task.clone(), finished);
        match made {
            Ok(outputs) => {
                self.progress.line(&format!("{}: done in {took}", running.name));
                self.run.succeeded(task, outputs);
            }
            Err(why) => self.fail(running, how, &why),
        }
        Ok(())
    }

    fn fail(&mut self, running: &Running, how: &Ended, why: &str) {
        let code = how.status.code();
        let cause = match (how.late, code) {
            (true, _) => Cause::Timeout,
            // A signal that nobody here sent: in a cluster, a machine that is taken away looks like this.
            (false, None | Some(137 | 143)) => Cause::Preemption,
            (false, Some(_)) => Cause::Error,
        };
        let failure = Failure {
            cause,
            code: code.map(i64::from),
        };
        let said = match (how.late, code) {
            (true, _) => "took too long".to_owned(),
            (false, Some(0)) => why.to_owned(),
            (false, Some(code)) => format!("exit code {code}"),
            (false, None) => "ended by a signal".to_owned(),
        };
        let next = match self.run.failed(&running.start.task, failure) {
            Some(wait) => format!("; once more in {wait}"),
            None => String::new(),
        };
        let log = running.folder.join("err.txt");
        self.progress
            .line(&format!("{}: FAILED: {said}{next}; see {log}", running.name));
    }
}
