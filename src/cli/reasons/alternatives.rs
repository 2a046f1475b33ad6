//! What else could be, as sections of text: sites, machines, lines, prices.

use super::super::table::{columns, pricing};
use crate::place::why::{LineCost, OfferVerdict, SiteVerdict, Standing, Threshold, Verdict, Worse};
use crate::place::{Placement, Why};
use crate::quantity::{MicroUsd, Seconds};
use crate::source::SourceMap;

/// Less than this is the solver's rounding.
const CENT: MicroUsd = MicroUsd(10_000);

/// All sections that have something to say.
pub fn sections(why: &Why, sources: &SourceMap) -> String {
    let sites = why.sites.iter().map(site).collect();
    let mut offers: Vec<Vec<String>> = why.offers.iter().map(offer).collect();
    if why.more_offers > 0 {
        offers.push(vec![format!("{} more", why.more_offers)]);
    }
    let prices = why.thresholds.iter().map(threshold).collect();
    [
        section("sites", sites, &[]),
        section("machines there", offers, &[2]),
        section("what lines cost", lines(&why.lines, sources), &[]),
        section("what would change it", prices, &[]),
    ]
    .concat()
}

fn section(title: &str, rows: Vec<Vec<String>>, right: &[usize]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    format!("\n{title}\n{}", columns(&rows, right))
}

fn site(site: &SiteVerdict) -> Vec<String> {
    let verdict = match &site.verdict {
        Verdict::Chosen(than_best) => match is_worse(than_best) {
            true => format!(
                "here, {} than the best plan: for a later goal, the lock or a shared machine",
                worse(than_best)
            ),
            false => "here".to_owned(),
        },
        Verdict::Worse(worse) if is_worse(worse) => self::worse(worse),
        Verdict::Worse(_) => "as good".to_owned(),
        Verdict::AtMost { by } => format!("at most {by} USD/month dearer"),
        Verdict::Breaks { lines } if lines.is_empty() => {
            "no plan keeps all promises with it there".to_owned()
        }
        Verdict::Breaks { lines } => format!("would break {}", lines.join("; ")),
        Verdict::Undecided { lines } => format!("alone it would break {}", lines.join("; ")),
        Verdict::Closed { lines } => format!("closed: {}", lines.join("; ")),
        Verdict::Unfit { reason } => format!("nothing fits: {reason}"),
    };
    let on = site.on.as_ref();
    let on = on.map(|on| format!("{} x {}{}", on.machines, on.machine, pricing(on.pricing)));
    vec![site.site.clone(), on.unwrap_or_default(), verdict]
}

fn is_worse(worse: &Worse) -> bool {
    let time = worse.slower.is_some_and(|time| time.0.abs() >= 1.0);
    let carbon = worse.dirtier.is_some_and(|carbon| carbon.0.abs() >= 1.0);
    worse.by.0.abs() >= CENT.0 || time || carbon || !worse.gives_up.is_empty()
}

/// `15.79 USD/month dearer (machines +12.10, transfer +3.69), with serve; gives up …`
fn worse(worse: &Worse) -> String {
    let mut clauses: Vec<String> = Vec::new();
    if let Some(time) = worse.slower.filter(|time| time.0.abs() >= 1.0) {
        let word = if time.0 > 0.0 { "slower" } else { "faster" };
        clauses.push(format!("{} {word}", Seconds(time.0.abs())));
    }
    if let Some(carbon) = worse.dirtier.filter(|carbon| carbon.0.abs() >= 1.0) {
        let word = if carbon.0 > 0.0 { "more" } else { "less" };
        clauses.push(format!("{:.2} kg a month {word}", carbon.0.abs() / 1000.0));
    }
    if worse.by.0.abs() >= CENT.0 {
        let word = if worse.by > MicroUsd::ZERO {
            "dearer"
        } else {
            "cheaper"
        };
        clauses.push(format!(
            "{} USD/month {word}{}",
            MicroUsd(worse.by.0.abs()),
            parts(worse)
        ));
    }
    if !worse.gives_up.is_empty() {
        clauses.push(format!("gives up {}", worse.gives_up.join(", ")));
    }
    if !worse.along.is_empty() {
        clauses.push(format!("moves {} too", worse.along.join(", ")));
    }
    clauses.join("; ")
}

fn parts(worse: &Worse) -> String {
    let part = |(name, usd): &(String, MicroUsd)| {
        let sign = if *usd > MicroUsd::ZERO { "+" } else { "" };
        format!("{name} {sign}{usd}")
    };
    let parts: Vec<String> = worse.parts.iter().map(part).collect();
    match parts.as_slice() {
        [] | [_] => String::new(),
        several => format!(" ({})", several.join(", ")),
    }
}

fn offer(offer: &OfferVerdict) -> Vec<String> {
    let verdict = match &offer.standing {
        Standing::Chosen => "chosen".to_owned(),
        Standing::Dearer { by } if by.0 < CENT.0 => "as cheap".to_owned(),
        Standing::Dearer { by } => format!("{by} dearer"),
        Standing::Dominated {
            machine,
            pricing: bought,
        } => {
            format!("no better than {machine}{} in anything", pricing(*bought))
        }
        Standing::Breaks { lines } => format!("would break {}", lines.join("; ")),
        Standing::Cheaper { by } => format!("{by} cheaper, but a later goal or the lock decided"),
    };
    vec![
        format!("{} x {}{}", offer.machines, offer.machine, pricing(offer.pricing)),
        offer
            .takes
            .map_or_else(|| "always".to_owned(), |takes| takes.to_string()),
        offer.monthly.to_string(),
        verdict,
    ]
}

/// Lines that cost something, each with its place; then those that cost nothing, together.
fn lines(lines: &[LineCost], sources: &SourceMap) -> Vec<Vec<String>> {
    let (dear, free): (Vec<&LineCost>, Vec<&LineCost>) = lines.iter().partition(|line| is_worse(&line.costs));
    let costly = dear.iter().map(|line| {
        let then = line.then.as_ref().map(|site| format!("; without it, at {site}"));
        vec![
            sources.cite(line.span),
            line.line.clone(),
            format!("with it {}{}", worse(&line.costs), then.unwrap_or_default()),
        ]
    });
    let free = free.iter().map(|line| {
        let cite = sources.cite(line.span);
        vec![cite, line.line.clone(), "costs nothing".to_owned()]
    });
    costly.chain(free).collect()
}

/// `dgx at lab above 1.45 USD an hour (now 1.10, +32 %)`
fn threshold(threshold: &Threshold) -> Vec<String> {
    let name = |offer: &Placement| format!("{}{} at {}", offer.machine, pricing(offer.pricing), offer.site);
    let now = price(threshold.now);
    let Some(turns_at) = threshold.turns_at else {
        let text = format!("not even for nothing (now {now} USD an hour)");
        return vec![name(&threshold.of), text];
    };
    let word = if turns_at >= threshold.now {
        "above"
    } else {
        "below"
    };
    let change = match threshold.now.0 {
        0 => String::new(),
        now => format!(", {:+.0} %", (turns_at.0 as f64 / now as f64 - 1.0) * 100.0),
    };
    let then = match threshold.of == threshold.then {
        true => "then it runs there".to_owned(),
        false => format!("then on {}", name(&threshold.then)),
    };
    let text = format!(
        "{word} {} USD an hour (now {now}{change}): {then}",
        price(turns_at)
    );
    vec![name(&threshold.of), text]
}

/// Hourly prices of small machines differ in the third place.
fn price(price: MicroUsd) -> String {
    format!("{:.4}", price.in_usd())
}
