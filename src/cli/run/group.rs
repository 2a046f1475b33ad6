//! A process with all that it started, and signals to them.
//!
//! Each attempt leads a process group of its own. What leaves the group is still found where there is `/proc` (Linux).

use std::process::{Child, Command};

#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// The process will lead a group of its own: what interrupts us from the keyboard is not sent to it, we tell it.
pub fn lead(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

/// Asks all of them to end. Where there are no such signals, ends the process.
pub fn ask_to_end(child: &mut Child) {
    #[cfg(unix)]
    signal(child, Signal::TERM);
    #[cfg(not(unix))]
    kill(child);
}

/// Ends all of them at once.
pub fn kill(child: &mut Child) {
    #[cfg(unix)]
    signal(child, Signal::KILL);
    // One that has ended cannot be killed, which is as well.
    let _ = child.kill();
}

/// One that has ended is told nothing, which is as well.
#[cfg(unix)]
fn signal(child: &Child, signal: Signal) {
    let others = tree(child.id());
    let _ = kill_process_group(Pid::from_child(child), signal);
    for other in others.into_iter().skip(1) {
        if let Some(pid) = i32::try_from(other).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, signal);
        }
    }
}

/// A process and all that descend from it, where the system tells.
pub fn tree(id: u32) -> Vec<u32> {
    let mut found = vec![id];
    let mut at = 0;
    while let Some(parent) = found.get(at).copied() {
        let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
        let children = children.unwrap_or_default();
        found.extend(
            children
                .split_whitespace()
                .filter_map(|id| id.parse::<u32>().ok()),
        );
        at += 1;
    }
    found
}
