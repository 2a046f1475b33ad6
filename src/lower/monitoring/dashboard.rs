//! One dashboard a pipeline, for Grafana 10 or newer: `dashboards/<pipeline>.json` and a kustomization that makes ConfigMaps of
//! them with the label for which Grafana's sidecar looks.
//!
//! Its size does not grow with the pipeline: steps and KPIs are variables, tables show the most important rows, and only
//! what was promised is listed, up to a limit.

mod model;
mod panels;
mod promises;

use model::{Dashboard, Panel};

use super::cluster::hub;
use super::{artifact, metrics, promql};
use crate::graph::PipelineId;
use crate::lower::site::namespace;
use crate::lower::{Artifact, Lowering, names};
use crate::render;

/// Grafana's grid has so many columns.
const WIDTH: u32 = 24;

/// The dashboards of all pipelines, on the cluster that starts their runs.
pub fn files(input: &Lowering<'_>) -> Vec<Artifact> {
    let pipelines = &input.graph().pipelines;
    let mut files: Vec<Artifact> = pipelines
        .iter()
        .map(|pipeline| {
            let name = format!("dashboards/{}.json", pipeline.name.value);
            let text = render::json(&dashboard(input, pipeline.id));
            artifact(input, hub(input, pipeline.id), &name, text)
        })
        .collect();
    let mut hubs: Vec<_> = pipelines.iter().map(|pipeline| hub(input, pipeline.id)).collect();
    hubs.sort_unstable();
    hubs.dedup();
    files.extend(hubs.into_iter().map(|site| {
        let here = pipelines
            .iter()
            .filter(|pipeline| hub(input, pipeline.id) == site);
        let maps = here.map(|pipeline| {
            let name = &pipeline.name.value;
            model::ConfigMap {
                name: names::name(names::Service::Kubernetes, &[name, "dashboard"]),
                namespace: namespace(input, pipeline.id, site),
                files: vec![format!("{name}.json")],
            }
        });
        let kustomization = model::Kustomization::of(maps.collect());
        let text = render::yaml(&[kustomization]);
        artifact(input, site, "dashboards/kustomization.yaml", text)
    }));
    files
}

fn dashboard(input: &Lowering<'_>, id: PipelineId) -> Dashboard {
    let name = &input.graph()[id].name.value;
    let about = promql::equals("pipeline", name);
    let variables = vec![
        model::Variable::source(),
        model::Variable::query(
            "step",
            &format!("label_values({}{{{about}}}, step)", metrics::SUCCEEDED.exposed()),
        ),
        model::Variable::query("kpi", &format!("label_values({}{{{about}}}, kpi)", metrics::KPI)),
    ];
    let rows = [
        ("Runs", panels::runs(input, id, &about)),
        ("Promises", promises::panels(input, id)),
        ("Used and predicted", panels::used(input, id, &about)),
        ("Cost and queue", panels::cost(input, id, &about)),
        ("Data quality", panels::quality(&about)),
    ];
    let rows = rows.into_iter().filter(|(_, panels)| !panels.is_empty());
    Dashboard::new(name, variables, laid_out(rows))
}

/// Each row under its heading, its panels from left to right, and on the next line when it is full.
fn laid_out<'a>(rows: impl Iterator<Item = (&'a str, Vec<Panel>)>) -> Vec<Panel> {
    let (mut all, mut y) = (Vec::new(), 0);
    for (title, panels) in rows {
        all.push(Panel::row(title, y));
        y += 1;
        let (mut x, mut height) = (0, 0);
        for mut panel in panels {
            if x + panel.grid_pos.w > WIDTH {
                y += height;
                (x, height) = (0, 0);
            }
            (panel.grid_pos.x, panel.grid_pos.y) = (x, y);
            x += panel.grid_pos.w;
            height = height.max(panel.grid_pos.h);
            all.push(panel);
        }
        y += height;
    }
    for (panel, id) in all.iter_mut().zip(1..) {
        panel.id = id;
    }
    all
}
