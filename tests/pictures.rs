//! The pictures of the README, drawn from what the program says. `BLESS=1` draws them again.

use std::process::Command;

use crate::blessed::{self, root};

const COLUMNS: usize = 118;
const CHARACTER: f64 = 7.22;
const LINE: usize = 18;
const TOP: usize = 58;

/// A line as it fits into the window.
fn fitted(line: &str) -> String {
    if line.chars().count() <= COLUMNS {
        return line.to_owned();
    }
    line.chars().take(COLUMNS - 1).chain(['…']).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A window of a terminal in which `command` was typed.
fn window(command: &str, said: &str) -> String {
    let lines: Vec<String> = said.trim_end().lines().map(fitted).collect();
    let (width, height) = (
        (COLUMNS as f64 * CHARACTER) as usize + 40,
        TOP + (lines.len() + 1) * LINE + 14,
    );
    let line = |(at, line): (usize, &String)| {
        let strong = if at == 0 { " class=\"strong\"" } else { "" };
        format!(
            "<text{strong} x=\"20\" y=\"{}\" xml:space=\"preserve\">{}</text>\n",
            TOP + (at + 1) * LINE,
            escaped(line)
        )
    };
    let lines: String = lines.iter().enumerate().map(line).collect();
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" aria-label="What portolan plan prints">
<style>text {{ font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d7dce2; white-space: pre }} .strong {{ font-weight: 700; fill: #fff }} .prompt {{ fill: #6cc98d }}</style>
<rect width="{width}" height="{height}" rx="8" fill="#14181d"/>
<circle cx="22" cy="20" r="5.5" fill="#4a525c"/><circle cx="40" cy="20" r="5.5" fill="#4a525c"/><circle cx="58" cy="20" r="5.5" fill="#4a525c"/>
<text x="20" y="{TOP}"><tspan class="prompt">$</tspan> {command}</text>
{lines}</svg>
"##
    )
}

#[test]
fn the_terminal_picture_is_what_the_program_prints() {
    let run = Command::new(env!("CARGO_BIN_EXE_portolan"))
        .args(["plan", "examples/cancer-risk"])
        .current_dir(root())
        .output()
        .expect("the program starts");
    let said = String::from_utf8(run.stdout).expect("the plan is text");
    assert!(said.starts_with("cancer-risk"), "{said}");
    blessed::check(
        "docs/pictures/plan.svg",
        &window("portolan plan examples/cancer-risk", &said),
    );
}
