//! Putting hostile texts into every place of a program, a different one into each, and judging what comes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use kdl::KdlDocument;
use portolan::diag::{Diagnostics, Label, Severity};
use portolan::source::{SourceMap, Span};

use super::expectation::Expectation;
use super::reading;
use super::strings::Hostile;
use super::target::{self, Target, spots, targets};
use crate::compiled::{self, Compiled, Texts, compile};
use crate::{blessed, front};

/// One of the programs in `tests/hostile`.
pub struct Program {
    document: KdlDocument,
    beside: Texts,
    /// What it makes with harmless texts.
    harmless: Made,
}

/// What an output says.
struct Made {
    /// The shapes of its documents, by folder.
    shapes: BTreeMap<String, Vec<String>>,
    /// Placeholders for Argo.
    placeholders: usize,
    /// All texts, as their final readers see them.
    texts: BTreeSet<String>,
}

/// A target, and what is tried there.
struct Siege {
    target: Target,
    now: Hostile,
    left: Vec<Hostile>,
}

impl Siege {
    /// Goes on to the next text that can stand there, if there is one.
    fn go_on(&mut self) -> bool {
        while let Some(hostile) = self.left.pop() {
            if self.target.can_hold(&hostile.at(&self.target)) {
                self.now = hostile;
                return true;
            }
            self.left.extend(hostile.parts());
        }
        false
    }

    /// The same after a refusal: of several texts in one, parts may be taken.
    fn refused(&mut self) -> bool {
        self.left.extend(self.now.parts());
        self.go_on()
    }

    fn text(&self) -> String {
        self.now.at(&self.target)
    }
}

/// How it went.
enum Verdict {
    /// All of it is data in the output.
    Taken,
    /// These do not take it, and a diagnostic says so.
    Refused(BTreeSet<usize>),
    /// A diagnostic says so of one or several of these, in words.
    Unclear,
    Wrong(String),
}

const MAIN: &str = "pipeline.kdl";

impl Program {
    /// The program called `name`, which compiles as it is.
    pub fn open(name: &str) -> Program {
        let mut beside = compiled::folder(&blessed::root().join("tests/hostile"));
        let text = beside
            .remove(&format!("{name}.kdl"))
            .expect("the program is there");
        beside.insert(MAIN.to_owned(), text.clone());
        let harmless = Made::of(&compile(&beside, &[MAIN], None)).expect("what is made can be read");
        Program {
            document: KdlDocument::parse_v2(&text).expect("the program is KDL"),
            beside,
            harmless,
        }
    }

    /// Tries all texts at all targets, and says what is wrong.
    pub fn attack(&self, all: &[Hostile]) -> Vec<String> {
        let targets = targets(&self.document);
        let (deciding, other): (Vec<Target>, Vec<Target>) = targets
            .into_iter()
            .partition(|target| target.expectation() == Expectation::Decides);
        let mut wrong = Vec::new();
        for targets in [other, deciding] {
            // No two places next to each other have the same.
            let turned = |(by, target)| {
                let (first, rest) = all.split_at(by % all.len());
                Siege {
                    target,
                    now: Hostile::default(),
                    left: [rest, first].concat(),
                }
            };
            let mut sieges: Vec<Siege> = targets.into_iter().enumerate().map(turned).collect();
            loop {
                let trying: Vec<usize> = (0..sieges.len()).filter(|at| sieges[*at].go_on()).collect();
                if trying.is_empty() {
                    break;
                }
                self.round(&mut sieges, trying, &mut wrong);
            }
        }
        wrong
    }

    /// Tries one text at each target, another where it is refused, until all are taken or wrong.
    fn round(&self, sieges: &mut [Siege], mut trying: Vec<usize>, wrong: &mut Vec<String>) {
        while !trying.is_empty() {
            match self.attempt(sieges, &trying) {
                Verdict::Taken => return,
                Verdict::Refused(refused) => {
                    trying.retain(|at| !refused.contains(at) || sieges[*at].refused());
                }
                Verdict::Unclear if trying.len() == 1 => trying.retain(|at| sieges[*at].refused()),
                Verdict::Unclear => {
                    let right = trying.split_off(trying.len() / 2);
                    self.round(sieges, right, wrong);
                }
                Verdict::Wrong(why) => return self.blame(why, sieges, trying, wrong),
            }
        }
    }

    /// Which of the targets is to blame shows when fewer of them are tried.
    fn blame(&self, why: String, sieges: &mut [Siege], mut trying: Vec<usize>, wrong: &mut Vec<String>) {
        let known = wrong.len();
        let told = |at: &usize| format!("{:?} as {:?}", sieges[*at].text(), sieges[*at].target.places);
        let told = trying.iter().map(told).collect::<Vec<_>>().join(" and ");
        if trying.len() > 1 {
            let right = trying.split_off(trying.len() / 2);
            self.round(sieges, trying, wrong);
            self.round(sieges, right, wrong);
        }
        if wrong.len() == known {
            wrong.push(format!("{why}: {told}"));
        }
    }

