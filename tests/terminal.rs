//! What a person at a terminal gets: questions, progress, silence on request, no colours where none are wanted.

use std::fs;

use crate::shell::{self, Folder};

/// Runs a line with a terminal on all three streams, `typed` on its keyboard; the answer is all that it shows.
fn at_terminal(folder: &Folder, line: &str, typed: &str) -> String {
    fs::write(folder.0.join("typed"), typed).expect("a file");
    folder.succeeds(
        &format!("script -qec '{line}' /dev/null < typed"),
        &[("TERM", "xterm")],
    )
}

#[test]
fn init_asks_and_asks_again() {
    if !shell::has("script") {
        return;
    }
    let folder = Folder::new("wizard");
    let typed = "Demand!\ndemand\nforecasting\ngcp\neurope-wst1\neurope-west1 us-east1\n";
    let shown = at_terminal(&folder, "portolan init p", typed);
    assert!(shown.contains("a name has lower-case letters"), "{shown}");
    assert!(shown.contains("did you mean `europe-west1`?"), "{shown}");
    let text = |name: &str| fs::read_to_string(folder.0.join("p").join(name)).expect("a file");
    let pipeline = text("pipeline.kdl");
    for part in [
        "pipeline demand {",
        "owner forecasting",
        "at gcp.europe-west1 uri=\"gs://",
        "residency be us ",
    ] {
        assert!(pipeline.contains(part), "{part}\n{pipeline}");
    }
    assert!(text("platform.kdl").contains("region europe-west1 us-east1"));
    folder.succeeds("portolan plan p", &[]);
}

#[test]
fn answers_that_end_leave_nothing_behind() {
    if !shell::has("script") {
        return;
    }
    let folder = Folder::new("eof");
    fs::write(folder.0.join("typed"), "demand\n\u{4}").expect("a file");
    let output = folder.run(
        "script -qec 'portolan init p' /dev/null < typed",
        &[("TERM", "xterm")],
    );
    assert!(!output.status.success());
    assert!(!folder.0.join("p").exists());
}

#[test]
fn each_cloud_makes_a_project_that_holds() {
    let folder = Folder::new("clouds");
    for cloud in ["aws", "azure", "gcp"] {
        folder.succeeds(&format!("portolan init --quiet --cloud {cloud} {cloud}"), &[]);
        folder.succeeds(&format!("portolan plan {cloud}"), &[]);
        folder.succeeds(&format!("portolan fmt --check {cloud}"), &[]);
        folder.succeeds(&format!("portolan test {cloud}"), &[]);
    }
    for (line, why) in [
        (
            "portolan init --cloud aws --region eu-wst-1 x",
            "did you mean `eu-west-1`?",
        ),
        ("portolan init --name 'a\"b' x", "a name has lower-case letters"),
        ("portolan init --cloud ovh x", "say `aws`, `azure` or `gcp`"),
    ] {
        let output = folder.run(line, &[]);
        let problems = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{problems}");
        assert!(
            problems.contains(why) && !folder.0.join("x").exists(),
            "{problems}"
        );
    }
}

#[test]
fn quiet_leaves_mistakes_and_data_only() {
    let folder = Folder::new("quiet");
    folder.succeeds("portolan init --yes p", &[]);
    let said = |line: &str| {
        let output = folder.run(line, &[]);
        String::from_utf8(output.stderr).expect("a text")
    };
    assert!(said("portolan check p").contains("no mistakes"));
    assert_eq!(said("portolan check --quiet p"), "");
    assert_eq!(said("portolan compile -q --allow image.unpinned p -o infra"), "");
    assert!(folder.0.join("infra/plan.json").exists());
    folder.copy("examples/local-churn", "local");
    assert!(said("portolan run --local --forget local").contains("begins"));
    assert_eq!(said("portolan run --quiet --local --forget local"), "");
    fs::write(folder.0.join("p/pipeline.kdl"), "pipeline p {\n    ownr me\n}\n").expect("a file");
    assert!(said("portolan check --quiet p").contains("ownr"));
}

#[test]
fn only_a_terminal_sees_progress_and_colours() {
    if !shell::has("script") {
        return;
    }
    let folder = Folder::new("progress");
    folder.succeeds("portolan init --yes p", &[]);
    let escape = |text: &str| text.contains('\u{1b}');
    let line = "portolan simulate --runs 20000 p";
    assert!(at_terminal(&folder, line, "").contains("playing 20000 runs"));
    let quiet = at_terminal(&folder, &format!("{line} --quiet"), "");
    assert!(!quiet.contains("playing"), "{quiet}");
    let piped = folder.run(line, &[]);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("a text");
    assert!(!escape(&text(piped.stdout)) && !text(piped.stderr).contains("playing"));
    fs::write(folder.0.join("p/pipeline.kdl"), "pipeline p {\n    ownr me\n}\n").expect("a file");
    let check = "portolan check p || true";
    assert!(escape(&at_terminal(&folder, check, "")));
    let plain = folder.succeeds(
        &format!("script -qec '{check}' /dev/null < typed"),
        &[("TERM", "xterm"), ("NO_COLOR", "1")],
    );
    assert!(!escape(&plain), "{plain}");
}

#[test]
fn shells_accept_their_completions_and_man_its_page() {
    let folder = Folder::new("completions");
    for (shell, check) in [
        ("bash", "bash -n"),
        ("zsh", "zsh -n"),
        ("fish", "fish --no-execute"),
    ] {
        folder.succeeds(&format!("portolan completions {shell} > script.{shell}"), &[]);
        let script = fs::read_to_string(folder.0.join(format!("script.{shell}"))).expect("a script");
        for command in ["simulate", "diff", "lsp"] {
            assert!(script.contains(command), "{shell} does not know {command}");
        }
        if shell::has(shell) {
            folder.succeeds(&format!("{check} script.{shell}"), &[]);
        }
    }
    let page = folder.succeeds("portolan man", &[]);
    assert!(
        page.starts_with(".ie") && page.contains(".TH portolan 1"),
        "{page}"
    );
}
