//! Past runs from outside: what files may hold, what is kept, and how it reaches plans.

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
    folder.said(&["history", "import", "more.csv"]);
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

const PIPELINE: &str = r#"
pipeline p {
    data source {
        at aws.eu-west-1 uri="s3://example-lake/source"
        size "10GiB"
        format parquet
    }
    step clean kind=etl {
        image "ghcr.io/acme/clean:1"
        reads source
        writes cleaned size="5GiB"
    }
}
platform x {
    cloud aws account="123456789012" {
        region eu-west-1
    }
    receiver ops {
        page slack channel="\#ops" secret=slack.ops
    }
}
"#;

/// `count` runs whose memory is `scale` GB for each 10 GB of input.
fn runs(count: u64, scale: f64) -> String {
    let mut text =
        String::from("id,pipeline,step,started,seconds,input_bytes,memory_peak_bytes,memory_request_bytes\n");
    for run in 0..count {
        let input = (8 + run % 5) * 1_073_741_824;
        let (peak, day) = (input as f64 * 0.1 * scale, 1 + run % 28);
        text += &format!(
            "r{scale}-{run},p,clean,2026-0{}-{day:02}T02:00:00Z,{},{input},{peak},64e9\n",
            1 + run / 28,
            600 + run
        );
    }
    text
}

#[test]
fn past_runs_reach_the_plan_are_pinned_and_learned_anew_only_when_asked() {
    let folder = Folder::new("pins");
    folder.write("pipeline.kdl", PIPELINE.replace("\\#", "#"));
    let compile = |more: &[&str]| folder.run(&[&["compile", "--allow", "image.unpinned"], more].concat());
    assert!(compile(&[]).status.success());
    let plain = fs::read_to_string(folder.0.join("portolan.lock")).unwrap();
    assert!(!plain.contains("learned"));

    folder.write("runs.csv", runs(40, 1.0));
    folder.said(&["history", "import", "runs.csv"]);
    let memory = |text: &str| {
        text.lines()
            .filter(|line| line.trim_start().starts_with("memory"))
            .count()
    };
    assert!(
        folder
            .said(&["profile", "--step", "clean", "--explain"])
            .contains("40 past runs")
    );
    assert!(memory(&folder.said(&["profile", "--step", "clean", "--explain"])) > 0);
    assert_eq!(
        compile(&["--locked"]).status.code(),
        Some(0),
        "what is locked is not learned anew"
    );
    assert!(compile(&[]).status.success());
    let pinned = fs::read_to_string(folder.0.join("portolan.lock")).unwrap();
    assert!(pinned.contains("\"learned\"") && pinned != plain);

    folder.write("more.csv", runs(50, 3.0));
    folder.said(&["history", "import", "more.csv"]);
    assert!(compile(&["--locked"]).status.success());
    assert!(compile(&[]).status.success());
    assert_eq!(
        fs::read_to_string(folder.0.join("portolan.lock")).unwrap(),
        pinned,
        "pins hold"
    );
    folder.said(&["profile", "--update"]);
    assert_ne!(
        fs::read_to_string(folder.0.join("portolan.lock")).unwrap(),
        pinned
    );
    let updated = fs::read_to_string(folder.0.join("portolan.lock")).unwrap();
    folder.said(&["profile", "--update"]);
    assert_eq!(
        fs::read_to_string(folder.0.join("portolan.lock")).unwrap(),
        updated,
        "the same past teaches the same"
    );
}

