//! `portolan init`: a small project to start from, made of what is asked or said.

mod answers;
mod project;

use std::io::IsTerminal as _;

use camino::Utf8PathBuf;
use clap::Args;

use super::Outcome;
use crate::catalog::{Catalog, Provider};
use crate::write;
use answers::Answers;

/// Make a small project to start from; asks where a terminal watches and nothing is said
#[derive(Args, Debug)]
pub struct Options {
    /// Where; made if it is not there
    #[arg(default_value = ".", value_name = "DIR")]
    folder: Utf8PathBuf,
    /// Name of the pipeline
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The team that owns it and gets its alerts
    #[arg(long, value_name = "TEAM")]
    owner: Option<String>,
    /// The cloud where it may run: aws, azure or gcp
    #[arg(long, value_name = "CLOUD", value_parser = provider)]
    cloud: Option<Provider>,
    /// A region of the cloud; the first has the data; may be repeated
    #[arg(long, value_name = "REGION")]
    region: Vec<String>,
    /// Ask nothing, take what is usual for what is not said
    #[arg(short, long)]
    yes: bool,
    /// Say nothing but mistakes
    #[arg(short, long)]
    quiet: bool,
}

fn provider(text: &str) -> Result<Provider, String> {
    Provider::parse(text).ok_or_else(|| "say `aws`, `azure` or `gcp`".to_owned())
}

impl Options {
    fn says_nothing(&self) -> bool {
        self.name.is_none() && self.owner.is_none() && self.cloud.is_none() && self.region.is_empty()
    }
}

/// Writes the project, or nothing if any of its files is there.
pub fn run(options: &Options) -> Outcome {
    match make(options) {
        Ok(()) => Outcome::Ok,
        Err(why) => super::usage(&why),
    }
}

fn make(options: &Options) -> Result<(), String> {
    // Asked before the questions: answers that come to nothing are a nuisance.
    if let Some(path) = project::PATHS
        .map(|path| options.folder.join(path))
        .iter()
        .find(|path| path.exists())
    {
        return Err(format!("{path} is there already; nothing was written"));
    }
    let catalog = Catalog::built_in();
    let watched = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let answers = if watched && !options.yes && options.says_nothing() {
        Answers::ask(&mut std::io::stdin().lock(), &mut std::io::stderr(), &catalog)?
    } else {
        Answers::said(options, &catalog)?
    };
    let files = project::files(&answers, &catalog);
    for (path, text) in &files {
        write::replace(&options.folder.join(path), text).map_err(|error| error.to_string())?;
    }
    if !options.quiet {
        let made: Vec<String> = files
            .iter()
            .map(|(path, _)| options.folder.join(path).to_string())
            .collect();
        eprintln!("made {}", made.join(", "));
        eprintln!("next: portolan plan {}", options.folder);
    }
    Ok(())
}
