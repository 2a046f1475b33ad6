//! Programs that compile: a company in several clouds, to which nodes and properties of the grammar table are added,
//! those first that were used least, while nothing is wrong with the whole.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use portolan::diag::{Diagnostics, Severity};
use portolan::syntax::StepKind;
use portolan::syntax::grammar::{Slot, TOP};

use super::random::{self, Choices};
use super::{Row, Typed, WORLD, company, rows, typed};
use crate::compiled::{self, Compiled};
use crate::front;

/// Additions to one program that are tried.
const TRIED: usize = 64;
/// Additions between compilations: what the front half accepts is mostly sound.
const BATCH: usize = 8;

/// What takes more than one node: parts of a pipeline that go together, and each with one of the tests of it.
const SCENES: &[&str] = &[
    r#"step tune kind=training {
        each trial count=2 { sample depth 4 6; }
        image "ghcr.io/acme/tune:1"
        reads events
        writes tuned size="1GiB"
        emits gain type=number
    }
    step best kind=task { image "ghcr.io/acme/best:1"; reads tuned highest=gain; }
    step worst kind=task { image "ghcr.io/acme/worst:1"; reads tuned lowest=gain; }"#,
    r#"step mirror kind=serving {
        runtime triton
        reads churn-model
        traffic peak="5/s"
        promise latency p99="2s" from=pt
    }"#,
    r#"step stand-in kind=serving { runtime triton; reads churn-model; }
    endpoint shown {
        route score share="100%"
        route stand-in shadow=#true
        traffic peak="5/s"
    }"#,
    "promise carbon \"900kg/month\"",
];

/// Places for one addition that are tried.
const PLACES: usize = 4;

/// How often each part of the language is used, by its name: see [`parts`].
pub type Uses = BTreeMap<String, usize>;

/// What a part of the language is, to add it: a node in one of its places, with a property that has a value.
#[derive(Clone, Copy)]
struct Part {
    row: Row,
    property: Option<(&'static Slot, Option<&'static str>)>,
}

impl Part {
    /// `reads in step`, `reads mount=`, `format=parquet`.
    fn name(self) -> String {
        let node = self.row.rules().map(|rule| rule.name.as_str());
        let node = node.collect::<Vec<_>>().join(" ");
        match self.property {
            None => self.row.shown(),
            Some((slot, None)) => format!("{node} {}=", slot.name),
            Some((slot, Some(word))) => format!("{node} {}={word}", slot.name),
        }
    }
}

/// Every node in each of its places, every property, and every word of those that take few. What programs do not do
/// but are told is left out: files that are not there, and templates, whose children are those of other nodes.
fn all_parts() -> Vec<Part> {
    let known = |row: &Row| !matches!(row.rule.name.as_str(), "include") && row.parent != "template";
    let mut parts = Vec::new();
    for row in rows().into_iter().filter(known) {
        parts.push(Part { row, property: None });
        for slot in row.properties() {
            let words = slot.one_of.iter().map(|word| Some(word.as_str()));
            parts.extend(std::iter::once(None).chain(words).map(|word| Part {
                row,
                property: Some((slot, word)),
            }));
        }
    }
    parts
}

/// The names of all parts of the language.
pub fn parts() -> BTreeSet<String> {
    all_parts().into_iter().map(Part::name).collect()
}

/// A program that compiles, and what it uses.
pub struct Grown {
    /// Its texts by path; `input.kdl` is compiled.
    pub texts: compiled::Texts,
    pub compiled: Compiled,
    pub uses: BTreeSet<String>,
}

/// The program of these choices, made of what `uses` has least of.
pub fn program(choices: &mut Choices<'_>, uses: &Uses) -> Grown {
    let mut sound = skeleton(choices);
    let mut parts = all_parts();
    // What is used least comes first; among those chance decides.
    parts.sort_by_cached_key(|part| {
        (
            uses.get(&part.name()).copied().unwrap_or_default(),
            choices.of(251),
        )
    });
    for batch in parts[..TRIED.min(parts.len())].chunks(BATCH) {
        sound = grown(&sound, batch, choices);
    }
    let compiled = compile(&sound).expect("what was added is sound");
    Grown {
        texts: texts(&sound),
        compiled,
        uses: used(&sound),
    }
}

/// `sound` with those of `parts` with which it stays so.
fn grown(sound: &[Typed], parts: &[Part], choices: &mut Choices<'_>) -> Vec<Typed> {
    let mut nodes = sound.to_vec();
    let mut added = Vec::new();
    for part in parts {
        // Somewhere else it may be right.
        for _ in 0..PLACES {
            let mut tried = nodes.clone();
            if insert(&mut tried, *part, choices) && is_legal(&tried) {
                nodes = tried;
                added.push(*part);
                break;
            }
        }
    }
    if added.is_empty() || compile(&nodes).is_some() {
        nodes
    } else if let [_] = parts {
        sound.to_vec()
    } else {
        let (first, second) = parts.split_at(parts.len() / 2);
        grown(&grown(sound, first, choices), second, choices)
    }
}

