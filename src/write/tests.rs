#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that panics has failed"
)]

use camino::Utf8PathBuf;

use super::*;

/// A folder of its own for each test, removed when the test ends.
struct Folder(Utf8PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let base = std::env::temp_dir().join(format!("portolan-{test}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&base);
        std::fs::create_dir_all(&base).unwrap();
        Folder(Utf8PathBuf::from_path_buf(base).unwrap())
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.0.join(path)).unwrap()
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// All files, hidden ones too.
    fn files(&self) -> Vec<String> {
        fn walk(at: &Utf8Path, found: &mut Vec<Utf8PathBuf>) {
            for entry in at.read_dir_utf8().unwrap() {
                let path = entry.unwrap().into_path();
                if path.is_dir() {
                    walk(&path, found);
                } else {
                    found.push(path);
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.0, &mut found);
        let relative = found.iter().map(|path| path.strip_prefix(&self.0).unwrap());
        let mut names: Vec<String> = relative.map(|path| path.as_str().to_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn artifact(path: &str, text: &str) -> Artifact {
    Artifact::new(path, text, "pipeline p")
}

#[test]
fn writes_names_and_removes_only_its_own() {
    let folder = Folder::new("own");
    folder.put("a/mine.txt", "mine");
    let first = [artifact("a/one.tf", "1\n"), artifact("b/two.tf", "2\n")];
    let written = write(&folder.0, &first, false).unwrap();
    assert_eq!(written.changed, ["a/one.tf", "b/two.tf", MANIFEST]);

    let again = write(&folder.0, &first, false).unwrap();
    assert_eq!((again.changed.len(), again.unchanged), (0, 3));
    assert!(check(&folder.0, &first).unwrap().is_empty());

    let written = write(&folder.0, &[artifact("c/three.tf", "3\n")], false).unwrap();
    assert_eq!(written.removed, ["a/one.tf", "b/two.tf"]);
    assert_eq!(folder.files(), ["a/mine.txt", "c/three.tf", MANIFEST]);
    assert!(!folder.0.join("b").exists());
    let manifest: Manifest = serde_json::from_str(&folder.read(MANIFEST)).unwrap();
    assert_eq!(manifest.files[0].origin, "pipeline p");
}

#[test]
fn refuses_what_it_did_not_write() {
    let folder = Folder::new("foreign");
    folder.put("main.tf", "by hand\n");
    let files = [artifact("a.tf", "a\n"), artifact("main.tf", "generated\n")];
    let Err(WriteError::Foreign(paths)) = write(&folder.0, &files, false) else {
        panic!("a foreign file was overwritten");
    };
    assert_eq!(paths, ["main.tf"]);
    assert_eq!(folder.files(), ["main.tf"]);
    write(&folder.0, &files, true).unwrap();
    assert_eq!(folder.read("main.tf"), "generated\n");
}

#[test]
fn a_failure_leaves_the_folder_as_it_was() {
    let folder = Folder::new("partial");
    write(&folder.0, &[artifact("a.tf", "old\n")], false).unwrap();
    let before = folder.read(MANIFEST);
    // `blocked` is a file, so nothing can be written below it.
    folder.put("blocked", "");
    let files = [artifact("a.tf", "new\n"), artifact("blocked/b.tf", "b\n")];
    assert!(write(&folder.0, &files, false).is_err());
    assert_eq!(folder.read("a.tf"), "old\n");
    assert_eq!(folder.read(MANIFEST), before);
    assert_eq!(folder.files(), ["a.tf", "blocked", MANIFEST]);
}

#[test]
fn paths_stay_inside() {
    let folder = Folder::new("outside");
    for path in ["../x", "/etc/x", "a/../../x", "", "a\\b", "c:x"] {
        let outside = write(&folder.0, &[artifact(path, "x")], true);
        assert!(matches!(outside, Err(WriteError::Outside(_))), "{path}");
    }
    // A manifest is input like any other: it cannot make us remove something elsewhere.
    folder.put("keep.txt", "keep");
    let inner = folder.0.join("inner");
    let manifest = r#"{"version":1,"files":[{"path":"../keep.txt","sha256":"","origin":""}]}"#;
    folder.put("inner/manifest.json", manifest);
    assert!(write(&inner, &[], true).is_err());
    assert_eq!(folder.read("keep.txt"), "keep");
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let folder = Folder::new("links");
    folder.put("elsewhere/x", "x");
    std::fs::create_dir(folder.0.join("out")).unwrap();
    std::os::unix::fs::symlink(folder.0.join("elsewhere"), folder.0.join("out/a")).unwrap();
    let written = write(&folder.0.join("out"), &[artifact("a/x", "y")], true);
    assert!(matches!(written, Err(WriteError::Outside(_))));
    assert_eq!(folder.read("elsewhere/x"), "x");
}

#[test]
fn check_tells_each_kind_of_difference() {
    let folder = Folder::new("check");
    write(
        &folder.0,
        &[artifact("a", "one\ntwo\n"), artifact("b", "b\n")],
        false,
    )
    .unwrap();
    let found = check(&folder.0, &[artifact("a", "one\n2\n"), artifact("c", "c\n")]).unwrap();
    let kinds: Vec<&str> = found.iter().map(Difference::path).collect();
    assert_eq!(kinds, ["a", "b", "c", MANIFEST]);
    let Difference::Changed { diff, .. } = &found[0] else {
        panic!("`a` differs");
    };
    assert!(diff.starts_with("--- a/a\n+++ b/a\n"), "{diff}");
    assert!(diff.contains("-two\n+2\n"), "{diff}");
    assert!(matches!(found[1], Difference::Stale { .. }));
    assert!(matches!(found[2], Difference::Missing { .. }));
}

#[test]
fn one_path_cannot_be_written_twice() {
    let folder = Folder::new("twice");
    let files = [artifact("a", "1"), artifact("a", "2")];
    assert!(matches!(
        write(&folder.0, &files, false),
        Err(WriteError::Twice(_))
    ));
}
