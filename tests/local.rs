//! `portolan run --local`: real processes, killed and gone on with, and what they took.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use portolan::quantity::{Quantity, QuantityType, parse};

use crate::blessed::root;

struct Project(PathBuf);

impl Project {
    fn new(name: &str) -> Project {
        let path = std::env::temp_dir().join(format!("portolan-local-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Project(path)
    }

    fn example() -> Project {
        let project = Project::new("example");
        copy(&root().join("examples/local-churn"), &project.0);
        project
    }

    fn with(name: &str, source: &str) -> Project {
        let project = Project::new(name);
        fs::write(project.0.join("pipeline.kdl"), source).expect("a file");
        fs::create_dir_all(project.0.join("s")).expect("a folder");
        project
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
        command.args(arguments).arg(&self.0).env("NO_COLOR", "1");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let all = [&["run", "--local"], arguments].concat();
        self.command(&all).output().expect("the program starts")
    }

    fn path(&self, inside: &str) -> PathBuf {
        self.0.join("portolan-runs").join(inside)
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name");
        if path.is_dir() {
            // What somebody ran there is not part of the example, and what it taught would be known before anything ran.
            if name != "portolan-runs" {
                copy(&path, &to.join(name));
            }
        } else if name != "portolan.history" && name != "portolan.lock" {
            fs::copy(&path, to.join(name)).expect("a file");
        }
    }
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stderr),
        String::from_utf8_lossy(&output.stdout)
    )
}

/// The word of the table for a step.
fn word(output: &Output, step: &str) -> String {
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = table
        .lines()
        .find(|line| line.split_whitespace().next() == Some(step));
    let line = line.unwrap_or_else(|| panic!("no {step} in\n{}", said(output)));
    line.split_whitespace().nth(1).expect("a word").to_owned()
}

/// True, and says so, if the tests here cannot be made.
fn lacks(program: &str) -> bool {
    let lacks = Command::new(program).arg("--version").output().is_err();
    if lacks {
        println!("skipped: {program} is not here");
    }
    lacks
}

#[test]
fn real_steps_take_the_right_branch_and_their_memory_is_learned() {
    if lacks("python3") {
        return;
    }
    let project = Project::example();
    let small = project.run(&["--param", "customers=500"]);
    assert_eq!(small.status.code(), Some(0), "{}", said(&small));
    let words =
        |output: &Output| ["train", "train-small", "score/north", "report"].map(|step| word(output, step));
    assert_eq!(words(&small)[..2], ["skipped", "done"]);
    for _ in 0..3 {
        let full = project.run(&[]);
        assert_eq!(full.status.code(), Some(0), "{}", said(&full));
        assert_eq!(words(&full), ["done", "skipped", "done", "done"]);
    }
    let summary = fs::read_to_string(project.path("run-4/data/summary")).expect("what the last step wrote");
    let counted: serde_json::Value = serde_json::from_str(&summary).expect("JSON");
    assert!(
        ["north", "south", "islands"]
            .iter()
            .all(|region| counted[region].as_u64() > Some(0)),
        "{summary}"
    );
    if !Path::new("/proc/self/status").exists() {
        return println!("skipped: this system does not tell what processes take");
    }
    let profile = project
        .command(&["profile", "--as", "json"])
        .output()
        .expect("the program starts");
    let profile: serde_json::Value = serde_json::from_slice(&profile.stdout).expect("JSON");
    let train = profile["local-churn/train"].as_array().expect("quantities");
    let memory = train
        .iter()
        .find(|quantity| quantity["name"] == "memory")
        .expect("memory");
    assert_eq!(memory["basis"]["kind"], "history", "{memory}");
    let bytes = match parse(QuantityType::Bytes, memory["p50"].as_str().expect("a size")) {
        Ok(Quantity::Bytes(bytes)) => bytes.as_f64(),
        other => panic!("{other:?}"),
    };
    // A Python interpreter, and no more than a small one needs.
    assert!((4e6..2e8).contains(&bytes), "{memory}");
}

