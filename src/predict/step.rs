//! The predictor of one step.

use super::candidates::{Fits, Row};
use super::frame::{Columns, Features};
use super::ledger::{Ledger, Limits, Novelty, Outcome, Tallies};
use super::run::{Prediction, Query, Run, Target};

/// An input is beyond those seen if it is about 1.6 times as large or as small (a half in logarithms).
pub(super) const BEYOND: f64 = 0.5;

/// Runs that are fitted to again when they have grown by this share.
const GROWTH: f64 = 0.02;

/// The first run of a pipeline teaches little of the next: its steps count as so many runs once there is a second.
const FIRST_COUNTS: usize = 10;

/// Of each later pipeline run so many runs of the step count whole; of the rest fewer and fewer.
const COUNTS_WHOLE: f64 = 10.0;

/// Runs before candidates are judged.
const JUDGED_FROM: usize = 2;

/// Everything learned of one step.
#[derive(Clone, Debug, Default)]
pub(super) struct StepModel {
    columns: Columns,
    rows: Vec<Row>,
    /// Sum of value x seconds.
    used: f64,
    fits: Fits,
    /// Number of rows that `fits` are of.
    fitted: usize,
    ledger: Ledger,
    block: Block,
}

/// The runs of a step within one run of its pipeline. They start together, so none is predicted from another: judging
/// candidates row by row would flatter them.
#[derive(Clone, Debug, Default)]
struct Block {
    pipeline_run: String,
    number: usize,
    /// Fits and number of rows when it began.
    fits: Fits,
    began: usize,
    /// How much of it counted so far.
    counted: f64,
}

impl StepModel {
    /// One more run, with the measured `value`.
    pub fn observe(&mut self, target: Target, run: &Run, value: f64, common: &mut Tallies) {
        self.columns.extend(&run.query);
        let features = self.columns.features(&run.query);
        if self.rows.is_empty() || run.pipeline_run != self.block.pipeline_run {
            self.begin(&run.pipeline_run);
        }
        let seconds = run.run_time.map_or(1.0, |time| time.0);
        if self.block.counts(self.rows.len()) {
            self.judge(target, &features, value, seconds, common);
        }
        self.used += value * seconds;
        self.rows.push(Row { features, value });
        if self.rows.len() as f64 >= self.fitted as f64 * (1.0 + GROWTH) {
            self.refit();
        }
    }

    /// What the next run will need.
    pub fn predict(&self, target: Target, query: &Query, common: &Tallies) -> Option<Prediction> {
        let features = self.columns.features(query);
        let novelty = novelty(&self.fits, &self.rows, &features);
        let opinions = self.fits.opinions(&self.rows, &features);
        let limits = Limits {
            most_seen: self.fits.most_seen(),
            usual: self.used / self.rows.len() as f64,
            bound: self.fits.highest(&features),
        };
        self.ledger.choose(target, novelty, &opinions, limits, common)
    }

    /// A new run of the pipeline begins.
    fn begin(&mut self, pipeline_run: &str) {
        self.refit();
        self.block = Block {
            pipeline_run: pipeline_run.to_owned(),
            number: self.block.number + 1,
            fits: self.fits.clone(),
            began: self.rows.len(),
            counted: 0.0,
        };
        if self.block.number == 2 {
            self.ledger.discount(FIRST_COUNTS);
        }
    }

    /// Lets the candidates predict a finished run from what came before it.
    fn judge(&mut self, target: Target, features: &Features, value: f64, seconds: f64, common: &mut Tallies) {
        // All that is known of a first pipeline run is the part of it that is over.
        let first = self.block.number == 1;
        let (fits, seen) = if first {
            (&self.fits, self.rows.len())
        } else {
            (&self.block.fits, self.block.began)
        };
        let rows = self.rows.get(..seen).unwrap_or_default();
        if rows.len() < JUDGED_FROM {
            return;
        }
        let outcome = Outcome {
            value,
            seconds,
            most_seen: fits.most_seen(),
            usual: self.used / self.rows.len() as f64,
        };
        let novelty = novelty(fits, rows, features);
        let opinions = fits.opinions(rows, features);
        self.ledger.record(target, novelty, &opinions, outcome, common);
    }

    fn refit(&mut self) {
        if self.fitted < self.rows.len() {
            self.fits = Fits::new(&self.rows, &self.columns, &self.fits);
            self.fitted = self.rows.len();
        }
    }
}

impl Block {
    /// Whether the next row is judged: the first ones of a block, then fewer and fewer, as they have much in common.
    fn counts(&mut self, rows: usize) -> bool {
        let position = (rows - self.began + 1) as f64;
        let before = self.counted;
        self.counted += (COUNTS_WHOLE / position).min(1.0);
        self.number == 1 || before.floor() < self.counted.floor() || position <= COUNTS_WHOLE
    }
}

fn novelty(fits: &Fits, rows: &[Row], features: &Features) -> Novelty {
    let inputs = || rows.iter().map(|row| row.features.log(0));
    let most = inputs().fold(f64::NEG_INFINITY, f64::max);
    let least = inputs().fold(f64::INFINITY, f64::min);
    let input = features.log(0);
    if !fits.is_new(rows, features) {
        Novelty::Repeat
    } else if input > most + BEYOND || input < least - BEYOND {
        Novelty::Beyond
    } else {
        Novelty::Within
    }
}
