//! The decision as bare mathematics: tasks, choices, flows and rules, without clouds or files.
//!
//! `assemble` makes one from a graph; tests make small random ones. Positions (`usize`) are positions in the vectors
//! of [`Instance`]. Money is USD per month, time is hours: the sizes at which a solver's tolerances are harmless.

/// One placement problem.
#[derive(Clone, Debug, Default)]
pub struct Instance {
    /// Where tasks may be.
    pub sites: Vec<SiteTerms>,
    /// What is to be placed, in an order in which it can run.
    pub tasks: Vec<Task>,
    /// Data between tasks, or from fixed places to tasks.
    pub flows: Vec<Flow>,
    /// `(before, after)`: order, whether or not data flows.
    pub order: Vec<(usize, usize)>,
    /// Price and time of moving data, by source site and destination site.
    pub lanes: Vec<Vec<Lane>>,
    /// What restricts the choice; each can be switched off to find out what is to blame.
    pub rules: Vec<Rule>,
    /// For each pipeline, the tasks that end.
    pub pipelines: Vec<Vec<usize>>,
}

/// What matters of a site.
#[derive(Clone, Copy, Debug, Default)]
pub struct SiteTerms {
    /// What it costs to use it at all.
    pub standing: f64,
    /// Sites of one cloud share this number; a cluster outside any cloud has its own.
    pub cloud: usize,
    /// Paid for whether or not a task is there (it holds the hub).
    pub used: bool,
}

/// One thing to place: exactly one of its choices is taken.
#[derive(Clone, Debug, Default)]
pub struct Task {
    /// Where and on what it could be.
    pub choices: Vec<Choice>,
}

/// One way to place a task.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Where.
    pub site: usize,
    /// Money, expected over all runs: machines and what is stored there.
    pub cost: f64,
    /// The same at p95, if the task runs in every run.
    pub cost_p95: f64,
    /// How long all its items take.
    pub time: Time,
    /// Emissions in kg a month, expected over all runs.
    pub carbon: f64,
    /// The same if the task runs in every run.
    pub carbon_full: f64,
    /// What it takes of [`RuleKind::Capacity`] rules: rule and amount.
    pub uses: Vec<(usize, f64)>,
    /// The [`RuleKind::Bar`] rules that forbid it.
    pub barred: Vec<usize>,
}

/// A duration with its spread, in hours.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Time {
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
}

/// Data that a task reads.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Flows of the same data from the same source pay once for each destination site.
    pub data: usize,
    /// Where it comes from.
    pub from: Source,
    /// The task that reads it.
    pub to: usize,
    /// 10⁹ bytes of one run at p95.
    pub gb: f64,
    /// Runs per month.
    pub runs: f64,
    /// Share of them in which anything reads it from there: the same for all flows of one data set and source.
    pub share: f64,
    /// True if the reader waits for this run's version; else the last run's does.
    pub waits: bool,
}

/// Where data comes from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Source {
    /// Beside the task that makes it.
    Task(usize),
    /// Copies that exist at these sites; the cheapest for the reader is taken.
    Copies(Vec<usize>),
}

/// What moving 10⁹ bytes from one site to another takes.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Lane {
    /// USD.
    pub usd: f64,
    /// Hours.
    pub hours: f64,
}

/// One restriction.
#[derive(Clone, Debug)]
pub struct Rule {
    /// `None`: must hold; a weight: holds if it can.
    pub weight: Option<f64>,
    /// What it says.
    pub kind: RuleKind,
}

/// What a rule says.
#[derive(Clone, PartialEq, Debug)]
pub enum RuleKind {
    /// Forbids the choices that name it.
    Bar,
    /// Tasks that may run at the same time use no more than this together.
    Capacity {
        /// How much there is.
        limit: f64,
        /// Sets of tasks that may all run at the same time.
        windows: Vec<Vec<usize>>,
    },
    /// These tasks have ended so long after their run's start, at this many standard deviations.
    Deadline {
        /// Which.
        tasks: Vec<usize>,
        /// Hours.
        within: f64,
        /// Standard deviations above the median that are planned for.
        deviations: f64,
    },
    /// These tasks and what they read cost no more at p95, whichever alternatives run.
    Budget {
        /// Which.
        tasks: Vec<usize>,
        /// Sets of them of which at most one runs: the dearest counts. No task is in two.
        either: Vec<Vec<usize>>,
        /// Money.
        limit: f64,
    },
    /// These tasks emit no more, whichever alternatives run.
    Carbon {
        /// Which.
        tasks: Vec<usize>,
        /// Sets of them of which at most one runs: the dirtiest counts. No task is in two.
        either: Vec<Vec<usize>>,
        /// Kilograms a month.
        limit: f64,
    },
    /// Two tasks are in one site, or one cloud.
    Together {
        /// Which.
        tasks: (usize, usize),
        /// What counts as one place.
        scope: Scope,
    },
    /// Two tasks are not in one site, or one cloud.
    Apart {
        /// Which.
        tasks: (usize, usize),
        /// What counts as one place.
        scope: Scope,
    },
}

/// What counts as one place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// A site.
    Site,
    /// A cloud.
    Cloud,
}

/// Standard deviations of the normal distribution at 95 %: what lies between `p50` and `p95`.
pub const P95: f64 = 1.644_853_626_951_472_2;

impl Time {
    /// The duration at `deviations` standard deviations above the median, as if normally distributed.
    pub fn at(self, deviations: f64) -> f64 {
        self.p50 + (self.p95 - self.p50).max(0.0) * (deviations.max(0.0) / P95)
    }
}

impl Instance {
    /// Price and time between two sites; free and instant within one.
    pub fn lane(&self, from: usize, to: usize) -> Lane {
        if from == to {
            return Lane::default();
        }
        let lane = self.lanes.get(from).and_then(|row| row.get(to));
        lane.copied().unwrap_or_default()
    }

    /// The copy that serves `to` best: cheapest, then fastest, then first.
    pub fn nearest(&self, copies: &[usize], to: usize) -> Option<usize> {
        let worth = |from: &&usize| {
            let lane = self.lane(**from, to);
            (lane.usd, lane.hours)
        };
        let better = |a: &&usize, b: &&usize| {
            let (a, b) = (worth(a), worth(b));
            a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
        };
        copies.iter().min_by(better).copied()
    }

    /// The number of the cloud that `site` is in.
    pub fn cloud(&self, site: usize) -> usize {
        self.sites.get(site).map_or(usize::MAX, |site| site.cloud)
    }

    /// The place of `site` at this scope.
    pub fn area(&self, site: usize, scope: Scope) -> usize {
        match scope {
            Scope::Site => site,
            Scope::Cloud => self.cloud(site),
        }
    }
}
