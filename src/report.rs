//! Plan -> what people read of it: one page (`plan.html`) and a summary for pull requests (`PLAN.md`). A diagnosis has a page of
//! the same make.
//!
//! Everything on them is in the plan already; nothing is solved again. The page is one file that needs no network: its
//! style, script and pictures are in it, and a policy in its head forbids everything else.

mod attention;
mod cost;
mod dag;
pub mod diagnosis;
mod layout;
mod map;
mod needs;
mod pipeline;
mod promise;
mod site;
mod span;
mod step;
mod timeline;
mod view;

use askama::Template;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

use crate::catalog::Catalog;
use crate::lower::Artifact;
use crate::place::Plan;
use view::Report;

/// Its path in the output folder.
pub const PAGE: &str = "plan.html";
/// Its path in the output folder.
pub const SUMMARY: &str = "PLAN.md";

const STYLE: &str = include_str!("../targets/report/style.css");
const SCRIPT: &str = include_str!("../targets/report/script.js");
/// Natural Earth's land at 1:110 million (public domain), simplified to 0.35 degrees; in quarters of a degree, south is down.
const LAND: &str = include_str!("../targets/report/land.txt");

/// What the page has besides the report: text of ours that is printed as it is.
#[derive(Template)]
#[template(path = "page.html")]
struct Page<'p> {
    report: &'p Report,
    style: &'static str,
    script: &'static str,
    land: &'static str,
    style_hash: String,
    script_hash: String,
}

#[derive(Template)]
#[template(path = "summary.md", whitespace = "preserve")]
struct Summary<'p> {
    report: &'p Report,
}

/// Both files of a plan.
pub fn files(plan: &Plan<'_>, catalog: &Catalog) -> [Artifact; 2] {
    let report = view::report(plan, catalog);
    let origin = format!("platform {}", report.platform);
    [
        Artifact::new(SUMMARY, write_summary(&report), origin.clone()),
        Artifact::new(PAGE, write_page(&report), origin),
    ]
}

/// The page: HTML that is also well-formed XML.
pub fn page(plan: &Plan<'_>, catalog: &Catalog) -> String {
    write_page(&view::report(plan, catalog))
}

/// The summary: Markdown as GitHub and GitLab show it, with a Mermaid diagram if the plan is small enough for one.
pub fn summary(plan: &Plan<'_>, catalog: &Catalog) -> String {
    write_summary(&view::report(plan, catalog))
}

fn write_page(report: &Report) -> String {
    write(&Page {
        report,
        style: STYLE,
        script: SCRIPT,
        land: LAND,
        style_hash: hash(STYLE),
        script_hash: hash(SCRIPT),
    })
}

/// As the policy in a page's head names its own texts.
fn hash(text: &str) -> String {
    BASE64_STANDARD.encode(Sha256::digest(text))
}

fn write_summary(report: &Report) -> String {
    write(&Summary { report })
}

fn write(template: &impl Template) -> String {
    let text = template.render();
    text.unwrap_or_else(|error| unreachable!("a text can always be written to: {error}")) + "\n"
}
