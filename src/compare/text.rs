//! The comparison for people at a terminal.

use super::plan::Spot;
use super::resource::{Action, Argument, Change};
use super::{Comparison, PromiseChange, StepChange};

/// How many arguments of one resource are listed.
const ARGUMENTS: usize = 6;

/// How much of a value is shown, in characters.
const VALUE: usize = 60;

/// All of it, the gravest first.
pub fn text(comparison: &Comparison) -> String {
    if comparison.is_empty() {
        return "no change\n".to_owned();
    }
    let mut text = format!("{}\n", summary(comparison));
    section(&mut text, "placements", comparison.steps.iter().map(step));
    section(&mut text, "promises", comparison.promises.iter().map(promise));
    let money = comparison.cost.iter().map(|cost| {
        let sign = if cost.after.0 > cost.before.0 { "+" } else { "" };
        let by = cost.after - cost.before;
        format!("{} -> {} USD/month  {sign}{by}", cost.before, cost.after)
    });
    section(&mut text, "cost", money);
    section(&mut text, "resources", comparison.changes.iter().flat_map(change));
    section(&mut text, "other files", comparison.files.iter().cloned());
    text
}

/// `1 to replace (loses data), 2 to change, 5 to make; 1 step moves`
pub(super) fn summary(comparison: &Comparison) -> String {
    let kinds = [
        (Action::Destroy, "to destroy"),
        (Action::Replace, "to replace"),
        (Action::Forget, "to leave behind"),
        (Action::Update, "to change"),
        (Action::Move, "to rename"),
        (Action::Create, "to make"),
    ];
    let counts = kinds.map(|(action, words)| (comparison.count(action), words));
    let mut parts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    let lost = comparison
        .changes
        .iter()
        .filter(|change| change.loses_data)
        .count();
    if lost > 0 {
        parts.insert(0, format!("DATA IS LOST in {lost}"));
    }
    let moving = comparison.steps.iter().filter(|step| step.moves).count();
    match moving {
        0 => {}
        1 => parts.push("1 step moves".to_owned()),
        more => parts.push(format!("{more} steps move")),
    }
    if parts.is_empty() {
        parts.push("no resource changes".to_owned());
    }
    parts.join(", ")
}

fn section(text: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        text.push_str(&format!("\n{title}\n"));
    }
    for line in lines {
        text.push_str(&format!("  {line}\n"));
    }
}

pub(super) fn spot(spot: Option<&Spot>, absent: &str) -> String {
    spot.map_or(absent.to_owned(), |spot| {
        format!("{} on {} x {}", spot.site, spot.machines, spot.pool)
    })
}

fn step(step: &StepChange) -> String {
    format!(
        "{}/{}  {} -> {}",
        step.pipeline,
        step.step,
        spot(step.before.as_ref(), "(new)"),
        spot(step.after.as_ref(), "(gone)"),
    )
}

/// `kept: 389.45 at p95`, `BROKEN: …`
pub(super) fn fared(promise: &PromiseChange, side: Option<&(String, bool)>, absent: &str) -> String {
    let Some((result, holds)) = side else {
        return absent.to_owned();
    };
    match (holds, promise.required) {
        (true, _) => result.clone(),
        (false, true) => format!("BROKEN: {result}"),
        (false, false) => format!("not kept: {result}"),
    }
}

fn promise(promise: &PromiseChange) -> String {
    format!(
        "{} ({})  {} -> {}",
        promise.what,
        promise.step.as_ref().unwrap_or(&promise.pipeline),
        fared(promise, promise.before.as_ref(), "(new)"),
        fared(promise, promise.after.as_ref(), "(gone)"),
    )
}

/// The word and the sign of what is done.
pub(super) fn word(action: Action) -> &'static str {
    match action {
        Action::Destroy => "- destroy",
        Action::Replace => "± replace",
        Action::Forget => "· leave",
        Action::Update => "~ change",
        Action::Move => "> rename",
        Action::Create => "+ make",
    }
}

fn change(change: &Change) -> Vec<String> {
    let lost = if change.loses_data { "  LOSES DATA" } else { "" };
    let from = change.from.as_ref().map(|from| format!(" (was {from})"));
    let mut lines = vec![format!(
        "{:<9}  {}  {}{}{lost}",
        word(change.action),
        change.place,
        change.address,
        from.unwrap_or_default(),
    )];
    lines.extend(change.arguments.iter().take(ARGUMENTS).map(argument));
    let more = change.arguments.len().saturating_sub(ARGUMENTS);
    if more > 0 {
        lines.push(format!("             and {more} more"));
    }
    lines
}

fn argument(argument: &Argument) -> String {
    let forces = if argument.forces { "  forces it" } else { "" };
    let [before, after] = contrasted(argument);
    format!("             {}: {before} -> {after}{forces}", argument.name)
}

/// Both values, cut to where they begin to differ.
pub(super) fn contrasted(argument: &Argument) -> [String; 2] {
    let line = |value: &Option<String>| match value {
        Some(value) => value.split_whitespace().collect::<Vec<_>>().join(" "),
        None => "(none)".to_owned(),
    };
    let values = [line(&argument.before), line(&argument.after)];
    let [before, after] = &values;
    let same = before
        .chars()
        .zip(after.chars())
        .take_while(|(before, after)| before == after)
        .count();
    let start = same.saturating_sub(VALUE / 4);
    values.map(|value| shortened(&value, start))
}

/// So much of a line, from `start` or from its beginning if all that matters is there.
fn shortened(line: &str, start: usize) -> String {
    let start = if start < VALUE / 2 { 0 } else { start };
    let cut: String = line.chars().skip(start).take(VALUE).collect();
    let head = if start > 0 { "…" } else { "" };
    let tail = if line.chars().count() > start + VALUE {
        "…"
    } else {
        ""
    };
    format!("{head}{cut}{tail}")
}