/// The second step waits until a file is there, so that the run can be killed while it waits.
#[test]
fn a_run_that_was_killed_goes_on_where_it_was() {
    if lacks("bash") {
        return;
    }
    let source = r##"
pipeline p {
    step first {
        build source="s"
        script "echo made > \"$WRITES_A\"; echo 7 > \"$EMITS_N\"; echo x >> \"$COUNT\""
        writes a size="1KiB"
        emits n type=integer
    }
    step second {
        when "first.n > 5"
        build source="s"
        script "until [ -e \"$GATE\" ]; do sleep 0.02; done; cat \"$READS_A\" > \"$WRITES_B\""
        reads a
        writes b size="1KiB"
    }
    step third {
        build source="s"
        script "cat \"$READS_B\" > \"$WRITES_C\""
        reads b
        writes c size="1KiB"
    }
}
"##;
    let project = Project::with("killed", source);
    let (gate, count) = (project.0.join("gate"), project.0.join("count"));
    let start = |arguments: &[&str]| {
        let mut command = project.command(&[&["run", "--local", "--jobs", "2"], arguments].concat());
        command.env("GATE", &gate).env("COUNT", &count);
        command
    };
    let mut command = start(&[]);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let waits = project.path("run-1/steps/second/attempt-0/err.txt");
    while !waits.exists() {
        assert!(
            child.try_wait().expect("a status").is_none(),
            "it ended before it could be killed"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().expect("it can be killed");
    child.wait().expect("a status");
    assert!(project.path("run-1/steps/first/done.json").exists());
    assert!(!project.path("run-1/steps/second/done.json").exists());
    fs::write(&gate, "").expect("a file");
    let resumed = start(&["--resume"]).output().expect("the program starts");
    assert_eq!(resumed.status.code(), Some(0), "{}", said(&resumed));
    assert_eq!(
        ["first", "second", "third"].map(|step| word(&resumed, step)),
        ["kept", "done", "done"]
    );
    assert_eq!(
        fs::read_to_string(project.path("run-1/data/c")).expect("data"),
        "made\n"
    );
    assert_eq!(
        fs::read_to_string(&count).expect("a file"),
        "x\n",
        "the first step ran once"
    );
    // Another command is another step, and what reads its data is made again if that is another.
    let changed = source.replace("echo made >", "echo other >");
    fs::write(project.0.join("pipeline.kdl"), changed).expect("a file");
    let again = start(&["--resume"]).output().expect("the program starts");
    assert_eq!(
        ["first", "second", "third"].map(|step| word(&again, step)),
        ["done", "done", "done"]
    );
    assert_eq!(
        fs::read_to_string(project.path("run-1/data/c")).expect("data"),
        "other\n"
    );
}

#[test]
fn failures_are_tried_again_stopped_in_time_and_said() {
    if lacks("bash") {
        return;
    }
    let source = r##"
pipeline p {
    parameter words a b
    step flaky {
        build source="s"
        script "echo x >> \"$COUNT\"; [ $(wc -l < \"$COUNT\") -ge 2 ]"
        retry 1 backoff="1ms"
        retry 1 on=oom backoff="1ms"
        retry 1 on=preemption backoff="1ms"
        retry 1 on=lost backoff="1ms"
    }
    step slow {
        build source="s"
        script "sleep 60"
        timeout "100ms"
    }
    step after-slow { build source="s"; script "true"; after slow; }
    step silent { build source="s"; script "true"; emits n type=integer; }
    step each-word {
        each word from=words
        build source="s"
        command bash "-c" "printf %s \"$1\" > \"$WRITES_WORD_OUT\"" "-" (f)"<{word}>"
        writes word-out size="1KiB"
    }
    step last { finally; build source="s"; script "echo last > \"$COUNT.last\""; }
    step pulled { image "ghcr.io/acme/pulled:1"; }
}
"##;
    let project = Project::with("failures", source);
    let count = project.0.join("count");
    let mut command = project.command(&["run", "--local", "--param", "words=x,$(boom)"]);
    let output = command.env("COUNT", &count).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let words = ["flaky", "slow", "after-slow", "silent", "last"].map(|step| word(&output, step));
    assert_eq!(words, ["done", "FAILED", "not", "FAILED", "done"]);
    let text = said(&output);
    for line in [
        "slow: FAILED: took too long",
        "did not emit `n`",
        "flaky: FAILED: exit code 1; once more",
        "images are not run here",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    let made =
        |item: &str| fs::read_to_string(project.path(&format!("run-1/data/word-out/{item}"))).expect("data");
    // A value is never code, and one that is no name of a file is known by its position.
    assert_eq!((made("x"), made("1")), ("<x>".to_owned(), "<$(boom)>".to_owned()));
    let only = project
        .command(&["run", "--local", "--only", "flaky"])
        .env("COUNT", &count)
        .output()
        .expect("it starts");
    assert_eq!(only.status.code(), Some(0), "{}", said(&only));
    assert!(!said(&only).contains("slow"));
    for (arguments, why) in [
        (["--param", "wrods=1"], "there is no parameter `wrods`"),
        (["--only", "slwo"], "did you mean `slow`"),
    ] {
        let refused = project.run(&arguments);
        assert_eq!(refused.status.code(), Some(2));
        assert!(said(&refused).contains(why), "{}", said(&refused));
    }
}

#[test]
#[cfg(unix)]
fn a_run_that_is_asked_to_stop_stops_what_it_started_and_can_go_on() {
    if lacks("bash") {
        return;
    }
    let source = r##"
pipeline p {
    step slow { build source="s"; script "sleep 300 & echo $! > \"$PLACE\"; wait"; }
    step next { build source="s"; script "true"; after slow; }
}
"##;
    let project = Project::with("interrupted", source);
    let place = project.0.join("place");
    let mut command = project.command(&["run", "--local"]);
    command
        .env("PLACE", &place)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().expect("the program starts");
    let started = || fs::read_to_string(&place).is_ok_and(|text| text.ends_with('\n'));
    while !started() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let asked = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(asked.expect("a status").success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
    assert_eq!(word(&output, "slow"), "interrupted");
    let left = fs::read_to_string(&place).expect("a number");
    let alive = || {
        let asked = Command::new("kill")
            .args(["-0", left.trim()])
            .stderr(Stdio::null())
            .status();
        asked.expect("a status").success()
    };
    // It was killed, but its number is taken until the system has noted its end.
    let noted = (0..1000).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        !alive()
    });
    assert!(noted, "what it started is gone");
    fs::write(
        project.0.join("pipeline.kdl"),
        source.replace("sleep 300 & echo $! > \\\"$PLACE\\\"; wait", "true"),
    )
    .expect("a file");
    let resumed = project.run(&["--resume"]);
    assert_eq!(word(&resumed, "next"), "done", "{}", said(&resumed));
}
