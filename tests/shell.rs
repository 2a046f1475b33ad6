//! Commands as a page tells them, run by a shell in a folder of their own.

use std::path::PathBuf;
use std::process::{Command, Output};

/// An empty folder that is removed at the end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("portolan-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    /// Runs one line; our program is on the path, and commits have an author.
    pub fn run(&self, line: &str, environment: &[(&str, &str)]) -> Output {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_portolan"));
        let own = program.parent().expect("a program lies in a folder").to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&path)));
        Command::new("sh")
            .args(["-euc", line])
            .current_dir(&self.0)
            .env("PATH", path.expect("folders of a path"))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .envs(["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"].map(|name| (name, "Test")))
            .envs(["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"].map(|name| (name, "test@example.com")))
            .envs(environment.iter().copied())
            .output()
            .expect("there is a shell")
    }

    /// Runs one line, which must succeed; the answer is what it printed.
    pub fn succeeds(&self, line: &str, environment: &[(&str, &str)]) -> String {
        let output = self.run(line, environment);
        let problems = String::from_utf8_lossy(&output.stderr);
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{line}\n{told}\n{problems}");
        told
    }

    /// Copies all files below `from` to `to` in the folder.
    pub fn copy(&self, from: &str, to: &str) {
        for (path, text) in crate::compiled::folder(&crate::blessed::root().join(from)) {
            let target = self.0.join(to).join(path);
            std::fs::create_dir_all(target.parent().expect("a file is in a folder")).expect("a folder");
            std::fs::write(target, text).expect("a file");
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// True if there is such a program; otherwise a line says what is skipped.
pub fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        println!("skipped: there is no {program}");
    }
    found
}

/// The lines of the `sh` blocks of a page.
pub fn commands(page: &str) -> Vec<&str> {
    let blocks = page.split("```sh\n").skip(1);
    let blocks = blocks.filter_map(|rest| rest.split("```").next());
    blocks.flat_map(str::lines).collect()
}
