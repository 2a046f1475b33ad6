//! Who rests on whom, of those that matter: what is to blame, what it explains, what was ruled out.

use std::collections::{BTreeMap, BTreeSet};

use super::Case;
use crate::report::dag::fitted;
use crate::report::layout::{Point, layout};

const WIDTH: f64 = 176.0;
const HEIGHT: f64 = 44.0;
const COLUMN: f64 = 220.0;
const ROW: f64 = 60.0;
const MARGIN: f64 = 12.0;
/// Characters that fit in a box.
const NAME: usize = 21;
/// More boxes are no picture any more.
const BOXES: usize = 60;

/// Boxes and lines, in pixels. A fault spreads from left to right.
#[derive(Clone, Debug)]
pub struct Picture {
    /// In pixels.
    pub width: f64,
    /// In pixels.
    pub height: f64,
    /// Nodes.
    pub nodes: Vec<Node>,
    /// SVG paths.
    pub edges: Vec<String>,
}

/// A box.
#[derive(Clone, Debug)]
pub struct Node {
    /// Name, as much of it as fits.
    pub name: String,
    /// Name and part.
    pub title: String,
    /// What it has to do with the incident: `to blame`, `explained`, `ruled out` or `suspected`.
    pub part: &'static str,
    /// The same as a class.
    pub class: &'static str,
    /// Its left.
    pub x: f64,
    /// Its top.
    pub y: f64,
}

/// `None` if fewer than two nodes have a part in it, or too many.
pub fn picture(case: &Case<'_>) -> Option<Picture> {
    let parts = parts(case);
    if !(2..=BOXES).contains(&parts.len()) {
        return None;
    }
    let order = order(case, &parts);
    let position: BTreeMap<&str, usize> = order.iter().copied().zip(0..).collect();
    let edges: Vec<(usize, usize)> = order
        .iter()
        .flat_map(|node| case.calls.callees(node).map(move |callee| (callee, *node)))
        .filter_map(|(callee, node)| Some((*position.get(callee)?, *position.get(node)?)))
        .collect();
    let laid = layout(order.len(), &edges);
    let nodes: Vec<Node> = order
        .iter()
        .zip(&laid.boxes)
        .filter_map(|(name, at)| node(name, parts.get(*name)?, *at))
        .collect();
    let lines = edges.iter().zip(&laid.routes).filter(|((from, to), _)| from < to);
    let lines = lines.filter_map(|((from, to), route)| Some(line(nodes.get(*from)?, nodes.get(*to)?, route)));
    Some(Picture {
        width: 2.0 * MARGIN + laid.columns.saturating_sub(1) as f64 * COLUMN + WIDTH,
        height: 2.0 * MARGIN + (laid.depth * ROW).round() + HEIGHT,
        edges: lines.collect(),
        nodes,
    })
}

/// Each node and its part, the most telling one.
fn parts<'a>(case: &Case<'a>) -> BTreeMap<&'a str, &'static str> {
    let diagnosis = case.diagnosis;
    let mut parts = BTreeMap::new();
    for cause in diagnosis.causes.iter().take(super::SHOWN) {
        parts.insert(cause.node.as_str(), "suspected");
    }
    for out in &diagnosis.ruled_out {
        parts.insert(out.node.as_str(), "ruled out");
    }
    for node in diagnosis.super_alerts.iter().flat_map(|alert| &alert.nodes) {
        parts.insert(node.as_str(), "explained");
    }
    for alert in &diagnosis.super_alerts {
        parts.insert(alert.cause.as_str(), "to blame");
    }
    parts
}

/// What rests on nothing that is left comes first; of a circle, the first by name.
fn order<'a>(case: &Case<'_>, parts: &BTreeMap<&'a str, &'static str>) -> Vec<&'a str> {
    let mut left: BTreeSet<&str> = parts.keys().copied().collect();
    let mut order = Vec::new();
    while let Some(first) = left.first().copied() {
        let waits = |node: &&&str| {
            case.calls
                .callees(node)
                .any(|callee| callee != **node && left.contains(callee))
        };
        let next = left.iter().find(|node| !waits(node)).copied().unwrap_or(first);
        left.remove(next);
        order.push(next);
    }
    order
}

fn node(name: &str, part: &'static str, at: Point) -> Option<Node> {
    let class = part.split(' ').next_back()?;
    Some(Node {
        name: fitted(name, NAME),
        title: format!("{name}: {part}"),
        part,
        class,
        x: MARGIN + at.column as f64 * COLUMN,
        y: MARGIN + (at.height * ROW).round(),
    })
}

/// From the right of one box to the left of another, past those between.
fn line(from: &Node, to: &Node, route: &[Point]) -> String {
    let (mut x, mut y) = (from.x + WIDTH, from.y + HEIGHT / 2.0);
    let mut path = format!("M{x} {y}");
    let mut curve = |to_x: f64, to_y: f64| {
        let half = ((x + to_x) / 2.0).round();
        path.push_str(&format!("C{half} {y} {half} {to_y} {to_x} {to_y}"));
        (x, y) = (to_x, to_y);
    };
    for lane in route {
        let left = MARGIN + lane.column as f64 * COLUMN;
        let height = MARGIN + (lane.height * ROW).round() + HEIGHT / 2.0;
        curve(left, height);
        curve(left + WIDTH, height);
    }
    // Room for the head of the arrow.
    curve(to.x - 2.0, to.y + HEIGHT / 2.0);
    path
}
