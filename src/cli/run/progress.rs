//! What a run says while it goes on: a line for each thing that happens, and where a terminal watches, what runs now.

use indicatif::ProgressBar;

use crate::cli::watch;

/// Lines on standard error.
pub struct Progress {
    bar: ProgressBar,
    watched: bool,
    quiet: bool,
}

impl Progress {
    /// Nothing is shown yet, and nothing will be if it is to be quiet.
    pub fn new(quiet: bool) -> Progress {
        let watched = watch::watched(quiet);
        Progress {
            bar: watch::bar(watched),
            watched,
            quiet,
        }
    }

    /// Something happened.
    pub fn line(&self, text: &str) {
        if self.watched {
            self.bar.println(text);
        } else if !self.quiet {
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
