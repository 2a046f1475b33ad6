//! Texts that could be mistaken for code, in every place of the language that takes a text.
//!
//! Either the place refuses the text with a code, or everything compiles and the text is data in what is made: every
//! file still parses, to the same structure as with a harmless text, and where the place is known to be passed on, the
//! text is found in it unchanged.

mod reading;
mod strings;
mod target;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use kdl::KdlDocument;
use portolan::diag::{Label, Severity};
use portolan::syntax::grammar::{GRAMMAR, Type};

use crate::compiled::{Compiled, Texts, compile};
use crate::{blessed, compiled};
use target::{Target, spots, targets};

/// One of the programs in `tests/hostile`.
struct Program {
    document: KdlDocument,
    beside: Texts,
    /// What it makes with harmless texts.
    shape: Shape,
}

/// The structure of an output: of each folder, the shapes of its documents; and the placeholders for Argo.
type Shape = (BTreeMap<String, Vec<String>>, usize);

const MAIN: &str = "pipeline.kdl";

impl Program {
    fn open(name: &str) -> Program {
        let mut beside = compiled::folder(&blessed::root().join("tests/hostile"));
        let text = beside
            .remove(&format!("{name}.kdl"))
            .expect("the program is there");
        let document = KdlDocument::parse_v2(&text).expect("the program is KDL");
        let mut program = Program {
            document,
            beside,
            shape: Shape::default(),
        };
        let harmless = program.compile(&text);
        program.shape = shape(&harmless).expect("what is made can be read");
        program
    }

    fn compile(&self, text: &str) -> Compiled {
        let mut texts = self.beside.clone();
        texts.insert(MAIN.to_owned(), text.to_owned());
        compile(&texts, &[MAIN], None)
    }

    /// Puts `hostile` into every place at once, takes it back where it is refused, and says what is wrong with the rest.
    fn attack(&self, hostile: &Hostile) -> Vec<String> {
        let mut trying: Vec<Target> = targets(&self.document);
        trying.retain(|target| target.replaced(&self.document, &hostile.text(target)).is_some());
        while !trying.is_empty() {
            match self.attempt(&trying, hostile) {
                Attempt::Refused(refused) => trying.retain(|target| !refused.contains(target)),
                Attempt::Wrong(_) if trying.len() > 1 => return self.blame(&trying, hostile),
                Attempt::Wrong(why) => return vec![format!("{why}: {hostile:?} as {:?}", trying[0].places)],
                Attempt::Taken => return Vec::new(),
            }
        }
        Vec::new()
    }

    /// Which of the targets is to blame shows when fewer of them are tried.
    fn blame(&self, targets: &[Target], hostile: &Hostile) -> Vec<String> {
        let (left, right) = targets.split_at(targets.len() / 2);
        let mut found = Vec::new();
        for half in [left, right] {
            match self.attempt(half, hostile) {
                Attempt::Wrong(why) if half.len() == 1 => {
                    found.push(format!("{why}: {hostile:?} as {:?}", half[0].places));
                }
                Attempt::Wrong(_) => found.extend(self.blame(half, hostile)),
                Attempt::Refused(_) | Attempt::Taken => {}
            }
        }
        found
    }

    /// Compiles the program with a hostile text in all places of `targets`.
    fn attempt(&self, targets: &[Target], hostile: &Hostile) -> Attempt {
        let change = |program: KdlDocument, target: &Target| {
            target
                .replaced(&program, &hostile.text(target))
                .expect("it can stand there")
        };
        let changed = targets.iter().fold(self.document.clone(), change).to_string();
        let Ok(compiled) = catch_unwind(AssertUnwindSafe(|| self.compile(&changed))) else {
            return Attempt::Wrong("panics".to_owned());
        };
        if compiled.found.has_errors() {
            return refusal(&compiled, &changed, targets);
        }
        let now = match shape(&compiled) {
            Ok(now) => now,
            Err(why) => return Attempt::Wrong(why),
        };
        if let Some(what) = difference(&self.shape, &now) {
            return Attempt::Wrong(what);
        }
        if !hostile.told_apart {
            return Attempt::Taken;
        }
        let written = written(&compiled);
        let kept = targets
            .iter()
            .filter(|target| !target.places.iter().all(|place| is_dropped(place)));
        let mut lost = kept.filter(|target| !is_there(&written, &hostile.text(target)));
        match lost.next() {
            None => Attempt::Taken,
            Some(_) => Attempt::Wrong("is not in the output".to_owned()),
        }
    }
}

/// A text for every target.
struct Hostile {
    text: String,
    /// With something in it that tells the target. Texts without are shorter, and mean something to more readers.
    told_apart: bool,
}

impl Hostile {
    fn text(&self, target: &Target) -> String {
        match (self.told_apart, target.spots.first()) {
            (true, Some(spot)) => format!("{}q{spot}z", self.text),
            (true, None) | (false, _) => self.text.clone(),
        }
    }
}

impl std::fmt::Debug for Hostile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.text.fmt(f)
    }
}

/// How it went.
enum Attempt {
    /// All of it is data in the output.
    Taken,
    /// These targets do not take it, and a diagnostic says so.
    Refused(Vec<Target>),
    Wrong(String),
}