    /// Compiles the program with these texts in it.
    fn attempt(&self, sieges: &[Siege], trying: &[usize]) -> Verdict {
        let tried = trying.iter().map(|at| &sieges[*at]);
        let texts: Vec<(&Target, String)> =
            tried.clone().map(|siege| (&siege.target, siege.text())).collect();
        let mut changed = self.document.clone();
        target::replace(&mut changed, &texts);
        let mut sources = self.beside.clone();
        sources.insert(MAIN.to_owned(), changed.to_string());
        let attempt = || {
            // Most is refused by the front half, which alone is quick.
            let front = front::check(&sources, MAIN);
            if front.found.has_errors() {
                return Err(refusal(&front.found, &front.sources, sieges, trying));
            }
            let compiled = compile(&sources, &[MAIN], None);
            if compiled.found.has_errors() {
                return Err(refusal(&compiled.found, &compiled.sources, sieges, trying));
            }
            Ok(compiled)
        };
        match catch_unwind(AssertUnwindSafe(attempt)) {
            Err(_) => Verdict::Wrong("panics".to_owned()),
            Ok(Err(verdict)) => verdict,
            Ok(Ok(compiled)) => match Made::of(&compiled) {
                Ok(now) => self.judge(&now, tried).map_or(Verdict::Taken, Verdict::Wrong),
                Err(why) => Verdict::Wrong(why),
            },
        }
    }

    /// What is wrong with an output.
    fn judge<'s>(&self, now: &Made, mut tried: impl Iterator<Item = &'s Siege> + Clone) -> Option<String> {
        if now.placeholders > self.harmless.placeholders {
            let (now, known) = (now.placeholders, self.harmless.placeholders);
            return Some(format!("{now} placeholders instead of {known}"));
        }
        let expected = |siege: &Siege| siege.target.expectation();
        if tried.clone().any(|siege| expected(siege) == Expectation::Decides) {
            return None;
        }
        let folders = now.shapes.keys().chain(self.harmless.shapes.keys());
        let differs = |folder: &&String| now.shapes.get(*folder) != self.harmless.shapes.get(*folder);
        let differing: BTreeSet<&String> = folders.filter(differs).collect();
        if !differing.is_empty() {
            return Some(format!("changes the structure of {differing:?}"));
        }
        let kept = |siege: &Siege| siege.now.told_apart() && expected(siege) == Expectation::Written;
        let lost = tried.any(|siege| kept(siege) && !now.has(&siege.text()));
        lost.then(|| "is not in the output".to_owned())
    }
}

/// Which texts a program was refused for.
fn refusal(found: &Diagnostics, sources: &SourceMap, sieges: &[Siege], trying: &[usize]) -> Verdict {
    let (main, source) = sources.iter().next().expect("a program has a source");
    let document = KdlDocument::parse_v2(&source.text).expect("the changed program is KDL");
    let line = |at: usize| sources.position(Span::new(main, at, 0)).line;
    let spots: Vec<(Range<usize>, usize)> = spots(&document)
        .into_iter()
        .map(|spot| (spot.range.clone(), line(spot.range.start)))
        .collect();
    let hits = |label: &Label| -> Vec<usize> {
        let (start, end) = (label.span.start as usize, label.span.end as usize);
        // What had this name before is missed where conditions and formatted texts name it.
        let missed: Vec<&str> = sources.text(label.span).split(['.', '{', '}', ' ']).collect();
        let exact = |target: &Target| {
            let mut own = target.spots.iter().map(|spot| &spots[*spot].0);
            missed.contains(&target.text.as_str()) || own.any(|range| range.start < end && start < range.end)
        };
        let line = line(start);
        let near = |target: &Target| target.spots.iter().any(|spot| spots[*spot].1 == line);
        let all = |blame: &dyn Fn(&Target) -> bool| -> Vec<usize> {
            let all = trying.iter().copied();
            all.filter(|at| blame(&sieges[*at].target)).collect()
        };
        let blamed = all(&exact);
        if blamed.is_empty() { all(&near) } else { blamed }
    };
    let errors = found.sorted().into_iter();
    let errors = errors.filter(|found| found.severity == Severity::Error);
    let first = errors.filter_map(|found| found.labels.iter().map(hits).find(|hits| !hits.is_empty()));
    let refused: BTreeSet<usize> = first.flatten().collect();
    if refused.is_empty() {
        Verdict::Unclear
    } else {
        Verdict::Refused(refused)
    }
}

impl Made {
    /// Reads an output back.
    fn of(compiled: &Compiled) -> Result<Made, String> {
        let mut made = Made {
            shapes: BTreeMap::new(),
            placeholders: 0,
            texts: BTreeSet::new(),
        };
        for (path, text) in compiled.texts() {
            let documents =
                reading::read(&path, &text).map_err(|why| format!("{path} cannot be read: {why}"))?;
            let folder = path.split('/').next().unwrap_or_default().to_owned();
            if folder == "argo" {
                made.placeholders += documents.iter().map(reading::placeholders).sum::<usize>();
            }
            made.texts.extend(documents.iter().flat_map(reading::texts));
            made.shapes
                .entry(folder)
                .or_default()
                .extend(documents.iter().map(reading::shape));
        }
        made.shapes.values_mut().for_each(|shapes| shapes.sort());
        Ok(made)
    }

    /// True if `hostile` is one of the texts, or part of a longer one.
    fn has(&self, hostile: &str) -> bool {
        let spoken = hostile.escape_default().to_string();
        self.texts
            .iter()
            .any(|text| text.contains(hostile) || text.contains(&spoken))
    }
}
