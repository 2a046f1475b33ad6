//! What moving data between sites takes, in a form that makes messages cheap.
//!
//! Clouds price a transfer by where it starts and whether it stays at the site, stays in the cloud or leaves it. Then
//! the minimum over all sources is found from one minimum per cloud: a message costs O(sites), not O(sites²).

use super::model::{Bias, Lane};

/// What moving one unit takes, by pair of sites.
#[derive(Clone, Debug)]
pub(super) struct Transfer {
    /// By site.
    pub cloud: Vec<usize>,
    pub clouds: usize,
    /// By split, then the reader's site: the part that is paid.
    splits: Vec<Vec<f64>>,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    /// By source site: to another site of its cloud, and to another cloud.
    ByCloud { same: Vec<Lane>, other: Vec<Lane> },
    /// By source site, then destination site.
    Table(Vec<Lane>),
}

/// What an edge takes of lanes, and what it costs beside.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Toll {
    /// Units paid for.
    pub paid: f64,
    /// Units waited for, times the price of waiting.
    pub waited: f64,
    /// By distance.
    pub bias: Bias,
    /// Which part is paid, if not all.
    pub split: Option<usize>,
}

/// What a message is computed from: the sites of its sender or reader, in order.
#[derive(Clone, Copy)]
pub(super) enum Direction {
    /// From the task that makes the data to the one that reads it.
    Forward,
    /// Against the data.
    Backward,
}

/// Memory that messages reuse.
#[derive(Clone, Debug, Default)]
pub(super) struct Workspace {
    near: Vec<f64>,
    far: Vec<f64>,
    at: Vec<f64>,
}

impl Transfer {
    pub(super) fn new(clouds: &[usize], lanes: &[Vec<Lane>], splits: &[Vec<f64>]) -> Transfer {
        let sites = clouds.len();
        let lane = |from: usize, to: usize| {
            let lane = lanes.get(from).and_then(|row| row.get(to)).copied();
            if from == to {
                Lane::default()
            } else {
                lane.unwrap_or_default()
            }
        };
        let form = by_cloud(clouds, lane).unwrap_or_else(|| {
            Form::Table(
                (0..sites * sites)
                    .map(|pair| lane(pair / sites, pair % sites))
                    .collect(),
            )
        });
        Transfer {
            cloud: clouds.to_vec(),
            clouds: clouds.iter().max().map_or(0, |last| last + 1),
            splits: splits.to_vec(),
            form,
        }
    }

    pub(super) fn lane(&self, from: usize, to: usize) -> Lane {
        if from == to {
            return Lane::default();
        }
        match &self.form {
            Form::ByCloud { same, other } => {
                if self.cloud[from] == self.cloud[to] {
                    same[from]
                } else {
                    other[from]
                }
            }
            Form::Table(lanes) => lanes[from * self.cloud.len() + to],
        }
    }

    pub(super) fn cost(&self, from: usize, to: usize, toll: Toll) -> f64 {
        let lane = self.lane(from, to);
        let part = toll.split.map_or(1.0, |split| self.splits[split][to]);
        part * toll.paid * lane.price + toll.waited * lane.delay + self.bias(from, to, toll.bias)
    }

    fn bias(&self, from: usize, to: usize, bias: Bias) -> f64 {
        if from == to {
            bias.site
        } else if self.cloud[from] == self.cloud[to] {
            bias.cloud
        } else {
            bias.away
        }
    }

    /// `answer[j]` = the least over `i` of `values[i]` + the transfer between `from[i]` and `to[j]`; the least of all
    /// answers is subtracted from each and returned.
    pub(super) fn message(
        &self,
        direction: Direction,
        toll: Toll,
        from: (&[usize], &[f64]),
        (to, answer): (&[usize], &mut [f64]),
        workspace: &mut Workspace,
    ) -> f64 {
        match &self.form {
            // Minima by cloud have the own site in them: it must not be dearer than its neighbours. Nor may what is
            // paid depend on the reader's site.
            Form::ByCloud { same, other } if toll.bias.site <= toll.bias.cloud && toll.split.is_none() => {
                workspace.reset(self);
                let lanes = (same.as_slice(), other.as_slice());
                match direction {
                    Direction::Forward => self.forward(lanes, toll, from, (to, answer), workspace),
                    Direction::Backward => self.backward(lanes, toll, from, (to, answer), workspace),
                }
                workspace.forget(from.0);
            }
            Form::ByCloud { .. } | Form::Table(_) => {
                for (site, answer) in to.iter().zip(answer.iter_mut()) {
                    let cost = |other: usize| match direction {
                        Direction::Forward => self.cost(other, *site, toll),
                        Direction::Backward => self.cost(*site, other, toll),
                    };
                    let costs = from.0.iter().zip(from.1);
                    *answer = costs
                        .map(|(other, value)| value + cost(*other))
                        .fold(f64::INFINITY, f64::min);
                }
            }
        }
        let least = answer.iter().copied().fold(f64::INFINITY, f64::min);
        answer.iter_mut().for_each(|answer| *answer -= least);
        least
    }