/// Which targets a program was refused for.
fn refusal(compiled: &Compiled, changed: &str, targets: &[Target]) -> Attempt {
    let document = KdlDocument::parse_v2(changed).expect("the changed program is KDL");
    let spots = &spots(&document);
    let blamed = |label: &Label| {
        let (start, end) = (label.span.start as usize, label.span.end as usize);
        let hit = |spot: &usize| spots[*spot].range.start < end && start < spots[*spot].range.end;
        targets
            .iter()
            .filter(|target| target.spots.iter().any(hit))
            .cloned()
            .collect::<Vec<_>>()
    };
    let mut refused = Vec::new();
    for found in compiled
        .found
        .sorted()
        .into_iter()
        .filter(|found| found.severity == Severity::Error)
    {
        refused.extend(
            found
                .labels
                .iter()
                .map(blamed)
                .find(|blamed| !blamed.is_empty())
                .unwrap_or_default(),
        );
    }
    match targets {
        _ if !refused.is_empty() => Attempt::Refused(refused),
        // Refused for something that follows from it.
        [only] => Attempt::Refused(vec![only.clone()]),
        _ => Attempt::Wrong(compiled.pretty()),
    }
}

/// How a structure differs from that of harmless texts.
fn difference(harmless: &Shape, now: &Shape) -> Option<String> {
    let changed = |folder: &&String| now.0.get(*folder) != harmless.0.get(*folder);
    let folders: BTreeSet<&String> = now.0.keys().chain(harmless.0.keys()).filter(changed).collect();
    if !folders.is_empty() {
        return Some(format!("changes the structure of {folders:?}"));
    }
    (now.1 != harmless.1).then(|| format!("{} placeholders instead of {}", now.1, harmless.1))
}

fn shape(compiled: &Compiled) -> Result<Shape, String> {
    let mut shapes = Shape::default();
    for (path, text) in compiled.texts() {
        let documents = reading::read(&path, &text).map_err(|why| format!("{path} cannot be read: {why}"))?;
        let folder = path.split('/').next().unwrap_or_default().to_owned();
        if folder == "argo" {
            shapes.1 += documents.iter().map(reading::placeholders).sum::<usize>();
        }
        shapes
            .0
            .entry(folder)
            .or_default()
            .extend(documents.iter().map(reading::shape));
    }
    shapes.0.values_mut().for_each(|shapes| shapes.sort());
    Ok(shapes)
}

/// All texts of an output.
fn written(compiled: &Compiled) -> BTreeSet<String> {
    let texts = compiled.texts();
    let documents = texts
        .iter()
        .flat_map(|(path, text)| reading::read(path, text).expect("it was read before"));
    documents.flat_map(|document| reading::texts(&document)).collect()
}

/// True if `hostile` is one of the texts, or part of a longer one.
fn is_there(written: &BTreeSet<String>, hostile: &str) -> bool {
    let spoken = hostile.escape_default().to_string();
    written
        .iter()
        .any(|text| text.contains(hostile) || text.contains(&spoken))
}

/// Places whose text is not passed on as it is.
fn is_dropped(place: &str) -> bool {
    DROPPED.iter().any(|dropped| place.starts_with(dropped))
}

const DROPPED: &[&str] = &[];

fn attack_with_all(name: &str) {
    let program = Program::open(name);
    let mut wrong = Vec::new();
    for text in strings::all().into_iter().step_by(6) {
        for told_apart in [false, true] {
            wrong.extend(program.attack(&Hostile {
                text: text.clone(),
                told_apart,
            }));
        }
    }
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn texts_of_steps_and_monitors_stay_texts() {
    attack_with_all("batch");
}

#[test]
fn texts_of_clouds_and_services_stay_texts() {
    attack_with_all("cloud");
}

#[test]
fn every_place_that_takes_a_text_is_tried() {
    let mut tried = BTreeSet::new();
    for name in ["batch", "cloud"] {
        let text =
            std::fs::read_to_string(blessed::root().join(format!("tests/hostile/{name}.kdl"))).unwrap();
        let document = KdlDocument::parse_v2(&text).unwrap();
        tried.extend(targets(&document).into_iter().flat_map(|target| target.places));
    }
    let mut missing = BTreeSet::new();
    for rule in &GRAMMAR.rules {
        let slots = rule
            .arguments
            .iter()
            .map(|slot| (format!("argument {}", slot.name), slot));
        let properties = rule.properties.iter().map(|slot| (slot.name.clone(), slot));
        for (what, slot) in slots
            .chain(properties)
            .filter(|(_, slot)| is_text(slot.ty) && slot.one_of.is_empty())
        {
            let place = |parent: &String| format!("{parent}/{} {what}", rule.name);
            if !rule.parents.iter().any(|parent| tried.contains(&place(parent))) {
                missing.insert((rule.name.clone(), what, slot.ty.word()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Types that are read as what they are, so that not all texts are refused at once.
fn is_text(ty: Type) -> bool {
    matches!(
        ty,
        Type::Text
            | Type::Name
            | Type::Word
            | Type::Scalar
            | Type::Uri
            | Type::Url
            | Type::Path
            | Type::Image
            | Type::EnvName
            | Type::Secret
            | Type::SecretReference
            | Type::Team
            | Type::Promql
            | Type::Condition
            | Type::Timezone
            | Type::Cron
    )
}
