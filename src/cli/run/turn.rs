//! A run as it goes: starts what the rules name, looks after what runs, tells how it ended.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use camino::Utf8PathBuf;

use super::command::{Prepared, Seen, Surroundings};
use super::commit::values;
use super::folder::{self, Done, Finished};
use super::interrupt::Interrupt;
use super::process::{Attempt, LOOK};
use super::progress::Progress;
use crate::graph::{Cause, Graph, Step};
use crate::run::value::Value;
use crate::run::{Failure, Run, Start, TaskId};

/// One run.
pub struct Turn<'t, 'g> {
    /// What has become of its steps.
    pub run: Run<'g>,
    /// What all of them share.
    pub around: &'t Surroundings<'t>,
    /// Processes at once.
    jobs: usize,
    pub(super) waiting: Vec<(Instant, Start)>,
    pub(super) running: Vec<Running>,
    pub(super) progress: Progress,
    pub(super) interrupt: Interrupt,
    /// Tasks whose attempt was stopped because the run was.
    pub interrupted: BTreeSet<TaskId>,
    /// The run was stopped before its end.
    pub halted: bool,
    /// The last attempt of each task in this turn.
    pub finished: BTreeMap<TaskId, Finished>,
}

/// An attempt that runs.
pub(super) struct Running {
    pub start: Start,
    pub prepared: Prepared,
    pub folder: Utf8PathBuf,
    pub name: String,
    pub attempt: Attempt,
}

impl<'t, 'g> Turn<'t, 'g> {
    /// A run that has not begun.
    ///
    /// # Errors
    /// Says that signals cannot be watched.
    pub fn of(
        run: Run<'g>,
        around: &'t Surroundings<'t>,
        jobs: usize,
        quiet: bool,
    ) -> Result<Turn<'t, 'g>, String> {
        Ok(Turn {
            run,
            around,
            jobs,
            waiting: Vec::new(),
            running: Vec::new(),
            progress: Progress::new(quiet),
            interrupt: Interrupt::watch()?,
            interrupted: BTreeSet::new(),
            halted: false,
            finished: BTreeMap::new(),
        })
    }

    /// The graph of the run.
    pub fn graph(&self) -> &'t Graph {
        self.around.profiled.graph
    }

    /// Plays it to its end.
    ///
    /// # Errors
    /// Says what of the run's folder cannot be read or written; what runs is stopped.
    pub fn play(&mut self) -> Result<(), String> {
        let id = &self.around.folder.id;
        let word = if self.around.folder.resumed {
            "goes on"
        } else {
            "begins"
        };
        self.progress
            .line(&format!("{id} {word} in {}", self.around.folder.path));
        let played = self.steps();
        if played.is_err() {
            self.running.iter_mut().for_each(|running| running.attempt.stop());
        }
        self.progress.finish();
        played
    }

    fn steps(&mut self) -> Result<(), String> {
        loop {
            if self.interrupt.came() {
                self.halted = true;
                return self.halt();
            }
            let starts = self.run.to_start();
            let now = Instant::now();
            self.waiting.extend(starts.into_iter().map(|start| {
                let due = now + Duration::from_secs_f64(start.after.0.max(0.0));
                (due, start)
            }));
            if !self.begin()? && !self.look()? {
                if self.waiting.is_empty() && self.running.is_empty() {
                    return Ok(());
                }
                self.progress
                    .show(self.running.iter().map(|running| running.name.as_str()));
                std::thread::sleep(LOOK);
            }
        }
    }

    /// Begins one task that is due and has room; true if there was one.
    fn begin(&mut self) -> Result<bool, String> {
        let now = Instant::now();
        let next = (self.running.len() < self.jobs)
            .then(|| {
                self.waiting
                    .iter()
                    .position(|(due, start)| *due <= now && self.has_turn(start))
            })
            .flatten();
        let Some(at) = next else { return Ok(false) };
        let (_, start) = self.waiting.remove(at);
        let step = &self.graph()[start.task.step];
        let seen = Seen {
            around: self.around,
            run: &self.run,
            task: &start.task,
        };
        let name = [vec![step.name.value.clone()], seen.items()].concat().join("/");
        if step.kind.always_on() {
            self.progress.line(&format!(
                "{name}: always on, so a run only deploys it; not started here"
            ));
            self.run.succeeded(&start.task, BTreeMap::new());
            return Ok(true);
        }
        if let Some(approval) = &step.approval {
            self.progress
                .line(&format!("{name}: taken as approved: {}", approval.question));
        }
        let task = seen.folder();
        let attempt = (0..)
            .map(|n| task.join(format!("attempt-{n}")))
            .find(|path| !path.exists());
        let attempt = attempt.unwrap_or_else(|| task.join("attempt"));
        for inner in ["emits", "writes"] {
            folder::made(&attempt.join(inner))?;
        }
        let prepared = match seen.prepared(&attempt) {
            Ok(prepared) => prepared,
            Err(why) => {
                self.progress.line(&format!("{name}: cannot run here: {why}"));
                self.run.gave_up(&start.task);
                return Ok(true);
            }
        };
        if let Some(outputs) = self.kept(&prepared, &task, step) {
            self.progress.line(&format!("{name}: kept"));
            // Nothing was attempted in it.
            let _ = std::fs::remove_dir_all(&attempt);
            self.run.succeeded(&start.task, outputs);
            return Ok(true);
        }
        if step.checkpoint.is_some() {
            folder::made(&task.join("checkpoint"))?;
        }
        self.launch(start, prepared, attempt, name)
    }

    fn launch(
        &mut self,
        start: Start,
        prepared: Prepared,
        folder: Utf8PathBuf,
        name: String,
    ) -> Result<bool, String> {
        match Attempt::start(&prepared, &folder) {
            Ok(attempt) => {
                self.progress.line(&format!("{name}: begins"));
                self.running.push(Running {
                    start,
                    prepared,
                    folder,
                    name,
                    attempt,
                });
            }
            Err(why) => {
                self.progress.line(&format!("{name}: cannot be started: {why}"));
                self.run.failed(
                    &start.task,
                    Failure {
                        cause: Cause::Error,
                        code: Some(127),
                    },
                );
            }
        }
        Ok(true)
    }

    /// True if all fan-outs around it allow one more item at once.
    fn has_turn(&self, start: &Start) -> bool {
        self.graph()[start.task.step].each.iter().all(|each| {
            let inside = |running: &&Running| self.graph()[running.start.task.step].each.contains(each);
            let count = self.running.iter().filter(inside).count() as u64;
            self.graph()[*each].concurrency.is_none_or(|most| count < most)
        })
    }

    /// What the step emitted when it was made of the same, and what it wrote is there.
    fn kept(
        &self,
        prepared: &Prepared,
        task: &camino::Utf8Path,
        step: &Step,
    ) -> Option<BTreeMap<String, Value>> {
        let done: Done = folder::read(&task.join("done.json"))?;
        let whole = prepared.writes.iter().all(|(_, to)| to.exists());
        if done.digest != prepared.digest || !whole || !self.around.folder.resumed {
            return None;
        }
        values(step, &done.outputs).ok()
    }

    /// Looks after what runs; true if something ended.
    fn look(&mut self) -> Result<bool, String> {
        let mut ended = Vec::new();
        for (at, running) in self.running.iter_mut().enumerate() {
            ended.extend(running.attempt.look()?.map(|how| (at, how)));
        }
        let some = !ended.is_empty();
        for (at, how) in ended.into_iter().rev() {
            let running = self.running.remove(at);
            self.end(&running, &how)?;
        }
        Ok(some)
    }
}
