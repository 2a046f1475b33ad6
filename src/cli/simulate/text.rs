//! A simulation for people.

use crate::cli::table::columns;
use crate::quantity::{MicroUsd, Seconds};
use crate::simulate::{Distribution, Odds, PipelinePlay, PromisePlay, Simulation};

/// All pipelines.
pub fn text(simulation: &Simulation, faults: &[String]) -> String {
    let mut text = String::new();
    for play in &simulation.pipelines {
        text += &format!(
            "{}  {} runs, seed {}\n",
            play.pipeline, simulation.runs, simulation.seed
        );
        for fault in faults {
            text += &format!("  fault {fault}\n");
        }
        text += "\n";
        text += &promises(play);
        text += "\n";
        text += &spread(play);
        text += "\n";
        text += &steps(play);
        text += "\n";
    }
    text +=
        "  run times are drawn from the profiles, log-normal by p50 and p95; odds with their 95 % interval\n";
    text += "  decides the end: share of runs in which it was on the longest chain; explains: of the spread of run times, alone\n";
    text
}

fn promises(play: &PipelinePlay) -> String {
    let mut rows = vec![
        ["promise", "odds", "needed", "", "the plan says"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.push(vec![
        "run succeeds".to_owned(),
        odds(&play.succeeds),
        "-".to_owned(),
        String::new(),
        String::new(),
    ]);
    rows.extend(play.promises.iter().map(promise));
    columns(&rows, &[])
}

fn promise(play: &PromisePlay) -> Vec<String> {
    let about = play.step.as_deref().unwrap_or(&play.what);
    let what = if about == play.what {
        play.what.clone()
    } else {
        format!("{} ({about})", play.what)
    };
    let mark = match (play.holds, play.required, play.odds.is_some()) {
        (true, _, true) => "holds",
        (true, _, false) => "not played",
        (false, true, _) => "BROKEN",
        (false, false, _) => "not kept",
    };
    vec![
        what,
        play.odds.as_ref().map_or_else(|| "-".to_owned(), odds),
        play.needed.map_or_else(|| "-".to_owned(), percent),
        mark.to_owned(),
        play.claimed.clone(),
    ]
}

fn odds(odds: &Odds) -> String {
    format!(
        "{} ({} - {})",
        percent(odds.share),
        percent(odds.low),
        percent(odds.high)
    )
}

/// Two digits after the point; what is not quite all or nothing never looks so.
fn percent(share: f64) -> String {
    let rounded = (share * 1e4).round() / 100.0;
    if rounded >= 100.0 && share < 1.0 - 1e-9 {
        "99.99 %".to_owned()
    } else {
        format!("{rounded} %")
    }
}

fn spread(play: &PipelinePlay) -> String {
    let head = ["", "p5", "p50", "p95", "", "the plan says"]
        .map(str::to_owned)
        .to_vec();
    let time = |time: Seconds| time.to_string();
    let usd = |money: MicroUsd| format!("{money} USD");
    let mut rows = vec![head];
    let (of_time, of_cost) = (&play.run_time, &play.run_cost);
    rows.push(row("run time", of_time, time));
    rows.push(row("a run costs", of_cost, usd));
    let besides = format!("  besides runs: {} USD/month\n", play.besides);
    columns(&rows, &[1, 2, 3]) + &besides
}

fn row<T: Copy>(name: &str, distribution: &Distribution<T>, show: impl Fn(T) -> String) -> Vec<String> {
    let expected = distribution.expected.map(&show);
    let expected = expected.map_or_else(String::new, |expected| format!("{expected} expected, "));
    let claimed = format!("{expected}{} at p95", show(distribution.claimed));
    vec![
        name.to_owned(),
        show(distribution.p5),
        show(distribution.p50),
        show(distribution.p95),
        sparkline(&distribution.bins),
        claimed,
    ]
}

/// One character a bin; what is not empty is never shown as empty.
fn sparkline(bins: &[u64]) -> String {
    const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = bins.iter().copied().max().unwrap_or(0).max(1);
    let level = |count: &u64| match count {
        0 => ' ',
        count => {
            let level = (count * 8).div_ceil(most) as usize;
            LEVELS.get(level.clamp(1, 8) - 1).copied().unwrap_or(' ')
        }
    };
    bins.iter().map(level).collect()
}

/// Steps by what they explain of the spread, then by their part of the time.
fn steps(play: &PipelinePlay) -> String {
    let head = [
        "step",
        "decides the end",
        "of the time",
        "explains",
        "skipped",
        "fails",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let mut steps: Vec<_> = play.steps.iter().collect();
    steps.sort_by(|a, b| {
        (b.explains, b.time)
            .partial_cmp(&(a.explains, a.time))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    for step in steps {
        let shares = [step.critical, step.time, step.explains, step.skipped, step.failed];
        let shares = shares
            .into_iter()
            .map(|share| format!("{:.1} %", share * 100.0 + 0.0));
        rows.push(std::iter::once(step.step.clone()).chain(shares).collect());
    }
    columns(&rows, &[1, 2, 3, 4, 5])
}
