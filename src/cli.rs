//! The command line. Data goes to stdout, diagnostics to stderr; the exit code says how it went.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is where input and output happen"
)]

mod catalog;
mod check;
mod compile;
mod completions;
mod diagnose;
mod diff;
mod emit;
mod explain;
mod fmt;
mod graph;
mod history;
mod import;
mod init;
mod lineage;
mod load;
mod lsp;
mod meter;
mod pin;
mod place;
mod plan;
mod profile;
mod reasons;
pub mod report;
mod run;
mod schema;
mod session;
mod simulate;
mod table;
mod test;
mod watch;
mod whatif;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

/// How a command ended; the number is the exit code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Outcome {
    /// Done.
    Ok = 0,
    /// Mistakes were found in the input.
    Errors = 1,
    /// The command line or a file was not as it should be.
    Usage = 2,
    /// What is on disk is not what would be written.
    Stale = 3,
    /// No plan keeps all promises.
    Infeasible = 4,
    /// A signal asked it to stop before it was done: 128 and SIGINT, as shells count.
    Interrupted = 130,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        ExitCode::from(outcome as u8)
    }
}

/// Exit code of a panic: our mistake, not the user's.
const BUG: u8 = 70;

/// Compiles declarative ML pipelines into placed, priced and monitored infrastructure.
#[derive(Parser, Debug)]
#[command(name = "portolan", version, about, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Check(check::Options),
    Plan(plan::Options),
    Simulate(simulate::Options),
    Test(test::Options),
    Run(run::Options),
    Profile(profile::Options),
    Compile(compile::Options),
    Fmt(fmt::Options),
    Graph(graph::Options),
    Explain(explain::Options),
    History(history::Options),
    Diagnose(diagnose::Options),
    Diff(diff::Options),
    Catalog(catalog::Options),
    Pin(pin::Options),
    Place(place::Options),
    Import(import::Options),
    Init(init::Options),
    Schema(schema::Options),
    Lsp(lsp::Options),
    Completions(completions::Options),
    /// Print the manual page
    Man,
}

/// Reads the arguments and runs the command.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no mistakes.
            let code = if error.use_stderr() {
                Outcome::Usage
            } else {
                Outcome::Ok
            };
            let _ = error.print();
            return code.into();
        }
    };
    match std::panic::catch_unwind(|| run(arguments.command)) {
        Ok(outcome) => outcome.into(),
        Err(_) => {
            eprintln!(
                "portolan: this is a mistake of ours, not of your file. Please report it with the message above."
            );
            ExitCode::from(BUG)
        }
    }
}

fn run(command: Command) -> Outcome {
    match command {
        Command::Check(options) => check::run(&options),
        Command::Plan(options) => plan::run(&options),
        Command::Simulate(options) => simulate::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Run(options) => run::run(&options),
        Command::Profile(options) => profile::run(&options),
        Command::Compile(options) => compile::run(&options),
        Command::Fmt(options) => fmt::run(&options),
        Command::Graph(options) => graph::run(&options),
        Command::Explain(options) => explain::run(&options),
        Command::History(options) => history::run(&options),
        Command::Diagnose(options) => diagnose::run(&options),
        Command::Diff(options) => diff::run(&options),
        Command::Catalog(options) => catalog::run(&options),
        Command::Pin(options) => pin::run(&options),
        Command::Place(options) => place::run(&options),
        Command::Import(options) => import::run(&options),
        Command::Init(options) => init::run(&options),
        Command::Schema(options) => schema::run(&options),
        Command::Lsp(options) => lsp::run(&options),
        Command::Completions(options) => completions::run(&options, Arguments::command()),
        Command::Man => completions::man(Arguments::command()),
    }
}

/// Something about the command line or a file, not about what the file says.
fn usage(why: &str) -> Outcome {
    eprintln!("portolan: {why}");
    Outcome::Usage
}

/// Data to stdout. A reader that has seen enough (`| head`) is no mistake.
fn print(text: &str) -> Outcome {
    use std::io::Write as _;
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => Outcome::Ok,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Outcome::Ok,
        Err(error) => usage(&format!("standard output: {error}")),
    }
}
