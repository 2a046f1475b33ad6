//! What a terminal shows while something takes long. Nothing where no terminal watches, or `--quiet` is said.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// True if somebody sees what comes and goes on standard error.
pub fn watched(quiet: bool) -> bool {
    !quiet && std::io::stderr().is_terminal()
}

/// A line that turns, with the time since it began; hidden if nobody watches.
pub fn bar(watched: bool) -> ProgressBar {
    let target = if watched {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(None, target);
    // Without colours, so there is nothing that NO_COLOR could turn off.
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
        bar.set_style(style);
    }
    if watched {
        bar.enable_steady_tick(Duration::from_millis(120));
    }
    bar
}

/// Says what is done for as long as it lives.
pub struct Watch(ProgressBar);

impl Watch {
    /// `what` begins.
    pub fn of(what: impl Into<String>, quiet: bool) -> Watch {
        let bar = bar(watched(quiet));
        bar.set_message(what.into());
        Watch(bar)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
