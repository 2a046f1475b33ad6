//! The evaluation as one HTML page with drawings, without scripts.

use std::fmt::Write as _;

use super::{Evaluation, Point};

/// Width and height of a drawing.
const SIZE: (f64, f64) = (560.0, 300.0);

/// Room for titles at the left of bars.
const TITLES: f64 = 120.0;

/// Height of a bar and of the room that it stands in.
const BAR: (f64, f64) = (18.0, 30.0);

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:42rem;color:#1c2733}\
table{border-collapse:collapse}td,th{padding:.2rem .8rem;text-align:right}td:first-child,th:first-child{text-align:left}\
svg{width:100%;height:auto}text{font:12px system-ui,sans-serif;fill:#1c2733}\
.ours{fill:#0b6e99}.other{fill:#b9c6cf}.dot{fill:#0b6e99;fill-opacity:.45}.low{fill:#c0392b}.line{stroke:#5b6b78}";

/// The page. Nothing of the user's text is on it but numbers.
pub fn html(evaluation: &Evaluation) -> String {
    let mut text = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>How well the past would have been predicted</title>\n<style>{STYLE}</style>\n<h1>How well the past would have been predicted</h1>\n<p>{} runs of {} steps, each predicted from those that ended before it. They used {:.2} GB hours of memory.</p>\n",
        evaluation.judged,
        evaluation.steps.len(),
        evaluation.used,
    );
    text.push_str("<h2>Memory wasted, by rule</h2>\n");
    text.push_str(&bars(evaluation));
    text.push_str(&scores(evaluation));
    text.push_str("<h2>Bought against used</h2>\n<p>Each run is a dot; one below the line got too little at first. Both scales are logarithmic, in bytes.</p>\n");
    text.push_str(&dots(&evaluation.points));
    let time = &evaluation.run_time;
    let _ = write!(
        text,
        "<h2>Run time</h2>\n<p>Median error {:.1} %; {:.1} % of runs took longer than their 95th percentile, where 5 % should.</p>\n</html>\n",
        time.error * 100.0,
        time.under * 100.0
    );
    text
}

fn bars(evaluation: &Evaluation) -> String {
    let most = evaluation
        .memory
        .iter()
        .map(|(_, score)| score.waste)
        .fold(f64::MIN_POSITIVE, f64::max);
    let height = BAR.1 * evaluation.memory.len() as f64;
    let mut text = format!("<svg viewBox=\"0 0 {} {height}\" role=\"img\">\n", SIZE.0);
    for (index, (rule, score)) in evaluation.memory.iter().enumerate() {
        let y = index as f64 * BAR.1;
        let width = score.waste / most * (SIZE.0 - TITLES - 90.0);
        let class = if index == 0 { "ours" } else { "other" };
        let _ = writeln!(
            text,
            "<text x=\"0\" y=\"{:.1}\">{}</text><rect class=\"{class}\" x=\"{TITLES}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{}\"/><text x=\"{:.1}\" y=\"{:.1}\">{:.2} GBh</text>",
            y + 14.0,
            rule.title(),
            BAR.0,
            TITLES + width + 6.0,
            y + 14.0,
            score.waste,
        );
    }
    text + "</svg>\n"
}

fn scores(evaluation: &Evaluation) -> String {
    let mut text = String::from("<table><tr><th>rule<th>wasted GBh<th>got too little<th>median error</tr>\n");
    for (rule, score) in &evaluation.memory {
        let _ = writeln!(
            text,
            "<tr><td>{}<td>{:.2}<td>{:.1} %<td>{:.1} %</tr>",
            rule.title(),
            score.waste,
            score.under * 100.0,
            score.error * 100.0
        );
    }
    text + "</table>\n"
}

fn dots(points: &[Point]) -> String {
    let logs = points
        .iter()
        .flat_map(|point| [point.upper, point.truth])
        .map(|bytes| bytes.max(1.0).log10());
    let (low, high) = logs.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), log| {
        (low.min(log), high.max(log))
    });
    let (width, height) = SIZE;
    let mut text = format!(
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\">\n<line class=\"line\" x1=\"0\" y1=\"{height}\" x2=\"{width}\" y2=\"0\"/>\n"
    );
    let place = |bytes: f64| (bytes.max(1.0).log10() - low) / (high - low).max(f64::MIN_POSITIVE);
    for point in points {
        let class = if point.upper < point.truth { "low" } else { "dot" };
        let (x, y) = (place(point.truth) * width, (1.0 - place(point.upper)) * height);
        let _ = writeln!(
            text,
            "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>"
        );
    }
    text + "</svg>\n"
}
