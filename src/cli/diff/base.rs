//! What is compared with: generated files in a folder, or in a git revision.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};

use camino::Utf8Path;

use crate::compare::Files;
use crate::write::{MANIFEST, Manifest};

/// The files of `base`, or of `out` if nothing is said.
///
/// # Errors
/// Says what cannot be read.
pub fn read(base: Option<&str>, out: &Utf8Path) -> Result<Files, String> {
    let Some(base) = base else {
        return folder(out);
    };
    let path = Utf8Path::new(base);
    if path.is_dir() {
        folder(path)
    } else {
        revision(base, out)
    }
}

/// What the manifest of a folder names. A folder without one has nothing of ours.
fn folder(path: &Utf8Path) -> Result<Files, String> {
    let mut files = Files::new();
    let manifest = match std::fs::read_to_string(path.join(MANIFEST)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(files),
        Err(error) => return Err(format!("{}: {error}", path.join(MANIFEST))),
    };
    for name in names(&manifest, path)? {
        match std::fs::read_to_string(path.join(&name)) {
            Ok(text) => files.insert(name, text),
            // It was deleted by hand: it would be made again.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(format!("{}: {error}", path.join(&name))),
        };
    }
    Ok(files)
}

fn names(manifest: &str, path: &Utf8Path) -> Result<Vec<String>, String> {
    let read: Result<Manifest, _> = serde_json::from_str(manifest);
    let manifest = read.map_err(|error| format!("{}: {error}", path.join(MANIFEST)))?;
    Ok(manifest.files.into_iter().map(|entry| entry.path).collect())
}

/// The same of a revision, through `git` itself.
fn revision(revision: &str, out: &Utf8Path) -> Result<Files, String> {
    let commit = commit(revision)?;
    let mut git = Git::open(&commit, out)?;
    let Some(manifest) = git.file(MANIFEST)? else {
        return Err(format!(
            "{revision} has no {}: commit the output, or give `--base` a folder",
            out.join(MANIFEST)
        ));
    };
    let mut files = Files::new();
    for name in names(&manifest, out)? {
        if let Some(text) = git.file(&name)? {
            files.insert(name, text);
        }
    }
    Ok(files)
}

fn commit(revision: &str) -> Result<String, String> {
    let git = Command::new("git")
        .args(["rev-parse", "--verify", "--quiet", "--end-of-options"])
        .arg(format!("{revision}^{{commit}}"))
        .output()
        .map_err(|error| format!("git: {error}"))?;
    if !git.status.success() {
        return Err(format!("`{revision}` is neither a folder nor a git revision"));
    }
    Ok(String::from_utf8_lossy(&git.stdout).trim().to_owned())
}

/// One `git cat-file --batch`, asked for one file after the other.
struct Git {
    child: std::process::Child,
    answers: BufReader<std::process::ChildStdout>,
    prefix: String,
}

impl Git {
    fn open(commit: &str, out: &Utf8Path) -> Result<Git, String> {
        let failed = |error: std::io::Error| format!("git: {error}");
        if out.is_absolute() {
            return Err("with a git revision, `--out` is relative to the current folder".to_owned());
        }
        let mut child = Command::new("git")
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let answers = child.stdout.take().ok_or("git: no standard output")?;
        let out = out.as_str().trim_start_matches("./").trim_end_matches('/');
        Ok(Git {
            child,
            answers: BufReader::new(answers),
            prefix: format!("{commit}:./{out}"),
        })
    }

    /// `None` if the revision has no such file.
    fn file(&mut self, name: &str) -> Result<Option<String>, String> {
        let failed = |error: std::io::Error| format!("git: {error}");
        let questions = self.child.stdin.as_mut().ok_or("git: no standard input")?;
        writeln!(questions, "{}/{name}", self.prefix).map_err(failed)?;
        questions.flush().map_err(failed)?;
        let mut head = String::new();
        self.answers.read_line(&mut head).map_err(failed)?;
        // `HASH blob SIZE`, or `… missing`
        let Some(size) = head
            .trim_end()
            .rsplit_once(" blob ")
            .and_then(|(_, size)| size.parse().ok())
        else {
            return Ok(None);
        };
        let mut bytes = vec![0; size];
        self.answers.read_exact(&mut bytes).map_err(failed)?;
        self.answers.read_line(&mut String::new()).map_err(failed)?;
        let text = String::from_utf8(bytes);
        text.map(Some)
            .map_err(|_| format!("{name}: it is not UTF-8 text"))
    }
}

impl Drop for Git {
    fn drop(&mut self) {
        // Closing its input ends it; a status would say nothing new.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