#[test]
fn the_own_history_is_replayed_against_simpler_rules() {
    let folder = Folder::new("evaluate");
    folder.write("runs.csv", runs(40, 1.0));
    folder.said(&["history", "import", "runs.csv"]);
    let said = folder.said(&["history", "evaluate", "--as", "json", "--out", "report.html"]);
    let found: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(found["judged"], 38);
    let waste = |rule: usize| found["memory"][rule][1]["waste"].as_f64().unwrap();
    let requested = (0..5)
        .find(|rule| found["memory"][*rule][0] == "request")
        .map(waste)
        .unwrap();
    assert!(waste(0) < requested, "64 GB were requested for 1 GB of use");
    let page = fs::read_to_string(folder.0.join("report.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("38 runs of 1 steps"));
}

/// Two weeks of requests by the hour, far below the declared peak and busiest at 20:00 UTC.
fn requests() -> String {
    let mut text = String::from("pipeline,step,subject,started,value\n");
    for hour in 0..14 * 24 {
        let rate = 20.0 + 10.0 * (f64::from(hour - 20) / 24.0 * std::f64::consts::TAU).cos();
        text += &format!(
            "p,serve,requests_per_second,{},{rate}\n",
            1_777_593_600 + hour * 3600
        );
    }
    text
}

#[test]
fn past_load_gives_the_curve_and_the_replicas_of_every_hour() {
    let folder = Folder::new("load");
    let serve = "    step serve kind=serving {\n        image \"ghcr.io/acme/serve:1\"\n        runtime custom port=8080\n        reads cleaned\n        traffic peak=\"400/s\" shape=office-hours timezone=UTC\n    }\n}\nplatform";
    folder.write(
        "pipeline.kdl",
        PIPELINE.replace("\\#", "#").replace("}\nplatform", serve),
    );
    let load = || {
        let plan = folder.said(&["plan", "--emit", "profile", "--allow", "image.unpinned"]);
        let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
        let steps = plan["steps"].as_array().unwrap().clone();
        steps
            .into_iter()
            .find_map(|step| Some(step["load"].clone()).filter(|load| load.is_object()))
            .unwrap()
    };
    let declared = load();
    folder.write("load.csv", requests());
    folder.said(&["history", "import", "load.csv"]);
    let learned = load();
    let hours = |load: &serde_json::Value| -> Vec<f64> {
        load["curve"]
            .as_array()
            .unwrap()
            .iter()
            .map(|rate| rate.as_f64().unwrap())
            .collect()
    };
    let (before, now) = (hours(&declared), hours(&learned));
    assert_eq!(before.iter().copied().fold(0.0, f64::max), 400.0);
    let busiest = (0..24).max_by(|a, b| now[*a].total_cmp(&now[*b])).unwrap();
    assert_eq!(busiest, 20);
    assert!((25.0..35.0).contains(&now[busiest]), "{}", now[busiest]);
    assert!(learned["replicas"][10].as_u64() < declared["replicas"][10].as_u64());
    assert_eq!(
        learned["bounds"], declared["bounds"],
        "the declared peak can still be served"
    );
    assert!(
        folder
            .said(&["profile", "--step", "serve", "--explain"])
            .contains("336 bins of past load")
    );
}

#[test]
fn past_sizes_stand_for_a_size_that_nobody_declares_and_grow_for_a_year() {
    let folder = Folder::new("sizes");
    let silent = PIPELINE.replace("\\#", "#").replace("size \"10GiB\"\n", "");
    folder.write("pipeline.kdl", silent);
    let mut text = String::from("pipeline,step,subject,started,value\n");
    for day in 0..60_i32 {
        text += &format!(
            "p,source,bytes,{},{}\n",
            1_777_593_600 + day * 86_400,
            1e10 * 1.001_f64.powi(day)
        );
    }
    folder.write("sizes.csv", text);
    folder.said(&["history", "import", "sizes.csv"]);
    let plan = folder.said(&[
        "plan",
        "--emit",
        "profile",
        "--deny",
        "warnings",
        "--allow",
        "image.unpinned",
    ]);
    let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
    let size = plan["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|size| size["basis"]["kind"] == "history")
        .unwrap();
    let (p50, p95) = (size["p50"].as_f64().unwrap(), size["p95"].as_f64().unwrap());
    assert!((p50 / (1e10 * 1.001_f64.powi(59)) - 1.0).abs() < 1e-6, "{p50}");
    assert!((p95 / p50 / 1.001_f64.powi(365) - 1.0).abs() < 1e-3, "{p95}");
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
