//! The report: a page that reads as what it says, whole in one file, and a summary that says the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use roxmltree::{Document, Node, ParsingOptions};
use sha2::{Digest as _, Sha256};

use crate::blessed::root;
use crate::compiled::{Texts, compile};
use crate::examples;

/// The page as XML, which its HTML is too.
pub fn parsed(page: &str) -> Result<Document<'_>, roxmltree::Error> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(page, options)
}

/// Pages and summaries of the examples and of larger pipelines, by name.
fn reports() -> Vec<(String, String, String)> {
    let examples = examples::all().into_iter().map(|example| {
        let files = example.decide().artifacts;
        let text = |path: &str| {
            let found = files.iter().find(|file| file.path == path);
            found.expect("a report is written").text.clone()
        };
        (example.name, text("plan.html"), text("PLAN.md"))
    });
    let larger = [5, 150].map(|steps| {
        let texts = Texts::from([("all.kdl".to_owned(), layered(steps))]);
        let files = compile(&texts, &["all.kdl"], None).texts();
        (
            format!("{steps} steps"),
            files["plan.html"].clone(),
            files["PLAN.md"].clone(),
        )
    });
    examples.chain(larger).collect()
}

/// Layers of ten steps, each of which reads two of the layer before.
fn layered(steps: usize) -> String {
    let mut text = String::from(
        "platform p {\n cluster lab context=lab jurisdiction=de {\n  nodes cpu count=500 cores=64 memory=\"512GiB\" price=\"0.35 USD/hour\"\n  bucket \"s3://b/runs\"\n  registry \"r.example\"\n }\n}\npipeline layered {\n owner o\n schedule \"0 2 * * *\" timezone=UTC\n data raw {\n  at lab uri=\"s3://b/raw\"\n  size \"1GiB\"\n }\n",
    );
    for index in 0..steps {
        let _ = write!(
            text,
            " step s{index} kind=etl {{\n  image \"r.example/etl:1\"\n  writes d{index} size=\"1GiB\"\n"
        );
        let before = |offset: usize| (index / 10 - 1) * 10 + (index * 3 + offset) % 10;
        match index / 10 {
            0 => text.push_str("  reads raw\n }\n"),
            _ => {
                let _ = write!(text, "  reads d{}\n  reads d{}\n }}\n", before(0), before(1));
            }
        }
    }
    text + "}\n"
}

fn elements<'a>(page: &'a Document<'a>, tag: &'static str) -> impl Iterator<Item = Node<'a, 'a>> {
    page.descendants()
        .filter(move |node| node.tag_name().name() == tag)
}

fn text(node: Node<'_, '_>) -> String {
    node.descendants()
        .filter_map(|inner| inner.text().filter(|_| inner.is_text()))
        .collect()
}

fn has_class(node: Node<'_, '_>, class: &str) -> bool {
    node.attribute("class")
        .is_some_and(|classes| classes.split(' ').any(|own| own == class))
}

#[test]
fn a_page_needs_nothing_but_itself() {
    for (name, page, _) in reports() {
        let page = parsed(&page).unwrap_or_else(|error| panic!("{name}: {error}"));
        for node in page.descendants() {
            assert!(
                !["img", "iframe", "object", "base", "form"].contains(&node.tag_name().name()),
                "{name}"
            );
            for attribute in node.attributes() {
                let (key, value) = (attribute.name(), attribute.value());
                assert!(
                    !key.starts_with("on") && key != "style",
                    "{name}: {key} is forbidden by its policy"
                );
                if ["href", "src", "action"].contains(&key) {
                    assert!(value.starts_with('#') || value == "data:,", "{name}: {value}");
                }
            }
        }
        let policy = elements(&page, "meta")
            .find_map(|meta| meta.attribute("http-equiv").and(meta.attribute("content")));
        let policy = policy.expect("a policy");
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        for tag in ["style", "script"] {
            let own = elements(&page, tag).map(text).collect::<Vec<_>>();
            let [own] = own.as_slice() else {
                panic!("{name} has {} of {tag}", own.len())
            };
            assert!(
                !own.contains("url(h") && !own.contains("@import") && !own.contains("fetch("),
                "{tag}"
            );
            let hash = BASE64_STANDARD.encode(Sha256::digest(own));
            assert!(
                policy.contains(&format!("{tag}-src 'sha256-{hash}'")),
                "{name}: {tag} is not allowed to act"
            );
        }
    }
}

