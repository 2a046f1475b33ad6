//! `portolan diff`: nothing from nothing, what an edit does, revisions of git, refusals.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::blessed;

/// A copy of an example with its output, in a folder that no other test uses.
struct Project(PathBuf);

impl Project {
    fn new(name: &str) -> Project {
        let root = blessed::root();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("diff-{name}"));
        let _ = std::fs::remove_dir_all(&folder);
        copy(&root.join("examples/cancer-risk"), &folder);
        copy(&root.join("snapshots/cancer-risk"), &folder.join("out"));
        Project(folder)
    }

    fn edit(&self, from: &str, to: &str) {
        let path = self.0.join("pipeline.kdl");
        let text = std::fs::read_to_string(&path).expect("the example has it");
        assert!(text.contains(from), "`{from}` stands in the example");
        std::fs::write(path, text.replace(from, to)).expect("it can be written");
    }

    fn diff(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = self.run(env!("CARGO_BIN_EXE_portolan"), &[&["diff"], arguments].concat());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it is text");
        let code = output.status.code().expect("the program ends by itself");
        (code, text(&output.stdout), text(&output.stderr))
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.0).env("NO_COLOR", "1");
        command.output().expect("the program starts")
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the folder can be made");
    for entry in std::fs::read_dir(from).expect("the folder can be read") {
        let path = entry.expect("it can be read").path();
        let to = to.join(path.file_name().expect("it has a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, &to).expect("it can be copied");
        }
    }
}

#[test]
fn an_output_that_is_up_to_date_has_no_change() {
    let project = Project::new("same");
    let (code, text, _) = project.diff(&["--fail-on", "destroy"]);
    assert_eq!((code, text.as_str()), (0, "no change\n"));
}

#[test]
fn a_renamed_step_touches_what_is_its_own() {
    let project = Project::new("renamed");
    project.edit("step features ", "step traits ");
    let (code, text, why) = project.diff(&["--fail-on", "destroy"]);
    assert_eq!(code, 3, "{text}{why}");
    assert!(why.contains("--fail-on destroy"), "{why}");
    blessed::check("tests/diff/renamed.txt", &text);
    let (code, text, _) = project.diff(&["--markdown"]);
    assert_eq!(code, 0);
    blessed::check("tests/diff/renamed.md", &text);
}

#[test]
fn an_output_that_is_not_there_is_all_new() {
    let project = Project::new("new");
    let (code, text, _) = project.diff(&["--out", "elsewhere", "--format", "json"]);
    assert_eq!(code, 0);
    let compared: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let changes = compared["changes"].as_array().expect("a list");
    assert!(changes.len() > 100 && changes.iter().all(|change| change["action"] == "create"));
}

#[test]
fn a_revision_is_read_through_git() {
    let project = Project::new("git");
    if Command::new("git").arg("--version").output().is_err() {
        println!("skipped: there is no git");
        return;
    }
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "."],
        &[
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.com",
            "commit",
            "--quiet",
            "-m",
            "first",
        ],
    ] {
        assert!(
            project.run("git", arguments).status.success(),
            "git {arguments:?}"
        );
    }
    std::fs::remove_dir_all(project.0.join("out")).expect("it can be removed");
    let (code, text, why) = project.diff(&["--base", "HEAD"]);
    assert_eq!((code, text.as_str()), (0, "no change\n"), "{why}");
    for unknown in ["no-such-branch", "HEAD:out"] {
        let (code, _, why) = project.diff(&["--base", unknown]);
        assert_eq!(code, 2, "{why}");
        assert!(why.contains("neither a folder nor a git revision"), "{why}");
    }
}
