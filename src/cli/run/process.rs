//! One attempt as a process, and what it takes of the machine.
//!
//! Where there is `/proc` (Linux), memory is read every few milliseconds: the process with all that it started, since
//! that is what a container is charged for. What comes and goes between two looks is not seen. Processor time is read
//! once more when the process has ended and before it is forgotten, so that is exact.

use std::fs::File;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant, SystemTime};

use camino::Utf8Path;

use super::command::Prepared;
use super::group;

/// How long one look lasts until the next.
pub const LOOK: Duration = Duration::from_millis(10);

/// Fewer looks than this say nothing of memory: the program was hardly there yet.
const ENOUGH: u32 = 5;

/// Ticks of `/proc/PID/stat` in a second: USER_HZ, which Linux keeps at 100 for programs whatever the kernel's own.
const TICKS: f64 = 100.0;

/// A process that runs.
pub struct Attempt {
    child: Child,
    /// When it began.
    began: Instant,
    /// The same, in seconds since 1970.
    pub started: f64,
    memory: f64,
    looks: u32,
    processor: f64,
    limit: Option<Duration>,
    late: bool,
}

/// How a process ended.
pub struct Ended {
    /// The status, as the system tells it.
    pub status: ExitStatus,
    /// By the clock.
    pub seconds: f64,
    /// Of processors.
    pub core_seconds: Option<f64>,
    /// Most memory seen, in bytes.
    pub memory_peak: Option<f64>,
    /// It was stopped because it took too long.
    pub late: bool,
}

impl Attempt {
    /// Starts the program; its output goes to `out.txt` and `err.txt` of `folder`.
    ///
    /// # Errors
    /// Says what cannot be started or made.
    pub fn start(prepared: &Prepared, folder: &Utf8Path) -> Result<Attempt, String> {
        let file =
            |name: &str| File::create(folder.join(name)).map_err(|error| format!("{folder}/{name}: {error}"));
        let (program, arguments) = prepared.words.split_first().ok_or("nothing to run")?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .envs(prepared.env.iter().map(|(name, value)| (name, value)))
            .current_dir(&prepared.folder)
            .stdin(Stdio::null())
            .stdout(file("out.txt")?)
            .stderr(file("err.txt")?);
        group::lead(&mut command);
        let started = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let child = command.spawn().map_err(|error| format!("{program}: {error}"))?;
        Ok(Attempt {
            child,
            began: Instant::now(),
            started: started.map_or(0.0, |since| since.as_secs_f64()),
            memory: 0.0,
            looks: 0,
            processor: 0.0,
            limit: prepared
                .timeout
                .map(|limit| Duration::from_secs_f64(limit.0.max(0.0))),
            late: false,
        })
    }

    /// Looks after it; the answer is how it ended, if it did.
    ///
    /// # Errors
    /// The system cannot say.
    pub fn look(&mut self) -> Result<Option<Ended>, String> {
        let tree = group::tree(self.child.id());
        let resident: f64 = tree.iter().filter_map(|id| status(*id, "VmRSS:")).sum();
        let own = status(self.child.id(), "VmHWM:").unwrap_or(0.0);
        self.memory = self.memory.max(resident).max(own);
        self.looks = self.looks.saturating_add(1);
        self.processor = self.processor.max(processor(self.child.id()).unwrap_or(0.0));
        if !self.late && self.limit.is_some_and(|limit| self.began.elapsed() > limit) {
            self.late = true;
            self.stop();
        }
        let Some(status) = self.child.try_wait().map_err(|error| error.to_string())? else {
            return Ok(None);
        };
        let measured = |value: f64| (value > 0.0).then_some(value);
        Ok(Some(Ended {
            status,
            seconds: self.began.elapsed().as_secs_f64(),
            core_seconds: measured(self.processor),
            memory_peak: measured(self.memory).filter(|_| self.looks >= ENOUGH),
            late: self.late,
        }))
    }

    /// Asks it, with all that it started, to end.
    pub fn ask_to_end(&mut self) {
        group::ask_to_end(&mut self.child);
    }

    /// Stops it with all that it started.
    pub fn stop(&mut self) {
        group::kill(&mut self.child);
    }
}

/// A size of `/proc/PID/status`, in bytes.
fn status(id: u32, name: &str) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024.0)
}

/// Processor seconds of a process and of what it started and waited for: fields 14 to 17 of `/proc/PID/stat`.
fn processor(id: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name may hold anything but ends at the last parenthesis; field 3 comes after it.
    let (_, rest) = text.rsplit_once(')')?;
    let ticks = rest.split_whitespace().skip(11).take(4);
    let ticks: Vec<f64> = ticks.filter_map(|field| field.parse().ok()).collect();
    Some(ticks.iter().sum::<f64>() / TICKS)
}
