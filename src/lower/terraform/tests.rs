//! Every file is HCL, laid out as Terraform lays it out, whatever the user wrote; what they wrote comes back from it.
#![allow(
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that fails says where"
)]

mod fixture;

use std::process::{Command, Stdio};

use fixture::{Case, compile};

fn hostile() -> Vec<String> {
    let short = [
        "\"",
        "a\nb",
        "${x}",
        "%{if true}",
        "\\",
        "{{x}}",
        "`$(x)`",
        "---",
        "a: b",
        "é 漢字",
        "# no",
        "it's",
    ];
    let mut all: Vec<String> = short.iter().map(|text| (*text).to_owned()).collect();
    all.push("x".repeat(300));
    all
}

fn body(file: &crate::lower::Artifact) -> serde_json::Value {
    hcl::from_str(&file.text).unwrap_or_else(|error| panic!("{}: {error}\n{}", file.path, file.text))
}

#[test]
fn every_file_parses_and_tags_come_back() {
    for text in hostile() {
        for adopts in [false, true] {
            let (files, _) = compile(&Case {
                text: text.clone(),
                adopts,
            });
            for file in files.iter().filter(|file| !file.path.ends_with(".yaml")) {
                let body = body(file);
                if file.path.ends_with("/locals.tf") && !file.path.contains("gcp") {
                    let tags = &body["locals"]["tags"];
                    assert_eq!(tags["cost-center"], text.as_str(), "{}", file.path);
                    assert_eq!(tags[text.as_str()], "x", "{}", file.path);
                }
            }
        }
    }
}

#[test]
fn paths_of_buckets_come_back() {
    for text in hostile() {
        let (files, _) = compile(&Case {
            text: text.clone(),
            adopts: false,
        });
        let iam = files
            .iter()
            .find(|file| file.path == "terraform/aws-sa-east-1/iam.tf");
        let text_of_file = iam.map(|file| file.text.as_str()).unwrap_or_default();
        let body: hcl::Body = hcl::from_str(text_of_file).unwrap_or_else(|error| panic!("{error}"));
        let mut found = Vec::new();
        for block in body.blocks() {
            block.body.attributes().for_each(|it| texts(&it.expr, &mut found));
        }
        let listing = format!("raw/{text}/*");
        assert!(found.contains(&listing), "{listing}\n{found:?}");
    }
}

/// All plain texts in an expression.
fn texts(expression: &hcl::Expression, found: &mut Vec<String>) {
    match expression {
        hcl::Expression::String(text) => found.push(text.clone()),
        hcl::Expression::Array(items) => items.iter().for_each(|item| texts(item, found)),
        hcl::Expression::Object(entries) => entries.values().for_each(|value| texts(value, found)),
        hcl::Expression::FuncCall(call) => call.args.iter().for_each(|argument| texts(argument, found)),
        _ => {}
    }
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    let make = || {
        compile(&Case {
            text: "x".into(),
            adopts: false,
        })
        .0
    };
    assert_eq!(make(), make());
}

#[test]
fn every_kind_of_store_is_made_in_every_cloud() {
    let (files, out) = compile(&Case {
        text: "x".into(),
        adopts: false,
    });
    assert!(out.sorted().is_empty());
    let made = |resource: &str| {
        let line = format!("resource \"{resource}\" ");
        files.iter().any(|file| file.text.contains(&line))
    };
    for resource in [
        "aws_opensearchserverless_collection",
        "aws_msk_serverless_cluster",
        "aws_efs_file_system",
        "google_vertex_ai_index",
        "google_pubsub_topic",
        "google_filestore_instance",
        "azurerm_search_service",
        "azurerm_eventhub",
        "azurerm_storage_share",
    ] {
        assert!(made(resource), "{resource}");
    }
}

#[test]
fn no_secret_clock_or_chance() {
    let (files, _) = compile(&Case {
        text: "x".into(),
        adopts: false,
    });
    for file in files {
        for word in [
            "resource \"random_",
            "timestamp()",
            "uuid()",
            "access_key = ",
            "secret = ",
        ] {
            assert!(!file.text.contains(word), "{} has {word}", file.path);
        }
    }
}

/// `terraform fmt` is asked about every file, where it is installed.
#[test]
#[allow(clippy::disallowed_methods, reason = "a test may start the real tool")]
fn the_layout_is_terraforms() {
    if Command::new("terraform").arg("version").output().is_err() {
        println!("skipped: terraform is not installed");
        return;
    }
    for adopts in [false, true] {
        let (files, _) = compile(&Case {
            text: "a \"b\" ${x} %{if}\\\nnext".into(),
            adopts,
        });
        for file in files.iter().filter(|file| file.path.ends_with(".tf")) {
            assert_eq!(formatted(&file.text), file.text, "{}", file.path);
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "a test may start the real tool")]
fn formatted(text: &str) -> String {
    use std::io::Write;
    let mut child = Command::new("terraform")
        .args(["fmt", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{error}"));
    if let Some(mut input) = child.stdin.take() {
        input
            .write_all(text.as_bytes())
            .unwrap_or_else(|error| panic!("{error}"));
    }
    let output = child.wait_with_output().unwrap_or_else(|error| panic!("{error}"));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
