//! `portolan plan --without …`: what would become of the plan if something were different.

use clap::Args;

use super::Outcome;
use super::report::{Format, exit_for, report};
use super::session::{Session, SessionOptions};
use super::table::columns;
use crate::diag::Diagnostics;
use crate::place::change::Asked;
use crate::place::{Difference, PromiseDifference, Spot, StepDifference};
use crate::quantity::{MicroUsd, Percent, Quantity, QuantityType, parse};
use crate::render;

/// What is taken to be different.
#[derive(Args, Clone, Debug)]
pub struct Suppositions {
    /// Plan as if these offers were gone: a cloud, site, machine, pricing or node group, several joined by `/`, `*` for
    /// any text (`aws.us-east-1`, `gcp`, `p5.*`, `aws.*/spot`); may be repeated
    #[arg(long, value_name = "OFFERS")]
    without: Vec<String>,
    /// Plan with other prices: `aws.*=+20%`, `aws.us-east-1/spot=2x`, `p5.48xlarge=60 USD/hour`; may be repeated
    #[arg(long, value_name = "OFFERS=CHANGE")]
    price: Vec<String>,
    /// Plan with another quota: `aws.us-east-1 gpu=H100 gpus=24`; may be repeated
    #[arg(long, value_name = "QUOTA")]
    quota: Vec<String>,
    /// How much worse than the best a plan with fewer moves may be
    #[arg(long, value_name = "PERCENT", value_parser = tolerance)]
    tolerance: Option<f64>,
}

fn tolerance(text: &str) -> Result<f64, String> {
    match parse(QuantityType::Percent, text) {
        Ok(Quantity::Percent(Percent(share))) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("it is a percentage between `0%` and `100%`".to_owned()),
    }
}

impl Suppositions {
    /// True if everything is as it is.
    pub fn is_empty(&self) -> bool {
        self.asked().is_empty()
    }

    fn asked(&self) -> Asked<'_> {
        Asked {
            without: &self.without,
            price: &self.price,
            quota: &self.quota,
        }
    }
}

/// Plans twice and prints the difference.
pub fn run(options: &SessionOptions, suppositions: &Suppositions) -> Outcome {
    let mut session = match Session::open(options) {
        Ok(session) => session,
        Err(why) => return super::usage(&why),
    };
    if let Some(tolerance) = suppositions.tolerance {
        session.limits.tolerance = tolerance;
    }
    let mut found = Diagnostics::new();
    let (sources, input) = session.parts();
    let difference = crate::what_if(sources, input, &suppositions.asked(), &mut found);
    let outcome = exit_for(&found, &options.report);
    let failed = report(found, &session.sources, &options.report);
    match difference {
        Some(Err(why)) => super::usage(&why),
        Some(Ok(difference)) if !failed => super::print(&if options.report.format == Format::Json {
            render::json(&difference)
        } else {
            table(&difference, session.lock.is_some())
        }),
        Some(Ok(_)) | None => outcome,
    }
}

/// The difference for people.
fn table(difference: &Difference, locked: bool) -> String {
    let mut text = titled("what if", &difference.changes);
    text.push('\n');
    text.push_str(&moves(&difference.steps));
    text.push('\n');
    let mut rows = promises(&difference.promises);
    rows.extend(money(difference));
    text.push_str(&columns(&rows, &[]));
    text.push('\n');
    text.push_str(&titled("moves", &stability(difference, locked)));
    text.push_str(&titled("note", &difference.notes));
    text
}

/// Lines with a title before the first.
fn titled(title: &str, lines: &[String]) -> String {
    let title = |at: usize| if at == 0 { title } else { "" }.to_owned();
    let lines = lines.iter().enumerate();
    let rows: Vec<Vec<String>> = lines.map(|(at, line)| vec![title(at), line.clone()]).collect();
    columns(&rows, &[])
}

