//! `portolan init`: a small project to start from.

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;

use super::Outcome;
use crate::write;

/// Make a small project to start from
#[derive(Args, Debug)]
pub struct Options {
    /// Where; made if it is not there
    #[arg(default_value = ".", value_name = "DIR")]
    folder: Utf8PathBuf,
}

/// The project, by path.
const FILES: [(&str, &str); 5] = [
    ("README.md", include_str!("init/README.md")),
    ("pipeline.kdl", include_str!("init/pipeline.kdl")),
    ("platform.kdl", include_str!("init/platform.kdl")),
    ("steps/train/main.py", include_str!("init/train.py")),
    (
        "steps/train/requirements.txt",
        include_str!("init/requirements.txt"),
    ),
];

/// Writes the project, or nothing if any of its files is there.
pub fn run(options: &Options) -> Outcome {
    let paths = FILES.map(|(path, text)| (options.folder.join(path), text));
    if let Some((path, _)) = paths.iter().find(|(path, _)| path.exists()) {
        return super::usage(&format!("{path} is there already; nothing was written"));
    }
    for (path, text) in &paths {
        if let Err(error) = write::replace(path, text) {
            return super::usage(&error.to_string());
        }
    }
    eprintln!("made {}", listed(&options.folder));
    eprintln!("next: portolan plan {}", options.folder);
    Outcome::Ok
}

fn listed(folder: &Utf8Path) -> String {
    let paths = FILES.map(|(path, _)| folder.join(path).to_string());
    paths.join(", ")
}
