//! `portolan completions` and `portolan man`: what shells and `man` want to know of the command line.

use clap::{Args, Command};
use clap_complete::Shell;

use super::Outcome;

/// Print a completion script for a shell
#[derive(Args, Debug)]
pub struct Options {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script.
pub fn run(options: &Options, mut command: Command) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command, "portolan", &mut script);
    super::print(&String::from_utf8_lossy(&script))
}

/// Prints the manual page.
pub fn man(command: Command) -> Outcome {
    let mut page = Vec::new();
    match clap_mangen::Man::new(command).render(&mut page) {
        Ok(()) => super::print(&String::from_utf8_lossy(&page)),
        Err(error) => super::usage(&error.to_string()),
    }
}
