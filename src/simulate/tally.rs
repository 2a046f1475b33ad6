//! Many runs -> figures: gathered in pieces of fixed size, so that sums do not depend on the number of threads.

use super::draw::Draws;
use super::network::Network;
use super::play::{Stage, State};
use super::watch::Watched;

/// Runs of one piece.
pub const PIECE: u64 = 250;

/// What some runs gave.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// End of the last step of each run.
    pub ends: Vec<f64>,
    /// What each run cost.
    pub costs: Vec<f64>,
    /// Runs in which a step failed for good.
    pub failed: u64,
    /// By promise, what each run reached.
    pub reached: Vec<Vec<f64>>,
    /// By task.
    pub tasks: Vec<TaskTally>,
    /// Sum of squares of the ends.
    pub squares: f64,
}

/// Of one task.
#[derive(Clone, Copy, Debug, Default)]
pub struct TaskTally {
    /// Runs in which it was on the chain that decided the end.
    pub critical: u64,
    /// Runs in which it was skipped.
    pub skipped: u64,
    /// Runs in which it failed.
    pub failed: u64,
    /// Sum of the seconds it was answerable for.
    pub seconds: f64,
    /// Sum of its own times: from when an item could begin to its end, the mean of its items.
    pub own: f64,
    /// Sum of their squares.
    pub squares: f64,
    /// Sum of these times the run's end.
    pub products: f64,
}

/// Plays the runs of one piece, `first` and those after it.
pub fn piece(network: &Network, watched: &[Watched<'_>], seed: u64, first: u64, count: u64) -> Tally {
    let mut stage = Stage::of(network);
    let mut tally = Tally {
        reached: vec![Vec::new(); watched.len()],
        tasks: vec![TaskTally::default(); network.tasks.len()],
        ..Tally::default()
    };
    for run in first..first + count {
        stage.play(Draws::of(seed, run));
        tally.add(watched, &stage);
    }
    tally
}

impl Tally {
    fn add(&mut self, watched: &[Watched<'_>], stage: &Stage<'_>) {
        let end: f64 = stage.answerable.iter().sum();
        let failed = (0..self.tasks.len()).any(|at| stage.state_of(at) == State::Failed);
        for (at, (own, seconds)) in self.tasks.iter_mut().zip(&stage.answerable).enumerate() {
            own.seconds += seconds;
            let time = stage.time_of(at);
            own.own += time;
            own.squares += time * time;
            own.products += time * end;
            own.critical += u64::from(*seconds > 0.0);
            match stage.state_of(at) {
                State::Failed => own.failed += 1,
                State::Skipped => own.skipped += 1,
                State::Done | State::Open => {}
            }
        }
        self.failed += u64::from(failed);
        self.ends.push(end);
        self.squares += end * end;
        self.costs.push(stage.spent.iter().sum());
        for (reached, watched) in self.reached.iter_mut().zip(watched) {
            reached.push(watched.reached(stage));
        }
    }

    /// All pieces, in the order of their runs.
    pub fn joined(pieces: Vec<Tally>) -> Tally {
        let mut all = pieces.into_iter();
        let Some(mut sum) = all.next() else {
            return Tally::default();
        };
        for piece in all {
            sum.ends.extend(piece.ends);
            sum.costs.extend(piece.costs);
            sum.failed += piece.failed;
            sum.squares += piece.squares;
            for (own, more) in sum.reached.iter_mut().zip(piece.reached) {
                own.extend(more);
            }
            for (own, more) in sum.tasks.iter_mut().zip(piece.tasks) {
                own.critical += more.critical;
                own.skipped += more.skipped;
                own.failed += more.failed;
                own.seconds += more.seconds;
                own.own += more.own;
                own.squares += more.squares;
                own.products += more.products;
            }
        }
        sum
    }

    /// The share of the variance of the ends that a task's own time explains alone: their squared correlation.
    pub fn explained_by(&self, task: &TaskTally) -> f64 {
        let runs = self.ends.len().max(1) as f64;
        let (mean, own) = (self.ends.iter().sum::<f64>() / runs, task.own / runs);
        let (variance, of_own) = (self.squares / runs - mean * mean, task.squares / runs - own * own);
        let together = task.products / runs - own * mean;
        // What does not vary explains nothing; sums of squares are no more exact than this.
        if variance <= mean * mean * 1e-12 || of_own <= own * own * 1e-12 {
            return 0.0;
        }
        (together * together / variance / of_own).min(1.0)
    }
}
