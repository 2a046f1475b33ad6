//! The map: sites where they are, and data on its way between them.
//!
//! Equirectangular: a degree is as wide as it is high, which is true at the equator and good enough to see what is far.

mod label;

use std::collections::BTreeMap;

use super::site;
use crate::catalog::{Catalog, Coordinates};
use crate::place::{Plan, SiteId};
use crate::quantity::{Bytes, MicroUsd};
use label::{Area, Label, Labels};

const WIDTH: f64 = 1040.0;
const HEIGHT: f64 = 450.0;
/// Degrees that are shown around sites, and at least across the picture.
const AROUND: f64 = 14.0;
const LEAST: f64 = 76.0;
/// Nothing of ours is farther south or north.
const SOUTH: f64 = -58.0;
const NORTH: f64 = 84.0;
/// Pixels between two sites at least.
const APART: f64 = 14.0;
/// Degrees between two lines of the net.
const NET: f64 = 15.0;

/// A picture, in pixels.
#[derive(Clone, Debug)]
pub struct Map {
    /// In pixels.
    pub width: f64,
    /// In pixels.
    pub height: f64,
    /// From quarters of a degree to pixels: `x` and `y` of the meridian of Greenwich on the equator, and the factor.
    pub land: (f64, f64, f64),
    /// Meridians.
    pub meridians: Vec<f64>,
    /// Parallels.
    pub parallels: Vec<f64>,
    /// Sites.
    pub points: Vec<Spot>,
    /// Data on its way.
    pub arcs: Vec<Arc>,
    /// Names and volumes.
    pub labels: Vec<Label>,
    /// Sites of which nobody said where they are.
    pub missing: Vec<String>,
}

/// A site.
#[derive(Clone, Debug)]
pub struct Spot {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
    /// Its name.
    pub name: String,
    /// Which colour and pattern.
    pub mark: u32,
}

/// All data from one site to another.
#[derive(Clone, Debug)]
pub struct Arc {
    /// SVG path.
    pub path: String,
    /// In pixels.
    pub width: f64,
    /// What moves, and what it costs.
    pub title: String,
}

/// The map of a plan; `None` if it is known of no site where it is.
pub fn map(plan: &Plan<'_>, catalog: &Catalog) -> Option<Map> {
    let ids = (0..plan.sites.len() as u32).map(SiteId);
    let (mut known, mut missing) = (BTreeMap::new(), Vec::new());
    for id in ids {
        match site::coordinates(&plan[id], catalog) {
            Some(at) => {
                known.insert(id, at);
            }
            None => missing.push(plan[id].name.clone()),
        }
    }
    let frame = Frame::around(known.values().copied())?;
    let points = frame.points(&known);
    let spots = points.iter().map(|(id, (x, y))| Spot {
        x: *x,
        y: *y,
        name: plan[*id].name.clone(),
        mark: site::mark(*id),
    });
    let (arcs, labels) = arcs_and_labels(plan, &points);
    Some(Map {
        width: WIDTH,
        height: HEIGHT,
        land: frame.land(),
        meridians: frame.lines(frame.west, WIDTH, |degrees| frame.x(degrees)),
        parallels: frame.lines(frame.north - HEIGHT / frame.scale, HEIGHT, |degrees| {
            frame.y(degrees)
        }),
        points: spots.collect(),
        arcs,
        labels,
        missing,
    })
}

/// What is moved along each way in one run, and money per month.
fn ways(plan: &Plan<'_>) -> BTreeMap<(SiteId, SiteId), (Bytes, MicroUsd)> {
    let mut ways: BTreeMap<(SiteId, SiteId), (Bytes, MicroUsd)> = BTreeMap::new();
    for moved in plan.moves.iter().filter(|moved| moved.from != moved.to) {
        let way = ways.entry((moved.from, moved.to)).or_default();
        way.0 += moved.size;
        way.1 += moved.monthly;
    }
    ways
}

