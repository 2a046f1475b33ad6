//! Whole compilations of texts in memory.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use portolan::cli::report::{Format, render};
use portolan::diag::{Diagnostics, Severity};
use portolan::history::Fitted;
use portolan::lock::Lock;
use portolan::place::Limits;
use portolan::source::SourceMap;
use portolan::{Input, Output};

/// Texts by path.
pub type Texts = BTreeMap<String, String>;

/// What a compilation made and found.
pub struct Compiled {
    pub sources: SourceMap,
    pub found: Diagnostics,
    pub output: Option<Output>,
}

/// Compiles the sources called `first`, in this order; `texts` holds them and all that they name.
pub fn compile(texts: &Texts, first: &[&str], lock: Option<&Lock>) -> Compiled {
    compile_with(texts, first, lock, None)
}

/// The same, with what past runs teach.
pub fn compile_with(
    texts: &Texts,
    first: &[&str],
    lock: Option<&Lock>,
    history: Option<&Fitted>,
) -> Compiled {
    let mut sources = SourceMap::default();
    for path in first {
        sources.add(*path, texts[*path].clone());
    }
    let mut found = Diagnostics::new();
    let input = Input {
        files: texts,
        platform: None,
        lock,
        history,
        limits: &Limits::default(),
    };
    let output = portolan::compile(&mut sources, input, &mut found);
    Compiled {
        sources,
        found,
        output,
    }
}

/// All texts in a folder and below, by path from there; a history is none.
pub fn folder(path: &Path) -> Texts {
    fn walk(at: &Path, prefix: &str, found: &mut Texts) {
        for entry in fs::read_dir(at).into_iter().flatten() {
            let path = entry.expect("the folder can be read").path();
            let name = format!("{prefix}{}", path.file_name().unwrap().to_string_lossy());
            if path.is_dir() {
                walk(&path, &format!("{name}/"), found);
            } else if path.extension().is_none_or(|kind| kind != "history") {
                found.insert(name, fs::read_to_string(&path).expect("the file is text"));
            }
        }
    }
    let mut found = Texts::new();
    walk(path, "", &mut found);
    found
}

impl Compiled {
    /// The output of a compilation that must succeed.
    pub fn output(&self) -> &Output {
        let errors = self
            .found
            .sorted()
            .into_iter()
            .filter(|found| found.severity == Severity::Error);
        assert_eq!(errors.count(), 0, "{}", self.pretty());
        self.output
            .as_ref()
            .unwrap_or_else(|| panic!("no error and no output\n{}", self.pretty()))
    }

    /// The files of a compilation that must succeed, by path.
    pub fn texts(&self) -> Texts {
        let artifacts = self.output().artifacts.iter();
        artifacts
            .map(|file| (file.path.clone(), file.text.clone()))
            .collect()
    }

    /// What was found, as the terminal shows it.
    pub fn pretty(&self) -> String {
        render(&self.found, &self.sources, Format::Pretty, false)
    }
}
