//! Each folder of `examples/`: it compiles, to exactly what `snapshots/` holds, from exactly the lock beside it.
//! `BLESS=1 cargo test examples` writes snapshots and locks anew.

use std::collections::BTreeSet;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use portolan::Output;
use portolan::diag::Diagnostics;
use portolan::history::Fitted;
use portolan::history::open::open;
use portolan::lock::Lock;
use portolan::source::SourceMap;
use portolan::write::{self, Difference};

use crate::blessed;
use crate::compiled::{self, Texts, compile, compile_with};

/// An example, its files by path from its folder.
pub struct Example {
    pub name: String,
    pub texts: Texts,
}

/// All of them, by name.
pub fn all() -> Vec<Example> {
    let folder = blessed::root().join("examples");
    let entries = fs::read_dir(&folder).expect("there are examples");
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let example = |name: String| Example {
        texts: compiled::folder(&folder.join(&name)),
        name,
    };
    names.into_iter().map(example).collect()
}

impl Example {
    /// The sources that a compilation of the folder reads, in its order.
    pub fn sources(&self) -> Vec<&str> {
        let paths = self.texts.keys().map(String::as_str);
        paths
            .filter(|path| path.ends_with(".kdl") && !path.contains('/'))
            .collect()
    }

    /// The lock that is committed with it.
    pub fn lock(&self) -> Option<Lock> {
        let text = self.texts.get("portolan.lock")?;
        Some(Lock::read(text).unwrap_or_else(|why| panic!("{}: {why}", self.name)))
    }

    /// Its lock without what a compilation decides: digests of images and what past runs taught, which none can know.
    pub fn undecided(&self) -> Option<Lock> {
        self.lock().map(|lock| Lock {
            placements: Default::default(),
            ..lock
        })
    }

    /// Decides everything anew.
    pub fn decide(&self) -> Output {
        compile(&self.texts, &self.sources(), self.undecided().as_ref())
            .output()
            .clone()
    }

    fn snapshot(&self) -> Utf8PathBuf {
        let root = Utf8PathBuf::from_path_buf(blessed::root()).expect("the path is text");
        root.join("snapshots").join(&self.name)
    }
}

#[test]
fn each_compiles_to_its_snapshot() {
    let mut stale = String::new();
    for example in all() {
        let output = example.decide();
        let folder = example.snapshot();
        if std::env::var_os("BLESS").is_some() {
            write::write(&folder, &output.artifacts, true).expect("the snapshot can be written");
        }
        stale += &difference(&folder, &output);
    }
    assert!(
        stale.is_empty(),
        "`BLESS=1 cargo test examples` accepts these changes\n{stale}"
    );
}

/// How a snapshot differs from what is made now; empty if it does not.
fn difference(folder: &Utf8Path, output: &Output) -> String {
    let differences = write::check(folder, &output.artifacts).expect("the snapshot can be read");
    let mut told: String = differences
        .into_iter()
        .map(|difference| match difference {
            Difference::Missing { path } => format!("missing: {folder}/{path}\n"),
            Difference::Stale { path } => format!("no longer made: {folder}/{path}\n"),
            Difference::Changed { diff, .. } => format!("changed: {folder}\n{diff}"),
        })
        .collect();
    // The check leaves alone what no manifest names; here nothing else may stand.
    let made: BTreeSet<&str> = output.artifacts.iter().map(|file| file.path.as_str()).collect();
    for path in compiled::folder(folder.as_std_path()).keys() {
        if path != write::MANIFEST && !made.contains(path.as_str()) {
            told += &format!("not made by the compiler: {folder}/{path}\n");
        }
    }
    told
}

#[test]
fn each_decides_what_its_lock_says() {
    for example in all() {
        let lock = example.decide().lock.text();
        blessed::check(format!("examples/{}/portolan.lock", example.name), &lock);
    }
}

/// Its lock pins what its history teaches, and nothing else.
#[test]
fn a_lock_pins_what_the_history_teaches() {
    let mut taught = 0;
    for example in all() {
        let from = blessed::root().join("examples").join(&example.name);
        let Ok(history) = fs::read(from.join("portolan.history")) else {
            continue;
        };
        let (mut sources, mut found) = (SourceMap::default(), Diagnostics::new());
        let opened = open(&mut sources, "portolan.history", &history, &mut found);
        assert!(found.sorted().is_empty(), "{}", example.name);
        let fitted = Fitted::to(&opened.records);
        let anew = example.lock().map(|mut lock| {
            lock.profiles.values_mut().for_each(|needs| needs.learned = None);
            lock.sizes.clear();
            lock
        });
        let compiled = compile_with(&example.texts, &example.sources(), anew.as_ref(), Some(&fitted));
        let lock = compiled.output().lock.text();
        taught += lock.matches("\"learned\"").count();
        blessed::check(format!("examples/{}/portolan.lock", example.name), &lock);
    }
    assert!(taught > 0, "an example has a history");
}

#[test]
fn a_lock_changes_no_byte() {
    for example in all() {
        let decided = example.decide();
        let again = compile(&example.texts, &example.sources(), Some(&decided.lock));
        assert_eq!(
            again.output().lock.text(),
            decided.lock.text(),
            "the lock of {}",
            example.name
        );
        assert_eq!(difference_of(&decided, again.output()), "", "in {}", example.name);
    }
}

/// How the files of two compilations differ; empty if they do not.
pub fn difference_of(before: &Output, after: &Output) -> String {
    let texts = |output: &Output| -> Texts {
        output
            .artifacts
            .iter()
            .map(|file| (file.path.clone(), format!("from {}\n{}", file.origin, file.text)))
            .collect()
    };
    let (before, after) = (texts(before), texts(after));
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let text = |of: &Texts, path: &String| of.get(path).cloned().unwrap_or_default();
    paths
        .into_iter()
        .map(|path| write::unified(path, &text(&before, path), &text(&after, path)))
        .collect()
}