fn arcs_and_labels(plan: &Plan<'_>, points: &BTreeMap<SiteId, (f64, f64)>) -> (Vec<Arc>, Vec<Label>) {
    let mut labels = Labels::within(Area {
        x: 0.0,
        y: 0.0,
        width: WIDTH,
        height: HEIGHT,
    });
    points.values().for_each(|at| labels.avoid(*at));
    for (id, at) in points {
        labels.write(&plan[*id].name, *at, true);
    }
    let mut arcs = Vec::new();
    for ((from, to), (size, monthly)) in ways(plan) {
        let (Some(start), Some(end)) = (points.get(&from), points.get(&to)) else {
            continue;
        };
        let bend = bend(*start, *end);
        let money = if monthly > MicroUsd::ZERO {
            format!(" \u{b7} {monthly} USD")
        } else {
            String::new()
        };
        let top = (
            (start.0 + end.0) / 4.0 + bend.0 / 2.0,
            (start.1 + end.1) / 4.0 + bend.1 / 2.0,
        );
        labels.write(&format!("{size}{money}"), top, false);
        arcs.push(Arc {
            path: format!(
                "M{} {}Q{} {} {} {}",
                start.0, start.1, bend.0, bend.1, end.0, end.1
            ),
            // A terabyte is twice as wide as a gigabyte: decades are what is seen.
            width: tenth((size.in_gib().max(0.1).log10() + 1.0).clamp(0.0, 5.0) * 0.6 + 1.2),
            title: format!(
                "{} to {}: {size} a run, {monthly} USD a month",
                plan[from].name, plan[to].name
            ),
        });
    }
    (arcs, labels.written)
}

/// Where a line from one point to another is drawn to: aside of the middle, so that the way back is another line.
fn bend(start: (f64, f64), end: (f64, f64)) -> (f64, f64) {
    let (across, down) = (end.0 - start.0, end.1 - start.1);
    let middle = ((start.0 + end.0) / 2.0, (start.1 + end.1) / 2.0);
    (
        tenth(middle.0 + down * 0.22),
        tenth((middle.1 - across * 0.22).clamp(8.0, HEIGHT - 8.0)),
    )
}

/// The part of the world that is shown.
struct Frame {
    west: f64,
    north: f64,
    /// Pixels of a degree.
    scale: f64,
}

impl Frame {
    fn around(points: impl Iterator<Item = Coordinates> + Clone) -> Option<Frame> {
        let least = |of: fn(&Coordinates) -> f64| points.clone().map(|at| of(&at)).reduce(f64::min);
        let most = |of: fn(&Coordinates) -> f64| points.clone().map(|at| of(&at)).reduce(f64::max);
        let (west, east) = (least(|at| at.longitude)?, most(|at| at.longitude)?);
        let (south, north) = (least(|at| at.latitude)?, most(|at| at.latitude)?);
        let wide = (east - west + AROUND * 2.0).max((north - south + AROUND * 2.0) * WIDTH / HEIGHT);
        let most_wide = (NORTH - SOUTH) * WIDTH / HEIGHT;
        let wide = wide.clamp(LEAST, most_wide);
        let high = wide * HEIGHT / WIDTH;
        let north = ((north + south + high) / 2.0).min(NORTH).max(SOUTH + high);
        Some(Frame {
            west: (west + east - wide) / 2.0,
            north,
            scale: WIDTH / wide,
        })
    }

    fn x(&self, degrees: f64) -> f64 {
        tenth((degrees - self.west) * self.scale)
    }

    fn y(&self, degrees: f64) -> f64 {
        tenth((self.north - degrees) * self.scale)
    }

    fn point(&self, at: Coordinates) -> (f64, f64) {
        (self.x(at.longitude), self.y(at.latitude))
    }

    /// Where sites are drawn. Those of one city stand side by side.
    fn points(&self, known: &BTreeMap<SiteId, Coordinates>) -> BTreeMap<SiteId, (f64, f64)> {
        let mut points: BTreeMap<SiteId, (f64, f64)> = BTreeMap::new();
        for (id, at) in known {
            let (mut x, y) = self.point(*at);
            while points
                .values()
                .any(|other| (other.0 - x).abs() + (other.1 - y).abs() < APART)
            {
                x = tenth(x + APART);
            }
            points.insert(*id, (x, y));
        }
        points
    }

    fn land(&self) -> (f64, f64, f64) {
        (self.x(0.0), self.y(0.0), (self.scale * 250.0).round() / 1000.0)
    }

    /// Lines of the net from `first` degrees on, over so many pixels.
    fn lines(&self, first: f64, pixels: f64, place: impl Fn(f64) -> f64) -> Vec<f64> {
        let start = (first / NET).ceil() as i32;
        let end = ((first + pixels / self.scale) / NET).floor() as i32;
        (start..=end).map(|line| place(f64::from(line) * NET)).collect()
    }
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
