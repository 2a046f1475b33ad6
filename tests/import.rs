//! `portolan import`: what was imported and what is made of it run the same containers, in the same order, with the
//! same values.

mod reader;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use portolan::catalog::Catalog;
use portolan::cli::report::{Format, render};
use portolan::diag::{Code, Diagnostics};
use portolan::import::{self, Imported};
use portolan::source::SourceMap;
use serde_json::Value;

use crate::compiled::compile;
use crate::{blessed, shared};
use reader::Reader;

/// One cluster of one's own.
const PLATFORM: &str = r#"
platform acme {
    prefix acme
    cluster lab context=lab-admin jurisdiction=br {
        nodes general count=4 cores=32 memory="128GiB" disk="1TiB" price="1 USD/hour"
        bucket "s3://lab-data"
    }
}
"#;

struct Import {
    sources: SourceMap,
    imported: Vec<Imported>,
    found: Diagnostics,
}

impl Import {
    fn argo(files: &[(String, String)]) -> Import {
        let mut sources = SourceMap::default();
        for (path, text) in files {
            sources.quote(path.clone(), text.clone());
        }
        let mut found = Diagnostics::new();
        let imported = import::argo::pipelines(&sources, &Catalog::built_in(), &mut found);
        Import {
            sources,
            imported,
            found,
        }
    }

    fn codes(&self) -> Vec<Code> {
        self.found.sorted().iter().map(|found| found.code).collect()
    }

    fn shown(&self) -> String {
        render(&self.found, &self.sources, Format::Pretty, false)
    }
}

fn one(text: &str) -> Import {
    Import::argo(&[("workflow.yaml".to_owned(), text.to_owned())])
}

/// What differs between a document and what is made of its pipeline, if anything.
fn difference(imported: &Imported, document: &Value, all: &[Value]) -> Option<String> {
    let texts = BTreeMap::from([
        ("pipeline.kdl".to_owned(), imported.text.clone()),
        ("platform.kdl".to_owned(), PLATFORM.to_owned()),
    ]);
    let compiled = compile(&texts, &["pipeline.kdl", "platform.kdl"], None);
    let Some(output) = compiled.output else {
        return Some(render(&compiled.found, &compiled.sources, Format::Pretty, false));
    };
    let path = format!("argo/lab/{}.yaml", imported.name);
    let file = output.artifacts.iter().find(|it| it.path == path);
    let Some(file) = file else {
        return Some(format!("there is no {path}"));
    };
    let made: Vec<Value> = serde_saphyr::from_multiple(&file.text).unwrap();
    let workflow = made.iter().find(|it| it["spec"]["templates"].is_array()).unwrap();
    let (theirs, their_parameters) = Reader { documents: all }.read(document);
    let (ours, our_parameters) = Reader { documents: &made }.read(workflow);
    if theirs != ours {
        let (theirs, ours) = (format!("{theirs:#?}"), format!("{ours:#?}"));
        return Some(
            similar::TextDiff::from_lines(&theirs, &ours)
                .unified_diff()
                .to_string(),
        );
    }
    let lost = their_parameters
        .iter()
        .find(|(name, value)| our_parameters.get(*name) != Some(value));
    lost.map(|(name, value)| format!("parameter {name} {value:?} is {:?}", our_parameters.get(name)))
}

/// Every imported document against what is made of it: the names of those that are the same, and the others.
fn compared(import: &Import, files: &[(String, String)]) -> (Vec<String>, Vec<String>) {
    let documents = |text: &str| serde_saphyr::from_multiple::<Value>(text).unwrap_or_default();
    let all: Vec<Value> = files.iter().flat_map(|(_, text)| documents(text)).collect();
    let (mut same, mut other) = (Vec::new(), Vec::new());
    for imported in &import.imported {
        let path = import.sources.path(imported.document);
        let named = import.sources.text(imported.document);
        let (_, text) = files.iter().find(|(name, _)| name == path).unwrap();
        let is = |it: &Value| {
            let name = it["metadata"]["name"]
                .as_str()
                .or(it["metadata"]["generateName"].as_str());
            name.is_some_and(|name| named.trim_matches(['"', '\'']).starts_with(name))
        };
        let document = documents(text)
            .into_iter()
            .find(is)
            .unwrap_or_else(|| panic!("{path}: {named}"));
        match difference(imported, &document, &all) {
            None => same.push(imported.name.clone()),
            Some(why) => other.push(format!("{path} ({}):\n{why}", imported.name)),
        }
    }
    (same, other)
}

