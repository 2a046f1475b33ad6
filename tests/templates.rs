//! `--templates`: texts of the user's own instead of built-in ones.

use std::fs;
use std::process::Command;

use crate::blessed;

/// Compiles an example with one template, into a folder that is thrown away; what was said, and the text of `made`.
fn compile(name: &str, path: &str, template: &str, made: &str) -> (String, Option<String>) {
    let work = std::env::temp_dir().join(format!("portolan-templates-{name}-{}", std::process::id()));
    let templates = work.join("templates");
    let file = templates.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, template).unwrap();
    fs::create_dir_all(work.join("src")).unwrap();
    for file in ["pipeline.kdl", "platform.kdl", "portolan.lock"] {
        let from = blessed::root().join("examples/cancer-risk").join(file);
        fs::copy(from, work.join("src").join(file)).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_portolan"))
        .args(["compile", "--format=short", "--templates"])
        .arg(&templates)
        .arg("--out")
        .arg(work.join("out"))
        .arg(work.join("src"))
        .output()
        .unwrap();
    let text = fs::read_to_string(work.join("out").join(made)).ok();
    fs::remove_dir_all(&work).unwrap();
    (String::from_utf8_lossy(&output.stderr).into_owned(), text)
}

#[test]
fn a_template_replaces_the_built_in_one() {
    let (said, made) = compile(
        "taken",
        "docker/dockerignore.hbs",
        "# ours\n*.csv\n",
        "docker/train/Dockerfile.dockerignore",
    );
    assert!(!said.contains("template.file"), "{said}");
    assert_eq!(made.as_deref(), Some("# ours\n*.csv\n"));
}

#[test]
fn a_template_that_replaces_nothing_is_told() {
    let (said, made) = compile("near", "docker/dockerignor.hbs", "*\n", "manifest.json");
    assert!(
        said.contains("template.file") && said.contains("docker/dockerignore.hbs"),
        "{said}"
    );
    assert_eq!(made, None);
}

#[test]
fn a_template_that_asks_for_what_is_not_there_is_told() {
    for path in ["docker/Dockerfile.hbs", "terraform/aws/versions.tf.hbs"] {
        let (said, made) = compile("misfit", path, "{{nobody.knows}}\n", "manifest.json");
        assert!(said.contains("template.file") && said.contains(path), "{said}");
        assert_eq!(made, None);
    }
}
