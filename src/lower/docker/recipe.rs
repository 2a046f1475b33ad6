//! What goes into one image.

use serde::Serialize;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::{Build, Step, Text};
use crate::render::dockerfile::{copy, exec};
use crate::source::Spanned;

/// Release of uv that reads a `uv.lock`.
const UV: &str = "0.13.9";

/// The parts of a Dockerfile that depend on the step.
pub(super) struct Recipe<'a> {
    pub(super) apt: Vec<&'a str>,
    pub(super) requirements: Option<Requirements>,
    pub(super) serving: Option<Health>,
    /// The exec form of `CMD`; `None` where it depends on the run and so stands in the manifest only.
    pub(super) command: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Requirements {
    /// Arguments of `COPY`.
    copied: String,
    /// Release of uv, for a `uv.lock`.
    uv: Option<&'static str>,
    /// A lock file: everything in it must have a hash.
    hashes: bool,
}

#[derive(Serialize)]
pub(super) struct Health {
    port: u16,
    /// The exec form of the check.
    health: String,
}

impl<'a> Recipe<'a> {
    pub(super) fn of(step: &Step, build: &'a Build) -> Recipe<'a> {
        let apt = build.apt.iter().filter(|package| is_package(&package.value));
        let requirements = build.requirements.as_ref().filter(|path| is_path(&path.value));
        Recipe {
            apt: apt.map(|package| package.value.as_str()).collect(),
            requirements: requirements.map(|path| requirements_of(&path.value)),
            serving: step.serving.as_ref().map(|serving| Health {
                port: serving.port,
                health: exec(&probe(serving.port, &serving.health)),
            }),
            command: command(step),
        }
    }

    /// Installing takes a user that may; the base may have chosen another one.
    pub(super) fn as_root(&self) -> bool {
        !self.apt.is_empty() || self.requirements.is_some()
    }
}

fn requirements_of(path: &str) -> Requirements {
    let (folder, file) = path.rsplit_once('/').unwrap_or((".", path));
    let uv = file == "uv.lock";
    let copied = if uv {
        vec![
            path.to_owned(),
            format!("{folder}/pyproject.toml"),
            "./".to_owned(),
        ]
    } else {
        vec![path.to_owned(), "./requirements".to_owned()]
    };
    Requirements {
        copied: copy(&copied),
        uv: uv.then_some(UV),
        hashes: !uv && file.ends_with(".lock"),
    }
}

/// The address is an argument, so that no text of the author's becomes part of the program.
fn probe(port: u16, path: &str) -> Vec<String> {
    let program = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=3)";
    let address = format!("http://localhost:{port}{path}");
    ["python3", "-c", program, &address].map(str::to_owned).to_vec()
}

fn command(step: &Step) -> Option<String> {
    if step.script.is_some() || !step.args.is_empty() {
        return None;
    }
    if step.command.is_empty() {
        return Some(exec(&["python".to_owned(), "main.py".to_owned()]));
    }
    let words: Option<Vec<&str>> = step.command.iter().map(Text::as_literal).collect();
    words.map(|words| exec(&words.into_iter().map(str::to_owned).collect::<Vec<_>>()))
}

/// Reports what a Dockerfile has no way to say.
pub(super) fn check(build: &Build, out: &mut Diagnostics) {
    let packages = build.apt.iter().filter(|package| !is_package(&package.value));
    for package in packages {
        refuse(
            package,
            "the name of a Debian package",
            "write it as `apt` does: `libgomp1`",
            out,
        );
    }
    let path = build.requirements.iter().filter(|path| !is_path(&path.value));
    for path in path {
        let help = "write a path in the source folder, of letters, digits and `._-+/`";
        refuse(path, "a file that a Dockerfile can copy", help, out);
    }
}

fn refuse(text: &Spanned<String>, what: &str, help: &str, out: &mut Diagnostics) {
    let message = format!("{:?} is not {what}", text.value);
    out.push(Diagnostic::new(Code::NameForm, text.span, "", message).help(help));
}

/// A package name as Debian policy 5.6.7 has it, with an architecture, version or release after it.
fn is_package(text: &str) -> bool {
    let end = text.find(['=', ':', '/']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let in_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '+' | '-' | '.');
    let in_rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '~' | ':' | '=' | '/');
    name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name.chars().all(in_name)
        && rest.chars().all(in_rest)
}

/// A relative path without globs, and without a way out of the folder.
fn is_path(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '/');
    let inside = text.split('/').all(|part| !part.is_empty() && part != "..");
    inside && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_apt_and_copy_take_is_taken() {
        for name in ["libgomp1", "g++", "libc6:amd64", "curl=7.88.1-10+deb12u5"] {
            assert!(is_package(name), "{name}");
        }
        for name in [
            "",
            "a b",
            "a;rm",
            "a\nUSER 0",
            "$(x)",
            "--allow-downgrades",
            "Curl",
        ] {
            assert!(!is_package(name), "{name}");
        }
        for path in ["", "../x", "/etc/x", "a b", "*.txt", "<<EOF", "a\nb"] {
            assert!(!is_path(path), "{path}");
        }
        assert!(is_path("sub/requirements.lock"));
    }
}