#[test]
fn every_step_is_drawn_and_told() {
    for (name, page, summary) in reports() {
        let page = parsed(&page).unwrap_or_else(|error| panic!("{name}: {error}"));
        let rows = elements(&page, "tr").filter_map(|row| Some((row.attribute("id")?, row)));
        let rows: BTreeMap<&str, Node<'_, '_>> = rows.collect();
        let drawn = elements(&page, "a").filter(|node| has_class(*node, "node"));
        let drawn: BTreeSet<&str> = drawn.filter_map(|node| node.attribute("data-step")).collect();
        assert_eq!(drawn, rows.keys().copied().collect(), "{name}");
        assert!(!rows.is_empty(), "{name}");
        for row in rows.values() {
            let step = row.children().next().map(text).expect("a step has a name");
            let step = step.split(' ').next().unwrap_or_default();
            assert!(
                summary.contains(&format!("\n| {step}")),
                "{step} is not in the summary of {name}"
            );
        }
    }
}

#[test]
fn links_lead_somewhere_and_headings_are_in_order() {
    for (name, page, _) in reports() {
        let page = parsed(&page).unwrap_or_else(|error| panic!("{name}: {error}"));
        let ids: Vec<&str> = page
            .descendants()
            .filter_map(|node| node.attribute("id"))
            .collect();
        let known: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(known.len(), ids.len(), "{name}: an id is given twice");
        for link in page.descendants().filter_map(|node| node.attribute("href")) {
            let target = link.strip_prefix('#');
            assert!(
                target.is_none_or(|target| known.contains(target)),
                "{name}: {link}"
            );
        }
        let levels = page
            .descendants()
            .filter_map(|node| match node.tag_name().name() {
                "h1" => Some(1),
                "h2" => Some(2),
                "h3" => Some(3),
                _ => None,
            });
        let mut before = 0;
        for level in levels {
            assert!(level <= before + 1, "{name}: a heading skips a level");
            before = level;
        }
        for picture in elements(&page, "svg").filter(|node| node.attribute("aria-hidden").is_none()) {
            assert!(
                picture.attribute("aria-label").is_some(),
                "{name}: a picture without words"
            );
        }
    }
}

#[test]
fn boxes_of_a_picture_do_not_overlap() {
    for (name, page, _) in reports() {
        let page = parsed(&page).unwrap_or_else(|error| panic!("{name}: {error}"));
        // A page has a picture for each pipeline, and each has its own places.
        for picture in elements(&page, "svg") {
            apart(&name, picture);
        }
    }
}

fn apart(name: &str, picture: roxmltree::Node<'_, '_>) {
    let nodes = picture.descendants().filter(|node| has_class(*node, "node"));
    let places = nodes.filter_map(|node| node.attribute("transform"));
    let boxes: Vec<(f64, f64)> = places
        .map(|place| {
            let numbers = place.trim_start_matches("translate(").trim_end_matches(')');
            let (x, y) = numbers.split_once(' ').expect("two numbers");
            (x.parse().expect("a number"), y.parse().expect("a number"))
        })
        .collect();
    for (at, a) in boxes.iter().enumerate() {
        let apart = |b: &(f64, f64)| (a.0 - b.0).abs() >= 200.0 || (a.1 - b.1).abs() >= 70.0;
        assert!(boxes.iter().take(at).all(apart), "{name}: {boxes:?}");
    }
}

/// Relative luminance of `#rrggbb`: WCAG 2.2.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour")) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

#[test]
fn words_stand_out_by_day_and_by_night() {
    let style = std::fs::read_to_string(root().join("targets/report/style.css")).expect("the style");
    let schemes = style.split(":root {").skip(1).take(2);
    let mut checked = 0;
    for scheme in schemes {
        let scheme = scheme.split('}').next().unwrap_or_default();
        let colours: BTreeMap<&str, &str> = scheme
            .split(';')
            .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": "))
            .filter(|(_, value)| value.starts_with('#'))
            .collect();
        for word in ["ink", "quiet", "link", "good", "bad", "look"] {
            for ground in ["paper", "wash"] {
                let (a, b) = (luminance(colours[word]), luminance(colours[ground]));
                let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(contrast >= 4.5, "{word} on {ground}: {contrast:.2}");
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 24);
}

#[test]
fn plan_writes_what_compile_writes() {
    let example = &examples::all()[0];
    let folder = std::env::temp_dir().join(format!("portolan-report-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let plan = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
        command
            .arg("plan")
            .arg(root().join("examples").join(&example.name))
            .args(arguments);
        command.current_dir(&folder).output().expect("the program starts")
    };
    let written = plan(&["--html", "plan.html", "--markdown", "-"]);
    let page = std::fs::read_to_string(folder.join("plan.html")).expect("the page is written");
    let refused = plan(&["--html", "plan.html", "--without", "aws"]).status.code();
    let _ = std::fs::remove_dir_all(&folder);
    let known = |path: &str| {
        let path = root().join("snapshots").join(&example.name).join(path);
        std::fs::read_to_string(path).expect("a snapshot")
    };
    assert_eq!(page, known("plan.html"));
    assert_eq!(String::from_utf8_lossy(&written.stdout), known("PLAN.md"));
    assert_eq!(refused, Some(2));
}
