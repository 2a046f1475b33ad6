//! The past, forecast again as it was known then.

use super::candidate;
use super::series::Series;

/// Replays a day: what is learned of two origins close to each other is nearly the same.
const REPLAYS_A_DAY: usize = 12;

/// Days of past that are replayed; what was longer ago says little of the methods' worth today.
const DAYS: usize = 14;

/// What each method said at one moment of the past.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Number of values that were known.
    pub origin: usize,
    /// The course by each candidate, where it had past enough.
    pub courses: Vec<Option<Vec<f64>>>,
}

impl Replay {
    /// What is said of the `steps` bins after the first `origin`.
    pub fn at(series: &Series, origin: usize, steps: usize) -> Replay {
        let courses = candidate::ALL
            .iter()
            .map(|method| method.course(series, origin, steps));
        Replay {
            origin,
            courses: courses.collect(),
        }
    }
}

/// Replays back from the present, as far as there is a day before them; each as long as what came after it is known.
pub fn all(series: &Series, steps: usize) -> Vec<Replay> {
    let (known, day) = (series.values.len(), series.bins_a_day());
    let every = (day / REPLAYS_A_DAY).max(1);
    let shortest = if known >= 3 * day {
        2 * day
    } else {
        day.min(known / 2)
    };
    let first = shortest.max(known.saturating_sub((DAYS + 1) * day)).max(1);
    let origins = (1..).map(|back| known.checked_sub(back * every));
    let origins = origins.map_while(|origin| origin.filter(|origin| *origin >= first));
    origins
        .map(|origin| Replay::at(series, origin, steps.min(known - origin)))
        .collect()
}
