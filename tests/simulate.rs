//! `simulate`: the event loop against a naive simulator that shares nothing with it but the network, and the command.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use portolan::graph::Cause;
use portolan::simulate::draw::Draws;
use portolan::simulate::network::{Again, Arrival, Edge, Fails, Network, Spread, Task};
use portolan::simulate::play::{Stage, State};

use crate::blessed::root;

/// A generator of its own: that of Lehmer with Park and Miller's constants.
struct Lehmer(u64);

impl Lehmer {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        self.0 as f64 / 2_147_483_647.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.uniform() * n as f64) as usize % n
    }

    /// The sum of twelve uniform numbers is nearly normal, but for the tails.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// Networks without queues: one item a task, machines for all.
fn random_network(chance: &mut Lehmer) -> Network {
    let count = 3 + chance.below(8);
    let mut tasks: Vec<Task> = Vec::new();
    for at in 0..count {
        let p50 = 60.0 + 3_000.0 * chance.uniform();
        let mut task = Task {
            time: Spread {
                p50,
                p95: p50 * (1.0 + chance.uniform()),
            },
            start: 120.0 * chance.below(2) as f64,
            price: chance.uniform() / 3600.0,
            ..Task::default()
        };
        for before in 0..at {
            if chance.uniform() < 0.35 {
                task.edges.push(Edge {
                    from: before,
                    groups: 1,
                });
                if chance.uniform() < 0.7 {
                    task.inputs.push(vec![before]);
                }
            }
        }
        match chance.below(6) {
            0 => task.chance = chance.uniform(),
            1 => {
                task.interruptions = chance.uniform() / 3_000.0;
                task.retries = vec![Again {
                    cause: Cause::Preemption,
                    limit: 3,
                    backoff: 10.0,
                    factor: 2.0,
                }];
            }
            2 => task.timeout = p50 * (1.0 + chance.uniform()),
            3 => {
                task.arrivals = vec![Arrival {
                    from: Vec::new(),
                    time: Spread {
                        p50: 500.0,
                        p95: 900.0,
                    },
                    price: 1.0,
                }]
            }
            _ => {}
        }
        tasks.push(task);
    }
    Network {
        tasks,
        machines: Vec::new(),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Naive {
    Done(f64),
    Skipped(f64),
    Failed(f64),
}

impl Naive {
    fn end(self) -> f64 {
        match self {
            Naive::Done(end) | Naive::Skipped(end) | Naive::Failed(end) => end,
        }
    }
}

/// What becomes of a task, by recursion over what it waits for.
fn naive(
    network: &Network,
    at: usize,
    known: &mut BTreeMap<usize, Naive>,
    chance: &mut Lehmer,
    spent: &mut f64,
) -> Naive {
    if let Some(found) = known.get(&at) {
        return *found;
    }
    let task = &network.tasks[at];
    let mut before = Vec::new();
    for edge in &task.edges {
        before.push((edge.from, naive(network, edge.from, known, chance, spent)));
    }
    let ready = before.iter().map(|(_, state)| state.end()).fold(0.0, f64::max);
    let of = |from: &usize| before.iter().find(|(at, _)| at == from).map(|(_, state)| *state);
    let missing = task
        .inputs
        .iter()
        .any(|made| !made.iter().any(|from| matches!(of(from), Some(Naive::Done(_)))));
    let state = if before.iter().any(|(_, state)| matches!(state, Naive::Failed(_))) {
        Naive::Failed(ready)
    } else if chance.uniform() > task.chance || missing {
        Naive::Skipped(ready)
    } else {
        attempts(task, ready, chance, spent)
    };
    known.insert(at, state);
    state
}

fn drawn(spread: Spread, chance: &mut Lehmer) -> f64 {
    let sigma = (spread.p95 / spread.p50).ln() / 1.644_853_6;
    (spread.p50.ln() + sigma * chance.normal()).exp()
}

fn attempts(task: &Task, ready: f64, chance: &mut Lehmer, spent: &mut f64) -> Naive {
    let mut now = ready;
    for arrival in &task.arrivals {
        let time = drawn(arrival.time, chance);
        now = now.max(time);
        *spent += arrival.price * time / arrival.time.p95;
    }
    let work = drawn(task.time, chance);
    let mut wait = 10.0;
    for attempt in 0.. {
        let taken = -chance.uniform().ln() / task.interruptions;
        let ran = work.min(taken).min(task.timeout);
        *spent += (task.start + ran) * task.price;
        now += task.start + ran;
        if ran == work {
            return Naive::Done(now);
        }
        if ran == task.timeout || attempt == 3 {
            return Naive::Failed(now);
        }
        now += wait;
        wait *= 2.0;
    }
    unreachable!("the fourth attempt is the last")
}

/// Mean and standard deviation.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
    (mean, variance.sqrt())
}

const RUNS: usize = 4_000;

/// Of each run: the last end, the money, and how many tasks were done, skipped and failed.
fn by_events(network: &Network) -> [Vec<f64>; 5] {
    let mut stage = Stage::of(network);
    let mut found: [Vec<f64>; 5] = Default::default();
    for run in 0..RUNS {
        stage.play(Draws::of(7, run as u64));
        let states: Vec<State> = (0..network.tasks.len()).map(|at| stage.state_of(at)).collect();
        let count = |state| states.iter().filter(|own| **own == state).count() as f64;
        let own = [
            stage.answerable.iter().sum(),
            stage.spent.iter().sum(),
            count(State::Done),
            count(State::Skipped),
            count(State::Failed),
        ];
        found.iter_mut().zip(own).for_each(|(all, own)| all.push(own));
    }
    found
}

fn by_recursion(network: &Network, chance: &mut Lehmer) -> [Vec<f64>; 5] {
    let mut found: [Vec<f64>; 5] = Default::default();
    for _ in 0..RUNS {
        let (mut known, mut spent) = (BTreeMap::new(), 0.0);
        for at in 0..network.tasks.len() {
            naive(network, at, &mut known, chance, &mut spent);
        }
        let count = |of: fn(&Naive) -> bool| known.values().filter(|state| of(state)).count() as f64;
        let own = [
            known.values().map(|state| state.end()).fold(0.0, f64::max),
            spent,
            count(|state| matches!(state, Naive::Done(_))),
            count(|state| matches!(state, Naive::Skipped(_))),
            count(|state| matches!(state, Naive::Failed(_))),
        ];
        found.iter_mut().zip(own).for_each(|(all, own)| all.push(own));
    }
    found
}

#[test]
fn events_agree_with_a_naive_simulator_within_sampling_error() {
    let mut chance = Lehmer(20_261_123);
    for case in 0..40 {
        let network = random_network(&mut chance);
        let (ours, theirs) = (by_events(&network), by_recursion(&network, &mut chance));
        let names = ["end", "money", "done", "skipped", "failed"];
        for (name, (ours, theirs)) in names.iter().zip(ours.iter().zip(&theirs)) {
            let ((mean, deviation), (other, others)) = (moments(ours), moments(theirs));
            let error = ((deviation * deviation + others * others) / RUNS as f64).sqrt();
            assert!(
                (mean - other).abs() <= 4.5 * error + 1e-6 * other.abs(),
                "case {case}, {name}: {mean} and {other}, error {error}\n{network:#?}"
            );
        }
    }
}

fn certain(seconds: f64) -> Spread {
    Spread {
        p50: seconds,
        p95: seconds,
    }
}

fn ends(network: &Network) -> Vec<Option<f64>> {
    let mut stage = Stage::of(network);
    stage.play(Draws::of(1, 0));
    (0..network.tasks.len()).map(|at| stage.end_of(at)).collect()
}

/// Ten items of an hour on four machines take three hours, three of them in the last.
#[test]
fn items_queue_for_machines_and_for_their_turn() {
    let task = Task {
        items: 10,
        parallel: 10,
        time: certain(3_600.0),
        uses: Some((0, 1.0)),
        ..Task::default()
    };
    let on = |machines: f64, parallel: usize| Network {
        tasks: vec![Task {
            parallel,
            ..task.clone()
        }],
        machines: vec![machines],
    };
    assert_eq!(ends(&on(4.0, 10)), [Some(3.0 * 3_600.0)]);
    assert_eq!(ends(&on(10.0, 5)), [Some(2.0 * 3_600.0)]);
    assert_eq!(ends(&on(10.0, 10)), [Some(3_600.0)]);
}

/// Two steps that nothing orders share one machine: the second waits, and the first answers for the wait.
#[test]
fn who_waits_for_a_machine_blames_who_held_it() {
    let task = |seconds| Task {
        time: certain(seconds),
        uses: Some((0, 1.0)),
        ..Task::default()
    };
    let network = Network {
        tasks: vec![task(100.0), task(50.0)],
        machines: vec![1.0],
    };
    assert_eq!(ends(&network), [Some(100.0), Some(150.0)]);
    let mut stage = Stage::of(&network);
    stage.play(Draws::of(1, 0));
    assert_eq!(stage.answerable, [100.0, 50.0]);
}

/// In a block each item goes through its steps at its own pace; who gathers waits for the last.
#[test]
fn items_of_a_block_run_on_alone() {
    let edge = |from, groups| Edge { from, groups };
    let align = Task {
        items: 3,
        parallel: 1,
        time: certain(10.0),
        ..Task::default()
    };
    let call = Task {
        items: 3,
        parallel: 3,
        time: certain(25.0),
        edges: vec![edge(0, 3)],
        inputs: vec![vec![0]],
        ..Task::default()
    };
    let report = Task {
        time: certain(1.0),
        edges: vec![edge(1, 1)],
        inputs: vec![vec![1]],
        ..Task::default()
    };
    let mut network = Network {
        tasks: vec![align, call, report],
        machines: Vec::new(),
    };
    assert_eq!(ends(&network), [Some(30.0), Some(55.0), Some(56.0)]);
    network.tasks[0].fails = Fails {
        items: 1,
        attempts: 1,
        cause: Cause::Error,
    };
    let states = |network: &Network| {
        let mut stage = Stage::of(network);
        stage.play(Draws::of(1, 0));
        [0, 1, 2].map(|at| stage.state_of(at))
    };
    assert_eq!(states(&network), [State::Failed; 3]);
    network
        .tasks
        .iter_mut()
        .take(2)
        .for_each(|task| task.tolerate = 1);
    assert_eq!(states(&network), [State::Done; 3]);
}

/// A checkpoint every ten minutes: an outage after 25 minutes costs five of them, and the time it lasts.
#[test]
fn a_lost_site_costs_what_was_not_saved() {
    let mut task = Task {
        time: certain(3_600.0),
        checkpoint: Some(600.0),
        outages: vec![(1_500.0, 2_000.0)],
        retries: vec![Again {
            cause: Cause::Lost,
            limit: 1,
            backoff: 10.0,
            factor: 2.0,
        }],
        ..Task::default()
    };
    let network = |task: &Task| Network {
        tasks: vec![task.clone()],
        machines: Vec::new(),
    };
    assert_eq!(ends(&network(&task)), [Some(2_000.0 + 2_400.0)]);
    task.outages = vec![(1_500.0, f64::INFINITY)];
    let gone = network(&task);
    let mut stage = Stage::of(&gone);
    stage.play(Draws::of(1, 0));
    assert_eq!(stage.state_of(0), State::Failed);
}

fn simulate(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
    let example = root().join("examples/cancer-risk");
    let command = command
        .arg("simulate")
        .arg(example)
        .args(["--runs", "2000"])
        .args(arguments);
    command.env("NO_COLOR", "1").output().expect("the program starts")
}

fn answer(arguments: &[&str]) -> serde_json::Value {
    let output = simulate(&[arguments, &["--format", "json"]].concat());
    let problems = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{problems}");
    let mut answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    answer["pipelines"][0].take()
}

fn step<'j>(play: &'j serde_json::Value, name: &str) -> &'j serde_json::Value {
    let steps = play["steps"].as_array().expect("steps");
    steps.iter().find(|step| step["step"] == name).expect("the step")
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let one = simulate(&["--threads", "1"]);
    assert_eq!(one.status.code(), Some(0));
    assert_eq!(one.stdout, simulate(&["--threads", "3"]).stdout);
    assert_ne!(one.stdout, simulate(&["--threads", "3", "--seed", "2"]).stdout);
}