fn texts(nodes: &[Typed]) -> compiled::Texts {
    let mut texts = super::files();
    texts.insert("input.kdl".to_owned(), typed::write(nodes).text);
    texts
}

fn is_error(found: &Diagnostics) -> bool {
    found
        .sorted()
        .iter()
        .any(|found| found.severity == Severity::Error)
}

/// True if the front half has nothing to say but warnings.
fn is_legal(nodes: &[Typed]) -> bool {
    !is_error(&front::check(&texts(nodes), "input.kdl").found)
}

/// The compilation of `nodes`, if there is a plan for them.
fn compile(nodes: &[Typed]) -> Option<Compiled> {
    let texts = texts(nodes);
    let compiled = catch_unwind(AssertUnwindSafe(|| {
        compiled::compile(&texts, &["input.kdl"], None)
    }));
    let compiled = compiled.unwrap_or_else(|_| panic!("the compiler stops at\n{}", texts["input.kdl"]));
    (compiled.output.is_some() && !is_error(&compiled.found)).then_some(compiled)
}

/// A company that works: the world of the samples, more sites than it needs, and steps in some of them.
fn skeleton(choices: &mut Choices<'_>) -> Vec<Typed> {
    let mut nodes = WORLD.clone();
    let clouds = [
        (
            "gcp.europe-west4",
            "cloud gcp project=acme-project {\nregion europe-west4\n}",
        ),
        (
            "azure.westeurope",
            "cloud azure subscription=\"0f3c2b1a-0000-4000-8000-000000000000\" tenant=\"1f3c2b1a-0000-4000-8000-000000000000\" {\nregion westeurope\n}",
        ),
        (
            "lab",
            "cluster lab context=lab-admin jurisdiction=pt {\nnodes dgx count=2 cores=64 memory=\"512GiB\" gpu=A100-80GB gpus=4 price=\"1 USD/hour\"\n}\nbucket \"s3://acme-lab-runs\"",
        ),
    ];
    let mut sites = vec!["aws.eu-west-1", "aws.us-east-1"];
    let platform = nodes
        .iter()
        .position(|node| node.name == "platform")
        .expect("the world has one");
    for (site, text) in clouds {
        if choices.of(2) == 1 {
            sites.push(site);
            nodes[platform].children.extend(Typed::read(text));
        }
    }
    let churn = nodes
        .iter()
        .position(|node| node.name == "pipeline")
        .expect("the world has one");
    let events = "data events {\nat aws.eu-west-1 uri=\"s3://acme/events\"\nsize \"4GiB\" rows=1_000_000\n}";
    nodes[churn].children.extend(Typed::read(events));
    let scenes = SCENES.iter().filter(|_| choices.of(3) == 0);
    let scenes: Vec<Typed> = scenes.flat_map(|scene| Typed::read(scene)).collect();
    nodes[churn].children.extend(scenes);
    let mut sources = vec!["events".to_owned()];
    for number in 1..=choices.of(6) {
        let step = work(number, choices.one(&sites), &choices.pick(&sources), choices);
        nodes[churn].children.extend(Typed::read(&step));
        sources.push(format!("made-{number}"));
    }
    nodes
}

/// A step that reads and writes.
fn work(number: usize, site: &str, source: &str, choices: &mut Choices<'_>) -> String {
    let kinds = [
        StepKind::Task,
        StepKind::Etl,
        StepKind::Features,
        StepKind::Training,
        StepKind::Evaluation,
    ];
    let (kind, store) = (
        choices.one(&kinds).word(),
        choices.one(&["", "", " store=sql", " store=warehouse"]),
    );
    let digest = "ab".repeat(32);
    format!(
        "step work-{number} kind={kind} {{\n\
         image \"ghcr.io/acme/work@sha256:{digest}\"\nneeds run-time=\"1h\"\n\
         reads {source}\nwrites made-{number} size=\"2GiB\"{store}\nemits count type=integer\nonly {site}\n}}"
    )
}

