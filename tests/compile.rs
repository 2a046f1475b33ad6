//! `portolan compile` in a folder, and the commands that look at what it wrote.

use std::path::PathBuf;
use std::process::{Command, Output};

use crate::blessed;

/// A folder with one pipeline, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("portolan-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let source = std::fs::read_to_string(blessed::root().join("tests/errors/lock.stale.kdl"));
        std::fs::write(folder.join("pipeline.kdl"), source.expect("an input")).expect("a file");
        Folder(folder)
    }

    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
        let command = command.args(arguments).current_dir(&self.0).env("NO_COLOR", "1");
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().expect("the program starts");
        let text = |bytes| String::from_utf8(bytes).expect("the program prints text");
        (status.code(), text(stdout), text(stderr))
    }

    fn has(&self, path: &str) -> bool {
        self.0.join(path).exists()
    }

    fn change(&self, path: &str, from: &str, to: &str) {
        let path = self.0.join(path);
        let text = std::fs::read_to_string(&path).expect("the file is there");
        assert!(text.contains(from), "{text}");
        std::fs::write(path, text.replace(from, to)).expect("the file can be written");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).expect("the folder can be removed");
    }
}

#[test]
fn a_check_shows_what_is_stale_and_writes_nothing() {
    let folder = Folder::new("check");
    let (code, shown, _) = folder.run(&["compile", "--check"]);
    assert_eq!(code, Some(3));
    assert!(shown.contains("missing: plan.json"), "{shown}");
    assert!(!folder.has("out") && !folder.has("portolan.lock"));

    assert_eq!(folder.run(&["compile"]).0, Some(0));
    let (code, shown, _) = folder.run(&["compile", "--check"]);
    assert_eq!(
        (code, shown.as_str()),
        (Some(0), ""),
        "what was written is up to date"
    );

    folder.change("out/plan.json", "\"version\": 1", "\"version\": 2");
    let (code, shown, told) = folder.run(&["compile", "--check"]);
    assert_eq!(code, Some(3));
    assert!(
        shown.contains("-  \"version\": 2") && shown.contains("+  \"version\": 1"),
        "{shown}"
    );
    assert!(told.contains("out is stale"), "{told}");

    assert_eq!(folder.run(&["compile"]).0, Some(0));
    folder.change("pipeline.kdl", "run-time=\"1h\"", "run-time=\"30min\"");
    let (code, shown, _) = folder.run(&["compile", "--check"]);
    assert_eq!(code, Some(3));
    assert!(
        shown.contains("portolan.lock"),
        "the lock is compared too: {shown}"
    );
}

#[test]
fn a_lock_that_would_change_is_stale_under_locked() {
    let folder = Folder::new("locked");
    let (code, _, told) = folder.run(&["compile", "--locked"]);
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("lock.stale") && !folder.has("out"), "{told}");
    assert_eq!(folder.run(&["compile"]).0, Some(0));
    assert_eq!(folder.run(&["compile", "--locked"]).0, Some(0));
    folder.change("pipeline.kdl", "run-time=\"1h\"", "run-time=\"30min\"");
    let (code, _, told) = folder.run(&["compile", "--locked"]);
    assert_eq!(code, Some(3), "{told}");
    blessed::check("tests/errors/lock.stale.txt", &told);
}

#[test]
fn an_intermediate_form_is_printed_and_nothing_written() {
    let folder = Folder::new("emit");
    for form in ["document", "graph", "profile", "plan"] {
        let (code, compiled, told) = folder.run(&["compile", "--emit", form]);
        assert_eq!(code, Some(0), "{told}");
        let value: serde_json::Value = serde_json::from_str(&compiled).expect("JSON");
        assert!(
            value.as_object().is_some_and(|fields| !fields.is_empty()),
            "{form}: {compiled}"
        );
        assert_eq!(
            compiled,
            folder.run(&["plan", "--emit", form]).1,
            "as `plan` prints it"
        );
    }
    assert!(!folder.has("out") && !folder.has("portolan.lock"));
    assert_eq!(folder.run(&["compile", "--emit", "plan", "--check"]).0, Some(2));
}

#[test]
fn a_generated_file_and_a_step_are_explained() {
    let folder = Folder::new("explain");
    assert_eq!(folder.run(&["compile"]).0, Some(0));
    let manifest = std::fs::read_to_string(folder.0.join("out/manifest.json")).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    let files = manifest["files"].as_array().expect("files");
    let entry = files.iter().find(|file| {
        file["path"]
            .as_str()
            .is_some_and(|path| path.starts_with("argo/"))
    });
    let entry = entry.expect("there is a workflow");
    let path = format!("out/{}", entry["path"].as_str().expect("a path"));
    let (code, told, _) = folder.run(&["explain", &format!("{path}:3")]);
    assert_eq!(code, Some(0));
    assert!(
        told.contains(entry["origin"].as_str().expect("an origin")),
        "{told}"
    );

    for name in ["train", "churn/train"] {
        let (code, told, _) = folder.run(&["explain", name]);
        assert_eq!(code, Some(0));
        assert!(told.contains("train") && told.contains("aws.us-east-1"), "{told}");
    }
    let (code, _, told) = folder.run(&["explain", "trian"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("did you mean `train`?"), "{told}");
    let (code, _, told) = folder.run(&["explain", "out/none.yaml:3"]);
    assert_eq!(code, Some(2), "{told}");
}
