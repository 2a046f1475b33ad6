//! How a program that knows files by fixed paths, or answers by printing, meets the language, which tells paths by
//! environment variables: a shell around it moves what it reads and leaves.

use std::fmt::Write as _;

use crate::import::pipeline::{PRINTED, Step};
use crate::import::text::Text;

/// What a data set is called inside its folder.
const INSIDE: &str = "content";

/// Where the folder of a data set is mounted.
pub fn mount(data: &str) -> String {
    format!("/exchange/{data}")
}

/// The names of a step's outputs.
pub fn emitted(step: &Step) -> impl Iterator<Item = &str> {
    let printed = step.printed.then_some(PRINTED);
    printed.into_iter().chain(step.emits.keys().map(String::as_str))
}

/// `command` or `args`, and its words.
pub fn words(step: &Step) -> (&'static str, Vec<Text>) {
    let own = step.command.iter().chain(&step.arguments).cloned();
    match wrapper(step) {
        Some(script) => {
            let shell = ["sh", "-c", &script, "sh"].map(Text::literal);
            ("command", shell.into_iter().chain(own).collect())
        }
        None if step.command.is_empty() => ("args", own.collect()),
        None => ("command", own.collect()),
    }
}

/// The script, if one is needed; the program and its arguments are its arguments.
fn wrapper(step: &Step) -> Option<String> {
    let plain = !step.printed && step.emits.is_empty() && step.reads.is_empty() && step.writes.is_empty();
    if plain {
        return None;
    }
    let mut script = String::from("set -e\n");
    // Writing to a text cannot fail.
    let mut line = |line: String| {
        let _ = writeln!(script, "{line}");
    };
    for (data, path) in &step.reads {
        if let Some((folder, _)) = path.rsplit_once('/').filter(|(folder, _)| !folder.is_empty()) {
            line(format!("mkdir -p {}", shell(folder)));
        }
        line(format!(
            "cp -R \"${}/{INSIDE}\" {}",
            variable("READS", data),
            shell(path)
        ));
    }
    if step.printed {
        let to = variable("EMITS", PRINTED);
        line(format!("\"$@\" > \"${to}\""));
        line(format!("cat \"${to}\""));
    } else {
        line("\"$@\"".to_owned());
    }
    for (name, emitted) in &step.emits {
        let (path, to) = (shell(&emitted.path), variable("EMITS", name));
        line(match &emitted.default {
            None => format!("cat {path} > \"${to}\""),
            Some(default) => {
                let default = shell(default);
                format!("if [ -e {path} ]; then cat {path}; else printf %s {default}; fi > \"${to}\"")
            }
        });
    }
    for (data, path) in &step.writes {
        line(format!(
            "cp -R {} \"${}/{INSIDE}\"",
            shell(path),
            variable("WRITES", data)
        ));
    }
    script.pop();
    Some(script)
}

/// The variable that tells a program about a thing.
fn variable(about: &str, name: &str) -> String {
    format!("{about}_{}", name.replace('-', "_").to_ascii_uppercase())
}

/// A word of POSIX shell that is this text.
fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