/// The YAML files below a folder, by path.
fn yaml_below(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|it| it == "yaml" || it == "yml") {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn own_workflows_come_back_the_same() {
    let files = yaml_below(&blessed::root().join("tests/import/argo"));
    let import = Import::argo(&files);
    assert!(!import.found.has_errors(), "{}", import.shown());
    let (same, other) = compared(&import, &files);
    assert!(other.is_empty(), "{}", other.join("\n"));
    assert_eq!(same.len(), import.imported.len());
    for imported in &import.imported {
        blessed::check(format!("tests/import/argo/{}.kdl", imported.name), &imported.text);
    }
}

/// Fewer than these of the official examples would be a step back.
const EXAMPLES: usize = 81;

#[test]
fn official_examples_come_back_the_same_or_say_why_not() {
    let given = std::env::var_os("PORTOLAN_ARGO_EXAMPLES").map(PathBuf::from);
    let Some(folder) = given.or_else(|| shared::folder("argo-examples")) else {
        return;
    };
    let files = yaml_below(&folder);
    let import = Import::argo(&files);
    let (same, other) = compared(&import, &files);
    println!("{} come back the same, {} do not", same.len(), other.len());
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for found in import
        .found
        .sorted()
        .iter()
        .filter(|found| found.code == Code::ImportUnsupported)
    {
        let construct = found
            .message
            .split(" has no counterpart")
            .next()
            .unwrap_or_default();
        *reasons.entry(construct.to_owned()).or_default() += 1;
    }
    let mut reasons: Vec<_> = reasons
        .into_iter()
        .map(|(construct, count)| (count, construct))
        .collect();
    reasons.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    for (count, construct) in reasons {
        println!("{count:4} {construct}");
    }
    assert!(other.is_empty(), "{}", other.join("\n"));
    assert!(same.len() >= EXAMPLES, "only {} come back the same", same.len());
}

#[test]
fn every_code_of_imports_has_an_input_and_a_true_page() {
    for code in Code::ALL.iter().filter(|code| code.name().starts_with("import.")) {
        let input = fs::read_to_string(blessed::root().join(format!("tests/errors/{code}.yaml"))).unwrap();
        let import = one(&input);
        assert_eq!(import.codes(), [*code], "{}", import.shown());
        blessed::check(format!("tests/errors/{code}.txt"), &import.shown());
        let blocks: Vec<&str> = code.page().split("```yaml argo\n").skip(1).collect();
        let text = |at: usize| blocks[at].split("```").next().unwrap();
        assert_eq!(one(text(0)).codes(), [*code], "the example of {code}");
        assert_eq!(one(text(1)).codes(), [], "the fix of {code}");
    }
}

#[test]
fn what_is_no_workflow_is_said_to_be_none() {
    let long = format!("a: {}", "x".repeat(10_000_000));
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let laughs = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n";
    for text in [
        "",
        "---\n",
        "{",
        "a: b: c",
        "\t- x",
        "kind: Pod",
        "- 1\n- 2",
        "\u{0}",
        &long,
        &deep,
        laughs,
    ] {
        let import = one(text);
        assert!(import.imported.is_empty());
        assert!(
            import.found.has_errors(),
            "{} has no mistake",
            text.chars().take(40).collect::<String>()
        );
    }
}

/// A workflow of two tasks with these names and this argument.
fn named(first: &str, second: &str, text: &str) -> String {
    let quote = |text: &str| serde_json::to_string(text).unwrap();
    format!(
        "kind: Workflow\nmetadata: {{name: {}}}\nspec:\n  entrypoint: main\n  templates:\n  - name: main\n    dag:\n      tasks:\n      - {{name: {}, template: say}}\n      - {{name: {}, template: say, dependencies: [{}]}}\n  - name: say\n    container: {{image: 'busybox:1', command: [echo, {}]}}\n",
        quote(first),
        quote(first),
        quote(second),
        quote(first),
        quote(text),
    )
}

#[test]
fn names_and_texts_of_any_kind_arrive_as_they_are() {
    let texts = [
        "\"\"\"#",
        "a\\n\u{202e}b",
        "{x}",
        "}} {",
        "line\n  two\n\n",
        "\"",
        "  \n \n",
        "\u{7}",
        "/- // #true",
        "$(HOME) $$",
    ];
    for (at, text) in texts.iter().enumerate() {
        for (first, second) in [
            ("A b", "a-b"),
            ("true", "br"),
            ("日本", "中国"),
            ("x".repeat(300).as_str(), "-"),
        ] {
            let yaml = named(first, second, text);
            let files = [("workflow.yaml".to_owned(), yaml)];
            let import = Import::argo(&files);
            assert_eq!(import.imported.len(), 1, "{text:?} {first}: {}", import.shown());
            if first == "A b" {
                let (_, other) = compared(&import, &files);
                assert!(
                    other.is_empty(),
                    "{at} {text:?}: {}\n{}",
                    other.join("\n"),
                    import.imported[0].text
                );
            }
        }
    }
}
