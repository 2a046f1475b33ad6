//! The picture of a pipeline's steps: boxes and lines, in pixels.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::{Layout, Point, layout};
use super::site::mark;
use crate::graph::model::{Binding, Graph, Pipeline, Step, StepId};
use crate::place::Plan;

const WIDTH: f64 = 176.0;
const HEIGHT: f64 = 60.0;
/// From the left of one column to the left of the next.
const COLUMN: f64 = 226.0;
/// From the top of one box to the top of the next below.
const ROW: f64 = 80.0;
const MARGIN: f64 = 12.0;
/// Characters of equal width that fit beside the mark of the site, in the size of names and in that of notes.
const NAME: usize = 19;
const NOTE: usize = 23;

/// A picture.
#[derive(Clone, Debug)]
pub struct Dag {
    /// In pixels.
    pub width: f64,
    /// In pixels.
    pub height: f64,
    /// Steps.
    pub nodes: Vec<Node>,
    /// Lines between them.
    pub edges: Vec<Edge>,
}

/// A box.
#[derive(Clone, Debug)]
pub struct Node {
    /// Id of the step on the page.
    pub id: String,
    /// Its left.
    pub x: f64,
    /// Its top.
    pub y: f64,
    /// Name, as much of it as fits.
    pub name: String,
    /// All that is said of it.
    pub title: String,
    /// The site, as much of it as fits.
    pub site: String,
    /// Kind and run time.
    pub note: String,
    /// Which colour and pattern.
    pub mark: u32,
    /// `x 3`, for a fan-out.
    pub times: Option<String>,
    /// Radius of its corners: what goes on after the run is rounder.
    pub round: u8,
}

/// A line.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Id of the step it leaves.
    pub from: String,
    /// Id of the step it enters.
    pub to: String,
    /// SVG path.
    pub path: String,
    /// `data`, `condition` or `order`.
    pub flow: &'static str,
    /// What flows: `ehr-clean: transform to features`.
    pub title: String,
}

/// The picture of one pipeline.
pub fn dag(plan: &Plan<'_>, pipeline: &Pipeline) -> Dag {
    let graph = plan.profiled.graph;
    let links = links(graph, pipeline);
    // What runs last stands last, though its name may come before others'.
    let (last, mut order): (Vec<StepId>, Vec<StepId>) =
        pipeline.steps.iter().partition(|step| graph[**step].finally);
    order.extend(last);
    let position: BTreeMap<StepId, usize> = order.iter().enumerate().map(|(at, step)| (*step, at)).collect();
    let ends = |link: &Link| Some((*position.get(&link.from)?, *position.get(&link.to)?));
    let edges: Vec<(usize, usize)> = links.iter().filter_map(ends).collect();
    let laid = layout(order.len(), &edges);
    let boxes = order.iter().zip(&laid.boxes);
    let nodes: Vec<Node> = boxes.map(|(step, at)| node(plan, &graph[*step], *at)).collect();
    let lines = links.iter().zip(&edges).zip(&laid.routes);
    let drawn = lines.filter_map(|((link, (from, to)), route)| {
        let path = path(nodes.get(*from)?, nodes.get(*to)?, route);
        Some(edge(graph, link, path))
    });
    let (width, height) = size(&laid);
    Dag {
        width,
        height,
        edges: drawn.collect(),
        nodes,
    }
}

/// Why a step comes after another.
struct Link {
    from: StepId,
    to: StepId,
    flow: &'static str,
    /// Names of the data.
    data: Vec<String>,
}

/// Each pair of steps of which one waits for the other, once.
fn links(graph: &Graph, pipeline: &Pipeline) -> Vec<Link> {
    let mut flows: BTreeMap<(StepId, StepId), BTreeSet<&str>> = BTreeMap::new();
    for (from, to, data) in graph.flows() {
        flows
            .entry((from, to))
            .or_default()
            .insert(&graph[data].name.value);
    }
    let mut links = Vec::new();
    let mut waited_for = BTreeSet::new();
    let steps = || pipeline.steps.iter().map(|id| &graph[*id]);
    for step in steps() {
        let decisive = decisive(step);
        for from in &step.predecessors {
            let data = flows.get(&(*from, step.id));
            let flow = match (decisive.contains(from), data) {
                (true, _) => "condition",
                (false, Some(_)) => "data",
                (false, None) => "order",
            };
            let data = data.into_iter().flatten().map(|name| (*name).to_owned());
            links.push(Link {
                from: *from,
                to: step.id,
                flow,
                data: data.collect(),
            });
            waited_for.insert(*from);
        }
    }
    // What runs last waits for all others, though no data says so.
    for last in steps().filter(|step| step.finally) {
        let sinks = steps().filter(|step| !step.finally && !waited_for.contains(&step.id));
        let known = &last.predecessors;
        let sinks = sinks.filter(|step| !known.contains(&step.id));
        links.extend(sinks.map(|step| Link {
            from: step.id,
            to: last.id,
            flow: "order",
            data: Vec::new(),
        }));
    }
    links
}