#[test]
fn odds_are_those_that_branches_have() {
    let play = answer(&["--chance", "train=90%"]);
    let skipped = |name| step(&play, name)["skipped"].as_f64().expect("a share");
    assert!((skipped("train") + skipped("train-small") - 1.0).abs() < 1e-9);
    assert!((skipped("train") - 0.1).abs() < 0.03, "{}", skipped("train"));
    let times = play["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|step| step["time"].as_f64());
    assert!(
        (times.sum::<f64>() - 1.0).abs() < 1e-6,
        "the chain's parts are the run time"
    );
    assert!(step(&play, "train")["explains"].as_f64() > step(&play, "features")["explains"].as_f64());
    let promises = play["promises"].as_array().unwrap();
    let deadline = promises
        .iter()
        .find(|promise| promise["step"] == "train")
        .expect("the deadline");
    let odds = &deadline["odds"];
    assert!(
        odds["low"].as_f64() <= odds["share"].as_f64() && odds["share"].as_f64() <= odds["high"].as_f64()
    );
}

#[test]
fn faults_do_what_they_say() {
    let usual = answer(&[]);
    let median = |play: &serde_json::Value| play["run_time"]["p50"].as_f64().expect("seconds");
    let late = answer(&["--fault", "data=ehr-raw,late=5h"]);
    assert!((median(&late) - median(&usual) - 5.0 * 3_600.0).abs() < 1.0);
    let gone = answer(&["--fault", "step=features"]);
    assert_eq!(step(&gone, "features")["failed"], 1.0);
    assert_eq!(gone["succeeds"]["share"], 0.0);
    let dear = answer(&["--fault", "price=2x"]);
    assert!(dear["run_cost"]["p50"].as_i64() > usual["run_cost"]["p50"].as_i64());
    let site = answer(&["--fault", "site=aws.sa-east-1,from=10min,for=3h"]);
    assert!(median(&site) > median(&usual) + 2.0 * 3_600.0);
    for (fault, said) in [
        ("step=trian", "did you mean `train`"),
        ("site=aws.sa-east-2", "did you mean `aws.sa-east-1`"),
        ("data=ehr-raw,late=5", "no time such as `2h`"),
        ("nonsense", "write `site=SITE"),
    ] {
        let refused = simulate(&["--fault", fault]);
        assert_eq!(refused.status.code(), Some(2));
        let why = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(why.contains(said), "{why}");
    }
}