/// Adds `part` somewhere: to a node that is there, or in one of its own. False if there is no room.
fn insert(nodes: &mut Vec<Typed>, part: Part, choices: &mut Choices<'_>) -> bool {
    let chain = part.row.chain();
    let mut at = nodes;
    for (depth, row) in chain.iter().enumerate() {
        let inner = chain.get(depth + 1).copied();
        let fitting: Vec<usize> = (0..at.len())
            .filter(|index| fits(&at[*index], *row, inner, part))
            .collect();
        let whole = matches!(row.rule.name.as_str(), "pipeline" | "platform");
        let again = inner.is_some() || part.property.is_some();
        if again && !fitting.is_empty() && (whole || choices.of(3) > 0) {
            at = match (inner, part.property) {
                (None, Some(property)) => {
                    return set(&mut at[choices.pick(&fitting)], part.row, property, choices);
                }
                (None, None) | (Some(_), _) => &mut at[choices.pick(&fitting)].children,
            };
            continue;
        }
        let single = !row.rule.many && at.iter().any(|node| node.name == row.rule.name);
        if single || random::excluded(row.parent, row.rule, at) {
            return false;
        }
        let kind = StepKind::ALL
            .into_iter()
            .find(|kind| inner.is_none_or(|inner| inner.allowed_in(*kind)));
        let mut node = company::complete(*row, inner, kind, part.row);
        rename(&mut node, *row, choices);
        if let (None, Some(property)) = (inner, part.property)
            && !set(&mut node, *row, property, choices)
        {
            return false;
        }
        at.push(node);
        let last = at.len() - 1;
        at = &mut at[last].children;
    }
    true
}

/// True if `node` is of `row`, and what comes next may be put into it.
fn fits(node: &Typed, row: Row, inner: Option<Row>, part: Part) -> bool {
    let kind = node.property("kind").map(|at| node.entries[at].as_str());
    let kind = StepKind::ALL
        .into_iter()
        .find(|one| kind == Some(&format!("kind={}", one.word())));
    let promised = |row: Row| {
        row.promise
            .is_none_or(|kind| node.entries.first() == Some(&kind.name))
    };
    node.name == row.rule.name
        && promised(row)
        && match inner {
            Some(inner) if row.rule.name == "step" => inner.allowed_in(kind.unwrap_or(StepKind::Task)),
            Some(_) => true,
            None => part
                .property
                .is_some_and(|(slot, _)| node.property(&slot.name).is_none()),
        }
}

/// Names are given once.
fn rename(node: &mut Typed, row: Row, choices: &mut Choices<'_>) {
    if let Some(at) = node.arguments().first().filter(|_| random::is_named(row.rule)) {
        node.entries[*at] = format!("{}-{}{}", row.rule.name, choices.of(200), choices.of(200));
    }
    let steps = node.children.iter_mut().filter(|child| child.name == "step");
    steps.for_each(|step| rename(step, super::place("step"), choices));
}

/// Gives `node` a property, with a word for it or any value that the table allows.
fn set(node: &mut Typed, row: Row, (slot, word): (&Slot, Option<&str>), choices: &mut Choices<'_>) -> bool {
    if let Some(of) = &slot.of {
        if node.arguments().is_empty() {
            return false;
        }
        node.entries[0].clone_from(of);
    }
    row.make_room(node, &slot.name);
    for entry in company::beside(row, &slot.name) {
        let name = entry.split_once('=').map_or("", |(name, _)| name);
        row.make_room(node, name);
        node.entries.push(entry.clone());
    }
    if row.rules().any(|rule| random::excludes(rule, slot, node, row)) {
        return false;
    }
    let value = match (word, choices.of(2)) {
        (Some(word), _) => word.to_owned(),
        (None, 0) => row.sample(slot),
        (None, _) => random::value(row, slot, choices),
    };
    node.set(&slot.name, value);
    true
}

/// The parts of the language that are in `nodes`.
fn used(nodes: &[Typed]) -> BTreeSet<String> {
    fn walk(nodes: &[Typed], parent: &str, found: &mut BTreeSet<String>) {
        for node in nodes {
            let own = |row: &&Row| {
                row.rule.name == node.name
                    && row.parent == parent
                    && row
                        .promise
                        .is_none_or(|kind| node.entries.first() == Some(&kind.name))
            };
            let rows = rows();
            let Some(row) = rows.iter().find(own).copied() else {
                continue;
            };
            found.insert(Part { row, property: None }.name());
            for slot in row.properties() {
                let Some(at) = node.property(&slot.name) else {
                    continue;
                };
                found.insert(
                    Part {
                        row,
                        property: Some((slot, None)),
                    }
                    .name(),
                );
                let value = node.entries[at].split_once('=').map_or("", |(_, value)| value);
                if let Some(word) = slot.one_of.iter().find(|word| *word == value) {
                    found.insert(
                        Part {
                            row,
                            property: Some((slot, Some(word))),
                        }
                        .name(),
                    );
                }
            }
            if !row.rule.any_children {
                walk(&node.children, &node.name, found);
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(nodes, TOP, &mut found);
    found
}
