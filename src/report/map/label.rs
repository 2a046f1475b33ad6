//! Where words stand on the map: beside what they are about, and never on each other.

/// Width of a character and height of a line, of the face that the style has for labels.
const CHARACTER: f64 = 7.3;
const LINE: f64 = 17.0;
/// Distances from the point that are tried, nearest first.
const DISTANCES: [f64; 7] = [9.0, 24.0, 42.0, 62.0, 84.0, 110.0, 140.0];
/// Directions that are tried, best first; right, left, above, below, then between.
const DIRECTIONS: [(f64, f64); 8] = [
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.0, -1.0),
    (0.0, 1.0),
    (0.7, -0.7),
    (0.7, 0.7),
    (-0.7, -0.7),
    (-0.7, 0.7),
];

/// A rectangle.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Area {
    /// Its left.
    pub x: f64,
    /// Its top.
    pub y: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

/// A text on the map.
#[derive(Clone, PartialEq, Debug)]
pub struct Label {
    /// Its left.
    pub x: f64,
    /// Its base line.
    pub y: f64,
    /// What is written.
    pub text: String,
    /// `name` or `volume`.
    pub class: &'static str,
    /// A line to what it is about (x and y of both ends), if it stands at a distance.
    pub leader: Option<(f64, f64, f64, f64)>,
}

/// Labels that do not overlap.
#[derive(Clone, Debug)]
pub struct Labels {
    inside: Area,
    taken: Vec<Area>,
    /// Those that found a place.
    pub written: Vec<Label>,
}

impl Labels {
    /// None yet; all will be inside `inside`.
    pub fn within(inside: Area) -> Labels {
        Labels {
            inside,
            taken: Vec::new(),
            written: Vec::new(),
        }
    }

    /// Keeps a point free.
    pub fn avoid(&mut self, (x, y): (f64, f64)) {
        self.taken.push(Area {
            x: x - 7.0,
            y: y - 7.0,
            width: 14.0,
            height: 14.0,
        });
    }

    /// Writes `text` beside a point, as near as there is room; nowhere, if there is none. Names may stand at a distance,
    /// with a line; volumes only near.
    pub fn write(&mut self, text: &str, at: (f64, f64), name: bool) {
        let width = text.chars().count() as f64 * CHARACTER + 6.0;
        let tried = if name { DISTANCES.len() } else { 2 };
        let distances = DISTANCES.iter().take(tried);
        let places =
            distances.flat_map(|distance| DIRECTIONS.iter().map(move |direction| (*distance, *direction)));
        let free = places
            .map(|(distance, direction)| (distance, beside(at, distance, direction, width)))
            .find(|(_, area)| area.is_in(&self.inside) && !self.taken.iter().any(|taken| taken.meets(area)));
        let Some((distance, area)) = free else {
            return;
        };
        self.taken.push(area);
        let nearest = (
            at.0.clamp(area.x, area.x + width),
            at.1.clamp(area.y, area.y + LINE),
        );
        let round = |value: f64| (value * 10.0).round() / 10.0;
        self.written.push(Label {
            x: round(area.x + 3.0),
            y: round(area.y + LINE - 4.5),
            text: text.to_owned(),
            class: if name { "name" } else { "volume" },
            leader: (name && distance > 10.0).then(|| (at.0, at.1, round(nearest.0), round(nearest.1))),
        });
    }
}

/// The area of a text so wide, whose nearest edge is so far from a point.
fn beside((x, y): (f64, f64), distance: f64, (right, down): (f64, f64), width: f64) -> Area {
    let edge = |middle: f64, towards: f64, size: f64| {
        let shift = if towards > 0.1 {
            0.0
        } else if towards < -0.1 {
            size
        } else {
            size / 2.0
        };
        middle + towards * distance - shift
    };
    Area {
        x: edge(x, right, width),
        y: edge(y, down, LINE),
        width,
        height: LINE,
    }
}

impl Area {
    fn meets(&self, other: &Area) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }

    fn is_in(&self, other: &Area) -> bool {
        self.x >= other.x
            && self.y >= other.y
            && self.x + self.width <= other.x + other.width
            && self.y + self.height <= other.y + other.height
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "a test that panics is a test that fails")]
mod tests {
    use super::*;

    fn written(texts: usize) -> Vec<Label> {
        let mut labels = Labels::within(Area {
            x: 0.0,
            y: 0.0,
            width: 400.0,
            height: 300.0,
        });
        (0..texts).for_each(|_| labels.write("aws.eu-west-1", (200.0, 150.0), true));
        labels.written
    }

    #[test]
    fn one_stands_at_the_right() {
        let labels = written(1);
        assert!(labels[0].x > 200.0 && labels[0].leader.is_none());
    }

    #[test]
    fn many_of_one_place_all_find_room() {
        let labels = written(12);
        assert_eq!(labels.len(), 12);
        assert!(labels.iter().any(|label| label.leader.is_some()));
        for (at, a) in labels.iter().enumerate() {
            let far = |b: &Label| (a.y - b.y).abs() >= LINE || (a.x - b.x).abs() >= 13.0 * CHARACTER;
            assert!(labels.iter().take(at).all(far), "{labels:?}");
        }
    }
}
