//! `portolan profile`: what each step is predicted to need, why, and what would tell more.

use clap::{Args, ValueEnum};

use super::report::{exit_for, report};
use super::session::{Session, SessionOptions};
use super::{Outcome, load, table, usage};
use crate::catalog::Catalog;
use crate::diag::{Diagnostics, suggest};
use crate::graph::Step;
use crate::profile::evidence::{self, Quantity};
use crate::profile::{Profile, ProfiledGraph};
use crate::{Input, render, write};

/// Show what each step is predicted to need, and why
#[derive(Args, Debug)]
pub struct Options {
    /// Only this step (`train`, `churn/train`)
    #[arg(long, value_name = "STEP")]
    step: Option<String>,
    /// Also show what each figure rests on and what would narrow it
    #[arg(long)]
    explain: bool,
    /// Learn anew from portolan.history and pin the result in portolan.lock
    #[arg(long, conflicts_with = "locked")]
    update: bool,
    /// Learn nothing anew: only what portolan.lock pins
    #[arg(long)]
    locked: bool,
    /// For people or for programs
    #[arg(long = "as", value_enum, default_value = "table")]
    form: As,
    #[command(flatten)]
    session: SessionOptions,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum As {
    /// For people.
    Table,
    /// For programs: sizes in bytes, times in seconds.
    Json,
}

/// Predicts and prints.
pub fn run(options: &Options) -> Outcome {
    let mut session = match Session::open(&options.session) {
        Ok(session) => session,
        Err(why) => return usage(&why),
    };
    if options.update && session.lock.is_none() {
        return usage(&format!("{}: no such file; compile first", session.lock_path));
    }
    let mut lock = session.lock.clone().filter(|_| options.update);
    let mut found = Diagnostics::new();
    let input = Input {
        files: &load::Disk,
        platform: options.session.platform.as_deref(),
        lock: session.lock.as_ref().filter(|_| !options.update),
        history: session.history.as_ref().filter(|_| !options.locked),
        limits: &session.limits,
    };
    let made = crate::profile(&mut session.sources, input, &mut found, |profiled, catalog| {
        if let Some(lock) = &mut lock {
            lock.learn(profiled);
        }
        text(profiled, catalog, options)
    });
    let outcome = exit_for(&found, &options.session.report);
    let failed = report(found, &session.sources, &options.session.report);
    let Some(text) = made.filter(|_| !failed) else {
        return outcome;
    };
    if let Some(lock) = lock
        && let Err(error) = write::replace(&session.lock_path, lock.text())
    {
        return usage(&error.to_string());
    }
    match text {
        Ok(text) => super::print(&text),
        Err(why) => usage(&why),
    }
}

fn key(profiled: &ProfiledGraph<'_>, profile: &Profile) -> String {
    let step = &profiled.graph[profile.step];
    format!("{}/{}", profiled.graph[step.pipeline].name.value, step.name.value)
}

/// The chosen steps in the chosen form.
fn text(profiled: &ProfiledGraph<'_>, catalog: &Catalog, options: &Options) -> Result<String, String> {
    let wanted = |step: &Step, key: &str| {
        options
            .step
            .as_ref()
            .is_none_or(|name| *name == step.name.value || *name == key)
    };
    let chosen: Vec<(String, Vec<Quantity>)> = profiled
        .steps
        .iter()
        .map(|profile| (key(profiled, profile), profile))
        .filter(|(key, profile)| wanted(&profiled.graph[profile.step], key))
        .map(|(key, profile)| (key, evidence::of(profile, catalog)))
        .collect();
    if chosen.is_empty()
        && let Some(name) = &options.step
    {
        let names = profiled.graph.steps.iter().map(|step| step.name.value.as_str());
        let near = suggest::did_you_mean(name, names).map(|near| format!("; {near}"));
        return Err(format!("there is no step `{name}`{}", near.unwrap_or_default()));
    }
    Ok(match (options.form, options.explain) {
        (As::Json, _) => render::json(&chosen.into_iter().collect::<std::collections::BTreeMap<_, _>>()),
        (As::Table, true) => chosen.iter().map(explained).collect::<Vec<_>>().join("\n"),
        (As::Table, false) => overview(&chosen),
    })
}

/// One line a step: p50 and p95 of each quantity.
fn overview(chosen: &[(String, Vec<Quantity>)]) -> String {
    let mut rows = vec![
        [
            "step",
            "cores",
            "memory",
            "accelerators",
            "disk",
            "run time",
            "peak load",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    let titles = rows.first().cloned().unwrap_or_default();
    for (step, quantities) in chosen {
        let cell = |title: &String| {
            let quantity = quantities.iter().find(|quantity| quantity.name == title);
            quantity.map_or_else(|| "-".to_owned(), Quantity::short)
        };
        rows.push(
            std::iter::once(step.clone())
                .chain(titles.iter().skip(1).map(cell))
                .collect(),
        );
    }
    format!(
        "{}\n  p50 - p95; h: from past runs, s: from similar steps, d: declared, ?: a default; the rest from formulas\n",
        table::columns(&rows, &[])
    )
}

fn explained((step, quantities): &(String, Vec<Quantity>)) -> String {
    let mut text = format!("{step}\n\n");
    for quantity in quantities {
        text.push_str(&format!("  {:<13} {}\n", quantity.name, quantity.value()));
        text.push_str(&format!("  {:<13}   because  {}\n", "", quantity.evidence));
        if let Some(narrows) = &quantity.narrows {
            text.push_str(&format!("  {:<13}   narrower {narrows}\n", ""));
        }
    }
    text
}