fn moves(steps: &[StepDifference]) -> String {
    let different = |step: &&StepDifference| step.moves || step.before.machines != step.after.machines;
    let moved: Vec<&StepDifference> = steps.iter().filter(different).collect();
    let several = steps
        .iter()
        .any(|step| Some(&step.pipeline) != steps.first().map(|one| &one.pipeline));
    let name = |step: &StepDifference| match several {
        true => format!("{}/{}", step.pipeline, step.step),
        false => step.step.clone(),
    };
    let mut text = String::new();
    if !moved.is_empty() {
        let head = ["step", "now", "then", "USD/month", ""].map(str::to_owned);
        let mut rows = vec![head.to_vec()];
        rows.extend(moved.iter().map(|step| {
            let (before, after) = (&step.before, &step.after);
            vec![
                name(step),
                spot(before),
                spot(after),
                format!("{} -> {}", before.monthly, after.monthly),
                change(before.monthly, after.monthly),
            ]
        }));
        text.push_str(&columns(&rows, &[]));
    }
    let staying: Vec<String> = steps.iter().filter(|step| !different(step)).map(name).collect();
    match (staying.len(), steps.len()) {
        (0, _) => {}
        (some, all) if some == all => text.push_str("  every step stays where it is\n"),
        (1, _) => text.push_str(&format!("  {} stays where it is\n", staying.join(", "))),
        (_, _) => text.push_str(&format!("  {} stay where they are\n", staying.join(", "))),
    }
    text
}

fn spot(spot: &Spot) -> String {
    let pricing = super::table::pricing(spot.pricing);
    format!("{}  {} x {}{pricing}", spot.site, spot.machines, spot.machine)
}

/// `+31.20`, `-5.00`, or nothing.
fn change(before: MicroUsd, after: MicroUsd) -> String {
    let by = after - before;
    match by.0 {
        0 => String::new(),
        more if more > 0 => format!("+{by}"),
        _ => by.to_string(),
    }
}

fn promises(promises: &[PromiseDifference]) -> Vec<Vec<String>> {
    let verdict = |(result, holds): &(String, bool), required: bool| match (holds, required) {
        (true, _) => result.clone(),
        (false, true) => format!("BROKEN: {result}"),
        (false, false) => format!("not kept: {result}"),
    };
    let row = |(at, promise): (usize, &PromiseDifference)| {
        let about = promise.step.as_ref().unwrap_or(&promise.pipeline);
        let before = verdict(&promise.before, promise.required);
        let after = verdict(&promise.after, promise.required);
        vec![
            if at == 0 { "promises" } else { "" }.to_owned(),
            format!("{} ({about})", promise.what),
            if before == after {
                before
            } else {
                format!("{before}  ->  {after}")
            },
        ]
    };
    promises.iter().enumerate().map(row).collect()
}

fn money(difference: &Difference) -> Vec<Vec<String>> {
    let [before, after] = &difference.cost;
    let parts = [
        ("machines", before.machines, after.machines),
        ("clusters, NAT", before.standing, after.standing),
        ("storage", before.storage, after.storage),
        ("transfer", before.transfer, after.transfer),
        ("in all", before.total, after.total),
    ];
    let row = |(at, (name, before, after)): (usize, (&str, MicroUsd, MicroUsd))| {
        let by = change(before, after);
        let figures = if by.is_empty() {
            format!("{before} USD/month")
        } else {
            format!("{before} -> {after} USD/month  {by}")
        };
        let title = if at == 0 { "cost" } else { "" };
        vec![title.to_owned(), name.to_owned(), figures]
    };
    parts.into_iter().enumerate().map(row).collect()
}

/// What few moves cost.
fn stability(difference: &Difference, locked: bool) -> Vec<String> {
    let stability = &difference.stability;
    let count = |n: usize| {
        if n == 1 {
            "1 step moves".to_owned()
        } else {
            format!("{n} steps move")
        }
    };
    let from = if locked {
        "from the lock"
    } else {
        "from the plan as things are"
    };
    let few = format!(
        "{} {from}: the fewest among plans within {} of the best",
        count(stability.moves),
        Percent(stability.tolerance)
    );
    let mut lines = vec![few];
    if stability.moves_of_best > stability.moves {
        let after = difference.cost[1].total;
        let best = format!(
            "if moves did not count, {} and it costs {} USD/month ({})",
            count(stability.moves_of_best),
            stability.cost_of_best,
            change(after, stability.cost_of_best),
        );
        lines.push(best);
    }
    lines
}
