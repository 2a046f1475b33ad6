//! The rules that are compared: ours, those of the literature, and the users' own requests.

use serde::Serialize;

use super::{Answer, request};
use crate::history::attempt::Attempt;

/// How memory is bought.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Our prediction.
    Portolan,
    /// The most that the step ever held.
    MaxSeen,
    /// A line over the size of the input, plus the standard deviation of its errors (Witt et al. 2019, "LR").
    WittLine,
    /// The 95th percentile of what the step held (Witt et al. 2019, "percentile").
    Percentile,
    /// What its author requested.
    Request,
}

impl Rule {
    /// All, ours first.
    pub const ALL: [Rule; 5] = [
        Rule::Portolan,
        Rule::MaxSeen,
        Rule::WittLine,
        Rule::Percentile,
        Rule::Request,
    ];

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Rule::Portolan => "Portolan",
            Rule::MaxSeen => "most seen",
            Rule::WittLine => "Witt's line",
            Rule::Percentile => "95th percentile",
            Rule::Request => "your requests",
        }
    }

    /// What it buys for `attempt`, having seen `past`.
    pub(super) fn answer(self, past: &Seen, attempt: &Attempt, ours: Option<Answer>) -> Option<Answer> {
        let plain = |value: f64| Answer {
            point: value,
            upper: value,
            retry: None,
        };
        match self {
            Rule::Portolan => ours,
            Rule::MaxSeen => Some(plain(past.most())),
            Rule::WittLine => {
                let input = attempt.measure(crate::history::Measure::InputBytes);
                let (point, spread) = past.line(input?)?;
                Some(Answer {
                    point,
                    upper: point + spread,
                    retry: None,
                })
            }
            Rule::Percentile => Some(plain(past.percentile())),
            Rule::Request => request(attempt).map(plain),
        }
    }
}

/// What one step held so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Peaks, sorted.
    peaks: Vec<f64>,
    /// Input and peak, in order of time.
    pairs: Vec<(f64, f64)>,
}

impl Seen {
    pub(super) fn len(&self) -> usize {
        self.peaks.len()
    }

    pub(super) fn add(&mut self, input: Option<f64>, peak: f64) {
        self.peaks
            .insert(self.peaks.partition_point(|seen| *seen < peak), peak);
        self.pairs.extend(input.map(|input| (input, peak)));
    }

    pub(super) fn most(&self) -> f64 {
        self.peaks.last().copied().unwrap_or_default()
    }

    fn percentile(&self) -> f64 {
        let rank = (self.peaks.len() as f64 * 0.95).ceil() as usize;
        self.peaks
            .get(rank.saturating_sub(1))
            .copied()
            .unwrap_or_default()
    }

    /// Least squares at `input`, and the standard deviation of the errors. `None` of fewer than two inputs.
    fn line(&self, input: f64) -> Option<(f64, f64)> {
        let n = self.pairs.len() as f64;
        if n < 2.0 {
            return None;
        }
        let mean = |value: fn(&(f64, f64)) -> f64| self.pairs.iter().map(value).sum::<f64>() / n;
        let (x, y) = (mean(|pair| pair.0), mean(|pair| pair.1));
        let spread: f64 = self.pairs.iter().map(|pair| (pair.0 - x).powi(2)).sum();
        let both: f64 = self.pairs.iter().map(|pair| (pair.0 - x) * (pair.1 - y)).sum();
        let slope = if spread > 0.0 { both / spread } else { 0.0 };
        let at = |input: f64| y + slope * (input - x);
        let squares: f64 = self.pairs.iter().map(|pair| (pair.1 - at(pair.0)).powi(2)).sum();
        Some((at(input).max(0.0), (squares / n).sqrt()))
    }
}
