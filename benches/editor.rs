//! From a keystroke to its diagnostics: `cargo bench --bench editor`.
//!
//! A pipeline of 1,000 steps is open beside its platform. Characters are typed and taken back all over it, within words,
//! strings and braces, so that half of the texts are broken. What is measured is all that the server does of one
//! change, from the message to the diagnostics as JSON; once more with a completion and a hover at the same place.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench measures and prints"
)]

#[allow(dead_code, reason = "other benches use the rest")]
mod generated;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use lsp_server::{Notification, Request};
use portolan::lsp::{Encoding, Lines, Server};
use serde_json::{Value, json};

const STEPS: usize = 1_000;
const KEYSTROKES: usize = 300;
const TYPED: [&str; 6] = ["x", "\"", "{", "}", " ", "="];
const ADDRESS: &str = "file:///bench/pipeline.kdl";

fn main() {
    let text = generated::pipeline(STEPS);
    println!(
        "{STEPS} steps, {} kB, {KEYSTROKES} keystrokes, each typed and taken back",
        text.len() / 1000
    );
    let mut server = opened(&text);
    let mut times: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for round in 0..KEYSTROKES {
        // A step of this length meets every part of a line.
        let at = (round * 7919 + round * text.len() / KEYSTROKES) % text.len();
        let typed = TYPED[round % TYPED.len()];
        let place = Lines::of(&text, Encoding::Utf16).position(at);
        let end = json!({ "line": place.line, "character": place.character + 1 });
        let (broken, _) = timed(|| change(&mut server, json!({ "start": place, "end": place }), typed));
        let (asked, _) = timed(|| ask(&mut server, "textDocument/completion", json!(place)));
        let (hovered, _) = timed(|| ask(&mut server, "textDocument/hover", json!(place)));
        let (mended, _) = timed(|| change(&mut server, json!({ "start": place, "end": end }), ""));
        for (what, time) in [
            ("diagnostics, typed", broken),
            ("diagnostics, taken back", mended),
            ("completion", asked),
            ("hover", hovered),
        ] {
            times.entry(what).or_default().push(time);
        }
    }
    println!("{:<26} {:>8} {:>8} {:>8}", "ms", "p50", "p95", "most");
    for (what, mut times) in times {
        times.sort_by(f64::total_cmp);
        let quantile = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        println!(
            "{what:<26} {:>8.1} {:>8.1} {:>8.1}",
            quantile(0.5),
            quantile(0.95),
            quantile(1.0)
        );
    }
}

/// A server with both files open and checked.
fn opened(text: &str) -> Server {
    let disk: BTreeMap<String, String> =
        BTreeMap::from([("/bench/platform.kdl".to_owned(), generated::PLATFORM.to_owned())]);
    let client = serde_json::from_value(json!({ "capabilities": {} })).expect("a client");
    let mut server = Server::new(Box::new(disk), &client);
    let document = json!({ "uri": ADDRESS, "languageId": "portolan", "version": 1, "text": text });
    let method = "textDocument/didOpen".to_owned();
    server.notice(Notification::new(method, json!({ "textDocument": document })));
    let (time, found) = timed(|| server.settle());
    println!(
        "first check: {time:.1} ms, {} files with diagnostics",
        found.len()
    );
    server
}

/// One change, and its diagnostics as they are sent.
fn change(server: &mut Server, range: Value, text: &str) -> usize {
    let params = json!({
        "textDocument": { "uri": ADDRESS, "version": 2 },
        "contentChanges": [{ "range": range, "text": text }],
    });
    server.notice(Notification::new("textDocument/didChange".to_owned(), params));
    let found = server.settle();
    serde_json::to_string(&found).map_or(0, |sent| sent.len())
}

fn ask(server: &mut Server, method: &str, position: Value) -> usize {
    let params = json!({ "textDocument": { "uri": ADDRESS }, "position": position });
    let answer = server.answer(Request::new(1.into(), method.to_owned(), params));
    serde_json::to_string(&answer).map_or(0, |sent| sent.len())
}

/// Milliseconds of the processor that `work` takes, so that what else runs on the machine matters little; of the clock,
/// where the system does not tell.
fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let (start, busy) = (Instant::now(), processor());
    let made = work();
    let time = match (busy, processor()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        (None, _) | (_, None) => start.elapsed(),
    };
    (time.as_secs_f64() * 1000.0, made)
}

/// Time that this process, which has one thread, has spent on a processor: Linux's scheduler statistics, in ns.
fn processor() -> Option<Duration> {
    // A thread's figure is brought up to date when it is scheduled.
    std::thread::yield_now();
    let figures = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    figures.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
