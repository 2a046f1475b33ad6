//! `portolan diagnose` from outside: what it says of a plan's trouble, and of input that is not as it should be.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::blessed;

/// A folder of one test, removed when it ends.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("portolan-diagnose-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        fs::write(self.0.join(name), contents).unwrap();
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
        let command = command.arg("diagnose").args(arguments).current_dir(&self.0);
        command.env("NO_COLOR", "1").output().expect("the program starts")
    }

    /// Exit code, data and messages.
    pub fn said(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = self.run(arguments);
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (
            output.status.code().expect("it ends by itself"),
            text(output.stdout),
            text(output.stderr),
        )
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// When the trouble of [`plan`] begins.
pub const AT: f64 = 1_777_600_800.0;

/// Clean and train on one pool of a cluster of their own, a server on another.
pub fn plan() -> String {
    json!({"pipelines": [{"name": "shop", "steps": [
        {"name": "clean", "site": "lab", "pool": "cpu", "after": []},
        {"name": "train", "site": "lab", "pool": "cpu", "after": ["clean"]},
        {"name": "serve", "site": "lab", "pool": "web", "after": ["train"]}]}],
        "sites": [{"name": "lab", "cluster": "lab", "region": null}]})
    .to_string()
}

/// The pool is lost and pages, and what ran on it is late.
pub fn alerts() -> String {
    let alert = |name: &str, labels: Value| {
        let mut labels = labels;
        labels["alertname"] = json!(name);
        json!({"labels": labels, "startsAt": "2026-05-01T02:00:00.000Z"})
    };
    json!([
        alert(
            "PoolLabCpu",
            json!({"kind": "pool", "cluster": "lab", "pool": "cpu", "severity": "page"})
        ),
        alert(
            "ShopCleanDeadline",
            json!({"kind": "deadline", "pipeline": "shop", "step": "clean"})
        ),
        alert(
            "ShopTrainDeadline",
            json!({"kind": "deadline", "pipeline": "shop", "step": "train"})
        ),
        alert(
            "Foreign",
            json!({"kind": "expect", "pipeline": "other", "step": "x"})
        ),
    ])
    .to_string()
}

/// An answer of `query_range`, by the minute, two hours before the trouble and half an hour after.
pub fn answer(series: &[(Value, f64, f64)]) -> String {
    let of = |(labels, before, after): &(Value, f64, f64)| {
        let values: Vec<Value> = (-120_i32..30)
            .map(|minute| {
                let level = if minute < 0 { before } else { after };
                let noise = f64::from((minute * 7).rem_euclid(5)) * 0.002 + 1.0;
                json!([AT + f64::from(minute) * 60.0, (level * noise).to_string()])
            })
            .collect();
        json!({"metric": labels, "values": values})
    };
    let result: Vec<Value> = series.iter().map(of).collect();
    json!({"status": "success", "data": {"resultType": "matrix", "result": result}}).to_string()
}

/// What the rules and the machines show of it.
pub fn measured() -> Vec<(Value, f64, f64)> {
    let step = |name: &str, metric: &str| json!({"__name__": metric, "pipeline": "shop", "step": name});
    vec![
        (
            json!({"cluster": "lab", "pool": "cpu", "__name__": "machines_ready"}),
            8.0,
            0.0,
        ),
        (
            json!({"cluster": "lab", "pool": "web", "__name__": "machines_ready"}),
            4.0,
            4.0,
        ),
        (step("clean", "portolan:used_cores"), 6.0, 0.5),
        (step("serve", "portolan:used_cores"), 2.0, 2.0),
        (
            json!({"__name__": "portolan:kpi", "kpi": "clean.rows", "pipeline": "shop", "step": "clean"}),
            5e6,
            5e6,
        ),
    ]
}

#[test]
fn alerts_and_measurements_of_a_plan_are_one_answer_in_each_format() {
    let folder = Folder::new("plan");
    folder.write("plan.json", plan());
    folder.write("alerts.json", alerts());
    folder.write("hours.json", answer(&measured()));
    let given = [
        "--plan",
        "plan.json",
        "--alerts",
        "alerts.json",
        "--metrics",
        "hours.json",
    ];
    for (format, file) in [
        ("pretty", "diagnose.txt"),
        ("markdown", "diagnose.md"),
        ("json", "diagnose.json"),
    ] {
        let (code, data, messages) = folder.said(&[given.as_slice(), &["--format", format]].concat());
        assert_eq!(code, 0, "{messages}");
        assert!(
            messages.contains("metrics.unmatched") && messages.contains("Foreign"),
            "{messages}"
        );
        blessed::check(format!("tests/cli/{file}"), &data);
    }
    let (_, data, _) = folder.said(&[given.as_slice(), &["--format", "json"]].concat());
    let found: Value = serde_json::from_str(&data).unwrap();
    assert_eq!(found["super_alerts"].as_array().unwrap().len(), 1);
    assert_eq!(found["super_alerts"][0]["cause"], "lab/cpu");
    assert_eq!(found["causes"][0]["node"], "lab/cpu");
    assert_eq!(found["causes"][0]["evidence"][0]["since"], AT);
}

#[test]
fn measurements_alone_name_the_cause_and_say_when_they_cannot() {
    let folder = Folder::new("alone");
    folder.write("plan.json", plan());
    folder.write("hours.json", answer(&measured()));
    let at = AT.to_string();
    let (code, data, _) = folder.said(&["--plan", "plan.json", "--metrics", "hours.json", "--at", &at]);
    assert!(code == 0 && data.starts_with("probable cause: lab/cpu"), "{data}");
    let calm: Vec<(Value, f64, f64)> = measured()
        .into_iter()
        .map(|(name, usual, _)| (name, usual, usual))
        .collect();
    folder.write("calm.json", answer(&calm));
    let (code, data, _) = folder.said(&["--plan", "plan.json", "--metrics", "calm.json", "--at", &at]);
    assert!(code == 0 && data.starts_with("no clear cause"), "{data}");
    let (code, _, messages) = folder.said(&["--plan", "plan.json", "--metrics", "hours.json"]);
    assert!(code == 2 && messages.contains("give --at"), "{messages}");
}

/// 60 rows a minute apart; the cell of a series and a row is `value(row)`.
fn table(series: &[(&str, &dyn Fn(usize) -> String)]) -> String {
    let names: Vec<&str> = series.iter().map(|(name, _)| *name).collect();
    let mut text = format!("time,{}\n", names.join(","));
    for row in 0..60 {
        let cells: Vec<String> = series.iter().map(|(_, value)| value(row)).collect();
        let _ = writeln!(text, "{},{}", 1_777_600_000 + row * 60, cells.join(","));
    }
    text
}

const GRAPH: &str = r#"{"nodes": ["batch"], "edges": [["web", "api"], ["api", "db"]]}"#;

#[test]
fn what_is_missing_or_odd_is_named_and_the_rest_is_used() {
    let folder = Folder::new("odd");
    let steady = |row: usize| (100 + row * 7 % 5).to_string();
    let slow = |row: usize| (if row < 45 { 100 + row * 7 % 5 } else { 400 }).to_string();
    let gone = |row: usize| if row < 45 { steady(row) } else { "NaN".to_owned() };
    let once = |row: usize| if row == 10 { "5".to_owned() } else { String::new() };
    folder.write("graph.json", GRAPH);
    folder.write(
        "metrics.csv",
        table(&[
            ("db|latency_p99", &slow),
            ("db|cpu", &slow),
            ("api|latency_p99", &gone),
            ("web|latency_p99", &once),
            ("ghost|cpu", &steady),
        ]),
    );
    let given = ["--metrics", "metrics.csv", "--graph", "graph.json", "--at"];
    let (code, data, messages) = folder.said(&[given.as_slice(), &["1777602700"]].concat());
    assert_eq!(code, 0, "{messages}");
    assert!(data.starts_with("probable cause: db"), "{data}");
    for said in ["on them: ghost", "cannot be named: batch", "metrics.unmatched"] {
        assert!(messages.replace('\n', " ").contains(said), "{said}: {messages}");
    }
    let (code, _, messages) = folder.said(&[given.as_slice(), &["1777609999"]].concat());
    assert!(code == 2 && messages.contains("after the last row"), "{messages}");
    let (code, _, messages) =
        folder.said(&[given.as_slice(), &["1777602700", "--target", "db|latency_p9"]].concat());
    assert!(
        code == 2 && messages.contains("did you mean `db|latency_p99`?"),
        "{messages}"
    );
}

#[test]
fn milliseconds_and_clocks_that_differ_are_told() {
    let folder = Folder::new("clock");
    folder.write("graph.json", GRAPH);
    folder.write("metrics.csv", "time,web|cpu\n1777600000000,1\n1777600060000,1\n");
    let (code, _, messages) = folder.said(&[
        "--metrics",
        "metrics.csv",
        "--graph",
        "graph.json",
        "--at",
        "1777600030",
    ]);
    assert!(code == 2 && messages.contains("metrics.clock"), "{messages}");
    folder.write("plan.json", plan());
    folder.write("alerts.json", alerts().replace("T02:", "T09:"));
    folder.write("hours.json", answer(&measured()));
    let (code, data, messages) = folder.said(&[
        "--plan",
        "plan.json",
        "--alerts",
        "alerts.json",
        "--metrics",
        "hours.json",
    ]);
    assert!(code == 0 && messages.contains("metrics.clock"), "{messages}");
    assert!(
        data.contains("1. lab/cpu") && !data.contains("measured"),
        "{data}"
    );
}

#[test]
fn the_page_says_the_same_and_is_sound() {
    let folder = Folder::new("page");
    folder.write("plan.json", plan().replace("clean", "clean<&\\\""));
    folder.write("alerts.json", alerts().replace("clean", "clean<&\\\""));
    folder.write(
        "hours.json",
        answer(&measured()).replace("\"clean\"", "\"clean<&\\\"\""),
    );
    let given = [
        "--plan",
        "plan.json",
        "--alerts",
        "alerts.json",
        "--metrics",
        "hours.json",
        "--html",
        "page.html",
    ];
    let (code, data, messages) = folder.said(&given);
    assert!(code == 0 && data.contains("causes: 1"), "{messages}");
    let page = fs::read_to_string(folder.0.join("page.html")).unwrap();
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..roxmltree::ParsingOptions::default()
    };
    let read = roxmltree::Document::parse_with_options(&page, options).expect("well-formed");
    let texts = |tag: &'static str| {
        let found = read
            .descendants()
            .filter(move |node| node.has_tag_name(("http://www.w3.org/1999/xhtml", tag)));
        found
            .map(|node| node.text().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(texts("h1"), ["lab/cpu"]);
    assert_eq!(
        texts("h2"),
        [
            "What is at fault",
            "How it spreads",
            "What was measured",
            "Ruled out"
        ]
    );
    let suspects = &texts("h3")[1..3];
    assert_eq!(suspects, ["1. lab/cpu", "2. shop/clean<&\""]);
    for part in [
        "class=\"at\"",
        "class=\"since\"",
        "2026-05-01 02:00:00 UTC",
        "shop/clean&lt;&amp;&quot;: explained",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(
        !page.contains("<script") && page.matches("http").count() == 2,
        "asks for nothing"
    );
}
