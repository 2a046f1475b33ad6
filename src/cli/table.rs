//! The plan as a table for people.

use crate::catalog::Pricing;
use crate::graph::model::{PipelineId, Step};
use crate::place::{Assignment, Plan, PoolId};
use crate::quantity::MicroUsd;

/// All pipelines of a plan.
pub fn plan(plan: &Plan<'_>) -> String {
    let graph = plan.profiled.graph;
    let mut text = String::new();
    for (index, pipeline) in graph.pipelines.iter().enumerate() {
        let id = PipelineId(index as u32);
        let own = plan
            .cost
            .by_pipeline
            .iter()
            .find(|(of, _)| *of == id)
            .map_or(plan.cost.total, |(_, cost)| *cost);
        let mut sites: Vec<_> = pipeline.steps.iter().map(|step| plan[*step].site).collect();
        sites.sort();
        sites.dedup();
        text.push_str(&format!(
            "{}  {} on {}   {own} USD/month\n\n",
            pipeline.name.value,
            counted(pipeline.steps.len(), "step"),
            counted(sites.len(), "site"),
        ));
        text.push_str(&steps(plan, id));
        text.push('\n');
    }
    text.push_str(&summary(plan));
    text
}

fn counted(n: usize, what: &str) -> String {
    if n == 1 {
        format!("1 {what}")
    } else {
        format!("{n} {what}s")
    }
}

fn steps(plan: &Plan<'_>, pipeline: PipelineId) -> String {
    let graph = plan.profiled.graph;
    let head = [
        "step",
        "where",
        "on",
        "needs at p95",
        "runs",
        "USD/month",
        "because",
    ]
    .map(str::to_owned);
    let mut rows = vec![head.to_vec()];
    let mut seen: Vec<PoolId> = Vec::new();
    for id in &graph[pipeline].steps {
        let (step, assignment) = (&graph[*id], &plan[*id]);
        let shared = seen.contains(&assignment.pool);
        seen.push(assignment.pool);
        rows.push(vec![
            step.name.value.clone(),
            plan[assignment.site].name.clone(),
            machines(plan, assignment, shared),
            needs(plan, step),
            if step.kind.always_on() {
                "always".to_owned()
            } else {
                assignment.duration_p95.to_string()
            },
            assignment.monthly.to_string(),
            assignment.because.clone(),
        ]);
    }
    columns(&rows, &[5])
}

fn machines(plan: &Plan<'_>, assignment: &Assignment, shared: bool) -> String {
    let pool = &plan[assignment.pool];
    let pricing = pricing(pool.pricing);
    let also = if shared { " (shared)" } else { "" };
    format!("{} x {}{pricing}{also}", assignment.machines, pool.machine)
}

/// How machines are bought, behind their type; what is usual goes without saying.
pub fn pricing(pricing: Pricing) -> &'static str {
    match pricing {
        Pricing::OnDemand => "",
        Pricing::Spot => " spot",
        Pricing::Reserved => " reserved",
    }
}

fn needs(plan: &Plan<'_>, step: &Step) -> String {
    let profile = &plan.profiled[step.id];
    let gpus = profile.accelerators.as_ref().map(|need| {
        let model = need.model.as_deref().unwrap_or("GPU");
        format!(" {} {model}", need.count.p95)
    });
    let times = match (profile.parallel, profile.nodes) {
        (1, 1) => String::new(),
        (1, nodes) => format!(" x {nodes} nodes"),
        (parallel, _) => format!(" x {parallel}"),
    };
    format!(
        "{} cores {}{}{times}",
        profile.cores.p95,
        profile.memory.p95,
        gpus.unwrap_or_default()
    )
}

fn summary(plan: &Plan<'_>) -> String {
    let graph = plan.profiled.graph;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut section = |name: &str, lines: Vec<Vec<String>>| {
        for (index, line) in lines.into_iter().enumerate() {
            let title = if index == 0 {
                name.to_owned()
            } else {
                String::new()
            };
            rows.push([vec![title], line].concat());
        }
    };
    let moves = plan
        .moves
        .iter()
        .filter(|moved| moved.from != moved.to)
        .map(|moved| {
            let way = format!("{} -> {}", plan[moved.from].name, plan[moved.to].name);
            let data = &graph[moved.data].name.value;
            vec![
                data.clone(),
                format!(
                    "{}  {way}  {}  {} USD/month",
                    moved.size, moved.time, moved.monthly
                ),
            ]
        });
    section("moves", moves.collect());
    let promises = plan.promises.iter().map(|outcome| {
        let about = outcome
            .step
            .map(|step| graph[step].name.value.as_str())
            .unwrap_or(&graph[outcome.pipeline].name.value);
        let mark = match (outcome.holds, outcome.required) {
            (true, _) => "",
            (false, true) => "BROKEN: ",
            (false, false) => "not kept: ",
        };
        vec![
            format!("{} ({about})", outcome.what),
            format!("{mark}{}", outcome.result),
        ]
    });
    section("promises", promises.collect());
    let cost = &plan.cost;
    let part = |name: &str, money: MicroUsd| vec![name.to_owned(), format!("{money} USD/month")];
    section(
        "cost",
        vec![
            part("machines", cost.machines),
            part("clusters, NAT", cost.standing),
            part("storage", cost.storage),
            part("transfer", cost.transfer),
            vec![
                "in all".to_owned(),
                format!("{} USD/month (p95 {})", cost.total, cost.total_p95),
            ],
        ],
    );
    if cost.shared > MicroUsd::ZERO {
        section(
            "sharing",
            vec![vec![
                "pools".to_owned(),
                format!("saves {} USD/month", cost.shared),
            ]],
        );
    }
    let solution = &plan.solution;
    let proof = if solution.optimal {
        "proven optimal".to_owned()
    } else {
        format!("within {:.2} % of the best", solution.gap * 100.0)
    };
    section("solution", vec![vec![proof, solution.method.clone()]]);
    columns(&rows, &[])
}

/// Rows with aligned columns, two spaces apart and two from the left; `right` columns are aligned at the right.
pub fn columns(rows: &[Vec<String>], right: &[usize]) -> String {
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(index, (cell, width))| {
            if right.contains(&index) {
                format!("{cell:>width$}")
            } else {
                format!("{cell:<width$}")
            }
        });
        format!("  {}", cells.collect::<Vec<_>>().join("  "))
            .trim_end()
            .to_owned()
            + "\n"
    };
    rows.iter().map(line).collect()
}