/// The steps whose outcome decides whether this one runs.
fn decisive(step: &Step) -> BTreeSet<StepId> {
    let mut found: BTreeSet<StepId> = step.otherwise.iter().map(|other| other.value).collect();
    for binding in step.when.iter().flat_map(|when| when.value.references()) {
        if let Binding::Output { steps, .. } = binding {
            found.extend(steps);
        }
    }
    found
}

fn node(plan: &Plan<'_>, step: &Step, at: Point) -> Node {
    let (assignment, profile) = (&plan[step.id], &plan.profiled[step.id]);
    let site = &plan[assignment.site].name;
    let always = step.kind.always_on();
    let time = if always {
        "always on".to_owned()
    } else {
        assignment.duration_p95.to_string()
    };
    let times = (profile.items > 1).then(|| format!("\u{d7}{}", profile.items));
    let room = NAME - times.as_ref().map_or(0, |times| times.chars().count() + 1);
    Node {
        id: format!("s{}", step.id.0),
        x: MARGIN + at.column as f64 * COLUMN,
        y: MARGIN + (at.height * ROW).round(),
        name: fitted(&step.name.value, room),
        title: format!("{}, {} at {site}, {time}", step.name.value, step.kind.word()),
        site: fitted(site, NOTE),
        note: fitted(&format!("{} \u{b7} {time}", step.kind.word()), NOTE),
        mark: mark(assignment.site),
        times,
        round: if always { 14 } else { 5 },
    }
}

fn edge(graph: &Graph, link: &Link, path: String) -> Edge {
    let names = (&graph[link.from].name.value, &graph[link.to].name.value);
    let what = if link.data.is_empty() {
        link.flow.to_owned()
    } else {
        link.data.join(", ")
    };
    Edge {
        from: format!("s{}", link.from.0),
        to: format!("s{}", link.to.0),
        path,
        flow: link.flow,
        title: format!("{what}: {} to {}", names.0, names.1),
    }
}

/// From the right of one box to the left of another: level through the columns it passes, curved between them.
fn path(from: &Node, to: &Node, route: &[Point]) -> String {
    let middle = |node: &Node| node.y + HEIGHT / 2.0;
    let mut path = format!("M{} {}", from.x + WIDTH, middle(from));
    let (mut x, mut y) = (from.x + WIDTH, middle(from));
    let mut curve = |path: &mut String, to_x: f64, to_y: f64| {
        let half = ((x + to_x) / 2.0).round();
        if y == to_y {
            path.push_str(&format!("H{to_x}"));
        } else {
            path.push_str(&format!("C{half} {y} {half} {to_y} {to_x} {to_y}"));
        }
        (x, y) = (to_x, to_y);
    };
    for lane in route {
        let left = MARGIN + lane.column as f64 * COLUMN;
        let height = (MARGIN + lane.height * ROW + HEIGHT / 2.0).round();
        curve(&mut path, left, height);
        curve(&mut path, left + WIDTH, height);
    }
    // Room for the head of the arrow.
    curve(&mut path, to.x - 2.0, middle(to));
    path
}

fn size(laid: &Layout) -> (f64, f64) {
    let columns = laid.columns.max(1) as f64;
    (
        MARGIN * 2.0 + (columns - 1.0) * COLUMN + WIDTH + 6.0,
        MARGIN * 2.0 + (laid.depth * ROW).round() + HEIGHT + 6.0,
    )
}

/// The front of `text`, if not all of it fits on so many columns of a face with equal widths.
pub fn fitted(text: &str, columns: usize) -> String {
    // East Asian characters and pictures take two.
    let width = |character: char| if character < '\u{1100}' { 1 } else { 2 };
    if text.chars().map(width).sum::<usize>() <= columns {
        return text.to_owned();
    }
    let mut used = 1;
    let front = text.chars().take_while(|character| {
        used += width(*character);
        used <= columns
    });
    front.chain(['\u{2026}']).collect()
}
