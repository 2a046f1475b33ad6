//! `portolan history evaluate` on the project's own history.

use std::path::PathBuf;

use camino::Utf8Path;
use clap::{Args, ValueEnum};

use crate::cli::report::ReportOptions;
use crate::cli::{Outcome, print, table, usage};
use crate::history::evaluate::{self, Evaluation, Rule, Score};
use crate::{render, write};

/// How the project's own history is evaluated.
#[derive(Args, Debug)]
#[group(id = "own")]
pub struct Options {
    /// The project's folder, or a file of it
    #[arg(default_value = ".")]
    path: PathBuf,
    /// For people or for programs
    #[arg(long = "as", value_enum, default_value = "table")]
    form: As,
    #[command(flatten)]
    report: ReportOptions,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum As {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// Replays and prints; with `out`, writes the report too.
pub fn run(options: &Options, out: Option<&Utf8Path>) -> Outcome {
    let path = super::file_beside(&options.path);
    let opened = match super::existing(&path, &options.report) {
        Ok(opened) => opened,
        Err(why) => return usage(&why),
    };
    let evaluation = evaluate::replay(&opened.records);
    if let Some(out) = out
        && let Err(error) = write::replace(out, evaluate::page::html(&evaluation))
    {
        return usage(&error.to_string());
    }
    match options.form {
        As::Json => print(&render::json(&evaluation)),
        As::Table => print(&text(&evaluation)),
    }
}

fn text(evaluation: &Evaluation) -> String {
    if evaluation.judged == 0 {
        return "too few runs with a memory peak and a run time: a step needs two to be judged\n".to_owned();
    }
    let head = ["memory by", "wasted GBh", "of used", "too little", "median error"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let best = evaluation
        .memory
        .iter()
        .map(|(_, score)| score.waste)
        .fold(f64::INFINITY, f64::min);
    for (rule, score) in &evaluation.memory {
        let mark = if score.waste <= best { " *" } else { "" };
        rows.push(row(*rule, score, evaluation.used, mark));
    }
    let time = &evaluation.run_time;
    format!(
        "{}\n  {} runs of {} steps judged, each predicted from those that ended before; * wastes least\n  run time: median error {:.1} %, {:.1} % ran longer than their p95\n",
        table::columns(&rows, &[1, 2, 3, 4]),
        evaluation.judged,
        evaluation.steps.len(),
        time.error * 100.0,
        time.under * 100.0,
    )
}

fn row(rule: Rule, score: &Score, used: f64, mark: &str) -> Vec<String> {
    vec![
        format!("{}{mark}", rule.title()),
        format!("{:.2}", score.waste),
        format!("{:.0} %", score.waste / used.max(f64::MIN_POSITIVE) * 100.0),
        format!("{:.1} %", score.under * 100.0),
        format!("{:.1} %", score.error * 100.0),
    ]
}
