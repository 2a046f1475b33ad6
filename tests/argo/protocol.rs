//! Submit-or-attach as states: every order in which dispatchers, a cluster and time can act, with crashes and lost
//! answers. The steps are those of `targets/argo/dispatch.sh`; what it rests on is read from what is emitted.

use std::collections::BTreeSet;

use super::{SEARCH, files};

/// How often a fragment may be started, as the dispatcher is told.
const ATTEMPTS: u8 = 2;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum At {
    /// Before it looks for an earlier result.
    Begin,
    /// Asks for children.
    Look,
    /// Has decided to create this attempt, and not done so.
    Create(u8),
    /// Knows the phase of the last attempt to be this, and will act on it.
    Crashed,
    Done,
    GaveUp,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Child {
    None,
    Running,
    Succeeded,
    Failed,
    /// Deleted when its time was over.
    Gone,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct State {
    dispatchers: [At; 2],
    children: [Child; ATTEMPTS as usize],
    /// The result marker in object storage.
    result: bool,
    /// How often data was committed: the manifest is created only if it is absent.
    commits: u8,
    /// How often a child was started under each name.
    started: [u8; ATTEMPTS as usize],
    crashes: u8,
    /// The hub's deadline has passed: no dispatcher acts any more.
    over: bool,
}

/// What may differ from the protocol that is emitted, to see that the model would notice.
#[derive(Clone, Copy)]
struct Rules {
    /// Names depend on run, fragment and attempt alone.
    deterministic_names: bool,
    /// Children are kept until the hub's deadline is over.
    outlives: bool,
    /// The attempt that was decided on is the one that is created.
    decided_once: bool,
}

const EMITTED: Rules = Rules {
    deterministic_names: true,
    outlives: true,
    decided_once: true,
};

fn next(state: &State, rules: Rules) -> Vec<State> {
    let mut all = Vec::new();
    if !state.over {
        for which in 0..2 {
            dispatcher(state, which, rules, &mut all);
        }
        all.push(State {
            over: true,
            ..state.clone()
        });
    }
    for attempt in 0..ATTEMPTS as usize {
        let mut to = |child: Child, commits: u8| {
            let mut other = state.clone();
            other.children[attempt] = child;
            other.commits += commits;
            all.push(other);
        };
        match state.children[attempt] {
            Child::Running => {
                to(
                    Child::Succeeded,
                    u8::from(state.commits == 0 || !rules.deterministic_names),
                );
                to(Child::Failed, 0);
            }
            Child::Succeeded | Child::Failed if state.over || !rules.outlives => to(Child::Gone, 0),
            Child::None | Child::Gone | Child::Succeeded | Child::Failed => {}
        }
    }
    all
}

fn dispatcher(state: &State, which: usize, rules: Rules, all: &mut Vec<State>) {
    let at = state.dispatchers[which];
    let mut go = |to: At, change: &dyn Fn(&mut State)| {
        let mut other = state.clone();
        other.dispatchers[which] = to;
        change(&mut other);
        all.push(other);
    };
    if !matches!(at, At::Done | At::GaveUp | At::Crashed) && state.crashes < 2 {
        go(At::Crashed, &|it| it.crashes += 1);
    }
    let seen = |child: &Child| !matches!(child, Child::None | Child::Gone);
    let last = state.children.iter().rposition(seen);
    match at {
        At::Crashed => go(At::Begin, &|_| {}),
        At::Begin if state.result => go(At::Done, &|_| {}),
        At::Begin => go(At::Look, &|_| {}),
        // An answer that is lost is asked for again: the same state.
        At::Look => match last.map(|last| (last as u8, state.children[last])) {
            None => go(At::Create(0), &|_| {}),
            Some((_, Child::Succeeded)) => go(At::Done, &|it| it.result = true),
            Some((last, Child::Failed)) if last + 1 >= ATTEMPTS => go(At::GaveUp, &|_| {}),
            Some((last, Child::Failed)) => go(At::Create(last + 1), &|_| {}),
            Some((_, Child::Running | Child::None | Child::Gone)) => {}
        },
        At::Create(decided) => {
            let attempt = match rules.decided_once {
                true => decided as usize,
                false => last.map_or(0, |last| last + 1).min(ATTEMPTS as usize - 1),
            };
            let absent =
                matches!(state.children[attempt], Child::None | Child::Gone) || !rules.deterministic_names;
            // Created, and the answer may be lost: either way it looks again.
            go(At::Look, &|it| {
                if absent {
                    it.children[attempt] = Child::Running;
                    it.started[attempt] += 1;
                }
            });
        }
        At::Done | At::GaveUp => {}
    }
}

/// Every state that can be reached, and what is wrong in any of them.
fn explore(rules: Rules) -> (usize, BTreeSet<&'static str>) {
    let first = State {
        dispatchers: [At::Begin; 2],
        children: [Child::None; ATTEMPTS as usize],
        result: false,
        commits: 0,
        started: [0; ATTEMPTS as usize],
        crashes: 0,
        over: false,
    };
    let mut seen = BTreeSet::from([first.clone()]);
    let mut open = vec![first];
    let mut wrong = BTreeSet::new();
    while let Some(state) = open.pop() {
        let following = next(&state, rules);
        let ended = |at: &At| matches!(at, At::Done | At::GaveUp);
        if state.commits > 1 {
            wrong.insert("committed twice");
        }
        if state.started.iter().any(|times| *times > 1) {
            wrong.insert("one attempt started twice");
        }
        if state.dispatchers.contains(&At::GaveUp) && state.commits > 0 && !state.over {
            wrong.insert("a result was lost");
        }
        if state.result && state.commits == 0 {
            wrong.insert("a result without data");
        }
        if following.is_empty() && !state.over && !state.dispatchers.iter().all(ended) {
            wrong.insert("nobody can go on");
        }
        for other in following {
            // The only way to count further than any rule allows.
            let bounded = other.started.iter().all(|times| *times < 4) && other.commits < 4;
            if bounded && seen.insert(other.clone()) {
                open.push(other);
            }
        }
    }
    (seen.len(), wrong)
}

#[test]
fn two_dispatchers_commit_once_and_lose_nothing() {
    let (states, wrong) = explore(EMITTED);
    assert!(states > 300, "{states}");
    assert_eq!(wrong, BTreeSet::new(), "of {states} states");
}

#[test]
fn each_rule_of_the_protocol_is_needed() {
    for (rules, said) in [
        (
            Rules {
                deterministic_names: false,
                ..EMITTED
            },
            "one attempt started twice",
        ),
        (
            Rules {
                outlives: false,
                ..EMITTED
            },
            "one attempt started twice",
        ),
    ] {
        let (_, wrong) = explore(rules);
        assert!(wrong.contains(said), "{wrong:?}");
    }
}

#[test]
fn what_is_emitted_has_the_constants_of_the_model() {
    let made = files(SEARCH);
    let hub = &made["argo/aws-eu-west-1/search.yaml"];
    assert!(
        hub.contains(&format!("- name: ATTEMPTS\n        value: '{ATTEMPTS}'")),
        "{hub}"
    );
    let kept = |text: &str, key: &str| {
        let values = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix(key)?.trim().parse::<u64>().ok());
        values.collect::<Vec<u64>>()
    };
    let deadline = kept(hub, "activeDeadlineSeconds:").into_iter().max().unwrap();
    let children = kept(&made["argo/lab/search.yaml"], "secondsAfterCompletion:");
    assert!(
        !children.is_empty() && children.iter().all(|kept| *kept > deadline),
        "{children:?} {deadline}"
    );
}
