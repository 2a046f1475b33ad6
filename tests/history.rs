//! Past runs from outside: what files may hold, what is kept, and how it reaches plans.

mod learned;
mod prometheus;
mod reach;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use portolan::cli::report::{Format, render};
use portolan::diag::{Code, Diagnostics};
use portolan::history::Form;
use portolan::history::open::open;
use portolan::history::store::pack;
use portolan::history::table::Defaults;
use portolan::source::SourceMap;

use crate::blessed;

/// A folder of one test, removed when it ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("portolan-history-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        fs::write(self.0.join(name), contents).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
        let command = command.args(arguments).current_dir(&self.0).env("NO_COLOR", "1");
        command.output().expect("the program starts")
    }

    /// What the program says on stdout; it must end well.
    fn said(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Reads a text as `history import` does.
fn import(name: &str, text: &str) -> (SourceMap, Diagnostics) {
    let (mut sources, mut found) = (SourceMap::default(), Diagnostics::new());
    let file = sources.add(name, text);
    Form::of(text).read(&sources, file, Defaults::default(), &mut found);
    (sources, found)
}

fn codes() -> impl Iterator<Item = Code> {
    let all = Code::ALL.iter().copied();
    all.filter(|code| code.name().starts_with("history.") && *code != Code::HistoryDamaged)
}

#[test]
fn every_code_of_past_runs_has_an_input_that_provokes_it_and_nothing_else() {
    for code in codes() {
        let name = format!("{code}.csv");
        let text = fs::read_to_string(blessed::root().join("tests/errors").join(&name)).expect(&name);
        let (sources, found) = import(&name, &text);
        assert!(found.sorted().iter().all(|found| found.code == code), "{name}");
        blessed::check(
            format!("tests/errors/{code}.txt"),
            &render(&found, &sources, Format::Pretty, false),
        );
    }
}

#[test]
fn the_example_of_a_page_provokes_its_code_and_the_fix_does_not() {
    for code in codes() {
        let block = |heading: &str| {
            let section = code.page().split(heading).nth(1).unwrap_or_default();
            let block = section.split("```csv\n").nth(1).unwrap_or_default();
            block.split("```").next().unwrap_or_default().to_owned()
        };
        let found = |text: &str| {
            import("runs.csv", text)
                .1
                .sorted()
                .iter()
                .map(|found| found.code)
                .collect::<Vec<_>>()
        };
        let example = found(&block("## Example"));
        assert!(
            !example.is_empty() && example.iter().all(|found| *found == code),
            "{code}: {example:?}"
        );
        assert_eq!(found(&block("## Fix")), [], "{code}");
    }
}

#[test]
fn damage_is_reported_with_file_and_row_and_nothing_is_overwritten() {
    let parts = [
        pack("id,step,seconds\na,s,1\nb,s,2\n"),
        pack("id,step,seconds\nc,s,3\n"),
    ];
    let torn = [parts[0].as_slice(), &parts[1][..30]].concat();
    let (mut sources, mut found) = (SourceMap::default(), Diagnostics::new());
    let opened = open(&mut sources, "portolan.history", &torn, &mut found);
    assert_eq!(opened.records.attempts.len(), 2);
    blessed::check(
        "tests/errors/history.damaged.txt",
        &render(&found, &sources, Format::Pretty, false),
    );

    let folder = Folder::new("damage");
    folder.write("portolan.history", &torn);
    assert_eq!(folder.run(&["history", "compact"]).status.code(), Some(2));
    folder.write("more.csv", "id,step,seconds\nc,s,3\n");
    folder.said(&["history", "import", "--pipeline", "p", "more.csv"]);
    let now = fs::read(folder.0.join("portolan.history")).unwrap();
    assert!(now.starts_with(&torn), "what was there is still there");
    assert_eq!(folder.said(&["history", "export"]).lines().count(), 4);
}

#[test]
fn an_import_grows_the_file_and_a_second_one_of_the_same_does_not() {
    let folder = Folder::new("import");
    folder.write("a.csv", "step,seconds\ntrain,60\n");
    folder.write(
        "b.csv",
        "step,seconds,memory_peak_bytes\ntrain,61,NaN\ntrain,62,5e9\n",
    );
    let path = folder.0.join("portolan.history");
    let size = || fs::metadata(&path).unwrap().len();
    folder.said(&["history", "import", "--pipeline", "p", "a.csv"]);
    let first = size();
    let denied = folder.run(&[
        "history",
        "import",
        "--pipeline",
        "p",
        "--deny",
        "warnings",
        "b.csv",
    ]);
    assert_eq!(denied.status.code(), Some(1));
    let both = size();
    assert!(both > first, "good rows are kept");
    folder.said(&["history", "import", "--pipeline", "p", "a.csv", "b.csv"]);
    assert_eq!(size(), both);
    let before = folder.said(&["history", "export"]);
    folder.said(&["history", "compact"]);
    assert!(size() < both);
    assert_eq!(folder.said(&["history", "export"]), before);
    assert!(folder.said(&["history", "show"]).contains("p/train"));
}

#[test]
fn recordings_of_workflows_become_pipelines_without_mistakes() {
    let shared =
        std::env::var_os("PORTOLAN_SHARED").map_or_else(|| blessed::root().join("../shared"), PathBuf::from);
    let Ok(entries) = fs::read_dir(Path::new(&shared).join("data/dags")) else {
        println!("skipped: no recordings of workflows in {}", shared.display());
        return;
    };
    let folder = Folder::new("wfformat");
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.to_string_lossy().ends_with(".json.gz") {
            let path = path.to_string_lossy().into_owned();
            folder.write("pipeline.kdl", folder.said(&["import", "wfformat", &path]));
            folder.said(&["check", "--deny", "warnings"]);
            folder.said(&["history", "import", &path]);
        }
    }
    assert!(folder.said(&["history", "show"]).lines().count() > 100);
}
