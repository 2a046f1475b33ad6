//! The problem as bare mathematics: tasks, candidates, edges, rows, pools and deadlines.
//!
//! Positions (`usize`) are positions in the vectors of [`Model`]. Money and time are in whatever unit the caller
//! likes, the same everywhere.

/// One placement problem.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Model {
    /// By site, the number of the cloud that it is in.
    pub clouds: Vec<usize>,
    /// What is to be placed.
    pub tasks: Vec<Task>,
    /// Data between tasks; no task may come before itself.
    pub edges: Vec<Edge>,
    /// By source site, then destination site: what moving one unit of data takes. Free within a site.
    pub lanes: Vec<Vec<Lane>>,
    /// What tasks share.
    pub rows: Vec<Row>,
    /// What is bought once and used by many.
    pub pools: Vec<Pool>,
    /// When tasks have to have ended.
    pub deadlines: Vec<Deadline>,
    /// Money that is paid once if any task is where it is due: a cluster, a copy that several read.
    pub fees: Vec<f64>,
    /// Parts of what an edge would pay, by the site of its reader: of several readers of one thing each pays a part.
    pub splits: Vec<Vec<f64>>,
}

/// One thing to place: exactly one of its candidates is taken.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Task {
    /// Where and on what it could be.
    pub candidates: Vec<Candidate>,
    /// Site and fee: what is due if the task is there.
    pub dues: Vec<(usize, usize)>,
}

/// One way to place a task.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Candidate {
    /// Where.
    pub site: usize,
    /// Money.
    pub cost: f64,
    /// By deadline, how long the task takes as that deadline counts; what is missing is 0.
    pub times: Vec<f64>,
    /// Row and amount, which is not negative; each row at most once.
    pub uses: Vec<(usize, f64)>,
}

/// Data that one task makes and another reads.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Edge {
    /// The task that makes it.
    pub from: usize,
    /// The task that reads it.
    pub to: usize,
    /// Units that are paid for.
    pub paid: f64,
    /// Units that the reader waits for.
    pub awaited: f64,
    /// True if the reader does not wait for the maker at all.
    pub stale: bool,
    /// What it costs beside, by how far the two are from each other.
    pub bias: Bias,
    /// One of [`Model::splits`]: the part of it that is paid.
    pub split: Option<usize>,
}

/// Money by how far two tasks are from each other; infinite for never.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Bias {
    /// Both at one site.
    pub site: f64,
    /// At two sites of one cloud.
    pub cloud: f64,
    /// In two clouds.
    pub away: f64,
}

/// What moving one unit of data takes.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Lane {
    /// Money.
    pub price: f64,
    /// Time.
    pub delay: f64,
}

/// A limit on the sum of what the chosen candidates use.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Row {
    /// A number.
    Limit(f64),
    /// As many nodes as are bought of this pool. Amounts are whole.
    Pool(usize),
}

/// Nodes bought once and shared by tasks that run at different times: one row for each time.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Pool {
    /// Money for each node.
    pub price: f64,
    /// The most nodes that can be bought.
    pub limit: usize,
}

/// All ways through the graph that end at these tasks take no longer than this, transfers included.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Deadline {
    /// The tasks whose end counts.
    pub ends: Vec<usize>,
    /// Time from the start.
    pub within: f64,
}
