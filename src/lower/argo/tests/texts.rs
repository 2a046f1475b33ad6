//! Texts of users reach programs as they are: Argo finds nothing in them, and the kubelet gives them back.

use serde_json::Value;

use super::{EVERYTHING, build, lower, objects, template};
use crate::diag::{Code, Diagnostics};

/// What Argo does not fill in by itself: everything else between two braces is one of ours.
const OURS: [&str; 13] = [
    "{{tasks.",
    "{{=",
    "{{inputs.parameters.",
    "{{workflow.parameters.",
    "{{workflow.creationTimestamp.",
    "{{workflow.uid}}",
    "{{workflow.status}}",
    "{{workflow.duration}}",
    "{{item",
    "{{status}} == Succeeded",
    "{{duration}}",
    "{{retries}}",
    "{{outputs.parameters.",
];

/// What the kubelet makes of a text, given the variables above it (Kubernetes, `third_party/forked/golang/expansion`).
fn expanded(text: &str) -> String {
    let mut made = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        made.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            made.push('$');
            rest = after;
        } else if let Some(after) = rest.strip_prefix("(PORTOLAN_BRACE)") {
            made.push('{');
            rest = after;
        } else {
            panic!("not ours: {text}");
        }
    }
    made + rest
}

#[test]
fn programs_get_what_was_written() {
    let objects = objects(&lower(&build(EVERYTHING), &[]));
    let container = &template(&objects, "report")["container"];
    let command: Vec<String> = container["command"]
        .as_array()
        .unwrap()
        .iter()
        .map(|word| expanded(word.as_str().unwrap()))
        .collect();
    assert_eq!(command[2..4], ["{{workflow.uid}}", "$(HOME) $$ ${x}"]);
    assert_eq!(command[4], "{{{workflow.parameters.run}}");
    let env = container["env"].as_array().unwrap();
    assert_eq!(env[0]["name"], "PORTOLAN_BRACE", "before all that refer to it");
    let title = env.iter().find(|variable| variable["name"] == "TITLE").unwrap();
    let title = title["value"].as_str().unwrap();
    assert!(!title.contains("{{"), "{title}");
    assert_eq!(expanded(title), "{{=sprig.env(\"HOME\")}}");
}

#[test]
fn scripts_are_mounted_as_they_are() {
    let objects = objects(&lower(&build(EVERYTHING), &[]));
    let maps = objects.iter().filter(|object| object["kind"] == "ConfigMap");
    let scripts: Vec<&Value> = maps.map(|map| &map["data"]["script"]).collect();
    assert!(
        scripts.contains(&&Value::from("echo {{workflow.uid}} $(date)")),
        "{scripts:?}"
    );
}

#[test]
fn nobody_elses_placeholders_are_alive() {
    let objects = objects(&lower(&build(EVERYTHING), &["align", "call", "small"]));
    for object in objects.iter().filter(|object| object["kind"] != "ConfigMap") {
        walk(object);
    }
    let question = &template(&objects, "approve--serve")["inputs"]["parameters"][0]["description"];
    assert_eq!(question, "Serve {\u{2060}{workflow.uid}}?");
}

fn walk(value: &Value) {
    match value {
        Value::String(text) => {
            for (at, _) in text.match_indices("{{") {
                // Three braces: the last two open.
                let tail = text[at..].trim_start_matches('{');
                let ours = OURS
                    .iter()
                    .any(|known| tail.starts_with(known.trim_start_matches('{')));
                assert!(ours, "{text}");
            }
        }
        Value::Array(values) => values.iter().for_each(walk),
        Value::Object(fields) => fields.values().for_each(walk),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn braces_in_a_path_are_refused() {
    let mut sources = crate::source::SourceMap::default();
    sources.add(
        "everything.kdl",
        EVERYTHING.replace("/data/raw", "/data/{{workflow.uid}}"),
    );
    let mut out = Diagnostics::new();
    crate::syntax::parse(&mut sources, &super::NoFiles, &mut out);
    let found = out.sorted();
    assert!(
        found.iter().any(|found| found.code == Code::NameForm),
        "{found:#?}"
    );
}
