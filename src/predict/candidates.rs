//! The candidates: ways to predict the next run of a step from its past ones.

use super::forest::Forest;
use super::frame::{Columns, Features};
use super::line::Line;
use super::power::Power;
use super::{median, near};

/// A past run.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// What was known before.
    pub features: Features,
    /// What was measured.
    pub value: f64,
    /// Run time in seconds, which weighs memory.
    pub seconds: f64,
}

/// A way to predict.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Candidate {
    /// Median of the last fifty runs.
    Median,
    /// Median of the last five.
    Recent,
    /// Line in the input size.
    Line,
    /// The same over the runs on one kind of machine.
    LineOfMachine,
    /// Line in whichever quantity fits best, over the runs on one kind of machine.
    BestLine,
    /// Power law in everything.
    Power,
    /// The most alike run.
    Nearest,
    /// Mean of the three most alike.
    Nearest3,
    /// Mean of the seven most alike.
    Nearest7,
    /// Line, moved by what the three most alike runs were off it.
    LineAndNearest,
    /// Power law, moved likewise.
    PowerAndNearest,
    /// Power law and a random forest on what it leaves, so that the sum extrapolates.
    PowerAndForest,
    /// Median of the candidates that look at the run.
    Consensus,
    /// The most that any of the seven most alike runs took: a bound, not an expectation.
    LocalMost,
    /// The most that any run took.
    MostSeen,
}

/// Number of candidates.
pub(super) const COUNT: usize = 15;

/// All of them, in the order of their positions.
pub(super) const CANDIDATES: [Candidate; COUNT] = [
    Candidate::Median,
    Candidate::Recent,
    Candidate::Line,
    Candidate::LineOfMachine,
    Candidate::BestLine,
    Candidate::Power,
    Candidate::Nearest,
    Candidate::Nearest3,
    Candidate::Nearest7,
    Candidate::LineAndNearest,
    Candidate::PowerAndNearest,
    Candidate::PowerAndForest,
    Candidate::Consensus,
    Candidate::LocalMost,
    Candidate::MostSeen,
];

impl Candidate {
    /// False for bounds.
    pub fn expects(self) -> bool {
        !matches!(self, Candidate::LocalMost | Candidate::MostSeen)
    }
}

/// What each candidate says, in logarithms; `None` where it cannot say.
pub(super) type Opinions = [Option<f64>; COUNT];

/// Lines and laws are fitted to so many latest runs; a step changes over the years.
const FITTED: usize = 400;

/// Alike runs are looked for among so many latest ones.
const SEARCHED: usize = 1000;

/// Fewer runs than this grow no forest.
const FOREST_FROM: usize = 12;

/// A forest is grown anew when there are so many times the runs it was grown on.
const FOREST_AGAIN: f64 = 1.25;

/// Runs on one kind of machine that suffice for a line of its own.
const OWN_LINE: usize = 6;

/// How far predictions may leave the range of what was seen, in logarithms, where the input does not.
const LEEWAY: f64 = 0.3;

/// How much beyond the inputs seen a prediction may grow with its input.
const FURTHEST: f64 = 20.0;

/// Everything that is fitted, as of some number of runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Fits {
    line: Option<Line>,
    best_line: Option<Line>,
    /// By kind of machine: line in the input, line in the best quantity.
    of_machines: Vec<(Option<Line>, Option<Line>)>,
    power: Option<Power>,
    forest: Option<(Forest, Power)>,
    forest_runs: usize,
    values: Range,
    inputs: Range,
}

/// Least and most of something positive.
#[derive(Clone, Copy, Debug)]
struct Range {
    least: f64,
    most: f64,
}

impl Default for Range {
    fn default() -> Range {
        Range {
            least: f64::INFINITY,
            most: 0.0,
        }
    }
}

impl Range {
    fn of(values: impl Iterator<Item = f64>) -> Range {
        values.filter(|value| *value > 0.0).fold(Range::default(), |range, value| Range {
            least: range.least.min(value),
            most: range.most.max(value),
        })
    }
}

impl Fits {
    /// Fits all candidates to `rows`; `before` lends its forest while that is young enough.
    pub fn new(rows: &[Row], columns: &Columns, before: &Fits) -> Fits {
        let recent = latest(rows, FITTED);
        let all: Vec<&Row> = recent.iter().collect();
        let power = Power::fit(recent, columns);
        let grow = rows.len() >= FOREST_FROM && rows.len() as f64 >= before.forest_runs as f64 * FOREST_AGAIN;
        let grown = if grow { power.as_ref().and_then(|power| residual_forest(recent, power)) } else { None };
        Fits {
            line: Line::fit(&all, 0),
            best_line: Line::best(&all, columns.len()),
            of_machines: of_machines(rows, columns),
            forest_runs: if grow { rows.len() } else { before.forest_runs },
            forest: grown.or_else(|| before.forest.clone()),
            power,
            values: Range::of(rows.iter().map(|row| row.value)),
            inputs: Range::of(rows.iter().map(|row| row.features.raw(0))),
        }
    }

    /// The most that any run took.
    pub fn most_seen(&self) -> f64 {
        self.values.most
    }