    fn forward(
        &self,
        (same, other): (&[Lane], &[Lane]),
        toll: Toll,
        (from, values): (&[usize], &[f64]),
        (to, answer): (&[usize], &mut [f64]),
        workspace: &mut Workspace,
    ) {
        for (site, value) in from.iter().zip(values) {
            let cloud = self.cloud[*site];
            let near = value + weighted(same[*site], toll) + toll.bias.cloud;
            let far = value + weighted(other[*site], toll) + toll.bias.away;
            workspace.near[cloud] = workspace.near[cloud].min(near);
            workspace.far[cloud] = workspace.far[cloud].min(far);
            workspace.at[*site] = value + toll.bias.site;
        }
        let far = Runners::of(&workspace.far);
        for (site, answer) in to.iter().zip(answer.iter_mut()) {
            let cloud = self.cloud[*site];
            let elsewhere = workspace.near[cloud].min(far.outside(cloud));
            *answer = elsewhere.min(workspace.at[*site]);
        }
    }

    fn backward(
        &self,
        (same, other): (&[Lane], &[Lane]),
        toll: Toll,
        (from, values): (&[usize], &[f64]),
        (to, answer): (&[usize], &mut [f64]),
        workspace: &mut Workspace,
    ) {
        for (site, value) in from.iter().zip(values) {
            let cloud = self.cloud[*site];
            workspace.near[cloud] = workspace.near[cloud].min(*value);
            workspace.at[*site] = value + toll.bias.site;
        }
        let far = Runners::of(&workspace.near);
        for (site, answer) in to.iter().zip(answer.iter_mut()) {
            let cloud = self.cloud[*site];
            let near = workspace.near[cloud] + weighted(same[*site], toll) + toll.bias.cloud;
            let far = far.outside(cloud) + weighted(other[*site], toll) + toll.bias.away;
            *answer = near.min(far).min(workspace.at[*site]);
        }
    }
}

fn by_cloud(clouds: &[usize], lane: impl Fn(usize, usize) -> Lane) -> Option<Form> {
    let (mut same, mut other) = (Vec::new(), Vec::new());
    for from in 0..clouds.len() {
        let (mut near, mut far) = (None, None);
        for to in (0..clouds.len()).filter(|to| *to != from) {
            let kind = if clouds[to] == clouds[from] {
                &mut near
            } else {
                &mut far
            };
            if *kind.get_or_insert(lane(from, to)) != lane(from, to) {
                return None;
            }
        }
        same.push(near.unwrap_or_default());
        other.push(far.unwrap_or_default());
    }
    Some(Form::ByCloud { same, other })
}

fn weighted(lane: Lane, toll: Toll) -> f64 {
    toll.paid * lane.price + toll.waited * lane.delay
}

impl Workspace {
    fn reset(&mut self, transfer: &Transfer) {
        self.near.clear();
        self.near.resize(transfer.clouds, f64::INFINITY);
        self.far.clear();
        self.far.resize(transfer.clouds, f64::INFINITY);
        self.at.resize(transfer.cloud.len(), f64::INFINITY);
    }

    fn forget(&mut self, sites: &[usize]) {
        for site in sites {
            self.at[*site] = f64::INFINITY;
        }
    }
}

/// The least value by cloud and the least of all other clouds.
struct Runners {
    first: f64,
    holder: usize,
    second: f64,
}

impl Runners {
    fn of(values: &[f64]) -> Runners {
        let (mut first, mut holder, mut second) = (f64::INFINITY, usize::MAX, f64::INFINITY);
        for (cloud, value) in values.iter().enumerate() {
            if *value < first {
                (second, first, holder) = (first, *value, cloud);
            } else {
                second = second.min(*value);
            }
        }
        Runners {
            first,
            holder,
            second,
        }
    }

    fn outside(&self, cloud: usize) -> f64 {
        if cloud == self.holder {
            self.second
        } else {
            self.first
        }
    }
}
