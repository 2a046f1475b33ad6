//! What a run says while it goes on: a line for each thing that happens, and where a terminal watches, what runs now.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Lines on standard error.
pub struct Progress {
    bar: ProgressBar,
    watched: bool,
}

impl Progress {
    /// Nothing is shown yet.
    pub fn new() -> Progress {
        let watched = std::io::stderr().is_terminal();
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
        Progress { bar, watched }
    }

    /// Something happened.
    pub fn line(&self, text: &str) {
        if self.watched {
            self.bar.println(text);
        } else {
            eprintln!("{text}");
        }
    }

    /// These run now.
    pub fn show<'n>(&self, names: impl Iterator<Item = &'n str>) {
        if self.watched {
            self.bar.set_message(names.collect::<Vec<_>>().join(", "));
        }
    }

    /// Nothing runs any more.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
