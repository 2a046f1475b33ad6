//! The comparison for a pull request.

use super::resource::Change;
use super::text::{contrasted, fared, spot, summary, word};
use super::{Comparison, PromiseChange, StepChange};

/// Tables, with the long one folded away.
pub fn markdown(comparison: &Comparison) -> String {
    if comparison.is_empty() {
        return "**No change** to placements, promises, cost or resources.\n".to_owned();
    }
    let mut text = format!("**{}**\n", escaped(&summary(comparison)));
    if let Some(cost) = &comparison.cost {
        let sign = if cost.after.0 > cost.before.0 { "+" } else { "" };
        let by = cost.after - cost.before;
        text.push_str(&format!(
            "\nCost at p50: {} → {} USD/month ({sign}{by})\n",
            cost.before, cost.after
        ));
    }
    let steps = comparison.steps.iter().map(step).collect();
    table(&mut text, ["step", "before", "after"], steps);
    let promises = comparison.promises.iter().map(promise).collect();
    table(&mut text, ["promise", "before", "after"], promises);
    let (grave, light): (Vec<&Change>, Vec<&Change>) = comparison
        .changes
        .iter()
        .partition(|change| change.action < super::Action::Update);
    let head = ["action", "resource", "because of"];
    table(&mut text, head, grave.into_iter().map(change).collect());
    if !light.is_empty() {
        let count = light.len();
        text.push_str(&format!(
            "\n<details><summary>{count} more that change, move or are made</summary>\n"
        ));
        table(&mut text, head, light.into_iter().map(change).collect());
        text.push_str("\n</details>\n");
    }
    if !comparison.files.is_empty() {
        let files = comparison.files.iter().map(|file| format!("- {}\n", code(file)));
        text.push_str(&format!("\nOther files:\n\n{}", files.collect::<String>()));
    }
    text
}

fn table(text: &mut String, head: [&str; 3], rows: Vec<[String; 3]>) {
    if rows.is_empty() {
        return;
    }
    text.push_str(&format!("\n| {} |\n|---|---|---|\n", head.join(" | ")));
    for row in rows {
        text.push_str(&format!("| {} |\n", row.join(" | ")));
    }
}

fn step(step: &StepChange) -> [String; 3] {
    [
        escaped(&format!("{}/{}", step.pipeline, step.step)),
        escaped(&spot(step.before.as_ref(), "new")),
        escaped(&spot(step.after.as_ref(), "gone")),
    ]
}

fn promise(promise: &PromiseChange) -> [String; 3] {
    let about = promise.step.as_ref().unwrap_or(&promise.pipeline);
    [
        escaped(&format!("{} ({about})", promise.what)),
        escaped(&fared(promise, promise.before.as_ref(), "new")),
        escaped(&fared(promise, promise.after.as_ref(), "gone")),
    ]
}

fn change(change: &Change) -> [String; 3] {
    let lost = if change.loses_data { " **loses data**" } else { "" };
    let because = change.arguments.iter().take(3).map(|argument| {
        let [before, after] = contrasted(argument);
        code(&format!("{}: {before} → {after}", argument.name))
    });
    [
        format!("{}{lost}", escaped(word(change.action))),
        code(&format!("{} {}", change.place, change.address)),
        because.collect::<Vec<_>>().join("<br>"),
    ]
}

/// Text in a cell, with nothing that Markdown or HTML would take for its own.
fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '@' => safe.extend(['\\', letter]),
            '\n' | '\r' => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

/// Text as code. `<code>` and not backticks: a value may hold any number of those.
fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}