    /// True if the law can tell `features` from all runs seen: a kind of run that is new.
    pub fn is_new(&self, rows: &[Row], features: &Features) -> bool {
        let mut rows = latest(rows, SEARCHED).iter();
        match &self.power {
            Some(power) => {
                let here = power.coordinates(features);
                rows.all(|row| power.differ(&here, &power.coordinates(&row.features)))
            }
            None => rows.all(|row| row.features != *features),
        }
    }

    /// What each candidate says of a run with `features`; `rows` are those that the fits were made from, and later ones.
    pub fn opinions(&self, rows: &[Row], features: &Features) -> Opinions {
        let rows = latest(rows, SEARCHED);
        let law = |features: &Features| self.power.as_ref().map(|power| self.kept(power.at(features), features));
        let straight = |line: Option<&Line>, features: &Features| line.map(|line| self.kept(self.log(line.at(features)), features));
        let own = features.machine.and_then(|machine| self.of_machines.get(machine));
        let line = straight(self.line.as_ref(), features);
        let of_machine = straight(own.and_then(|own| own.0.as_ref()), features).or(line);
        let best = straight(own.and_then(|own| own.1.as_ref()).or(self.best_line.as_ref()), features).or(of_machine);
        let power = law(features);
        let alike = self.power.as_ref().map(|power| near::alike(rows, power, features)).unwrap_or_default();
        let value = |row: &Row| row.value.ln();
        let off_line = |row: &Row| value(row) - straight(self.line.as_ref(), &row.features).unwrap_or_default();
        let off_law = |row: &Row| value(row) - law(&row.features).unwrap_or_default();
        let grown = self.forest.as_ref().and_then(|(forest, power)| {
            Some(self.kept(power.at(features), features) + forest.at(&power.coordinates(features))?)
        });
        let sum = |a: Option<f64>, b: Option<f64>| Some(a? + b?);
        let mut opinions = [
            median_of_last(rows, 50),
            median_of_last(rows, 5),
            line,
            of_machine,
            best,
            power,
            near::mean(rows, &alike, 1, value),
            near::mean(rows, &alike, 3, value),
            near::mean(rows, &alike, 7, value),
            sum(line, near::mean(rows, &alike, 3, off_line)),
            sum(power, near::mean(rows, &alike, 3, off_law)),
            grown,
            None,
            near::most(rows, &alike, 7),
            Some(self.values.most.ln()).filter(|most| most.is_finite()),
        ];
        let consensus = consensus(&opinions);
        if let Some(opinion) = opinions.get_mut(Candidate::Consensus as usize) {
            *opinion = consensus;
        }
        opinions
    }

    /// The logarithm of what a line says, which may be negative.
    fn log(&self, value: f64) -> f64 {
        value.max(self.values.least * 0.5).ln()
    }

    /// A prediction within what was seen, and as far beyond as the input is.
    fn kept(&self, log: f64, features: &Features) -> f64 {
        let input = features.raw(0);
        let ratio = |over: f64| if over.is_finite() { over.clamp(1.0, FURTHEST).ln() } else { 0.0 };
        let (above, below) = if input > 0.0 {
            (ratio(input / self.inputs.most), ratio(self.inputs.least / input))
        } else {
            (0.0, 0.0)
        };
        let least = self.values.least.ln() - LEEWAY - below;
        log.max(least).min(self.values.most.ln() + LEEWAY + above)
    }
}

fn residual_forest(rows: &[Row], power: &Power) -> Option<(Forest, Power)> {
    let x: Vec<Vec<f64>> = rows.iter().map(|row| power.coordinates(&row.features)).collect();
    let left: Vec<f64> = rows.iter().map(|row| row.value.ln() - power.at(&row.features)).collect();
    Forest::fit(&x, &left, 2).map(|forest| (forest, power.clone()))
}

/// Lines of each kind of machine on which the step ran often enough.
fn of_machines(rows: &[Row], columns: &Columns) -> Vec<(Option<Line>, Option<Line>)> {
    let line_of = |machine: usize| {
        let own = rows.iter().rev().filter(|row| row.features.machine == Some(machine));
        let own: Vec<&Row> = own.take(FITTED).collect();
        if own.len() >= OWN_LINE && columns.machines() > 1 {
            (Line::fit(&own, 0), Line::best(&own, columns.len()))
        } else {
            (None, None)
        }
    };
    (0..columns.machines()).map(line_of).collect()
}

/// Median of the candidates that look at the run, with those that move another one counted once.
fn consensus(opinions: &Opinions) -> Option<f64> {
    const HEARD: [Candidate; 8] = [
        Candidate::Line,
        Candidate::LineOfMachine,
        Candidate::BestLine,
        Candidate::Power,
        Candidate::Nearest3,
        Candidate::LineAndNearest,
        Candidate::PowerAndNearest,
        Candidate::PowerAndForest,
    ];
    let heard = HEARD.iter().filter_map(|candidate| opinions.get(*candidate as usize).copied().flatten());
    median(heard.collect())
}

fn median_of_last(rows: &[Row], count: usize) -> Option<f64> {
    median(latest(rows, count).iter().map(|row| row.value.ln()).collect())
}

fn latest(rows: &[Row], count: usize) -> &[Row] {
    rows.get(rows.len().saturating_sub(count)..).unwrap_or_default()
}
