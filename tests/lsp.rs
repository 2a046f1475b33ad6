//! The server for editors: a session with the program itself, and texts as they are while somebody types.

mod client;
mod edits;
mod typing;

use std::fs;

use serde_json::{Value, json};

use crate::{blessed, shared};
use client::Client;

const PIPELINE: &str = r#"pipeline churn {
    step extract kind=etl {
        image "ghcr.io/acme/extract:1.0.0"
        command extract "--note=😀"
        reads events
        writes clean size="2GiB"
        emits rows type=integer
    }
    data events {
        at lab uri="s3://events/raw"
        size "2GiB" rows=1000
    }
}
"#;

const TEST: &str =
    "test \"few rows\" pipeline=churn {\r\n    given extract.rows 5\r\n    expect ran=extract\r\n}\r\n";

/// A folder with a project of three files.
fn project(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("portolan-lsp-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("pipeline.kdl"), PIPELINE).unwrap();
    fs::write(folder.join("test.kdl"), TEST).unwrap();
    let platform = fs::read_to_string(blessed::root().join("tests/lsp/platform.kdl")).unwrap();
    fs::write(folder.join("platform.kdl"), platform).unwrap();
    folder
}

#[test]
fn a_session_opens_breaks_fixes_completes_renames_and_formats() {
    let folder = project("session");
    let mut client = Client::start(&folder);
    client.open("pipeline.kdl", PIPELINE);
    // A character of two half words stands before what is typed.
    let broken = PIPELINE.replace("reads events", "reads evnets");
    client.change("pipeline.kdl", &broken);
    let found = client.diagnostics("pipeline.kdl");
    let first = &found[0];
    assert_eq!(first["code"], "name.unknown", "{found:?}");
    assert_eq!(first["range"]["start"], json!({ "line": 4, "character": 14 }));

    let actions = client.ask(
        "textDocument/codeAction",
        &json!({
            "textDocument": client.document("pipeline.kdl"),
            "range": first["range"],
            "context": { "diagnostics": [first] },
        }),
    );
    let edits = &actions[0]["edit"]["changes"][client.address("pipeline.kdl")];
    assert_eq!(edits[0]["newText"], "events", "{actions}");
    assert_eq!(edits[0]["range"], first["range"]);
    client.change("pipeline.kdl", PIPELINE);
    assert_eq!(client.diagnostics("pipeline.kdl"), Vec::<Value>::new());

    let inside = PIPELINE.replace("emits rows type=integer", "emits rows type=integer\n        wh");
    client.change("pipeline.kdl", &inside);
    let labels = client.labels("pipeline.kdl", 7, 10);
    assert!(
        labels.contains(&"when".to_owned()) && !labels.contains(&"traffic".to_owned()),
        "{labels:?}"
    );
    let reading = PIPELINE.replace("reads events", "reads ");
    client.change("pipeline.kdl", &reading);
    let labels = client.labels("pipeline.kdl", 4, 14);
    assert!(labels.contains(&"events".to_owned()), "{labels:?}");
    client.change("pipeline.kdl", PIPELINE);

    let renamed = client.rename("pipeline.kdl", 1, 12, "pull");
    let places = |file: &str| {
        renamed["changes"][client.address(file)]
            .as_array()
            .map_or(0, Vec::len)
    };
    assert_eq!((places("pipeline.kdl"), places("test.kdl")), (1, 2), "{renamed}");
    let refused = client.rename("pipeline.kdl", 1, 12, "Not A Name");
    assert!(
        refused["message"]
            .as_str()
            .is_some_and(|why| why.contains("not a name")),
        "{refused}"
    );

    let loose = PIPELINE.replace("    step extract", "  step    extract");
    client.change("pipeline.kdl", &loose);
    let options = json!({ "tabSize": 4, "insertSpaces": true });
    let document = client.document("pipeline.kdl");
    let edits = client.ask(
        "textDocument/formatting",
        &json!({ "textDocument": document, "options": options }),
    );
    assert_eq!(edits[0]["newText"], PIPELINE);
    client.end();
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn names_lead_to_where_they_are_given_and_words_are_explained() {
    let folder = project("names");
    let mut client = Client::start(&folder);
    client.open("pipeline.kdl", PIPELINE);
    client.open("test.kdl", TEST);
    let given = client.at("textDocument/definition", "test.kdl", 1, 20);
    assert_eq!(
        given[0]["range"]["start"],
        json!({ "line": 6, "character": 14 }),
        "{given}"
    );
    let told = client.at("textDocument/hover", "pipeline.kdl", 4, 9);
    assert!(
        told["contents"]["value"]
            .as_str()
            .is_some_and(|text| text.contains("`mount=`")),
        "{told}"
    );
    let document = client.document("pipeline.kdl");
    let symbols = client.ask(
        "textDocument/documentSymbol",
        &json!({ "textDocument": document }),
    );
    assert_eq!(symbols[0]["name"], "churn");
    let found = client.ask("workspace/symbol", &json!({ "query": "extr" }));
    assert!(
        found
            .as_array()
            .is_some_and(|found| found.iter().any(|one| one["name"] == "extract")),
        "{found}"
    );
    let hint = client.hint("pipeline.kdl");
    assert!(hint.contains("USD/month") && hint.contains("lab"), "{hint}");
    client.end();
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn reading_by_pieces_reads_what_reading_at_once_does() {
    let mut folders = vec![blessed::root().join("examples")];
    folders.extend(shared::folder("language/examples"));
    let mut texts = 0;
    for text in folders.iter().flat_map(|folder| typing::texts(folder)) {
        typing::reads_alike(&text);
        texts += 1;
    }
    assert!(texts >= 8, "{texts} texts");
}

#[test]
fn every_answer_comes_while_a_text_is_typed_or_torn() {
    let pipeline = fs::read_to_string(blessed::root().join("examples/cancer-risk/pipeline.kdl")).unwrap();
    typing::every_prefix(&pipeline, 97);
    typing::lines_missing(&pipeline);
}
